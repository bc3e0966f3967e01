//! The authorization server in front of PRS and NVI, and the check of its tokens (section 1.6 of the notes).
//!
//! Generation C: mutual TLS, `organization_id`, `source_id` and one scope per token. Generation B: mutual TLS and a
//! client assertion that is bound to the certificate. Tokens last 600 seconds.

mod assertion;
mod gate;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::routing::{get, post};
use http::{Extensions, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::answer;
use crate::client::client_key;
use crate::error::TestbedError;
use crate::faults::{Fault, ServiceId};
use crate::holder::Generation;
use crate::keys::EcKey;
use crate::net::Shared;

pub use gate::Gate;

/// Seconds that a token lasts.
pub const LIFETIME: i64 = 600;

const SCOPES_C: [&str; 5] = ["prs:read", "nvi:create", "nvi:read", "nvi:delete", "nvi:localize"];
const SCOPES_B: [&str; 3] = ["prs:read", "epd:read", "epd:write"];

/// What stands in an access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// The authorization server.
    pub iss: String,
    /// The service for which the token is.
    pub aud: String,
    /// Scopes, separated by spaces.
    pub scope: String,
    /// URA (NVI) or OIN (PRS) of the organisation for which is asked.
    pub sub: String,
    /// Who asks, from the certificate.
    pub act: Actor,
    /// Name of the organisation.
    pub organization_name: String,
    /// Device identifier; needed to register and delete.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source_id: Option<String>,
    /// When it was issued (seconds).
    pub iat: i64,
    /// From when it holds.
    pub nbf: i64,
    /// Until when it holds.
    pub exp: i64,
    /// Its number.
    pub jti: String,
}

/// Who acts for the organisation (RFC 8693).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Actor {
    /// OIN in the certificate.
    pub sub: String,
    /// Common name in the certificate.
    pub cn: String,
}

struct Inner {
    shared: Shared,
    key: EcKey,
    issuer: String,
    audiences: Vec<String>,
    used: Mutex<BTreeSet<String>>,
    issued: Mutex<u64>,
}

/// The authorization server.
#[derive(Clone)]
pub struct Oauth(Arc<Inner>);

impl Oauth {
    /// An authorization server at this address, for services at these addresses.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when its key cannot be made.
    pub fn new(shared: &Shared, issuer: &str, audiences: Vec<String>) -> Result<Self, TestbedError> {
        // Generation B checks assertions with it; made here so that the first request is not slow.
        client_key(shared.seed())?;
        Ok(Oauth(Arc::new(Inner {
            shared: shared.clone(),
            key: EcKey::from_seed(shared.seed(), "oauth signing")?,
            issuer: issuer.to_owned(),
            audiences,
            used: Mutex::default(),
            issued: Mutex::default(),
        })))
    }

    /// Its pages.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/oauth/token", post(token))
            .route("/.well-known/jwks.json", get(jwks))
            .with_state(self.clone())
    }

    /// A check of its tokens for the service at this address.
    #[must_use]
    pub fn gate(&self, audience: &str) -> Gate {
        Gate::new(&self.0.shared, &self.0.key, &self.0.issuer, audience)
    }

    #[cfg(test)]
    pub(crate) fn issue_for_test(&self, scope: &str, audience: &str) -> String {
        self.issue(&Granted {
            scope,
            audience,
            organisation: "00900900",
            source: None,
        })
        .unwrap_or_default()
    }

    fn issue(&self, request: &Granted<'_>) -> Result<String, TestbedError> {
        let shared = &self.0.shared;
        let now = shared.clock().seconds() + shared.faults().clock_skew(&ServiceId::Oauth, "/oauth/token");
        let expired = shared
            .faults()
            .is_on(&ServiceId::Oauth, "/oauth/token", &Fault::ExpiredToken);
        let number = {
            let mut issued = self.0.issued.lock().unwrap_or_else(PoisonError::into_inner);
            *issued += 1;
            *issued
        };
        let claims = Claims {
            iss: self.0.issuer.clone(),
            aud: request.audience.to_owned(),
            scope: request.scope.to_owned(),
            sub: request.organisation.to_owned(),
            act: Actor {
                sub: shared.client().oin.clone(),
                cn: "west.example".to_owned(),
            },
            organization_name: shared.client().name.clone(),
            source_id: request.source.map(str::to_owned),
            iat: now,
            nbf: now,
            exp: if expired { now - 1 } else { now + LIFETIME },
            jti: format!("{}-{number}", shared.seed()),
        };
        self.0.key.sign(&claims, |_| {})
    }
}

