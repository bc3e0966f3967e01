//! The authorization server of one holder: Nuts style (RFC021) or SMART Backend Services.
//!
//! Knows one client, the asker of the testbed, by its public keys. Tokens are opaque and random (seeded). Refuses what is not
//! signed by that client, is too old, or was seen before.

mod credential;
mod nuts;
mod smart;
mod tokens;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::Response;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use samenhang_profiles::Ura;
use serde::de::DeserializeOwned;

use crate::answer;
use crate::faults::{Fault, ServiceId};
use crate::holder::HolderAuthorization;
use crate::net::Shared;

pub(super) use tokens::{Token, Tokens};

/// Scope at a Nuts style server.
pub(super) const NUTS_SCOPE: &str = "360-graden";
/// Scope at a SMART server.
pub(super) const SMART_SCOPE: &str = "system/*.read";
/// Seconds that a token lives.
const LIFE: i64 = 300;
/// Seconds that clocks may differ.
const SKEW: i64 = 5;

/// What a server needs to answer.
pub(super) struct Server {
    /// Its identifier: address without a trailing slash.
    pub(super) issuer: String,
    pub(super) ura: Ura,
    pub(super) tokens: Tokens,
    pub(super) shared: Shared,
}

/// Why a token request is refused: `error` and `error_description` of RFC 6749.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Denial(&'static str, &'static str);

impl Denial {
    fn answer(self) -> Response<Body> {
        let status = if self.0 == "invalid_client" { 401 } else { 400 };
        answer::oauth_error(status, self.0, self.1)
    }
}

/// Where an authorization server is reached.
pub(super) struct Place {
    /// Its issuer: the address that the directory names.
    pub(super) issuer: String,
    /// Its token endpoint.
    pub(super) token_endpoint: String,
}

/// The place of a server of this kind, listening at `url`.
pub(super) fn place(kind: HolderAuthorization, url: &str, ura: &Ura) -> Option<Place> {
    let issuer = match kind {
        HolderAuthorization::Nuts => format!("{url}/oauth2/{ura}"),
        HolderAuthorization::SmartBackend => url.to_owned(),
        HolderAuthorization::None => return None,
    };
    let token_endpoint = format!("{issuer}/token");
    Some(Place {
        issuer,
        token_endpoint,
    })
}

/// The router of a server of this kind; `None` when there is none.
pub(super) fn router(kind: HolderAuthorization, server: Server) -> Option<Router> {
    match kind {
        HolderAuthorization::Nuts => Some(nuts::router(Arc::new(server))),
        HolderAuthorization::SmartBackend => Some(smart::router(Arc::new(server))),
        HolderAuthorization::None => None,
    }
}

impl Server {
    fn service(&self) -> ServiceId {
        ServiceId::Authorization(self.ura.clone())
    }

    /// The time by the clock of this server, which a fault may put wrong.
    fn now(&self, path: &str) -> i64 {
        self.shared.clock().seconds() + self.shared.faults().clock_skew(&self.service(), path)
    }

    /// Issues a token and writes the answer.
    fn issue(
        &self,
        path: &str,
        now: i64,
        client: String,
        scope: &str,
        user: Option<String>,
    ) -> Response<Body> {
        let expired = self
            .shared
            .faults()
            .is_on(&self.service(), path, &Fault::ExpiredToken);
        let expires = if expired {
            self.shared.clock().seconds() - 1
        } else {
            now + LIFE
        };
        let token = self.tokens.issue(Token {
            client,
            scope: scope.to_owned(),
            audience: self.issuer.clone(),
            expires,
            issued: now,
            user,
        });
        let body = serde_json::json!({
            "access_token": token, "token_type": "Bearer", "expires_in": LIFE, "scope": scope,
        });
        answer::json(200, &body)
    }
}

/// Reads a JWT signed with this key. Time and audience are for the caller, by the clock of the simulated country.
fn verified<C: DeserializeOwned>(token: &str, algorithm: Algorithm, key: &DecodingKey) -> Option<C> {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    jsonwebtoken::decode::<C>(token, key, &validation)
        .ok()
        .map(|data| data.claims)
}

/// Whether a claim `aud`, a text or a list, names one of these.
fn is_for(audience: &serde_json::Value, own: &[&str]) -> bool {
    match audience {
        serde_json::Value::String(one) => own.contains(&one.as_str()),
        serde_json::Value::Array(several) => several
            .iter()
            .filter_map(|one| one.as_str())
            .any(|one| own.contains(&one)),
        _ => false,
    }
}
