//! Why a question could not be gathered. Codes are stable (`SAM-GAT-...`); texts carry no patient data.

use crate::http::HttpError;
use crate::ledger::LedgerClosed;
use crate::locate::Origin;

/// A national service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// OAuth server.
    OAuth,
    /// Pseudonym service.
    Prs,
    /// Referral index.
    Nvi,
    /// Directory.
    Directory,
    /// Consent service.
    Mitz,
    /// Terminology server.
    Terminology,
}

impl std::fmt::Display for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Service::OAuth => "the oauth server",
            Service::Prs => "the pseudonym service",
            Service::Nvi => "the referral index",
            Service::Directory => "the directory",
            Service::Mitz => "the consent service",
            Service::Terminology => "the terminology server",
        })
    }
}

/// Why a question could not be gathered, or a national service did not do its part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GatherError {
    /// A service could not be reached or did not answer in time.
    #[error("failed to reach {service}: {source}")]
    Unreachable {
        /// Which service.
        service: Service,
        /// Why.
        source: HttpError,
    },
    /// A service answered with an error status.
    #[error("{service} answered with status {status}")]
    Status {
        /// Which service.
        service: Service,
        /// Its status.
        status: u16,
    },
    /// A service answered with something that is not what its protocol says.
    #[error("{service} gave an answer that cannot be accepted: {what}")]
    Answer {
        /// Which service.
        service: Service,
        /// What is wrong, without content.
        what: &'static str,
    },
    /// It could not be found out who knows the patient. This is never an empty answer.
    #[error("failed to localise by {origin}: {source}")]
    NotLocalised {
        /// Which localiser.
        origin: Origin,
        /// Why.
        source: Box<GatherError>,
    },
    /// The audit ledger does not take notes: nothing goes out.
    #[error(transparent)]
    Ledger(#[from] LedgerClosed),
    /// The replica of the directory cannot be used yet, or is too old.
    #[error("the directory is not ready")]
    DirectoryNotReady,
    /// The replica of the directory cannot be read or written.
    #[error("failed to keep the directory: {0}")]
    DirectoryFile(&'static str),
    /// The deadline of the question has passed.
    #[error("the deadline has passed")]
    Deadline,
    /// The configuration cannot be used.
    #[error("the configuration cannot be used: {0}")]
    Configuration(&'static str),
}

impl GatherError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            GatherError::Unreachable { .. } => "SAM-GAT-001",
            GatherError::Status { .. } => "SAM-GAT-002",
            GatherError::Answer { .. } => "SAM-GAT-003",
            GatherError::NotLocalised { .. } => "SAM-GAT-004",
            GatherError::Ledger(_) => "SAM-GAT-005",
            GatherError::DirectoryNotReady => "SAM-GAT-006",
            GatherError::DirectoryFile(_) => "SAM-GAT-007",
            GatherError::Deadline => "SAM-GAT-008",
            GatherError::Configuration(_) => "SAM-GAT-009",
        }
    }

    /// Whether the same call may succeed a moment later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            GatherError::Unreachable { source, .. } => source.is_transient(),
            GatherError::Status { status, .. } => *status >= 500,
            _ => false,
        }
    }

    /// The code under which the ledger notes it: the code of the cause where there is one.
    #[must_use]
    pub fn cause_code(&self) -> &'static str {
        match self {
            GatherError::Unreachable { source, .. } => source.code(),
            GatherError::NotLocalised { source, .. } => source.cause_code(),
            _ => self.code(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{GatherError, Service};
    use crate::http::HttpError;

    #[test]
    fn the_cause_is_told_without_content() {
        let error = GatherError::Unreachable {
            service: Service::Nvi,
            source: HttpError::Timeout,
        };
        assert_eq!(
            error.to_string(),
            "failed to reach the referral index: no answer in time"
        );
        assert_eq!((error.code(), error.cause_code()), ("SAM-GAT-001", "SAM-GAT-101"));
        assert!(error.is_transient());
    }
}
