//! The authorization server of one holder: Nuts style (RFC021), as the generic functions say (GFI-004), or SMART Backend
//! Services.
//!
//! Knows one client, the asker of the testbed, by its public keys. Tokens are opaque and random (seeded). Refuses what is not
//! signed by that client, is too old, or was seen before.

mod credential;
mod generic;
mod identity;
mod introspection;
mod nuts;
mod presentation;
mod proof;
mod smart;
mod tokens;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, HeaderValue, Response};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use samenhang_profiles::{FhirVersion, Ura};
use serde::de::DeserializeOwned;

use crate::answer;
use crate::discovery::Registration;
use crate::faults::{Fault, ServiceId};
use crate::holder::{HolderAuthorization, HolderSpec};
use crate::net::Shared;
use crate::testbed::SourceAddress;

pub(super) use proof::{NONCE, Nonces, ProofError, Shown, check_proof};
pub(super) use tokens::{Token, Tokens};

/// Scope at a Nuts style server, and at one of the generic functions.
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

/// What a token is given for.
#[derive(Default)]
struct Grant {
    client: String,
    scope: String,
    /// Number and role of the user, when one was presented.
    user: Option<String>,
    /// Thumbprint of the key that the token is bound to.
    key: Option<String>,
}

impl Grant {
    fn of(client: &str, scope: &str, user: Option<&credential::User>) -> Self {
        Grant {
            client: client.to_owned(),
            scope: scope.to_owned(),
            user: user.map(|user| format!("{} {}", user.number, user.role)),
            key: None,
        }
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
        HolderAuthorization::Nuts | HolderAuthorization::GenericFunctions => format!("{url}/oauth2/{ura}"),
        HolderAuthorization::SmartBackend => url.to_owned(),
        HolderAuthorization::None => return None,
    };
    let token_endpoint = format!("{issuer}/token");
    Some(Place {
        issuer,
        token_endpoint,
    })
}

/// Registers a holder for discovery, when it has a node.
pub(super) fn register(holder: &HolderSpec, place: &Place, endpoints: &[SourceAddress], shared: &Shared) {
    if holder.authorization == HolderAuthorization::SmartBackend {
        return;
    }
    let base = |fhir| {
        let endpoint = endpoints.iter().find(|endpoint| endpoint.fhir == fhir);
        endpoint.map(|endpoint| endpoint.base.clone())
    };
    shared.discovery().register(Registration {
        ura: holder.ura.clone(),
        name: holder.name.clone(),
        did: identity::did(&place.issuer, holder.ura.as_str()),
        authorization_server: place.issuer.clone(),
        r4: base(FhirVersion::R4),
        stu3: base(FhirVersion::Stu3),
    });
}

/// The router of a server of this kind; `None` when there is none.
pub(super) fn router(kind: HolderAuthorization, server: Server) -> Option<Router> {
    match kind {
        HolderAuthorization::Nuts => Some(nuts::router(Arc::new(server))),
        HolderAuthorization::GenericFunctions => Some(generic::router(Arc::new(server))),
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

    /// The key of the proof on a token request; `None` without a proof. The error is the whole answer.
    fn proof(
        &self,
        headers: &HeaderMap,
        path: &str,
        now: i64,
    ) -> Result<Option<String>, Box<Response<Body>>> {
        if !headers.contains_key("dpop") {
            return Ok(None);
        }
        let shown = Shown {
            method: "POST",
            address: &format!("{}/token", self.issuer),
            headers,
        };
        let nonces = Nonces::of(self.shared.faults(), &self.service(), path);
        check_proof(&self.tokens, &shown, None, now, nonces)
            .map(Some)
            .map_err(|error| match error {
                ProofError::Wrong(text) => Box::new(Denial("invalid_dpop_proof", text).answer()),
                ProofError::Nonce(nonce) => {
                    let mut response = Denial("use_dpop_nonce", "the proof needs our nonce").answer();
                    if let Ok(nonce) = HeaderValue::from_str(&nonce) {
                        response.headers_mut().insert(NONCE, nonce);
                    }
                    Box::new(response)
                }
            })
    }

    /// Issues a token and writes the answer.
    fn issue(&self, path: &str, now: i64, grant: Grant) -> Response<Body> {
        let downgraded = self
            .shared
            .faults()
            .is_on(&self.service(), path, &Fault::BearerToken);
        let key = grant.key.filter(|_| !downgraded);
        let kind = if key.is_some() { "DPoP" } else { "Bearer" };
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
            client: grant.client,
            scope: grant.scope.clone(),
            audience: self.issuer.clone(),
            expires,
            issued: now,
            user: grant.user,
            key,
        });
        let body = serde_json::json!({
            "access_token": token, "token_type": kind, "expires_in": LIFE, "scope": grant.scope,
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
