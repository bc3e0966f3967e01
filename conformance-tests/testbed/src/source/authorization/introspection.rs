//! What a token says (RFC 7662), as Nuts nodes answer and as GFI-006 of the generic functions asks.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::post;
use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::Server;
use crate::answer;

pub(super) fn router(server: Arc<Server>, tenant: &str) -> Router {
    Router::new()
        .route(&format!("{tenant}/introspect"), post(introspect))
        .with_state(server)
}

async fn introspect(State(server): State<Arc<Server>>, body: Bytes) -> Response<Body> {
    let form = answer::pairs(&String::from_utf8_lossy(&body));
    let Some(text) = answer::value(&form, "token") else {
        return answer::oauth_error(400, "invalid_request", "token is missing");
    };
    let now = server.shared.clock().seconds();
    let Some(token) = server.tokens.find(text).filter(|token| token.expires > now) else {
        return answer::json(200, &json!({"active": false}));
    };
    let user = token.user.as_deref().and_then(|user| user.split_once(' '));
    let client = server.shared.client();
    let claim =
        |value: &str| json!([{"value": value, "iss": client.did, "iat": token.issued, "exp": token.expires}]);
    let mut body = json!({
        "active": true, "iss": server.issuer, "aud": token.audience, "client_id": token.client,
        "scope": token.scope, "iat": token.issued, "exp": token.expires,
        "token_type": if token.key.is_some() { "DPoP" } else { "Bearer" },
        "organization_ura": client.ura, "organization_name": client.name,
        "user_id": user.map(|user| user.0), "user_role": user.map(|user| user.1),
        "client_assertions": {&client.did: {"organization_ura": claim(client.ura.as_str())}},
        "assertions": {&client.did: {
            "organization_ura": claim(client.ura.as_str()),
            "user_id": claim(user.map_or("", |user| user.0)), "user_role": claim(user.map_or("", |user| user.1)),
        }},
    });
    if let Some(key) = &token.key {
        body["cnf"] = json!({"jkt": key});
    }
    answer::json(200, &Value::Object(body.as_object().cloned().unwrap_or_default()))
}
