//! SMART Backend Services: `client_credentials` with an assertion signed with ES384.

use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use serde::Serialize;
use tokio::time::Instant;

use super::{Issued, TokenError, Tokens, form, jwt, metadata, request};
use crate::clock::random_uuid;
use crate::http::Peer;

/// Life of an assertion in seconds; the specification allows five minutes.
const LIFE: i64 = 60;

#[derive(Serialize)]
struct Assertion<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
}

/// Asks for a token.
pub(super) async fn token(tokens: &Tokens, server: &Peer, deadline: Instant) -> Result<Issued, TokenError> {
    let keys = tokens.keys.smart.as_ref().ok_or(TokenError::NoCredentials(
        "no keys for SMART Backend Services are configured",
    ))?;
    let server = Box::pin(metadata::discover(&tokens.http, server, deadline)).await?;
    let compose = || {
        let now: Timestamp = tokens.clock.now();
        let claims = Assertion {
            iss: &keys.client_id,
            sub: &keys.client_id,
            aud: server.token.base(),
            iat: now.as_second(),
            exp: now.as_second() + LIFE,
            jti: random_uuid(&*tokens.random).to_string(),
        };
        let assertion = jwt::sign(Algorithm::ES384, &keys.key, &keys.key_id, &claims)?;
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
