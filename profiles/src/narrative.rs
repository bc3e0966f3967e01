//! The XHTML that a narrative may hold: reads a `div` and says what is not allowed. It changes nothing.
//!
//! The same judgement serves validation and whoever shows a narrative: what has no fault that is unsafe
//! ([`Fault::is_unsafe`]) runs no program, and loads nothing but images ([`Narrative::remote`]). Lists of elements and attributes: R4 section 2.4.0 and
//! chapters 7 to 11 and 15 of HTML 4.0, as the reference validator reads them.

mod names;
mod parts;
mod structure;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

pub use self::parts::{Part, parts};
use crate::xml::Source;

/// Elements deep in each other that are followed; what is deeper is a fault.
const MAX_DEPTH: usize = 256;
/// Faults that are noted of one narrative.
const MAX_FAULTS: usize = 100;

/// Something that a narrative may not hold. Names only, never content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault<'t> {
    /// Not well-formed, or with a document type, an instruction or an entity that XHTML does not have.
    Malformed(&'static str),
    /// The outermost element is not `div`.
    Root(&'t str),
    /// The namespace is missing or another.
    Namespace,
    /// An element outside of the list.
    Element(&'t str),
    /// An attribute outside of the list.
    Attribute(&'t str),
    /// A block in a paragraph.
    Block(&'t str),
    /// An element, or text in an element, where the content model of XHTML has no place for it.
    Place(&'t str),
    /// An address with characters that none may have, or with data that is none.
    Address,
    /// Neither text nor an image.
    Empty,
    /// A link with a scheme that runs something or leads nowhere, or an empty one.
    Link(&'static str),
    /// A style that loads or runs something.
    Style,
}

impl Fault<'_> {
    /// Whether showing the narrative as it stands could run or load something.
    #[must_use]
    pub fn is_unsafe(&self) -> bool {
        match self {
            Fault::Malformed(_)
            | Fault::Root(_)
            | Fault::Namespace
            | Fault::Element(_)
            | Fault::Attribute(_)
            | Fault::Link(_)
            | Fault::Style => true,
            Fault::Block(_) | Fault::Place(_) | Fault::Address | Fault::Empty => false,
        }
    }
}

/// Where the narrative was: JSON knows the entities of HTML, XML only its own five.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entities {
    /// `&nbsp;` and the other names of HTML 4.
    Html,
    /// The five of XML.
    Xml,
}

/// What a narrative holds.
#[derive(Debug, Default)]
pub struct Narrative<'t> {
    /// What is not allowed, in order; at most a hundred.
    pub faults: Vec<Fault<'t>>,
    /// Targets of local links and images, without the `#`.
    pub local: Vec<Cow<'t, str>>,
    /// Places that a local link may lead to: `id` of any element, `name` of `a`.
    pub places: Vec<Cow<'t, str>>,
    /// Whether an image is loaded from elsewhere: neither `data:` nor local. FHIR allows it, a viewer need not.
    pub remote: bool,
}

impl<'t> Narrative<'t> {
    /// Reads the text of a `div`.
    #[must_use]
    pub fn read(text: &'t str, entities: Entities) -> Self {
        let mut reading = Reading {
            text,
            entities,
            found: Narrative::default(),
            open: Vec::new(),
            seen: false,
            content: false,
        };
        if let Err(what) = reading.all() {
            reading.fault(Fault::Malformed(what));
        } else if !reading.content {
            reading.fault(Fault::Empty);
        }
        reading.found
    }
}

struct Reading<'t> {
    text: &'t str,
    entities: Entities,
    found: Narrative<'t>,
    /// For every open element, its name, and whether a paragraph is around its content.
    open: Vec<(&'t str, bool)>,
    seen: bool,
    content: bool,
}

impl<'t> Reading<'t> {
    fn fault(&mut self, fault: Fault<'t>) {
        // What is out of place is noted once, so that it never takes the room of what is unsafe.
        if matches!(fault, Fault::Place(_) | Fault::Address) && self.found.faults.contains(&fault) {
            return;
        }
        if self.found.faults.len() < MAX_FAULTS {
            self.found.faults.push(fault);
        }
    }

    fn all(&mut self) -> Result<(), &'static str> {
        let mut source = Source::over(self.text);
        loop {
            let event = source
                .next()
                .map_err(|_| "an element that is not closed or not opened")?;
            let inside = !self.open.is_empty();
            match event {
                Event::Start(start) => self.element(&start, false)?,
                Event::Empty(start) => self.element(&start, true)?,
                Event::End(_) => drop(self.open.pop()),
                Event::Text(text) if inside => {
                    let blank = text.trim().is_empty();
                    self.content |= !blank;
                    if let Some((name, _)) = self.open.last().filter(|_| !blank)
                        && !structure::holds_text(name)
                    {
                        self.fault(Fault::Place(name));
                    }
                }
                Event::Text(text) if text.trim().is_empty() => {}
                Event::CData(text) if inside => self.content |= !text.trim().is_empty(),
                Event::GeneralRef(name) if inside => {
                    let known = name.is_char_ref()
                        || matches!(&*name, "lt" | "gt" | "amp" | "quot" | "apos")
                        || self.entities == Entities::Html && names::is_entity(&name);
                    if !known {
                        return Err("an unknown entity");
                    }
                    self.content |= &*name != "nbsp";
                }
                Event::Comment(_) => {}
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                    return Err("text outside of the div");
                }
                Event::DocType(_) => return Err("a document type"),
                Event::PI(_) | Event::Decl(_) => return Err("a processing instruction"),
                Event::Eof if inside => return Err("the text ends early"),
                Event::Eof if !self.seen => return Err("no element"),
                Event::Eof => return Ok(()),
            }
        }
    }

    fn element(&mut self, start: &BytesStart<'t>, empty: bool) -> Result<(), &'static str> {
        if self.open.len() >= MAX_DEPTH {
            return Err("too many levels of nesting");
        }
        let name = self.slice(start.name().0);
        let outermost = self.open.is_empty();
        if outermost && self.seen {
            return Err("a second element beside the div");
        }
        self.seen = true;
        if outermost && name != "div" {
            self.fault(Fault::Root(name));
        } else if !names::is_element(name) {
            self.fault(Fault::Element(name));
        }
        let paragraph = self.open.last().is_some_and(|(_, paragraph)| *paragraph);
        if paragraph && names::is_block(name) {
            self.fault(Fault::Block(name));
        } else if !structure::fits(name, self.open.iter().map(|(open, _)| *open)) {
            self.fault(Fault::Place(name));
        }
        self.content |= name == "img";
        self.attributes(name, start, outermost)?;
        if !empty {
            self.open.push((name, paragraph || name == "p"));
        }
        Ok(())
    }

    fn attributes(
        &mut self,
        element: &'t str,
        start: &BytesStart<'t>,
        outermost: bool,
    ) -> Result<(), &'static str> {
        let mut namespace = false;
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| "a malformed or repeated attribute")?;
            let name = self.slice(attribute.key.0);
            let value = attribute.normalized_value(XmlVersion::Explicit1_0);
            let Ok(value) = value.or_else(|_| self.with_entities(&attribute.value)) else {
                return Err("an unknown entity");
            };
            match name {
                "xmlns" => {
                    namespace = value == "http://www.w3.org/1999/xhtml";
                    if !namespace {
                        self.fault(Fault::Namespace);
                    }
                    continue;
                }
                "id" => self.found.places.push(Cow::Owned(value.clone().into_owned())),
                "name" if element == "a" => self.found.places.push(Cow::Owned(value.clone().into_owned())),
                "style" if names::is_active_style(&value) => self.fault(Fault::Style),
                "href" | "src" => {
                    let before = self.found.faults.len();
                    self.link(element, name, &value);
                    let judged = self.found.faults.len() > before;
                    if !judged && matches!(element, "a" | "img") && !structure::is_address(value.trim()) {
                        self.fault(Fault::Address);
                    }
                }
                _ => {}
            }
            if !names::is_attribute(element, name) {
                self.fault(Fault::Attribute(name));
            }
        }
        if outermost && !namespace && !self.found.faults.contains(&Fault::Namespace) {
            self.fault(Fault::Namespace);
        }
        Ok(())
    }

    /// A value with entities of HTML: they do not matter for what is judged, so they are left as they are.
    fn with_entities<'v>(&self, value: &'v str) -> Result<Cow<'v, str>, &'static str> {
        let mut parts = value.split('&');
        parts.next();
        let known = parts.all(|part| {
            let name = part.split(';').next().unwrap_or_default();
            name.len() < part.len() && (name.starts_with('#') || names::is_entity(name))
        });
        if known && self.entities == Entities::Html {
            Ok(Cow::Borrowed(value))
        } else {
            Err("an unknown entity")
        }
    }

    /// A link of `a` or the source of an image.
    fn link(&mut self, element: &str, name: &str, value: &str) {
        let value = value.trim();
        if let Some(place) = value.strip_prefix('#') {
            if !place.is_empty() {
                self.found.local.push(Cow::Owned(place.to_owned()));
            }
            return;
        }
        if value.is_empty() {
            self.fault(Fault::Link("empty"));
            return;
        }
        let image = element == "img" && name == "src";
        let data = value
            .get(..5)
            .is_some_and(|head| head.eq_ignore_ascii_case("data:"));
        self.found.remote |= image && !data;
        let scheme: String = match value.split_once(':') {
            // Browsers pass over whitespace and control characters in a scheme.
            Some((scheme, _)) => scheme
                .chars()
                .filter(|c| !c.is_whitespace() && !c.is_control())
                .map(|c| c.to_ascii_lowercase())
                .collect(),
            None => return,
        };
        match scheme.as_str() {
            "javascript" => self.fault(Fault::Link("javascript")),
            "vbscript" => self.fault(Fault::Link("vbscript")),
            "urn" if !image => self.fault(Fault::Link("urn")),
            "cid" if !image => self.fault(Fault::Link("cid")),
            _ => {}
        }
    }

    /// The name as a part of the text, without a copy.
    fn slice(&self, name: &str) -> &'t str {
        let at = name.as_ptr().addr().wrapping_sub(self.text.as_ptr().addr());
        self.text.get(at..at.wrapping_add(name.len())).unwrap_or_default()
    }
}

/// Whether the text of a `div` is XHTML that FHIR allows (`htmlChecks` of FHIRPath).
#[must_use]
pub fn is_allowed(text: &str, entities: Entities) -> bool {
    let faults = Narrative::read(text, entities).faults;
    faults
        .iter()
        .all(|fault| matches!(fault, Fault::Empty | Fault::Place(_) | Fault::Address))
}

/// Whether the text of a `div` shows anything (`htmlChecks2` of FHIRPath).
#[must_use]
pub fn has_content(text: &str, entities: Entities) -> bool {
    !Narrative::read(text, entities).faults.contains(&Fault::Empty)
}
