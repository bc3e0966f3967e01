//! The parts that a narrative is divided into: what stands directly in its `div`.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use crate::xml::Source;

/// Parts that are told; a narrative of more is judged by these.
const MAX_PARTS: usize = 10_000;

/// One part of a narrative: an element, or text between elements.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Part<'t> {
    /// Whether it is a `div`.
    pub division: bool,
    /// The value of `class`.
    pub class: Option<Cow<'t, str>>,
    /// The value of `xml:lang`.
    pub language: Option<Cow<'t, str>>,
}

/// The parts of the text of a `div`, in order, without white space between them; what cannot be read ends them.
#[must_use]
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut source = Source::over(text);
    let mut found = Vec::new();
    let mut depth = 0_usize;
    while let Ok(event) = source.next() {
        let part = match event {
            Event::Start(start) => {
                depth += 1;
                (depth == 2).then(|| element(&start))
            }
            Event::Empty(start) => (depth == 1).then(|| element(&start)),
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                None
            }
            Event::Text(text) => (depth == 1 && !text.trim().is_empty()).then(Part::default),
            Event::CData(text) => (depth == 1 && !text.trim().is_empty()).then(Part::default),
            Event::Eof => break,
            _ => None,
        };
        found.extend(part);
        if found.len() >= MAX_PARTS {
            break;
        }
    }
    found
}

fn element<'t>(start: &BytesStart<'_>) -> Part<'t> {
    let mut part = Part {
        division: start.name().0 == "div",
        ..Part::default()
    };
    for attribute in start.attributes().flatten() {
        let value = attribute
            .normalized_value(XmlVersion::Explicit1_0)
            .map(|value| Cow::Owned(value.into_owned()));
        match attribute.key.0 {
            "class" => part.class = value.ok(),
            "xml:lang" => part.language = value.ok(),
            _ => {}
        }
    }
    part
}
