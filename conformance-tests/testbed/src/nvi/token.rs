//! Opening what PRS sealed: JWE, its claims, and the blinding of the client.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

use super::{Nvi, Pseudonyms};
use crate::jwe;
use crate::keys::base64_any;
use crate::prs::oprf::{Blind, Element};
use crate::prs::recipient;

/// A sealed pseudonym with the client's blinding factor, as in `subject.identifier.value`.
#[derive(Deserialize)]
pub(super) struct Token {
    evaluated_output: String,
    blind_factor: String,
}

#[derive(Deserialize)]
struct Sealed {
    subject: String,
    aud: String,
    scope: String,
    exp: i64,
    #[serde(default)]
    extra_versions: BTreeMap<String, String>,
}

impl Token {
    /// Reads the value of an identifier: base64url of JSON.
    pub(super) fn read(value: &str) -> Option<Token> {
        serde_json::from_slice(&base64_any(value)?).ok()
    }
}

impl Nvi {
    /// Opens a token of a FHIR identifier.
    pub(super) fn open_token(&self, value: &str) -> Option<Pseudonyms> {
        let token = Token::read(value)?;
        self.open(&token.evaluated_output, &token.blind_factor)
    }

    /// Opens a sealed pseudonym: all versions of it. `None` when it is not for us, too old, used before or broken;
    /// the reference does not say which.
    pub(super) fn open(&self, sealed: &str, blind_factor: &str) -> Option<Pseudonyms> {
        let (_, payload) = jwe::decrypt(sealed, &self.0.key)?;
        let claims: Sealed = serde_json::from_slice(&payload).ok()?;
        let (organisation, scope) = recipient(self.0.shared.generation());
        if claims.aud != organisation || claims.scope != scope {
            return None;
        }
        let now = self.0.shared.clock().seconds();
        {
            let mut state = self.state();
            if state.strictness.enforce_exp && claims.exp <= now {
                return None;
            }
            let fresh = state.used.insert(Sha256::digest(sealed.as_bytes()).into());
            if state.strictness.single_use && !fresh {
                return None;
            }
        }
        let unblind = Blind::read(&base64_any(blind_factor)?)?.inverse();
        let newest = claims.subject.strip_prefix("pseudonym:eval:")?;
        std::iter::once(newest)
            .chain(claims.extra_versions.values().map(String::as_str))
            .map(|evaluated| Some(Element::read(&base64_any(evaluated)?)?.times(&unblind).to_bytes()))
            .collect()
    }
}
