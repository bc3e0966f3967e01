//! Signed tokens that we make ourselves.

use jsonwebtoken::{Algorithm, EncodingKey, Header};

use super::TokenError;

/// `client_assertion_type` of a signed assertion (RFC 7523, section 2.2).
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Signs claims.
pub(super) fn sign<C: serde::Serialize>(
    algorithm: Algorithm,
    key: &EncodingKey,
    key_id: &str,
    claims: &C,
) -> Result<String, TokenError> {
    let mut header = Header::new(algorithm);
    header.kid = Some(key_id.to_owned());
    jsonwebtoken::encode(&header, claims, key)
        .map_err(|_| TokenError::NoCredentials("the key does not fit its protocol"))
}
