//! GFI-004 of the generic functions: `jwt-bearer` with a presentation of the organisation and its user (`assertion`)
//! and one of the client (`client_assertion`), both JWTs. FAPI 2.0: every token is bound to the key of a proof.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, Response};
use serde_json::json;

use super::presentation::{self, Once};
use super::{Denial, Grant, NUTS_SCOPE, Server, credential, identity, introspection};
use crate::answer;

/// The grant.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// How the client shows who it is.
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(super) fn router(server: Arc<Server>) -> Router {
    let tenant = format!("/oauth2/{}", server.ura);
    Router::new()
        .route(
            &format!("/.well-known/oauth-authorization-server{tenant}"),
            get(metadata),
        )
        .route(&format!("{tenant}/token"), post(token))
        .with_state(Arc::clone(&server))
        .merge(introspection::router(Arc::clone(&server), &tenant))
        .merge(identity::router(server))
}

async fn metadata(State(server): State<Arc<Server>>) -> Response<Body> {
    let issuer = &server.issuer;
    let body = json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/token"),
        "introspection_endpoint": format!("{issuer}/introspect"),
        "grant_types_supported": [GRANT],
        "response_types_supported": [],
        "scopes_supported": [NUTS_SCOPE],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
        "dpop_signing_alg_values_supported": ["ES256"],
    });
    answer::json(200, &body)
}

async fn token(State(server): State<Arc<Server>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let path = format!("/oauth2/{}/token", server.ura);
    let now = server.now(&path);
    let key = match server.proof(&headers, &path, now) {
        Ok(Some(key)) => Some(key),
        Ok(None) => return Denial("invalid_dpop_proof", "a proof is required").answer(),
        Err(response) => return *response,
    };
    match check(&server, &body, now) {
        Ok(grant) => server.issue(&path, now, Grant { key, ..grant }),
        Err(denial) => denial.answer(),
    }
}

fn check(server: &Server, body: &[u8], now: i64) -> Result<Grant, Denial> {
    let form = answer::pairs(&String::from_utf8_lossy(body));
    let value = |name: &str| answer::value(&form, name).filter(|value| !value.is_empty());
    if value("grant_type") != Some(GRANT) {
        return Err(Denial("unsupported_grant_type", "only jwt-bearer"));
    }
    if value("scope") != Some(NUTS_SCOPE) {
        return Err(Denial("invalid_scope", "this scope is not offered"));
    }
    let unknown = |text| Denial("invalid_client", text);
    if value("client_assertion_type") != Some(ASSERTION) {
        return Err(unknown("client_assertion_type must be jwt-bearer"));
    }
    let client = value("client_assertion").ok_or(unknown("client_assertion is missing"))?;
    let client = presentation::read(server, client, Once::Jti, now).map_err(|denial| unknown(denial.1))?;
    credential::organisation(&server.shared, &client.credentials, now).map_err(|denial| unknown(denial.1))?;
    let assertion = value("assertion").ok_or(Denial("invalid_request", "assertion is missing"))?;
    let presented = presentation::read(server, assertion, Once::Jti, now)?;
    let ura = credential::organisation(&server.shared, &presented.credentials, now)?;
    let user = credential::user(&server.shared, &presented.credentials, &ura, now)?;
    client.use_up(server).map_err(|denial| unknown(denial.1))?;
    presented.use_up(server)?;
    Ok(Grant::of(&server.shared.client().did, NUTS_SCOPE, Some(&user)))
}
