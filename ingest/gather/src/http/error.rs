//! Why a call did not bring an answer. Never carries an address, a header or a body.

/// Why a call did not bring an answer. A status code is an answer, not an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The deadline passed, or the answer came too slowly.
    #[error("no answer in time")]
    Timeout,
    /// The connection was refused, or the name could not be resolved.
    #[error("no connection")]
    Refused,
    /// TLS could not be agreed on: the certificate is not trusted, expired or for another name.
    #[error("no trusted connection")]
    Tls,
    /// The certificate is trusted, and is of another organisation than the holder that is asked (fault F34).
    #[error("the certificate is of another organisation")]
    OtherOrganisation,
    /// The connection was broken off.
    #[error("the connection was broken off")]
    Reset,
    /// The answer ended before its end.
    #[error("the answer is truncated")]
    Truncated,
    /// The answer passed a limit on size, headers or inflation.
    #[error("the answer is more than {limit} {what}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The answer's compression could not be read.
    #[error("the answer's encoding cannot be read")]
    Encoding,
    /// The other party pointed elsewhere; that is never followed.
    #[error("the answer is a redirect (status {0})")]
    Redirect(u16),
    /// An address leaves the pin of its peer, or is not a plain address.
    #[error("the address is off its pin: {0}")]
    OffPin(&'static str),
    /// The name leads to an address in a network that calls may not go to.
    #[error("the address is in a forbidden network")]
    ForbiddenAddress,
    /// The request could not be built or sent.
    #[error("the request could not be sent")]
    Request,
}

impl HttpError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            HttpError::Timeout => "SAM-GAT-101",
            HttpError::Refused => "SAM-GAT-102",
            HttpError::Tls => "SAM-GAT-103",
            HttpError::Reset => "SAM-GAT-104",
            HttpError::Truncated => "SAM-GAT-105",
            HttpError::TooLarge { .. } => "SAM-GAT-106",
            HttpError::Encoding => "SAM-GAT-107",
            HttpError::Redirect(_) => "SAM-GAT-108",
            HttpError::OffPin(_) => "SAM-GAT-109",
            HttpError::ForbiddenAddress => "SAM-GAT-110",
            HttpError::Request => "SAM-GAT-111",
            HttpError::OtherOrganisation => "SAM-GAT-112",
        }
    }

    /// Whether the same call may succeed a moment later: the network failed, not the other party's content.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            HttpError::Timeout | HttpError::Refused | HttpError::Reset | HttpError::Truncated
        )
    }

    /// Whether this points at an attack or a gravely wrong configuration, to be told to the operator.
    #[must_use]
    pub fn is_security_event(&self) -> bool {
        matches!(
            self,
            HttpError::Redirect(_)
                | HttpError::OffPin(_)
                | HttpError::ForbiddenAddress
                | HttpError::Tls
                | HttpError::OtherOrganisation
        )
    }
}
