//! Why a login failed. The texts are fixed: they go to the asker and into the audit log.

use samenhang_gather::http::HttpError;

use crate::access::jwt::JwtError;

/// Why a login failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// Nobody logs in here.
    #[error("login of persons is not set up")]
    NotSetUp,
    /// No such login was begun, or too long ago, or it was tried before.
    #[error("the login was not begun here or took too long, begin again")]
    Unknown,
    /// It came back in another browser than in which it was begun.
    #[error("the login was begun in another browser, begin again")]
    OtherBrowser,
    /// Dezi refused.
    #[error("the identity provider refused the login")]
    Refused,
    /// Dezi did not answer.
    #[error("the identity provider did not answer: {0}")]
    Remote(HttpError),
    /// Dezi's answer cannot be used.
    #[error("the identity provider's answer cannot be used: {0}")]
    Answer(&'static str),
    /// A token of Dezi is not accepted.
    #[error("a token of the identity provider is not accepted: {0}")]
    Token(#[from] JwtError),
    /// The declaration is not accepted.
    #[error("the declaration is not accepted: {0}")]
    Declaration(&'static str),
    /// The declaration leaves open what nobody has decided here: how a statement of 2024 is read is configured.
    #[error("the declaration is not accepted: {0}")]
    Undecided(&'static str),
    /// The declaration has been withdrawn.
    #[error("the declaration has been withdrawn")]
    Withdrawn,
    /// Whether the declaration has been withdrawn could not be found out.
    #[error("the status of the declaration could not be found out")]
    StatusUnknown,
}

impl LoginError {
    /// The reason in fixed words, for the audit log.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            LoginError::NotSetUp => "login is not set up",
            LoginError::Unknown => "unknown or expired login",
            LoginError::OtherBrowser => "login begun in another browser",
            LoginError::Refused => "refused by the identity provider",
            LoginError::Remote(_) => "the identity provider did not answer",
            LoginError::Answer(reason) | LoginError::Declaration(reason) | LoginError::Undecided(reason) => {
                reason
            }
            LoginError::Token(_) => "a token of the identity provider is not accepted",
            LoginError::Withdrawn => "the declaration has been withdrawn",
            LoginError::StatusUnknown => "the status of the declaration is unknown",
        }
    }
}
