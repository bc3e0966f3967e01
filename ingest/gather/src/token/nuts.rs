//! Nuts RFC021: `vp_token-bearer` with a presentation that lives five seconds. The token is bound to our key where the
//! server offers it.

use tokio::time::Instant;

use super::config::DpopUse;
use super::presentation::{self, Definition, Submission};
use super::{Issued, MAX_ANSWER, TokenError, Tokens, check_status, form, metadata, request};
use crate::clock::random_uuid;
use crate::http::{Outgoing, Peer, Target};
use crate::query::Asker;

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
    let prover = match keys.dpop {
        DpopUse::WhenOffered if server.binds_to_key => Some(tokens.prover()?),
        _ => None,
    };
    let compose = || {
        let (credentials, submission) = Submission::compose(
            definition.as_ref(),
            keys,
            asker,
            tokens.clock.now(),
            &random_uuid(&*tokens.random).to_string(),
        )?;
        let assertion = presentation::sign(tokens, keys, &server.issuer, credentials)?;
        let submission =
            serde_json::to_string(&submission).map_err(|_| TokenError::NoCredentials("no submission"))?;
        Ok(form(&[
            ("grant_type", "vp_token-bearer"),
            ("client_id", &keys.client_id),
            ("scope", &keys.scope),
            ("assertion", &assertion),
            ("presentation_submission", &submission),
        ]))
    };
    request::ask(tokens, &server.token, prover, deadline, compose).await
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
