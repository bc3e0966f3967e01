//! What can go wrong with the audit log. Each of these means: release nothing.

use std::sync::Arc;

use crate::audit::verify::Break;

/// An error of the audit log. It can be cloned, because one failed commit fails every event that was in it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The database of the log could not be opened or brought up to date.
    #[error("failed to open the audit log: {0}")]
    Open(Arc<sqlx::Error>),
    /// The file of the log or its anchor could not be created, read or protected.
    #[error("failed to use the file of the audit log: {0}")]
    File(Arc<std::io::Error>),
    /// The event could not be made durable.
    #[error("failed to write to the audit log: {0}")]
    Write(Arc<sqlx::Error>),
    /// The log could not be read.
    #[error("failed to read the audit log: {0}")]
    Read(Arc<sqlx::Error>),
    /// The end of the log does not fit its seal or its anchor.
    #[error("the audit log is not intact: {0}")]
    Broken(Break),
    /// The log has been closed.
    #[error("the audit log is closed")]
    Closed,
    /// The file was removed or replaced while the log was open.
    #[error("the file of the audit log was removed or replaced while in use")]
    Replaced,
    /// The key file is missing, too short, or readable for others.
    #[error("failed to use the key of the audit log: {0}")]
    Key(&'static str),
    /// An event that was taken could not be kept.
    #[error("an event of the audit log is lost")]
    Lost,
    /// The event could not be written as FHIR.
    #[error("failed to write the event as FHIR: {0}")]
    Encode(Arc<serde_json::Error>),
}

impl AuditError {
    /// The stable code, explained in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            AuditError::Open(_) => "SAM-AUD-001",
            AuditError::File(_) => "SAM-AUD-002",
            AuditError::Write(_) => "SAM-AUD-003",
            AuditError::Read(_) => "SAM-AUD-004",
            AuditError::Broken(_) => "SAM-AUD-005",
            AuditError::Closed => "SAM-AUD-006",
            AuditError::Replaced => "SAM-AUD-007",
            AuditError::Key(_) => "SAM-AUD-008",
            AuditError::Encode(_) => "SAM-AUD-009",
            AuditError::Lost => "SAM-AUD-011",
        }
    }
}

impl From<std::io::Error> for AuditError {
    fn from(error: std::io::Error) -> Self {
        AuditError::File(Arc::new(error))
    }
}
