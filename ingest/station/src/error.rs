//! What can go wrong in a station.

use std::sync::Arc;

/// An error of the station. It can be cloned, because one failed commit fails everything that was in it. It carries
/// names and limits, never content.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StationError {
    /// The configuration cannot be used.
    #[error("the configuration of the station cannot be used: {0}")]
    Config(String),
    /// There is no such source.
    #[error("the station has no such source")]
    UnknownSource,
    /// The kill switch of the source is on.
    #[error("the source is stopped")]
    Stopped,
    /// The message is larger than the source may send.
    #[error("the message has more than {0} bytes")]
    TooLarge(usize),
    /// More is waiting for this source than its quota allows. Try again later.
    #[error("more than {0} bytes are waiting for this source")]
    Busy(u64),
    /// The source has used up the room that it was given.
    #[error("the source has used up its {0} bytes")]
    Full(u64),
    /// The key file is missing, damaged, or readable for others.
    #[error("failed to use the key of the source: {0}")]
    Key(&'static str),
    /// The database failed.
    #[error("failed to use the database of the station: {0}")]
    Database(Arc<sqlx::Error>),
    /// The object store failed.
    #[error("failed to use the objects of the station: {}", told(.0))]
    Objects(Arc<object_store::Error>),
    /// An object is not what was written.
    #[error("an object of the station is damaged: {0}")]
    Damaged(&'static str),
    /// A file could not be read or written.
    #[error("failed to use a file of the station: {0}")]
    File(Arc<std::io::Error>),
    /// The station was closed while the message was on its way. It is not acknowledged.
    #[error("the station is closed")]
    Closed,
    /// Another process has the station open for writing.
    #[error("another process has the station open")]
    Locked,
    /// A value of one source was used for another.
    #[error("a value of one source was used for another")]
    Scope,
    /// There is nothing by that name in quarantine.
    #[error("there is nothing by that name in quarantine")]
    NotInQuarantine,
    /// What was held for its identity cannot be waived.
    #[error("what was held because of identity cannot be let through")]
    NeverWaived,
}

impl StationError {
    /// The stable code, explained in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            StationError::Config(_) => "SAM-STA-001",
            StationError::UnknownSource => "SAM-STA-002",
            StationError::Stopped => "SAM-STA-003",
            StationError::TooLarge(_) => "SAM-STA-004",
            StationError::Busy(_) => "SAM-STA-005",
            StationError::Full(_) => "SAM-STA-006",
            StationError::Key(_) => "SAM-STA-007",
            StationError::Database(_) => "SAM-STA-008",
            StationError::Objects(_) => "SAM-STA-009",
            StationError::Damaged(_) => "SAM-STA-010",
            StationError::File(_) => "SAM-STA-011",
            StationError::Closed => "SAM-STA-012",
            StationError::Locked => "SAM-STA-013",
            StationError::Scope => "SAM-STA-014",
            StationError::NotInQuarantine => "SAM-STA-015",
            StationError::NeverWaived => "SAM-STA-016",
        }
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            StationError::Busy(_)
                | StationError::Database(_)
                | StationError::Objects(_)
                | StationError::Closed
                | StationError::Locked
        )
    }
}

/// What an error of the object store says without what the other side answered: an S3-compatible store may repeat the
/// access key and the request in it.
fn told(error: &object_store::Error) -> String {
    const STATUS: &str = "status code: ";
    let text = error.to_string();
    let end = match text.find(STATUS) {
        Some(at) => at + STATUS.len() + 3,
        None => text.find(['<', '{', '\n']).unwrap_or(text.len()),
    };
    text.chars()
        .take(text.get(..end).map_or(0, |told| told.chars().count()))
        .collect()
}

impl From<sqlx::Error> for StationError {
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::PoolClosed) {
            return StationError::Closed;
        }
        StationError::Database(Arc::new(error))
    }
}

impl From<object_store::Error> for StationError {
    fn from(error: object_store::Error) -> Self {
        StationError::Objects(Arc::new(error))
    }
}

impl From<std::io::Error> for StationError {
    fn from(error: std::io::Error) -> Self {
        StationError::File(Arc::new(error))
    }
}
