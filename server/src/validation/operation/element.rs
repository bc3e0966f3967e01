//! `Parameters` in XML: what is in it, and one resource of it as a text of its own.

use std::ops::Range;

use samenhang_profiles::document::{Document, Node};
use samenhang_profiles::{FhirVersion, Limits, ReadError};

use super::request::{Outline, Part, alone as blanked};

/// The namespace of FHIR.
const FHIR: &str = "http://hl7.org/fhir";

/// The outline of a body in XML.
pub(super) fn outline(body: &[u8], version: FhirVersion) -> Result<Outline, ReadError> {
    let document = Document::from_xml(body, version, &Limits::default())?;
    let text = String::from_utf8_lossy(body);
    let root = document.root();
    Ok(Outline {
        kind: root.resource_type().to_owned(),
        parts: root
            .children_named("parameter")
            .map(|parameter| part(parameter, &text))
            .collect(),
    })
}

fn part(parameter: Node<'_>, text: &str) -> Part {
    let value = parameter
        .children()
        .find(|child| child.name().starts_with("value"))
        .and_then(Node::primitive);
    Part {
        name: parameter.text("name").unwrap_or_default().to_owned(),
        value: value.map(str::to_owned),
        resource: parameter
            .child("resource")
            .and_then(|resource| range(text, resource.offset(), resource.resource_type())),
    }
}

/// The element of a resource that begins at an offset or, when that is of what holds it, next.
fn range(text: &str, from: usize, kind: &str) -> Option<Range<usize>> {
    let rest = text.get(from..)?;
    let start = rest.match_indices('<').map(|(at, _)| from + at).find(|at| {
        let name = name(text, *at);
        name.rsplit(':').next() == Some(kind)
    })?;
    Some(start..end(text, start)?)
}

/// The name in a start tag, with its prefix.
fn name(text: &str, start: usize) -> &str {
    let rest = text.get(start + 1..).unwrap_or_default();
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '/' | '>'));
    rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
}

/// Where the element that begins at `start` ends. The text is known to be well-formed.
fn end(text: &str, start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        at += text.get(at..)?.find('<')?;
        let rest = text.get(at..)?;
        if rest.starts_with("<!--") {
            at += rest.find("-->")? + 3;
            continue;
        }
        let close = close(rest)?;
        if rest.starts_with("</") {
            depth = depth.checked_sub(1)?;
        } else if !rest.get(..close)?.ends_with('/') {
            depth += 1;
        }
        at += close + 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

/// The `>` that ends a tag; one in an attribute does not.
fn close(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// The resource with blanks around it, and with the namespace that it had from what is around it.
pub(super) fn alone(body: &[u8], range: &Range<usize>) -> Vec<u8> {
    let text = String::from_utf8_lossy(body);
    let name = name(&text, range.start);
    let tag = text.get(range.clone()).unwrap_or_default();
    let tag = tag.get(..close(tag).unwrap_or(0)).unwrap_or_default();
    let declaration = match name.split_once(':') {
        Some((prefix, _)) => format!("xmlns:{prefix}"),
        None => "xmlns".to_owned(),
    };
    let (mut alone, start) = blanked(body, range);
    if !tag.contains(&format!("{declaration}=")) {
        let at = start + 1 + name.len();
        alone.splice(at..at, format!(" {declaration}=\"{FHIR}\"").into_bytes());
    }
    alone
}
