//! Proofs of possession (RFC 9449, section 4.3), at an authorization server and at a source.
//!
//! Refuses a proof that is for another method, address or token, is not of this minute, was seen before, or lacks the
//! nonce where one is asked.

use http::{HeaderMap, HeaderName};
use jsonwebtoken::jwk::ThumbprintHash;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::tokens::Tokens;
use super::verified;
use crate::faults::{Fault, FaultBoard, ServiceId};
use crate::keys::base64url;

/// Header in which a nonce is given.
pub(in crate::source) const NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
/// Seconds that a proof may be old, or ahead.
const LIFE: i64 = 60;

/// A request as a proof must describe it.
pub(in crate::source) struct Shown<'a> {
    pub(in crate::source) method: &'a str,
    /// Without query.
    pub(in crate::source) address: &'a str,
    pub(in crate::source) headers: &'a HeaderMap,
}

/// Which nonces are good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) enum Nonces {
    /// None is asked.
    NotAsked,
    /// The one that was given.
    Asked,
    /// None ever: a broken server.
    Never,
}

impl Nonces {
    /// What the faults of a service say.
    pub(in crate::source) fn of(faults: &FaultBoard, service: &ServiceId, path: &str) -> Self {
        if faults.is_on(service, path, &Fault::NonceLoop) {
            Nonces::Never
        } else if faults.is_on(service, path, &Fault::DpopNonce) {
            Nonces::Asked
        } else {
            Nonces::NotAsked
        }
    }
}

/// What is wrong with a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::source) enum ProofError {
    /// It does not hold.
    Wrong(&'static str),
    /// It must carry this nonce.
    Nonce(String),
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    ath: Option<String>,
    nonce: Option<String>,
}

/// Checks the proof on a request, which goes with `token` where there is one. Gives the thumbprint of its key.
pub(in crate::source) fn check_proof(
    tokens: &Tokens,
    shown: &Shown<'_>,
    token: Option<&str>,
    now: i64,
    nonces: Nonces,
) -> Result<String, ProofError> {
    let wrong = ProofError::Wrong;
    let mut proofs = shown.headers.get_all("dpop").iter();
    let (Some(proof), None) = (proofs.next(), proofs.next()) else {
        return Err(wrong("there must be one proof"));
    };
    let proof = proof.to_str().map_err(|_| wrong("the proof is not a JWT"))?;
    let header = jsonwebtoken::decode_header(proof).map_err(|_| wrong("the proof is not a JWT"))?;
    if header.typ.as_deref() != Some("dpop+jwt") || header.alg != Algorithm::ES256 {
        return Err(wrong("the proof has another type or algorithm"));
    }
    let key = header.jwk.ok_or(wrong("the proof carries no key"))?;
    let verifier = DecodingKey::from_jwk(&key).map_err(|_| wrong("the key of the proof cannot be read"))?;
    let claims: Claims =
        verified(proof, Algorithm::ES256, &verifier).ok_or(wrong("the proof cannot be verified"))?;
    if claims.htm != shown.method || claims.htu != shown.address {
        return Err(wrong("the proof is for another request"));
    }
    if (claims.iat - now).abs() > LIFE {
        return Err(wrong("the proof is not of this moment"));
    }
    let hash = token.map(|token| base64url(&Sha256::digest(token.as_bytes())));
    if claims.ath != hash {
        return Err(wrong("the proof is for another token"));
    }
    let thumbprint = key
        .thumbprint(ThumbprintHash::SHA256)
        .map_err(|_| wrong("the key of the proof cannot be read"))?;
    let is_good = match nonces {
        Nonces::NotAsked => true,
        Nonces::Asked => claims.nonce.is_some_and(|nonce| tokens.is_nonce(&nonce, now)),
        Nonces::Never => false,
    };
    if !is_good {
        return Err(ProofError::Nonce(tokens.nonce(now)));
    }
    // Last, so that a proof may be corrected; another number than that of a presentation, by its prefix.
    if claims.jti.is_empty() || !tokens.first_use(&format!("proof {thumbprint} {}", claims.jti)) {
        return Err(wrong("the proof was used before"));
    }
    Ok(thumbprint)
}
