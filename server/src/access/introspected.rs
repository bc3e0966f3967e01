//! What the server that issued a token says of it (RFC 7662).
//!
//! The token tells nothing here. Whatever is not clearly right about an answer (inactive, without an end, expired, bound to
//! a key that cannot be checked) is no token; for whom it is meant and what it allows, who asks judges.

use jiff::Timestamp;
use samenhang_gather::http::{Http, HttpError, Outgoing, Peer, Target};
use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::time::{Duration, Instant};
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::access::jwt::{Audience, TOLERANCE};

/// Longest answer, in bytes.
const LONGEST_ANSWER: usize = 64 << 10;
/// Longest token that is asked about, in bytes.
const LONGEST_TOKEN: usize = 4 << 10;

/// Why a token could not be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// Its server could not be reached in time.
    #[error("its server did not answer: {0}")]
    Unreachable(HttpError),
    /// Its server did not tell; 401 means that it does not know us.
    #[error("its server answered with status {0}")]
    Status(u16),
    /// Its server told something else.
    #[error("the answer of its server cannot be read")]
    Answer,
    /// We could not prove ourselves to its server.
    #[error("no assertion could be signed")]
    Assertion,
}

/// A server that issues tokens, and says what they are.
pub(crate) struct Issuer {
    http: Http,
    peer: Peer,
    patience: Duration,
}

/// An answer of the server (section 2.2), as far as it is used.
#[derive(Deserialize)]
pub(crate) struct Introspected {
    #[serde(default)]
    pub(crate) active: bool,
    pub(crate) iss: Option<String>,
    pub(crate) client_id: Option<String>,
    aud: Option<Audience>,
    scope: Option<String>,
    pub(crate) exp: Option<i64>,
    nbf: Option<i64>,
    token_type: Option<String>,
    cnf: Option<IgnoredAny>,
    /// The number of the patient: a name of the Generic Functions (context of an access decision).
    pub(crate) patient_bsn: Option<String>,
    /// The organisation and user that ask, as Nuts nodes and GFI-006 name them.
    pub(crate) organization_ura: Option<String>,
    pub(crate) organization_name: Option<String>,
    pub(crate) organization_type: Option<String>,
    pub(crate) user_id: Option<String>,
    pub(crate) user_role: Option<String>,
    pub(crate) user_name: Option<String>,
}

impl Issuer {
    /// The server with an introspection endpoint at this address, which has so long to answer.
    pub(crate) fn new(http: Http, url: &str, patience: Duration) -> Result<Self, HttpError> {
        Ok(Issuer {
            peer: http.peer(url)?,
            http,
            patience,
        })
    }

    /// Asks about a token; `proof` goes along, and says who we are.
    pub(crate) async fn ask(&self, token: &str, proof: &[(&str, &str)]) -> Result<Introspected, CheckError> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token)
            .append_pair("token_type_hint", "access_token")
            .extend_pairs(proof)
            .finish();
        let form = Zeroizing::new(form);
        let outgoing = Outgoing::post(
            Target::Path(""),
            "application/x-www-form-urlencoded",
            form.as_bytes().to_vec(),
        )
        .accept("application/json")
        .at_most(LONGEST_ANSWER);
        let answer = Box::pin(
            self.http
                .send(&self.peer, outgoing, Instant::now() + self.patience),
        )
        .await
        .map_err(CheckError::Unreachable)?;
        if answer.status != 200 {
            tracing::warn!(
                code = "SAM-ACC-020",
                status = answer.status,
                "a token could not be checked"
            );
            return Err(CheckError::Status(answer.status));
        }
        serde_json::from_slice(&answer.body).map_err(|_| CheckError::Answer)
    }
}

impl Introspected {
    /// What is wrong with an active token, whoever asks; in fixed words.
    pub(crate) fn fault(&self, now: Timestamp) -> Option<&'static str> {
        let now = now.as_second();
        let bearer = |kind: &String| kind.eq_ignore_ascii_case("bearer");
        Some(match self {
            // A token that lasts for ever could not be kept in bounds.
            Introspected { exp: None, .. } => "it does not say until when",
            Introspected { exp: Some(exp), .. } if *exp <= now => "it has expired",
            Introspected { nbf: Some(nbf), .. } if nbf.saturating_sub(TOLERANCE) > now => {
                "it is not valid yet"
            }
            answer if answer.cnf.is_some() => "it is bound to a key",
            answer if !answer.token_type.as_ref().is_none_or(bearer) => "it is no bearer token",
            _ => return None,
        })
    }

    /// Whether it says for whom the token is.
    pub(crate) fn has_audience(&self) -> bool {
        self.aud.is_some()
    }

    /// Whether it says that the token is for this server.
    pub(crate) fn is_for(&self, server: &str) -> bool {
        self.aud
            .as_ref()
            .is_some_and(|audience| audience.contains(server))
    }

    /// The scopes.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.as_deref().unwrap_or_default().split_ascii_whitespace()
    }
}

/// Whether a text can be a bearer token at all (RFC 6750, section 2.1).
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= LONGEST_TOKEN
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte))
}
