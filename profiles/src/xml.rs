//! Reads FHIR XML of STU3 and R4 and gives the same resource as FHIR JSON, and the other way round.
//!
//! What repeats, what is a number and what a choice may hold comes from the published definitions, so nothing is
//! guessed. Numbers keep their digits, narrative is kept as it was written, and what the definitions do not know is
//! an error that names the element, not a silent loss. Document types, entities other than the five of XML and
//! processing instructions are refused; nothing is ever fetched.

pub(crate) mod encoding;
pub(crate) mod narrative;
mod render;
pub(crate) mod scope;
#[cfg(test)]
mod tests;
mod write;

use bytes::Bytes;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::document::Document;
use crate::limits::Limits;
use crate::raw::ReadError;
use crate::version::FhirVersion;

/// Deeper than this no message is read, whatever the limits say: writing it out is recursive.
pub(crate) const MAX_DEPTH: usize = 256;
/// Attributes of one element.
const MAX_ATTRIBUTES: usize = 256;
/// Namespace declarations in force at one place.
const MAX_NAMESPACES: usize = 64;

/// Converts a resource in XML to JSON.
///
/// # Errors
/// [`ReadError`] when it is malformed, passes a limit, holds what FHIR forbids in XML, or has an element that this
/// version of FHIR does not know.
pub fn to_json(body: &[u8], version: FhirVersion, limits: &Limits) -> Result<Bytes, ReadError> {
    let document = Document::from_xml(body, version, limits)?;
    render::json(&document, body.len())
}

/// Converts a resource in JSON to XML.
///
/// # Errors
/// [`ReadError`] when it is malformed or passes a limit.
pub fn from_json(body: &[u8], version: FhirVersion, limits: &Limits) -> Result<String, ReadError> {
    let limits = Limits {
        max_depth: limits.max_depth.min(MAX_DEPTH),
        ..*limits
    };
    let document = Document::from_json(body, version, &limits)?;
    Ok(write::xml(&document, body.len()))
}

/// The text of a message in XML: UTF-8, UTF-16 with a byte order mark, or what its declaration says.
///
/// # Errors
/// [`ReadError::MalformedXml`] for an encoding other than UTF-8, UTF-16 and ISO 8859-1, and for bytes that are not of it.
pub fn decode(body: &[u8]) -> Result<std::borrow::Cow<'_, str>, ReadError> {
    encoding::decode(body)
}

/// The text with the reader over it.
pub(crate) struct Source<'a> {
    reader: Reader<&'a [u8]>,
    pub(crate) text: &'a str,
    /// Byte offset of the event that was read last.
    pub(crate) at: usize,
}

impl<'a> Source<'a> {
    pub(crate) fn over(text: &'a str) -> Self {
        Source {
            reader: Reader::from_str(text),
            text,
            at: 0,
        }
    }

    /// The next event.
    ///
    /// # Errors
    /// [`ReadError::MalformedXml`].
    pub(crate) fn next(&mut self) -> Result<Event<'a>, ReadError> {
        self.at = self.offset();
        self.reader
            .read_event()
            .map_err(|_| malformed(self.at, "not well-formed"))
    }

    /// Byte offset behind the event that was read last.
    pub(crate) fn offset(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }
}

pub(crate) fn blank(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

pub(crate) fn malformed(at: usize, what: &'static str) -> ReadError {
    ReadError::MalformedXml { at, what }
}
