//! Tokens of holders: what an authorisation server asks for, proven anew, kept until shortly before it expires.
//!
//! The directory says which protocol an authorisation server speaks ([`Protocol`]). A token belongs to one holder,
//! one scope and one user: it is never used for another. A refusal is a refusal: it is not tried again. Tokens live
//! in memory only and have no `Debug`. Where the server can, a token is bound to a key of ours ([`dpop`]).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::http::header;
use async_trait::async_trait;
use samenhang_profiles::Ura;
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::clock::{Clock, Random};
use crate::http::{Answer, Http, HttpError, Outgoing, Peer};
use crate::query::Question;
use crate::source::Authorisation;

mod client_key;
pub mod config;
mod dpop;
mod generic;
mod jwt;
mod metadata;
mod nuts;
mod presentation;
mod request;
mod smart;

pub use client_key::ClientKey;
pub use config::{AuthorisationConfig, ClientKeys, NutsKeys, SmartKeys};

use dpop::Prover;

/// A token is not used in its last seconds.
const MARGIN: Duration = Duration::from_secs(10);
/// The longest that any token is kept.
const MAX_LIFE: Duration = Duration::from_secs(15 * 60);
/// Bytes of any answer of an authorisation server.
const MAX_ANSWER: usize = 256 << 10;
/// Tokens that are kept; more means that expired ones are cleared first.
const MAX_KEPT: usize = 10_000;

/// How an authorisation server is spoken to: the connection type of its endpoint in the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// `oauth-nuts`: RFC021, `vp_token-bearer`.
    Nuts,
    /// `oauth2`: SMART Backend Services, `client_credentials` with a signed assertion.
    SmartBackend,
    /// `oauth2-fapi2`: GFI-004, `jwt-bearer` with a presentation of the organisation and one of the client. FAPI 2.0
    /// asks that the token is bound to its client, by a key or by the client certificate.
    GenericFunctions,
}

/// A token. Wiped on drop.
pub struct Token {
    text: Zeroizing<String>,
    /// Makes the proofs of a token that is bound to a key; absent for a bearer token.
    prover: Option<Arc<Prover>>,
}

impl Token {
    /// Wraps a bearer token that a server issued.
    #[must_use]
    pub fn new(text: String) -> Self {
        Token {
            text: Zeroizing::new(text),
            prover: None,
        }
    }

    /// The text, for an `Authorization` header and nowhere else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Puts the token on a request to a peer, and the proof that goes with it.
    ///
    /// # Errors
    /// [`HttpError::Request`] when a header cannot carry it, [`HttpError::OffPin`] as for the request itself.
    pub fn put_on<'a>(&self, outgoing: Outgoing<'a>, peer: &Peer) -> Result<Outgoing<'a>, HttpError> {
        match &self.prover {
            None => outgoing.bearer(&self.text),
            Some(prover) => prover
                .prove(outgoing, peer, Some(&self.text))?
                .secret(header::AUTHORIZATION, &format!("DPoP {}", &*self.text)),
        }
    }

    /// Keeps what an answer of a peer says about proofs. Whether it asks for the same request with a new proof.
    #[must_use]
    pub fn is_challenged(&self, peer: &Peer, answer: &Answer) -> bool {
        self.prover
            .as_ref()
            .is_some_and(|prover| prover.learn(peer, answer) && dpop::source_wants_nonce(answer))
    }
}

/// Why there is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The authorisation server refuses us or the user.
    #[error("the authorisation server refused with status {0}")]
    Refused(u16),
    /// The authorisation server is in trouble.
    #[error("the authorisation server answered with status {0}")]
    Status(u16),
    /// It could not be reached.
    #[error("failed to reach the authorisation server: {0}")]
    Unreachable(#[from] HttpError),
    /// It answered with something that its protocol does not know.
    #[error("the authorisation server gave an answer that cannot be accepted: {0}")]
    Answer(&'static str),
    /// We have no keys for its protocol, or it asks for a credential that we do not have.
    #[error("no credentials for the authorisation server: {0}")]
    NoCredentials(&'static str),
}

impl TokenError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            TokenError::Refused(_) => "SAM-GAT-240",
            TokenError::Status(_) => "SAM-GAT-241",
            TokenError::Unreachable(error) => error.code(),
            TokenError::Answer(_) => "SAM-GAT-242",
            TokenError::NoCredentials(_) => "SAM-GAT-243",
        }
    }

    /// Whether the same request may succeed a moment later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            TokenError::Status(status) => *status >= 500,
            TokenError::Unreachable(error) => error.is_transient(),
            _ => false,
        }
    }
}

/// Gets tokens for one endpoint.
#[async_trait]
pub trait Authoriser: Send + Sync {
    /// `host:port` of the authorisation server, for the ledger.
    fn label(&self) -> String;

    /// A token for the asker of a question. `renew` names a token that was refused.
    ///
    /// # Errors
    /// [`TokenError`].
    async fn authorise(
        &self,
        question: &Question,
        renew: Option<&Arc<Token>>,
        deadline: Instant,
    ) -> Result<Authorisation, TokenError>;
}

/// For an endpoint that is protected by mutual TLS only.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoAuthorisation;

#[async_trait]
impl Authoriser for NoAuthorisation {
    fn label(&self) -> String {
        String::new()
    }

    async fn authorise(
        &self,
        _: &Question,
        _: Option<&Arc<Token>>,
        _: Instant,
    ) -> Result<Authorisation, TokenError> {
        Ok(Authorisation::NotNeeded)
    }
}

