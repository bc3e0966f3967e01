//! Nuts RFC021: `vp_token-bearer` with a presentation that lives five seconds.

use jsonwebtoken::Algorithm;
use serde::Serialize;
use tokio::time::Instant;

use super::presentation::{Credential, Definition, Submission};
use super::{Issued, MAX_ANSWER, TokenError, Tokens, check_status, form, issued, jwt, metadata};
use crate::clock::random_uuid;
use crate::http::{Outgoing, Peer, Target};
use crate::query::Asker;

/// Life of a presentation in seconds (RFC021: at most five).
const LIFE: i64 = 5;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    nbf: i64,
    exp: i64,
    jti: String,
    nonce: String,
    vp: Presentation<'a>,
}

#[derive(Serialize)]
struct Presentation<'a> {
    #[serde(rename = "@context")]
    context: [&'a str; 1],
    #[serde(rename = "type")]
    kind: &'a str,
    holder: &'a str,
    #[serde(rename = "verifiableCredential")]
    credentials: Vec<Credential>,
}

/// Asks for a token.
pub(super) async fn token(
    tokens: &Tokens,
    server: &Peer,
    asker: &Asker,
    deadline: Instant,
) -> Result<Issued, TokenError> {
    let keys = tokens
        .keys
        .nuts
        .as_ref()
        .ok_or(TokenError::NoCredentials("no keys for Nuts are configured"))?;
    let server = Box::pin(metadata::discover(&tokens.http, server, deadline)).await?;
    let definition = match &server.presentation_definition {
        Some(peer) => Some(Box::pin(definition(tokens, peer, &keys.scope, deadline)).await?),
        None => None,
    };
    let now = tokens.clock.now();
    let (credentials, submission) = Submission::compose(
        definition.as_ref(),
        keys,
        asker,
        now,
        &random_uuid(&*tokens.random).to_string(),
    )?;
    let claims = Claims {
        iss: &keys.did,
        sub: &keys.did,
        aud: &server.issuer,
        nbf: now.as_second(),
        exp: now.as_second() + LIFE,
        jti: random_uuid(&*tokens.random).to_string(),
        nonce: random_uuid(&*tokens.random).to_string(),
        vp: Presentation {
            context: ["https://www.w3.org/2018/credentials/v1"],
            kind: "VerifiablePresentation",
            holder: &keys.did,
            credentials,
        },
    };
    let assertion = jwt::sign(Algorithm::ES256, &keys.key, &keys.key_id, &claims)?;
    let submission =
        serde_json::to_string(&submission).map_err(|_| TokenError::NoCredentials("no submission"))?;
    let body = form(&[
        ("grant_type", "vp_token-bearer"),
        ("client_id", &keys.client_id),
        ("scope", &keys.scope),
        ("assertion", &assertion),
        ("presentation_submission", &submission),
    ]);
    let outgoing = Outgoing::post(Target::Path(""), "application/x-www-form-urlencoded", body)
        .accept("application/json")
        .at_most(MAX_ANSWER);
    issued(&Box::pin(tokens.http.send(&server.token, outgoing, deadline)).await?)
}

/// Which credentials the server wants for a scope.
async fn definition(
    tokens: &Tokens,
    peer: &Peer,
    scope: &str,
    deadline: Instant,
) -> Result<Definition, TokenError> {
    let query = format!("?{}", form(&[("scope", scope)]));
    let outgoing = Outgoing::get(Target::Path(&query))
        .accept("application/json")
        .at_most(MAX_ANSWER);
    let answer = Box::pin(tokens.http.send(peer, outgoing, deadline)).await?;
    check_status(answer.status)?;
    serde_json::from_slice(&answer.body)
        .map_err(|_| TokenError::Answer("the presentation definition cannot be read"))
}
