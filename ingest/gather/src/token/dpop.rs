//! Proofs of possession (RFC 9449; generic functions, GFI-005): a token is bound to a key of ours, and every request
//! shows anew that we hold it. Who finds the token cannot use it.
//!
//! The key is made when the process starts and lives in memory only. A proof is for one method at one address, and for
//! one token; its number is never used twice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ::http::HeaderName;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use p256::pkcs8::{EncodePrivateKey as _, LineEnding};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::clock::{Clock, Random, random_uuid};
use crate::http::{Answer, HttpError, Outgoing, Peer};

/// Header of a proof.
const PROOF: HeaderName = HeaderName::from_static("dpop");
/// Header in which a server gives its nonce.
const NONCE: &str = "dpop-nonce";
/// Bytes of a nonce.
const MAX_NONCE: usize = 512;
/// Servers whose nonces are kept; more means that all are forgotten, which costs one request each.
const MAX_SERVERS: usize = 4096;

/// What a proof says.
#[derive(Serialize)]
struct Claims<'a> {
    jti: String,
    htm: &'a str,
    htu: &'a str,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ath: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
}

/// Makes proofs. Holds a private key: no `Debug`.
pub(super) struct Prover {
    key: EncodingKey,
    public: Jwk,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    /// The last nonce of each server, by its base address.
    nonces: Mutex<HashMap<String, String>>,
}

impl Prover {
    /// A prover with a new key on P-256; `None` when the cryptographic library makes none.
    pub(super) fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Option<Self> {
        let mut seed = [0; 32];
        random.fill(&mut seed);
        let secret = p256::SecretKey::random(&mut ChaCha20Rng::from_seed(seed));
        let pem = secret.to_pkcs8_pem(LineEnding::LF).ok()?;
        let key = EncodingKey::from_ec_pem(pem.as_bytes()).ok()?;
        let public = Jwk::from_encoding_key(&key, Algorithm::ES256).ok()?;
        Some(Prover {
            key,
            public,
            clock,
            random,
            nonces: Mutex::default(),
        })
    }

    /// Puts a proof on a request; `token` is what the proof goes with, and absent when a token is asked for.
    ///
    /// # Errors
    /// [`HttpError::OffPin`] as for the request itself, [`HttpError::Request`] when no proof can be made.
    pub(super) fn prove<'a>(
        &self,
        outgoing: Outgoing<'a>,
        peer: &Peer,
        token: Option<&str>,
    ) -> Result<Outgoing<'a>, HttpError> {
        let mut url = peer.resolve(outgoing.target)?;
        url.set_query(None);
        url.set_fragment(None);
        let claims = Claims {
            jti: random_uuid(&*self.random).to_string(),
            htm: outgoing.method.as_str(),
            htu: url.as_str(),
            iat: self.clock.now().as_second(),
            ath: token.map(|token| URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))),
            nonce: self.nonces().get(peer.base()).cloned(),
        };
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some("dpop+jwt".to_owned());
        header.jwk = Some(self.public.clone());
        let proof = jsonwebtoken::encode(&header, &claims, &self.key).map_err(|_| HttpError::Request)?;
        outgoing.secret(PROOF, &proof)
    }

    /// Keeps the nonce of an answer for the next proofs at this peer. Whether there was one.
    pub(super) fn learn(&self, peer: &Peer, answer: &Answer) -> bool {
        let Some(nonce) = answer.header(NONCE) else {
            return false;
        };
        if nonce.is_empty() || nonce.len() > MAX_NONCE || !nonce.bytes().all(|byte| byte.is_ascii_graphic()) {
            return false;
        }
        let mut nonces = self.nonces();
        if nonces.len() >= MAX_SERVERS && !nonces.contains_key(peer.base()) {
            nonces.clear();
        }
        nonces.insert(peer.base().to_owned(), nonce.to_owned());
        true
    }

    fn nonces(&self) -> std::sync::MutexGuard<'_, HashMap<String, String>> {
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a source wants the same request with a nonce (RFC 9449, section 9).
pub(super) fn source_wants_nonce(answer: &Answer) -> bool {
    answer.status == 401
        && answer
            .header("www-authenticate")
            .is_some_and(|challenge| challenge.contains("use_dpop_nonce"))
}

/// Whether an authorisation server wants the same request with a nonce (RFC 9449, section 8).
pub(super) fn server_wants_nonce(answer: &Answer) -> bool {
    #[derive(serde::Deserialize)]
    struct Refusal {
        error: String,
    }
    matches!(answer.status, 400 | 401)
        && serde_json::from_slice::<Refusal>(&answer.body)
            .is_ok_and(|refusal| refusal.error == "use_dpop_nonce")
}
