//! The policy enforcement point in front of a source: a token of its own authorization server, or nothing.
//!
//! Refuses tokens that it did not issue, that have expired or that are for another audience or scope.

use http::{HeaderMap, StatusCode, header};

use super::answer::Refusal;
use super::authorization::Tokens;
use crate::clock::SimClock;

/// Checks tokens.
#[derive(Clone)]
pub(super) struct Pep {
    tokens: Tokens,
    clock: SimClock,
    audience: String,
    scope: &'static str,
}

impl Pep {
    pub(super) fn new(tokens: Tokens, clock: SimClock, audience: String, scope: &'static str) -> Pep {
        Pep {
            tokens,
            clock,
            audience,
            scope,
        }
    }

    /// Lets a request pass.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let unauthorized = |text: &str| Refusal::new(StatusCode::UNAUTHORIZED, "login", text);
        let token = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(|| unauthorized("no bearer token"))?;
        let token = self
            .tokens
            .find(token)
            .ok_or_else(|| unauthorized("unknown token"))?;
        if token.expires <= self.clock.seconds() {
            return Err(unauthorized("the token has expired"));
        }
        if token.audience != self.audience {
            return Err(unauthorized("the token is for another audience"));
        }
        if !token
            .scope
            .split_ascii_whitespace()
            .any(|scope| scope == self.scope)
        {
            return Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "forbidden",
                "the scope does not allow this",
            ));
        }
        Ok(())
    }
}
