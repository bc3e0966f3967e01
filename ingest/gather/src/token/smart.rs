//! SMART Backend Services: `client_credentials` with an assertion signed with ES384.

use tokio::time::Instant;

use super::{Issued, TokenError, Tokens, form, jwt, metadata, request};
use crate::http::Peer;

/// Asks for a token.
pub(super) async fn token(tokens: &Tokens, server: &Peer, deadline: Instant) -> Result<Issued, TokenError> {
    let keys = tokens.keys.smart.as_ref().ok_or(TokenError::NoCredentials(
        "no keys for SMART Backend Services are configured",
    ))?;
    let server = Box::pin(metadata::discover(&tokens.http, server, deadline)).await?;
    let compose = || {
        let now = tokens.clock.now();
        let assertion = keys.key.assertion(server.token.base(), &*tokens.random, now)?;
        Ok(form(&[
            ("grant_type", "client_credentials"),
            ("scope", &keys.scope),
            ("client_assertion_type", jwt::ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ]))
    };
    // SMART tokens are bearer tokens, also where the server could bind them.
    request::ask(tokens, &server.token, None, deadline, compose).await
}
