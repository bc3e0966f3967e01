//! The gate in front of PRS and NVI: reads a bearer token and compares it with the client certificate.

use axum::body::Body;
use http::header::AUTHORIZATION;
use http::{Extensions, HeaderMap, Response};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::json;

use super::Claims;
use crate::answer;
use crate::keys::EcKey;
use crate::net::Shared;

/// A check of tokens for one service.
#[derive(Clone)]
pub struct Gate {
    shared: Shared,
    key: Option<DecodingKey>,
    issuer: String,
    audience: String,
}

impl Gate {
    pub(super) fn new(shared: &Shared, key: &EcKey, issuer: &str, audience: &str) -> Self {
        let key = key
            .public_pem()
            .ok()
            .and_then(|pem| DecodingKey::from_ec_pem(pem.as_bytes()).ok());
        Gate {
            shared: shared.clone(),
            key,
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
        }
    }

    /// Reads the token of a request.
    ///
    /// # Errors
    /// The answer of the gateway: 401 without a token or when it has expired or is for another service, 400 when it
    /// does not belong to the certificate or has a wrong signature, 500 without a certificate.
    pub fn check(&self, headers: &HeaderMap, extensions: &Extensions) -> Result<Claims, Box<Response<Body>>> {
        let refuse = |status, text: &str| Box::new(answer::json(status, &json!({"detail": text})));
        let token = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or_else(|| refuse(401, "no bearer token"))?;
        if token.split('.').count() != 3 {
            return Err(refuse(401, "the bearer token is malformed"));
        }
        if !self.shared.is_asker(extensions) {
            return Err(refuse(500, "trust headers are missing"));
        }
        let mut validation = Validation::new(Algorithm::ES256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.set_issuer(&[&self.issuer]);
        let key = self
            .key
            .as_ref()
            .ok_or_else(|| refuse(500, "no key to check with"))?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation)
            .map_err(|_| refuse(400, "the token has a wrong signature or claim"))?
            .claims;
        let now = self.shared.clock().seconds();
        if claims.exp <= now || claims.nbf > now + 5 {
            return Err(refuse(401, "the token is not valid now"));
        }
        if !claims.aud.starts_with(&self.audience) {
            return Err(refuse(401, "the token is for another service"));
        }
        if claims.act.sub != self.shared.client().oin {
            return Err(refuse(400, "act.sub is not the OIN of the certificate"));
        }
        Ok(claims)
    }
}

impl Claims {
    /// Whether the token has this scope.
    #[must_use]
    pub fn has(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|held| held == scope)
    }
}
