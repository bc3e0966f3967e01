//! How we prove ourselves to an authorisation server: `private_key_jwt` with a key on P-384 (RFC 7523, section 2.2; SMART App
//! Launch, section "asymmetric client authentication").

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde::Serialize;

use super::config::KeyError;
use super::{TokenError, jwt};
use crate::clock::{Random, random_uuid};

/// Life of an assertion in seconds; the specification allows five minutes.
const LIFE: i64 = 60;

/// A key under which an authorisation server knows us. Holds a private key: no `Debug`.
pub struct ClientKey {
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
    /// A private key on P-384 in PKCS#8 PEM, with its id (`kid`).
    ///
    /// # Errors
    /// [`KeyError::Key`]: it is not such a key.
    pub fn new(client_id: &str, key_pem: &[u8], key_id: &str) -> Result<Self, KeyError> {
        let wrong = || KeyError::Key("assertion key");
        let key = EncodingKey::from_ec_pem(key_pem).map_err(|_| wrong())?;
        jsonwebtoken::crypto::sign(b"", &key, Algorithm::ES384).map_err(|_| wrong())?;
        Ok(ClientKey {
            client_id: client_id.to_owned(),
            key,
            key_id: key_id.to_owned(),
        })
    }

    /// The id under which the server knows us.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// An assertion for an audience, used once.
    ///
    /// # Errors
    /// It cannot be signed.
    pub fn assertion(
        &self,
        audience: &str,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<String, TokenError> {
        let claims = Assertion {
            iss: &self.client_id,
            sub: &self.client_id,
            aud: audience,
            iat: now.as_second(),
            exp: now.as_second() + LIFE,
            jti: random_uuid(random).to_string(),
        };
        jwt::sign(Algorithm::ES384, &self.key, &self.key_id, &claims)
    }
}
