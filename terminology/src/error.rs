//! Why terminology content could not be taken.

/// Why terminology content could not be taken. Carries places and limits, never a name or text of the content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TerminologyError {
    /// A limit was passed.
    #[error("more than {limit} {what}")]
    Limit {
        /// Name of the limit, for example `concepts in one system`.
        what: &'static str,
        /// Its value.
        limit: usize,
    },
    /// A line of a release file is not what its layout says.
    #[error("line {line} of the {file} file: {what}")]
    Release {
        /// Which file of the release, for example `concept`.
        file: &'static str,
        /// The line, counted from 1.
        line: usize,
        /// What was expected.
        what: &'static str,
    },
    /// A release file could not be read.
    #[error("the {file} file could not be read: {kind}")]
    Read {
        /// Which file of the release.
        file: &'static str,
        /// What the system said.
        kind: std::io::ErrorKind,
    },
    /// A compact form is damaged, or of another version of the format.
    #[error("not a compact terminology of this version: {what} at byte {at}")]
    Compact {
        /// What was expected.
        what: &'static str,
        /// Byte offset.
        at: usize,
    },
    /// An expansion would be larger than was asked for.
    #[error("the expansion has more than {limit} codes")]
    TooCostly {
        /// The limit.
        limit: usize,
    },
    /// A value set cannot be expanded, because part of what it takes is not known.
    #[error("the value set cannot be expanded: {}", .0.key())]
    NotExpandable(crate::answer::Unknown),
}

impl TerminologyError {
    /// The stable code of the error, as in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            TerminologyError::Limit { .. } => "SAM-TRM-001",
            TerminologyError::Release { .. } => "SAM-TRM-002",
            TerminologyError::Read { .. } => "SAM-TRM-003",
            TerminologyError::Compact { .. } => "SAM-TRM-004",
            TerminologyError::TooCostly { .. } => "SAM-TRM-005",
            TerminologyError::NotExpandable(_) => "SAM-TRM-006",
        }
    }
}
