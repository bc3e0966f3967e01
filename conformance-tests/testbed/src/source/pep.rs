//! The policy enforcement point in front of a source: a token of its own authorization server, or nothing.
//!
//! Refuses tokens that it did not issue, that have expired or that are for another audience or scope, and a token that
//! is bound to a key without a proof of that key (RFC 9449): whoever finds it cannot use it.

use http::{StatusCode, header};

use super::answer::{Challenge, Refusal};
use super::authorization::{Nonces, ProofError, Shown, Tokens, check_proof};
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
    pub(super) fn check(&self, shown: &Shown<'_>, nonces: Nonces) -> Result<(), Refusal> {
        let unauthorized = |text: &str| Refusal::new(StatusCode::UNAUTHORIZED, "login", text);
        let (scheme, text) = shown
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .map(|(scheme, token)| (scheme, token.trim()))
            .ok_or_else(|| unauthorized("no token"))?;
        let token = self
            .tokens
            .find(text)
            .ok_or_else(|| unauthorized("unknown token"))?;
        match &token.key {
            None if scheme.eq_ignore_ascii_case("bearer") => {}
            None => return Err(unauthorized("no bearer token")),
            Some(_) if !scheme.eq_ignore_ascii_case("dpop") => {
                return Err(challenged("invalid_token", None, "the token is bound to a key"));
            }
            Some(key) => match check_proof(&self.tokens, shown, Some(text), self.clock.seconds(), nonces) {
                Ok(shown) if shown == *key => {}
                Ok(_) => return Err(challenged("invalid_token", None, "the proof is of another key")),
                Err(ProofError::Nonce(nonce)) => {
                    return Err(challenged(
                        "use_dpop_nonce",
                        Some(nonce),
                        "the proof needs our nonce",
                    ));
                }
                Err(ProofError::Wrong(text)) => return Err(challenged("invalid_dpop_proof", None, text)),
            },
        }
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

fn challenged(error: &'static str, nonce: Option<String>, text: &str) -> Refusal {
    Refusal {
        challenge: Some(Challenge { error, nonce }),
        ..Refusal::new(StatusCode::UNAUTHORIZED, "login", text)
    }
}
