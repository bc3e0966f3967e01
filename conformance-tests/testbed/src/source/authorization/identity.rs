//! Who a holder is: its DID document (GFI-001), and the discovery service of its node (section 5.2 of the notes).

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::routing::get;
use http::Response;
use serde_json::json;

use super::Server;
use crate::answer;
use crate::discovery::SERVICES;
use crate::keys::EcKey;

pub(super) fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route(&format!("/iam/{}/did.json", server.ura), get(document))
        .route("/internal/discovery/v1/{service}", get(discover))
        .with_state(server)
}

/// The decentralised identifier of a holder whose node is at this address.
pub(super) fn did(url: &str, ura: &str) -> String {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or(host);
    format!("did:web:{}:iam:{ura}", host.replace(':', "%3A"))
}

async fn document(State(server): State<Arc<Server>>) -> Response<Body> {
    let did = did(&server.issuer, server.ura.as_str());
    let Ok(key) = EcKey::from_seed(server.shared.seed(), &format!("did {}", server.ura)) else {
        return answer::empty(500);
    };
    let method = format!("{did}#0");
    let body = json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3c-ccg.github.io/lds-jws2020/contexts/lds-jws2020-v1.json"],
        "id": did,
        "verificationMethod": [{"id": method, "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": key.jwk()}],
        "assertionMethod": [method], "authentication": [method],
    });
    answer::typed(200, "application/did+json", body.to_string())
}

async fn discover(
    State(server): State<Arc<Server>>,
    Path(service): Path<String>,
    RawQuery(query): RawQuery,
) -> Response<Body> {
    if !SERVICES.contains(&service.as_str()) {
        return answer::json(404, &json!({"title": "service not found", "status": 404}));
    }
    let query = answer::pairs(&query.unwrap_or_default());
    let wanted = answer::value(&query, "organization_ura");
    let found = server.shared.discovery().find(wanted);
    answer::json(200, &json!(found))
}
