//! GFI-004 of the generic functions: `jwt-bearer` (RFC 7523) with two presentations, that of the organisation with its
//! user (`assertion`) and that of the client (`client_assertion`). The client here is the organisation itself.
//!
//! The directory lists such a server as `oauth2-fapi2`. FAPI 2.0 asks for tokens that only their client can use: bound
//! to a key of ours (GFI-005), else to the client certificate. A server that offers neither gets no request.

use tokio::time::Instant;

use super::{Issued, TokenError, Tokens, form, jwt, metadata, presentation, request};
use crate::http::Peer;
use crate::query::Asker;

/// Asks for a token.
pub(super) async fn token(
    tokens: &Tokens,
    server: &Peer,
    asker: &Asker,
    deadline: Instant,
) -> Result<Issued, TokenError> {
    let keys = tokens.keys.nuts.as_ref().ok_or(TokenError::NoCredentials(
        "no keys for the generic functions are configured",
    ))?;
    let server = Box::pin(metadata::discover(&tokens.http, server, deadline)).await?;
    let prover = match (server.binds_to_key, server.binds_to_certificate) {
        (true, _) => Some(tokens.prover()?),
        (false, true) => None,
        (false, false) => return Err(TokenError::Answer("the server binds tokens to nothing of ours")),
    };
    let compose = || {
        let credentials = presentation::of_organisation_and_user(tokens, keys, asker)?;
        let assertion = presentation::sign(tokens, keys, &server.issuer, credentials)?;
        let credentials = vec![presentation::of_organisation(keys)];
        let client = presentation::sign(tokens, keys, &server.issuer, credentials)?;
        Ok(form(&[
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", &assertion),
            ("client_assertion_type", jwt::ASSERTION_TYPE),
            ("client_assertion", &client),
            ("scope", &keys.scope),
        ]))
    };
    request::ask(tokens, &server.token, prover, deadline, compose).await
}
