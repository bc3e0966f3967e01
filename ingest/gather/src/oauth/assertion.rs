//! The signed client assertion of generation B (section 1.6): RFC 7523, bound to our certificate.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use samenhang_profiles::Ura;
use serde_json::json;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::Wanted;
use crate::clock::{Clock, Random, random_uuid};
use crate::error::GatherError;
use crate::http::TlsMaterial;

/// How long an assertion holds, in seconds.
const HOLDS_S: i64 = 60;

/// The key that signs, and the certificate that it belongs to.
pub(super) struct AssertionKey {
    key: EncodingKey,
    algorithm: Algorithm,
    thumbprint: String,
}

impl AssertionKey {
    /// The key from its own file, else the key of the client certificate.
    pub(super) fn new(file: Option<&Path>, material: &TlsMaterial) -> Result<Self, GatherError> {
        let wrong = GatherError::Configuration;
        let certificate = material
            .own_certificate()
            .map_err(|_| wrong("generation b needs a client certificate"))?;
        let pem = match file {
            Some(path) => std::fs::read_to_string(path)
                .map(Zeroizing::new)
                .map_err(|_| wrong("the key of the client assertion cannot be read"))?,
            None => material
                .client_key_pem
                .clone()
                .ok_or(wrong("generation b needs a client key"))?,
        };
        let (key, algorithm) = EncodingKey::from_rsa_pem(pem.as_bytes())
            .map(|key| (key, Algorithm::RS256))
            .or_else(|_| EncodingKey::from_ec_pem(pem.as_bytes()).map(|key| (key, Algorithm::ES256)))
            .map_err(|_| wrong("the key of the client assertion is neither rsa nor p-256"))?;
        Ok(AssertionKey {
            key,
            algorithm,
            thumbprint: URL_SAFE_NO_PAD.encode(Sha256::digest(certificate)),
        })
    }

    /// An assertion for one token request.
    pub(super) fn sign(
        &self,
        wanted: &Wanted,
        ura: &Ura,
        token_endpoint: &str,
        clock: &dyn Clock,
        random: &dyn Random,
    ) -> Result<String, GatherError> {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.thumbprint.clone());
        let now = clock.now().as_second();
        let claims = json!({
            "iss": ura.as_str(),
            "sub": ura.as_str(),
            "aud": [token_endpoint],
            "iat": now,
            "exp": now + HOLDS_S,
            "jti": random_uuid(random).to_string(),
            "cnf": {"x5t#S256": self.thumbprint},
            "scope": wanted.scope,
            "target_audience": wanted.audience,
        });
        jsonwebtoken::encode(&header, &claims, &self.key)
            .map_err(|_| GatherError::Configuration("the client assertion cannot be signed"))
    }
}
