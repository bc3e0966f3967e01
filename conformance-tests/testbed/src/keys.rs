//! Keys of the simulated country, made from its seed, and the tokens they sign.
//!
//! The same seed gives the same keys, so that a failing test can be run again. Worthless outside the testbed.

mod kept;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use p256::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use rsa::RsaPrivateKey;
use rsa::traits::PublicKeyParts as _;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::error::TestbedError;

/// A random number generator for one purpose: independent of the order in which the purposes are served.
#[must_use]
pub fn rng(seed: u64, purpose: &str) -> ChaCha20Rng {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    hash.update(purpose.as_bytes());
    ChaCha20Rng::from_seed(hash.finalize().into())
}

/// Base64url without padding.
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads base64 in either alphabet, with or without padding: clients in the field send all four.
#[must_use]
pub fn base64_any(text: &str) -> Option<Vec<u8>> {
    let canonical: String = text
        .trim_end_matches('=')
        .chars()
        .map(|letter| match letter {
            '+' => '-',
            '/' => '_',
            other => other,
        })
        .collect();
    URL_SAFE_NO_PAD.decode(canonical).ok()
}

pub(crate) fn failed(what: &str, error: impl std::fmt::Display) -> TestbedError {
    TestbedError::Key(format!("{what}: {error}"))
}

/// An RSA key of 2048 bits.
#[derive(Clone)]
pub struct RsaKey {
    private: RsaPrivateKey,
    kid: String,
    signer: EncodingKey,
    pem: String,
}

static MADE: LazyLock<Mutex<HashMap<(u64, String), RsaKey>>> = LazyLock::new(Mutex::default);

impl RsaKey {
    /// Makes the key for this seed and purpose, once per process. It takes a noticeable fraction of a second, and every
    /// test is a process: it is kept for the next one in the folder that `SAMENHANG_TESTBED_KEYS` names, which
    /// `.cargo/config.toml` sets.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when no key could be made.
    pub fn from_seed(seed: u64, purpose: &str) -> Result<Self, TestbedError> {
        let place = (seed, purpose.to_owned());
        if let Some(key) = MADE.lock().unwrap_or_else(PoisonError::into_inner).get(&place) {
            return Ok(key.clone());
        }
        let folder = std::env::var_os("SAMENHANG_TESTBED_KEYS").map(PathBuf::from);
        let private = match folder
            .as_deref()
            .and_then(|folder| kept::find(folder, seed, purpose))
        {
            Some(private) => private,
            None => {
                let made = RsaPrivateKey::new(&mut rng(seed, purpose), 2048)
                    .map_err(|error| failed("RSA key", error))?;
                if let Some(folder) = &folder {
                    kept::keep(folder, seed, purpose, &made);
                }
                made
            }
        };
        let pem = private
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|error| failed("RSA key", error))?
            .to_string();
        let signer = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|error| failed("RSA key", error))?;
        let kid = thumbprint(&format!(
            r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#,
            base64url(&private.e().to_bytes_be()),
            base64url(&private.n().to_bytes_be())
        ));
        let key = RsaKey {
            private,
            kid,
            signer,
            pem,
        };
        MADE.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(place, key.clone());
        Ok(key)
    }

    /// The private key.
    #[must_use]
    pub fn private(&self) -> &RsaPrivateKey {
        &self.private
    }

    /// PKCS #8 in PEM.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Its RFC 7638 thumbprint.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key as a JWK.
    #[must_use]
    pub fn jwk(&self, usage: &str, algorithm: &str) -> Value {
        json!({"kty": "RSA", "kid": self.kid, "use": usage, "alg": algorithm,
            "n": base64url(&self.private.n().to_bytes_be()), "e": base64url(&self.private.e().to_bytes_be())})
    }

    /// Signs claims with `RS256` or `PS256`; `change` adds to the header.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when the claims cannot be written.
    pub fn sign(
        &self,
        algorithm: Algorithm,
        claims: &impl Serialize,
        change: impl FnOnce(&mut Header),
    ) -> Result<String, TestbedError> {
        sign(&self.signer, algorithm, &self.kid, claims, change)
    }
}

