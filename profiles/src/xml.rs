//! Reads FHIR XML of STU3 and R4 and gives the same resource as FHIR JSON.
//!
//! What repeats, what is a number and what a choice may hold comes from tables made of the published definitions
//! (`generated/`), so nothing is guessed. Numbers keep their digits, narrative is kept as it was written, and
//! what the tables do not know is an error that names the element, not a silent loss. Document types, entities
//! other than the five of XML and processing instructions are refused; nothing is ever fetched.

mod build;
mod encoding;
mod narrative;
mod render;
mod scope;
mod table;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::limits::Limits;
use crate::raw::ReadError;
use crate::version::FhirVersion;
use crate::write::JsonWriter;
use crate::xml::build::Builder;
use crate::xml::table::Table;

/// Deeper than this no message is read, whatever the limits say: writing it out is recursive.
const MAX_DEPTH: usize = 256;
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
    if body.len() > limits.max_bytes {
        return Err(ReadError::Limit {
            what: "bytes",
            limit: limits.max_bytes,
            at: limits.max_bytes,
        });
    }
    let limits = Limits {
        max_depth: limits.max_depth.min(MAX_DEPTH),
        ..*limits
    };
    let text = encoding::decode(body)?;
    let mut source = Source {
        reader: Reader::from_str(&text),
        text: &text,
        at: 0,
    };
    let mut builder = Builder::new(Table::of(version), &limits);
    let mut first = true;
    loop {
        match source.next()? {
            Event::Start(start) => builder.open(&start, &mut source, false)?,
            Event::Empty(start) => builder.open(&start, &mut source, true)?,
            Event::End(_) => builder.close(source.at)?,
            Event::Text(text) if blank(&text) => {}
            Event::Comment(_) => {}
            Event::Decl(_) if first => {}
            Event::Eof => break,
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                return Err(malformed(source.at, "text outside of an attribute"));
            }
            Event::DocType(_) => return Err(malformed(source.at, "a document type")),
            Event::PI(_) | Event::Decl(_) => return Err(malformed(source.at, "a processing instruction")),
        }
        first = false;
    }
    let root = builder.finish(text.len())?;
    let mut out = JsonWriter::with_capacity(text.len());
    render::object(&root, &mut out);
    Ok(out.finish())
}

/// The text with the reader over it.
struct Source<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a str,
    /// Byte offset of the event that was read last.
    at: usize,
}

impl<'a> Source<'a> {
    fn next(&mut self) -> Result<Event<'a>, ReadError> {
        self.at = self.offset();
        self.reader
            .read_event()
            .map_err(|_| malformed(self.at, "not well-formed"))
    }

    /// Byte offset behind the event that was read last.
    fn offset(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }
}

fn blank(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

fn malformed(at: usize, what: &'static str) -> ReadError {
    ReadError::MalformedXml { at, what }
}
