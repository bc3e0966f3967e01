//! SMART Backend Services: `client_credentials` with an assertion signed with ES384.

use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use serde::Serialize;
use tokio::time::Instant;

use super::{Issued, MAX_ANSWER, TokenError, Tokens, form, issued, jwt, metadata};
use crate::clock::random_uuid;
use crate::http::{Outgoing, Peer, Target};

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
    let body = form(&[
        ("grant_type", "client_credentials"),
        ("scope", &keys.scope),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", &assertion),
    ]);
    let outgoing = Outgoing::post(Target::Path(""), "application/x-www-form-urlencoded", body)
        .accept("application/json")
        .at_most(MAX_ANSWER);
    issued(&Box::pin(tokens.http.send(&server.token, outgoing, deadline)).await?)
}
