//! What keeps a pack from being used, and a message from being lifted.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use samenhang_conform::skeleton::DraftError;
use samenhang_conform::{PackError, SourceError};
use samenhang_profiles::ReadError;

use crate::validation::ValidationError;

/// Why a tool for maps cannot go on. Carries places, names of packs and limits, never content of a message.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// No pack of this name or direction is carried.
    #[error("{asked}; there are: {available}")]
    NoPack {
        /// What was asked for.
        asked: String,
        /// What there is.
        available: String,
    },
    /// A file or folder that cannot be read or written.
    #[error("failed to use {}: {kind}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        kind: ErrorKind,
    },
    /// More than is taken.
    #[error("{}: more than {limit} {what}", path.display())]
    Limit {
        /// The file or folder.
        path: PathBuf,
        /// The limit.
        limit: u64,
        /// What there is too much of.
        what: &'static str,
    },
    /// The pack does not compile.
    #[error("the pack has {} errors, the first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Pack(Vec<PackError>),
    /// A case of a pack that is not whole.
    #[error("{}: {what}", path.display())]
    Case {
        /// The folder or file of the case.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// No draft can be made.
    #[error("{error}{}", suggestion(.near))]
    Draft {
        /// Why.
        error: Box<DraftError>,
        /// Names that are near to one that is not known.
        near: Vec<String>,
    },
    /// Something is already where a new pack is to go.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// A file of which the format is not known.
    #[error("the format of {} is not known", .0.display())]
    Format(PathBuf),
    /// Definitions or packages that cannot be read.
    #[error(transparent)]
    Definitions(Arc<ValidationError>),
    /// A file in which there is no message.
    #[error("there is no message in it")]
    Empty,
    /// A resource that was made cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A message that cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
}

impl MappingError {
    /// The stable code of the error, as in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            MappingError::NoPack { .. } => "SAM-MAP-201",
            MappingError::File { .. } => "SAM-MAP-202",
            MappingError::Limit { .. } => "SAM-MAP-203",
            MappingError::Pack(errors) => errors.first().map_or("SAM-MAP-002", PackError::code),
            MappingError::Case { .. } => "SAM-MAP-204",
            MappingError::Draft { error, .. } => error.code(),
            MappingError::Exists(_) => "SAM-MAP-209",
            MappingError::Format(_) => "SAM-MAP-210",
            MappingError::Definitions(error) => error.code(),
            MappingError::Empty => "SAM-MAP-205",
            MappingError::Read(error) | MappingError::Source(SourceError::Read(error)) => error.code(),
            MappingError::Source(error) => error.code(),
        }
    }

    /// Definitions that cannot be used.
    pub(super) fn definitions(error: ValidationError) -> MappingError {
        MappingError::Definitions(Arc::new(error))
    }

    /// An error of the file system.
    pub(super) fn io(path: &std::path::Path, error: &std::io::Error) -> MappingError {
        MappingError::File {
            path: path.to_owned(),
            kind: error.kind(),
        }
    }
}

/// What is near to a name that is not known, in words.
fn suggestion(names: &[String]) -> String {
    match names.is_empty() {
        true => String::new(),
        false => format!("; near to it: {}", names.join(", ")),
    }
}
