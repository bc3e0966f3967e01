//! Why a message could not be read.

/// Why a message could not be read. Carries a place and a limit, never content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Not well-formed JSON.
    #[error("not well-formed JSON at byte {at}: {what}")]
    Malformed {
        /// Byte offset.
        at: usize,
        /// What was expected or found, without content.
        what: &'static str,
    },
    /// A limit of [`Limits`](crate::Limits) was passed.
    #[error("more than {limit} {what} at byte {at}")]
    Limit {
        /// Name of the limit, for example `levels of nesting`.
        what: &'static str,
        /// Its value.
        limit: usize,
        /// Byte offset.
        at: usize,
    },
    /// The same property twice in one object.
    #[error("a property is repeated in one object at byte {at}")]
    DuplicateKey {
        /// Byte offset of the second.
        at: usize,
    },
    /// Well-formed, but not the FHIR that was expected.
    #[error("{0}")]
    Unexpected(&'static str),
    /// Not well-formed XML, or XML that FHIR forbids.
    #[error("not acceptable XML at byte {at}: {what}")]
    MalformedXml {
        /// Byte offset.
        at: usize,
        /// What was expected or found, without content.
        what: &'static str,
    },
    /// An element that this version of FHIR does not have at this place.
    #[error("unknown element {path} at byte {at}")]
    UnknownElement {
        /// Names of the elements from the root on, joined by dots. Never content.
        path: String,
        /// Byte offset.
        at: usize,
    },
}

impl ReadError {
    /// The stable code of the error, as in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ReadError::Malformed { .. } => "SAM-PRO-001",
            ReadError::Limit { .. } => "SAM-PRO-002",
            ReadError::DuplicateKey { .. } => "SAM-PRO-003",
            ReadError::Unexpected(_) => "SAM-PRO-004",
            ReadError::MalformedXml { .. } => "SAM-PRO-005",
            ReadError::UnknownElement { .. } => "SAM-PRO-006",
        }
    }
}
