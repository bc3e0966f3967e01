//! What a reader of a format says when a message cannot be read.

use std::fmt;

use samenhang_profiles::ReadError;

/// Why a message that is not FHIR could not be read. It holds places and limits, never content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A message of HL7 version 2 without a header that says how to read it.
    #[error("the message has no usable header: {0}")]
    Header(&'static str),
    /// Bytes that are not of the character set, or a set that is not read. Nothing is guessed.
    #[error("byte {at}: {what}")]
    Charset {
        /// Byte offset.
        at: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A file with rows whose shape is not what its header says.
    #[error("row {row}: {what}")]
    Row {
        /// Row of the file, from one, the header included.
        row: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A limit was passed.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl SourceError {
    /// The stable code, as in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            SourceError::Header(_) => "SAM-CNF-201",
            SourceError::Charset { .. } => "SAM-CNF-202",
            SourceError::Row { .. } => "SAM-CNF-203",
            SourceError::Read(_) => "SAM-CNF-204",
        }
    }
}

/// A place in the terms of a format, built without an allocation for each part.
pub(crate) struct Label(String);

impl Label {
    pub(crate) fn new() -> Self {
        Label(String::with_capacity(24))
    }

    /// Writes the label anew.
    pub(crate) fn write(&mut self, parts: fmt::Arguments<'_>) -> &str {
        self.0.clear();
        // Writing to a String does not fail.
        let _ = fmt::Write::write_fmt(&mut self.0, parts);
        &self.0
    }
}
