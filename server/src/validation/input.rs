//! A text as it comes in: its form, and the tree of it.

use samenhang_profiles::document::Document;
use samenhang_profiles::{FhirVersion, Limits, ReadError};

use super::Fault;

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One resource in JSON.
    Json,
    /// One resource in XML.
    Xml,
    /// One resource in JSON a line.
    Lines,
}

impl Form {
    /// The form of a text, by its first character; lines are told from JSON by the name of the file.
    ///
    /// # Errors
    /// [`Fault::Empty`] and [`Fault::Formless`].
    pub fn of(name: &str, body: &[u8]) -> Result<Form, Fault> {
        let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
        let lines = [".ndjson", ".jsonl"].iter().any(|end| name.ends_with(end));
        match first {
            None => Err(Fault::Empty),
            Some(b'{') if lines => Ok(Form::Lines),
            // A list is JSON, but no resource: the reader says so, with the place.
            Some(b'{' | b'[') => Ok(Form::Json),
            Some(b'<') => Ok(Form::Xml),
            // XML may be in UTF-16, which begins with its own mark.
            Some(0xfe | 0xff) => Ok(Form::Xml),
            Some(_) => Err(Fault::Formless),
        }
    }

    /// Reads one resource.
    pub(super) fn document<'a>(
        self,
        body: &'a [u8],
        version: FhirVersion,
        limits: &Limits,
    ) -> Result<Document<'a>, ReadError> {
        match self {
            Form::Xml => Document::from_xml(body, version, limits),
            Form::Json | Form::Lines => Document::from_json(body, version, limits),
        }
    }
}

/// Limits on a file of the user's own: larger than what a source may send.
#[must_use]
pub fn limits() -> Limits {
    Limits {
        max_bytes: 64 << 20,
        max_nodes: 5_000_000,
        max_string: 8 << 20,
        max_base64: 48 << 20,
        max_entries: 100_000,
        ..Limits::default()
    }
}
