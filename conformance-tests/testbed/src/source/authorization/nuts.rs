//! Nuts style: RFC021 `vp_token-bearer`, with metadata and presentation definition. A client that shows a proof of
//! possession gets a token that is bound to its key.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, Response};
use serde_json::{Value, json};

use super::presentation::{self, Once};
use super::{Denial, Grant, NUTS_SCOPE, Server, credential, identity, introspection};
use crate::answer;

/// Id of the presentation definition.
const DEFINITION: &str = "360-graden";

pub(super) fn router(server: Arc<Server>) -> Router {
    let tenant = format!("/oauth2/{}", server.ura);
    Router::new()
        .route(
            &format!("/.well-known/oauth-authorization-server{tenant}"),
            get(metadata),
        )
        .route(&format!("{tenant}/presentation_definition"), get(definition))
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
        "presentation_definition_endpoint": format!("{issuer}/presentation_definition"),
        "grant_types_supported": ["vp_token-bearer"],
        "response_types_supported": [],
        "scopes_supported": [NUTS_SCOPE],
        "dpop_signing_alg_values_supported": ["ES256"],
        "vp_formats": {"jwt_vp_json": {"alg_values_supported": ["ES256"]}, "jwt_vc_json": {"alg_values_supported": ["PS256"]}},
    });
    answer::json(200, &body)
}

async fn definition(State(_): State<Arc<Server>>, RawQuery(query): RawQuery) -> Response<Body> {
    let query = answer::pairs(&query.unwrap_or_default());
    if answer::value(&query, "scope") != Some(NUTS_SCOPE) {
        return Denial("invalid_scope", "this scope is not offered").answer();
    }
    let descriptor = |id: &str, kind: &str| {
        json!({"id": id, "constraints": {"fields": [
            {"path": ["$.type"], "filter": {"type": "string", "const": kind}},
        ]}})
    };
    let body = json!({
        "id": DEFINITION,
        "format": {"jwt_vc": {"alg": ["PS256"]}, "jwt_vp": {"alg": ["ES256"]}},
        "input_descriptors": [
            descriptor("id_organisation", "X509Credential"),
            descriptor("id_user", "NutsEmployeeCredential"),
        ],
    });
    answer::json(200, &body)
}

async fn token(State(server): State<Arc<Server>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let path = format!("/oauth2/{}/token", server.ura);
    let now = server.now(&path);
    let key = match server.proof(&headers, &path, now) {
        Ok(key) => key,
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
    if value("grant_type") != Some("vp_token-bearer") {
        return Err(Denial("unsupported_grant_type", "only vp_token-bearer"));
    }
    if value("scope") != Some(NUTS_SCOPE) {
        return Err(Denial("invalid_scope", "this scope is not offered"));
    }
    let submission = value("presentation_submission")
        .ok_or(Denial("invalid_request", "presentation_submission is missing"))?;
    let submission: Value = serde_json::from_str(submission)
        .map_err(|_| Denial("invalid_request", "presentation_submission is not JSON"))?;
    if submission.get("definition_id").and_then(Value::as_str) != Some(DEFINITION) {
        return Err(Denial(
            "invalid_request",
            "presentation_submission is for another definition",
        ));
    }
    let assertion = value("assertion").ok_or(Denial("invalid_request", "assertion is missing"))?;
    let presented = presentation::read(server, assertion, Once::Nonce, now)?;
    let ura = credential::organisation(&server.shared, &presented.credentials, now)?;
    let user = credential::user(&server.shared, &presented.credentials, &ura, now)?;
    presented.use_up(server)?;
    let client = value("client_id").unwrap_or(&server.shared.client().did);
    Ok(Grant::of(client, NUTS_SCOPE, Some(&user)))
}
