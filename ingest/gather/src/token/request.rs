//! The request to a token endpoint, and what it answers (RFC 6749, section 5.1; RFC 9449, section 5).

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::dpop::{self, Prover};
use super::{Issued, MAX_ANSWER, Token, TokenError, Tokens, check_status};
use crate::http::{Answer, Outgoing, Peer, Target};

/// Life of a token whose server does not say.
const DEFAULT_LIFE: Duration = Duration::from_secs(60);

/// Asks a token endpoint. With a prover the token must be bound to its key. `compose` makes the form anew for each
/// try, since what it proves about us may be used once.
pub(super) async fn ask(
    tokens: &Tokens,
    endpoint: &Peer,
    prover: Option<&Arc<Prover>>,
    deadline: Instant,
    compose: impl Fn() -> Result<String, TokenError> + Send + Sync,
) -> Result<Issued, TokenError> {
    let mut challenged = false;
    loop {
        let mut outgoing = Outgoing::post(Target::Path(""), "application/x-www-form-urlencoded", compose()?)
            .accept("application/json")
            .at_most(MAX_ANSWER);
        if let Some(prover) = prover {
            outgoing = prover.prove(outgoing, endpoint, None)?;
        }
        let answer = Box::pin(tokens.http.send(endpoint, outgoing, deadline)).await?;
        // A nonce is fetched once; a server that wants another one each time refuses.
        if let Some(prover) = prover
            && prover.learn(endpoint, &answer)
            && dpop::server_wants_nonce(&answer)
            && !challenged
        {
            challenged = true;
            continue;
        }
        return issued(&answer, prover);
    }
}

#[derive(serde::Deserialize)]
struct TokenAnswer {
    access_token: String,
    token_type: String,
    expires_in: Option<u64>,
}

/// Reads the answer of a token endpoint.
fn issued(answer: &Answer, prover: Option<&Arc<Prover>>) -> Result<Issued, TokenError> {
    check_status(answer.status)?;
    let answer: TokenAnswer =
        serde_json::from_slice(&answer.body).map_err(|_| TokenError::Answer("the token cannot be read"))?;
    // A token of another type than was asked for is of no use, or less safe than its server promised.
    let (wanted, other) = match prover {
        Some(_) => ("dpop", "the token is not bound to our key"),
        None => ("bearer", "the token is not a bearer token"),
    };
    if !answer.token_type.eq_ignore_ascii_case(wanted) {
        return Err(TokenError::Answer(other));
    }
    if answer.access_token.is_empty() || !answer.access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(TokenError::Answer("the token cannot be read"));
    }
    let life = answer.expires_in.map_or(DEFAULT_LIFE, Duration::from_secs);
    Ok(Issued {
        token: Token {
            prover: prover.cloned(),
            ..Token::new(answer.access_token)
        },
        life,
    })
}
