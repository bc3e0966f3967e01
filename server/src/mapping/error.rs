//! What keeps a pack from being used, and a message from being lifted.

use std::io::ErrorKind;
use std::path::PathBuf;

use samenhang_conform::{PackError, SourceError};
use samenhang_profiles::ReadError;

/// Why a tool for maps cannot go on. Carries places, names of packs and limits, never content of a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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
            MappingError::Empty => "SAM-MAP-205",
            MappingError::Read(error) | MappingError::Source(SourceError::Read(error)) => error.code(),
            MappingError::Source(error) => error.code(),
        }
    }

    /// An error of the file system.
    pub(super) fn io(path: &std::path::Path, error: &std::io::Error) -> MappingError {
        MappingError::File {
            path: path.to_owned(),
            kind: error.kind(),
        }
    }
}
