//! How we prove ourselves to an authorisation server: `private_key_jwt` with a key on P-384 (SMART App Launch, section
//! "asymmetric client authentication").

use std::path::Path;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use samenhang_gather::clock::{Random, random_uuid};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::access::error::AccessError;

/// Life of an assertion, in seconds.
const LIFE: i64 = 60;

/// A key under which a server knows us.
pub(super) struct ClientKey {
    client_id: String,
    key: EncodingKey,
    key_id: String,
}

#[derive(Serialize)]
struct Assertion<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
}

impl ClientKey {
    /// Reads a private key (P-384, PKCS#8 PEM).
    ///
    /// # Errors
    /// [`AccessError::KeyFile`].
    pub(super) fn read(client_id: &str, path: &Path, key_id: &str) -> Result<Self, AccessError> {
        let wrong = |reason| AccessError::KeyFile {
            file: path.display().to_string(),
            reason,
        };
        let pem = Zeroizing::new(std::fs::read(path).map_err(|_| wrong("it cannot be read"))?);
        let key =
            EncodingKey::from_ec_pem(&pem).map_err(|_| wrong("it is not a private key in PKCS#8 PEM"))?;
        jsonwebtoken::crypto::sign(b"", &key, Algorithm::ES384)
            .map_err(|_| wrong("it is not a key on P-384"))?;
        Ok(ClientKey {
            client_id: client_id.to_owned(),
            key,
            key_id: key_id.to_owned(),
        })
    }

    /// The id under which the server knows us.
    pub(super) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// An assertion for an audience, used once; `None` when it cannot be signed.
    pub(super) fn assertion(&self, audience: &str, random: &dyn Random, now: Timestamp) -> Option<String> {
        let claims = Assertion {
            iss: &self.client_id,
            sub: &self.client_id,
            aud: audience,
            iat: now.as_second(),
            exp: now.as_second() + LIFE,
            jti: random_uuid(random).to_string(),
        };
        let mut header = Header::new(Algorithm::ES384);
        header.kid = Some(self.key_id.clone());
        jsonwebtoken::encode(&header, &claims, &self.key).ok()
    }
}
