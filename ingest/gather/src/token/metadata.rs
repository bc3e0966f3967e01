//! Metadata of an authorisation server (RFC 8414): where its token endpoint is.
//!
//! The directory pins the server; what the metadata points at stays on the same origin, so that a token request,
//! with all that it proves about us, cannot be led elsewhere.

use tokio::time::Instant;

use super::{MAX_ANSWER, TokenError, check_status};
use crate::http::{Http, HttpError, Outgoing, Peer, Target};

/// What we use of the metadata.
#[derive(serde::Deserialize)]
struct Metadata {
    issuer: Option<String>,
    token_endpoint: Option<String>,
    presentation_definition_endpoint: Option<String>,
    #[serde(default)]
    dpop_signing_alg_values_supported: Vec<String>,
    #[serde(default)]
    tls_client_certificate_bound_access_tokens: bool,
}

/// An authorisation server.
pub(super) struct Server {
    /// Its identifier: the audience of what we sign.
    pub(super) issuer: String,
    /// Token endpoint.
    pub(super) token: Peer,
    /// Where it says which credentials it wants (RFC021).
    pub(super) presentation_definition: Option<Peer>,
    /// It binds tokens to a key, with proofs that we can make (RFC 9449, section 5.1).
    pub(super) binds_to_key: bool,
    /// It binds tokens to the client certificate (RFC 8705, section 3.3).
    pub(super) binds_to_certificate: bool,
}

/// Discovers a server.
pub(super) async fn discover(http: &Http, server: &Peer, deadline: Instant) -> Result<Server, TokenError> {
    let root = server.at_root();
    let path = format!(".well-known/oauth-authorization-server{}", server.prefix());
    let outgoing = Outgoing::get(Target::Path(&path))
        .accept("application/json")
        .at_most(MAX_ANSWER);
    let answer = Box::pin(http.send(&root, outgoing, deadline)).await?;
    check_status(answer.status)?;
    let metadata: Metadata = serde_json::from_slice(&answer.body)
        .map_err(|_| TokenError::Answer("the metadata cannot be read"))?;
    let issuer = metadata
        .issuer
        .ok_or(TokenError::Answer("the metadata names no issuer"))?;
    // RFC 8414, section 3.3: another issuer means that somebody else answered.
    if issuer.trim_end_matches('/') != server.base() {
        return Err(TokenError::Answer("the metadata is of another issuer"));
    }
    let endpoint = metadata
        .token_endpoint
        .ok_or(TokenError::Answer("the metadata names no token endpoint"))?;
    let narrow = |link: &str| {
        root.narrow(link)
            .map_err(|error: HttpError| TokenError::Unreachable(error))
    };
    Ok(Server {
        token: narrow(&endpoint)?,
        presentation_definition: metadata
            .presentation_definition_endpoint
            .as_deref()
            .map(narrow)
            .transpose()?,
        binds_to_key: metadata
            .dpop_signing_alg_values_supported
            .iter()
            .any(|algorithm| algorithm == "ES256"),
        binds_to_certificate: metadata.tls_client_certificate_bound_access_tokens,
        issuer,
    })
}
