//! Sources of any format that a pack reads: from bytes to text, and from text to a tree.

use std::borrow::Cow;
use std::fmt;

use samenhang_profiles::document::Document;
use samenhang_profiles::{Limits, ReadError};

use crate::charset::Charset;
use crate::csv::Table;
use crate::language::Format;
use crate::plan::Pack;
use crate::{csv, hl7v2};

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
    #[error("{}row {row}: {what}", before(.table))]
    Row {
        /// Name of the file without its ending; empty for what is wrong with all of them together.
        table: Box<str>,
        /// Row of the file, from one, the header included; 0 for what is wrong with the file as a whole.
        row: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A limit was passed.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// A name before what follows it.
fn before(name: &str) -> String {
    if name.is_empty() {
        String::new()
    } else {
        format!("{name} ")
    }
}

impl SourceError {
    /// What is wrong with a row of a table.
    pub(crate) fn row(table: &str, row: usize, what: &'static str) -> Self {
        SourceError::Row {
            table: table.into(),
            row,
            what,
        }
    }

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

impl Pack {
    /// The text of a message or file of the format that the pack reads, by the character set that it declares, or that was
    /// agreed for the pack.
    ///
    /// # Errors
    /// [`SourceError`] when bytes are not of the character set.
    pub fn decode<'b>(&self, body: &'b [u8]) -> Result<Cow<'b, str>, SourceError> {
        let xml = |body: &'b [u8]| samenhang_profiles::xml::decode(body).map_err(SourceError::from);
        match self.format() {
            Format::Fhir if is_xml(body) => xml(body),
            Format::Cda => xml(body),
            Format::Fhir => Charset::Utf8.decode(body),
            Format::Hl7v2 => hl7v2::decode(body, self.charset()),
            Format::Csv => self.charset().unwrap_or(Charset::Utf8).decode(body),
        }
    }

    /// The tree that [`Pack::lift`] takes: of all files of one delivery for rows, of the first for messages.
    ///
    /// # Errors
    /// [`SourceError`] when it cannot be read.
    pub fn read<'t>(&self, files: &[Table<'t>], limits: &Limits) -> Result<Document<'t>, SourceError> {
        let text = files.first().map_or("", |file| file.text);
        match (self.format(), self.source()) {
            (Format::Csv, _) => csv::read(files, self.tables(), limits),
            (Format::Hl7v2, _) => hl7v2::read(text, limits),
            (Format::Fhir, Some(version)) if is_xml(text.as_bytes()) => {
                Ok(Document::from_xml(text.as_bytes(), version, limits)?)
            }
            (Format::Fhir, Some(version)) => Ok(Document::from_json(text.as_bytes(), version, limits)?),
            (Format::Cda | Format::Fhir, _) => Ok(Document::from_cda(text, limits)?),
        }
    }
}

/// Whether a message is in XML: it begins with a tag, or with the mark of UTF-16.
fn is_xml(body: &[u8]) -> bool {
    let marks: [&[u8]; 2] = [b"\xfe\xff", b"\xff\xfe"];
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    marks.iter().any(|mark| body.starts_with(mark)) || body.trim_ascii_start().starts_with(b"<")
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
