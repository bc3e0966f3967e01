//! SMART Backend Services: `client_credentials` with a `private_key_jwt` (ES384).
//!
//! An assertion lives at most five minutes and is used once.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::{get, post};
use bytes::Bytes;
use http::Response;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::{Denial, Grant, SKEW, SMART_SCOPE, Server, is_for, verified};
use crate::answer;
use crate::source::server::smart_configuration;

/// Seconds that an assertion lives at most.
const ASSERTION_LIFE: i64 = 300;

pub(super) fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/.well-known/oauth-authorization-server", get(metadata))
        .route("/.well-known/smart-configuration", get(metadata))
        .route("/token", post(token))
        .with_state(server)
}

async fn metadata(State(server): State<Arc<Server>>) -> Response<Body> {
    let token_endpoint = format!("{}/token", server.issuer);
    answer::typed(
        200,
        "application/json",
        smart_configuration(&server.issuer, &token_endpoint),
    )
}

#[derive(Deserialize)]
struct Assertion {
    iss: String,
    sub: String,
    aud: Value,
    exp: i64,
    jti: String,
}

async fn token(State(server): State<Arc<Server>>, body: Bytes) -> Response<Body> {
    let now = server.now("/token");
    match check(&server, &body, now) {
        Ok(client) => server.issue("/token", now, Grant::of(&client, SMART_SCOPE, None)),
        Err(denial) => denial.answer(),
    }
}

fn check(server: &Server, body: &[u8], now: i64) -> Result<String, Denial> {
    let form = answer::pairs(&String::from_utf8_lossy(body));
    let value = |name: &str| answer::value(&form, name).filter(|value| !value.is_empty());
    if value("grant_type") != Some("client_credentials") {
        return Err(Denial("unsupported_grant_type", "only client_credentials"));
    }
    let scopes = value("scope").ok_or(Denial("invalid_scope", "scope is missing"))?;
    if !scopes.split_ascii_whitespace().any(|scope| scope == SMART_SCOPE) {
        return Err(Denial("invalid_scope", "this scope is not offered"));
    }
    if value("client_assertion_type") != Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer") {
        return Err(Denial(
            "invalid_request",
            "client_assertion_type must be jwt-bearer",
        ));
    }
    let refused = |text| Denial("invalid_client", text);
    let assertion = value("client_assertion").ok_or(refused("client_assertion is missing"))?;
    let client = server.shared.client();
    let header =
        jsonwebtoken::decode_header(assertion).map_err(|_| refused("client_assertion is not a JWT"))?;
    if header.kid.as_deref() != Some(&client.smart_kid) {
        return Err(refused("the key is not known"));
    }
    let key = DecodingKey::from_ec_pem(client.smart_public_pem.as_bytes())
        .map_err(|_| Denial("server_error", "the client's key cannot be read"))?;
    let claims: Assertion =
        verified(assertion, Algorithm::ES384, &key).ok_or(refused("client_assertion cannot be verified"))?;
    if claims.iss != client.smart_client_id || claims.sub != claims.iss {
        return Err(refused("the client is not known"));
    }
    let token_endpoint = format!("{}/token", server.issuer);
    if !is_for(&claims.aud, &[&token_endpoint]) {
        return Err(refused("aud is not the token endpoint"));
    }
    if claims.exp + SKEW < now || claims.exp - now > ASSERTION_LIFE + SKEW {
        return Err(refused("client_assertion is not valid now, or lives too long"));
    }
    if claims.jti.is_empty() || !server.tokens.first_use(&claims.jti) {
        return Err(refused("jti was used before"));
    }
    Ok(claims.iss)
}
