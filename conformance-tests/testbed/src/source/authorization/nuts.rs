//! Nuts style: RFC021 `vp_token-bearer`, with metadata, presentation definition and introspection.
//!
//! A presentation lives five seconds, is for this server only and is used once.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::routing::{get, post};
use bytes::Bytes;
use http::Response;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Denial, NUTS_SCOPE, SKEW, Server, credential, is_for, verified};
use crate::answer;

/// Seconds that a presentation lives.
const PRESENTATION_LIFE: i64 = 5;
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
        .route(&format!("{tenant}/introspect"), post(introspect))
        .with_state(server)
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

#[derive(Deserialize)]
struct Presentation {
    iss: String,
    aud: Value,
    nonce: String,
    #[serde(alias = "iat")]
    nbf: i64,
    exp: i64,
    vp: Inside,
}

#[derive(Deserialize)]
struct Inside {
    #[serde(rename = "verifiableCredential")]
    credentials: Value,
}

async fn token(State(server): State<Arc<Server>>, body: Bytes) -> Response<Body> {
    let path = format!("/oauth2/{}/token", server.ura);
    let now = server.now(&path);
    match check(&server, &body, now) {
        Ok((client, user)) => server.issue(&path, now, client, NUTS_SCOPE, Some(user)),
        Err(denial) => denial.answer(),
    }
}

fn check(server: &Server, body: &[u8], now: i64) -> Result<(String, String), Denial> {
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
    let client = server.shared.client();
    let key = DecodingKey::from_ec_pem(client.signing_public_pem.as_bytes())
        .map_err(|_| Denial("server_error", "the client's key cannot be read"))?;
    let refused = |text| Denial("invalid_grant", text);
    let presentation: Presentation =
        verified(assertion, Algorithm::ES256, &key).ok_or(refused("the presentation cannot be verified"))?;
    if presentation.iss != client.did {
        return Err(refused("the holder of the presentation is not known"));
    }
    if !is_for(&presentation.aud, &[&server.issuer]) {
        return Err(refused("the presentation is for another server"));
    }
    if presentation.exp - presentation.nbf > PRESENTATION_LIFE {
        return Err(refused("the presentation lives too long"));
    }
    if presentation.nbf - SKEW > now || presentation.exp + SKEW < now {
        return Err(refused("the presentation is not valid now"));
    }
    let credentials = match presentation.vp.credentials {
        Value::Array(credentials) => credentials,
        one => vec![one],
    };
    let ura = credential::organisation(&server.shared, &credentials, now)?;
    let user = credential::user(&server.shared, &credentials, &ura, now)?;
    // Last, so that a refused presentation may be corrected and sent again.
    if presentation.nonce.is_empty() || !server.tokens.first_use(&presentation.nonce) {
        return Err(refused("the nonce was used before"));
    }
    Ok((
        value("client_id").unwrap_or(&client.did).to_owned(),
        format!("{} {}", user.number, user.role),
    ))
}

async fn introspect(State(server): State<Arc<Server>>, body: Bytes) -> Response<Body> {
    let form = answer::pairs(&String::from_utf8_lossy(&body));
    let token = answer::value(&form, "token").and_then(|token| server.tokens.find(token));
    let now = server.shared.clock().seconds();
    let body = match token {
        Some(token) if token.expires > now => {
            let user = token.user.as_deref().and_then(|user| user.split_once(' '));
            json!({
                "active": true, "iss": server.issuer, "aud": token.audience, "client_id": token.client,
                "scope": token.scope, "iat": token.issued, "exp": token.expires,
                "organization_ura": server.shared.client().ura,
                "organization_name": server.shared.client().name,
                "user_id": user.map(|user| user.0), "user_role": user.map(|user| user.1),
            })
        }
        _ => json!({"active": false}),
    };
    answer::json(200, &body)
}