/// For an authorisation server whose protocol we do not speak: nothing is sent to it, and nothing to its holder.
#[derive(Debug, Clone)]
pub struct UnknownProtocol(String);

impl UnknownProtocol {
    /// Stands for such a server.
    #[must_use]
    pub fn new(server: &Peer) -> Self {
        UnknownProtocol(server.label())
    }
}

#[async_trait]
impl Authoriser for UnknownProtocol {
    fn label(&self) -> String {
        self.0.clone()
    }

    async fn authorise(
        &self,
        _: &Question,
        _: Option<&Arc<Token>>,
        _: Instant,
    ) -> Result<Authorisation, TokenError> {
        Err(TokenError::NoCredentials(
            "its protocol is none of oauth-nuts, oauth2 and oauth2-fapi2",
        ))
    }
}

/// What a token belongs to.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    server: String,
    holder: Ura,
    scope: String,
    organisation: Ura,
    user: Option<String>,
}

struct Kept {
    token: Arc<Token>,
    until: Instant,
}

/// One at a time per key, so that one question does not ask for the same token twice.
type Slot = Arc<tokio::sync::Mutex<Option<Kept>>>;

/// A token as it was issued.
struct Issued {
    token: Token,
    life: Duration,
}

/// Gets and keeps the tokens of all holders.
pub struct Tokens {
    http: Http,
    keys: ClientKeys,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    prover: Option<Arc<Prover>>,
    kept: Mutex<HashMap<Key, Slot>>,
}

impl Tokens {
    /// An empty store.
    #[must_use]
    pub fn new(http: Http, keys: ClientKeys, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        let prover = Prover::new(Arc::clone(&clock), Arc::clone(&random)).map(Arc::new);
        Tokens {
            http,
            keys,
            prover,
            clock,
            random,
            kept: Mutex::default(),
        }
    }

    /// Gets tokens for an endpoint of a holder.
    #[must_use]
    pub fn at(self: &Arc<Self>, holder: &Ura, server: Peer, protocol: Protocol) -> Arc<dyn Authoriser> {
        Arc::new(HolderAuthoriser {
            tokens: Arc::clone(self),
            holder: holder.clone(),
            server,
            protocol,
        })
    }

    fn slot(&self, key: Key) -> Slot {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            let now = Instant::now();
            // A slot that is in use stays: its lock is taken.
            kept.retain(|_, slot| {
                slot.try_lock()
                    .map_or(true, |kept| kept.as_ref().is_some_and(|kept| now < kept.until))
            });
        }
        Arc::clone(kept.entry(key).or_default())
    }

    /// Makes the proofs of tokens that are bound to a key.
    fn prover(&self) -> Result<&Arc<Prover>, TokenError> {
        self.prover
            .as_ref()
            .ok_or(TokenError::NoCredentials("no key for proofs could be made"))
    }

    fn scope(&self, protocol: Protocol) -> Result<&str, TokenError> {
        match protocol {
            Protocol::Nuts | Protocol::GenericFunctions => {
                self.keys.nuts.as_ref().map(|keys| keys.scope.as_str())
            }
            Protocol::SmartBackend => self.keys.smart.as_ref().map(|keys| keys.scope.as_str()),
        }
        .ok_or(TokenError::NoCredentials(
            "no keys for this protocol are configured",
        ))
    }
}

struct HolderAuthoriser {
    tokens: Arc<Tokens>,
    holder: Ura,
    server: Peer,
    protocol: Protocol,
}

#[async_trait]
impl Authoriser for HolderAuthoriser {
    fn label(&self) -> String {
        self.server.label()
    }

    async fn authorise(
        &self,
        question: &Question,
        renew: Option<&Arc<Token>>,
        deadline: Instant,
    ) -> Result<Authorisation, TokenError> {
        let asker = &question.asker;
        let slot = self.tokens.slot(Key {
            server: self.server.base().to_owned(),
            holder: self.holder.clone(),
            scope: self.tokens.scope(self.protocol)?.to_owned(),
            organisation: asker.organisation.clone(),
            user: asker.person().map(|user| user.number.clone()),
        });
        let mut kept = tokio::time::timeout_at(deadline, slot.lock_owned())
            .await
            .map_err(|_| TokenError::Unreachable(HttpError::Timeout))?;
        if let Some(kept) = &*kept {
            let refused = renew.is_some_and(|refused| Arc::ptr_eq(refused, &kept.token));
            if Instant::now() < kept.until && !refused {
                return Ok(Authorisation::Kept(Arc::clone(&kept.token)));
            }
        }
        *kept = None;
        let issued = match self.protocol {
            Protocol::Nuts => Box::pin(nuts::token(&self.tokens, &self.server, asker, deadline)).await?,
            Protocol::SmartBackend => Box::pin(smart::token(&self.tokens, &self.server, deadline)).await?,
            Protocol::GenericFunctions => {
                Box::pin(generic::token(&self.tokens, &self.server, asker, deadline)).await?
            }
        };
        let token = Arc::new(issued.token);
        let until = Instant::now() + issued.life.min(MAX_LIFE).saturating_sub(MARGIN);
        *kept = Some(Kept {
            token: Arc::clone(&token),
            until,
        });
        Ok(Authorisation::Issued(token))
    }
}

/// 4xx is a refusal, anything else but 200 is trouble.
fn check_status(status: u16) -> Result<(), TokenError> {
    match status {
        200 => Ok(()),
        429 => Err(TokenError::Status(status)),
        400..=499 => Err(TokenError::Refused(status)),
        _ => Err(TokenError::Status(status)),
    }
}

/// The body of a form.
fn form(fields: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    form.finish()
}

#[cfg(test)]
mod tests;