/// A key on P-256, for ES256.
#[derive(Clone)]
pub struct EcKey {
    secret: p256::SecretKey,
    kid: String,
    signer: EncodingKey,
    pem: String,
}

impl EcKey {
    /// Makes the key for this seed and purpose.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when no key could be made.
    pub fn from_seed(seed: u64, purpose: &str) -> Result<Self, TestbedError> {
        let secret = p256::SecretKey::random(&mut rng(seed, purpose));
        let pem = secret
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|error| failed("P-256 key", error))?
            .to_string();
        let signer = EncodingKey::from_ec_pem(pem.as_bytes()).map_err(|error| failed("P-256 key", error))?;
        let (x, y) = coordinates(&secret);
        let kid = thumbprint(&format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#));
        Ok(EcKey {
            secret,
            kid,
            signer,
            pem,
        })
    }

    /// The private key.
    #[must_use]
    pub fn secret(&self) -> &p256::SecretKey {
        &self.secret
    }

    /// PKCS #8 in PEM.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The public key in PEM.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when it cannot be written.
    pub fn public_pem(&self) -> Result<String, TestbedError> {
        self.secret
            .public_key()
            .to_public_key_pem(LineEnding::LF)
            .map_err(|error| failed("P-256 key", error))
    }

    /// Its RFC 7638 thumbprint.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key as a JWK.
    #[must_use]
    pub fn jwk(&self) -> Value {
        let (x, y) = coordinates(&self.secret);
        json!({"kty": "EC", "crv": "P-256", "kid": self.kid, "use": "sig", "alg": "ES256", "x": x, "y": y})
    }

    /// Signs claims with ES256; `change` adds to the header.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when the claims cannot be written.
    pub fn sign(
        &self,
        claims: &impl Serialize,
        change: impl FnOnce(&mut Header),
    ) -> Result<String, TestbedError> {
        sign(&self.signer, Algorithm::ES256, &self.kid, claims, change)
    }
}

fn coordinates(secret: &p256::SecretKey) -> (String, String) {
    use p256::elliptic_curve::sec1::ToEncodedPoint as _;
    let point = secret.public_key().to_encoded_point(false);
    (
        point.x().map_or_else(String::new, |x| base64url(x)),
        point.y().map_or_else(String::new, |y| base64url(y)),
    )
}

fn sign(
    key: &EncodingKey,
    algorithm: Algorithm,
    kid: &str,
    claims: &impl Serialize,
    change: impl FnOnce(&mut Header),
) -> Result<String, TestbedError> {
    let mut header = Header::new(algorithm);
    header.kid = Some(kid.to_owned());
    change(&mut header);
    jsonwebtoken::encode(&header, claims, key).map_err(|error| failed("signature", error))
}

fn thumbprint(canonical: &str) -> String {
    base64url(&Sha256::digest(canonical.as_bytes()))
}

#[cfg(test)]
mod tests {
    use rand_core::RngCore as _;

    use super::{EcKey, RsaKey, base64_any, rng};

    #[test]
    fn the_same_seed_gives_the_same_keys() {
        assert_eq!(rng(1, "a").next_u64(), rng(1, "a").next_u64());
        assert_ne!(rng(1, "a").next_u64(), rng(1, "b").next_u64());
        assert_ne!(rng(1, "a").next_u64(), rng(2, "a").next_u64());
        assert_eq!(
            EcKey::from_seed(1, "x").unwrap().pem(),
            EcKey::from_seed(1, "x").unwrap().pem()
        );
        assert_eq!(
            RsaKey::from_seed(1, "x").unwrap().kid(),
            RsaKey::from_seed(1, "x").unwrap().kid()
        );
    }

    #[test]
    fn all_spellings_of_base64_are_read() {
        for text in ["-_8", "+/8", "-_8=", "+/8="] {
            assert_eq!(base64_any(text), Some(vec![0xfb, 0xff]));
        }
        assert_eq!(base64_any("?"), None);
    }
}