struct Granted<'a> {
    scope: &'a str,
    audience: &'a str,
    organisation: &'a str,
    source: Option<&'a str>,
}

async fn jwks(State(oauth): State<Oauth>) -> Response<Body> {
    answer::json(200, &json!({"keys": [oauth.0.key.jwk()]}))
}

async fn token(State(oauth): State<Oauth>, extensions: Extensions, body: Bytes) -> Response<Body> {
    let form = answer::pairs(&String::from_utf8_lossy(&body));
    grant(&oauth, &extensions, &form).unwrap_or_else(|refused| *refused)
}

fn grant(
    oauth: &Oauth,
    extensions: &Extensions,
    form: &[(String, String)],
) -> Result<Response<Body>, Box<Response<Body>>> {
    let refuse = |status, error, text: &str| Box::new(answer::oauth_error(status, error, text));
    let shared = &oauth.0.shared;
    if !shared.is_asker(extensions) {
        return Err(refuse(
            401,
            "invalid_client",
            "the client certificate is not known",
        ));
    }
    if answer::value(form, "grant_type") != Some("client_credentials") {
        return Err(refuse(400, "unsupported_grant_type", "only client_credentials"));
    }
    let scope = answer::value(form, "scope").unwrap_or_default();
    let scopes: Vec<&str> = scope.split(' ').filter(|scope| !scope.is_empty()).collect();
    let known = match shared.generation() {
        Generation::C => scopes.len() == 1 && scopes.iter().all(|scope| SCOPES_C.contains(scope)),
        Generation::B => !scopes.is_empty() && scopes.iter().all(|scope| SCOPES_B.contains(scope)),
    };
    if !known {
        return Err(refuse(400, "invalid_scope", "unknown scope, or more than one"));
    }
    let audience = answer::value(form, "target_audience").unwrap_or_default();
    if !oauth
        .0
        .audiences
        .iter()
        .any(|known| audience.starts_with(known.as_str()))
    {
        return Err(refuse(400, "invalid_target", "target_audience is not known"));
    }
    let organisation = match shared.generation() {
        Generation::B => assertion::check(shared, &oauth.0.issuer, form)
            .map_err(|text| refuse(401, "invalid_client", text))?,
        Generation::C => {
            let organisation = answer::value(form, "organization_id").unwrap_or_default();
            let fits = if scope == "prs:read" {
                organisation == shared.client().oin
            } else {
                organisation.len() == 8 && organisation.bytes().all(|byte| byte.is_ascii_digit())
            };
            if !fits {
                return Err(refuse(
                    400,
                    "invalid_request",
                    "organization_id does not fit the scope",
                ));
            }
            organisation.to_owned()
        }
    };
    if shared.generation() == Generation::B {
        let number = answer::value(form, "client_assertion")
            .unwrap_or_default()
            .to_owned();
        let fresh = oauth
            .0
            .used
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(number);
        if !fresh {
            return Err(refuse(401, "invalid_client", "the assertion was used before"));
        }
    }
    let token = oauth
        .issue(&Granted {
            scope,
            audience,
            organisation: &organisation,
            source: answer::value(form, "source_id").filter(|source| !source.is_empty()),
        })
        .map_err(|_| refuse(500, "server_error", "no token could be signed"))?;
    Ok(answer::json(
        200,
        &json!({"access_token": token, "token_type": "Bearer", "scope": scope, "expires_in": LIFETIME}),
    ))
}
