//! XML of SOAP messages: a strict reader into a small tree, and escaping for the writer.
//!
//! A document type, a processing instruction, an unknown entity, or more than a few thousand elements are refused, and
//! nothing that the message points to is ever fetched. Content never appears in an error.

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{PrefixDeclaration, ResolveResult};
use quick_xml::{NsReader, XmlVersion};

pub(crate) mod soap;

/// Bytes of a message.
pub(crate) const MAX_BYTES: usize = 1 << 20;
const MAX_DEPTH: usize = 64;
const MAX_ELEMENTS: usize = 20_000;
const MAX_ATTRIBUTES: usize = 64;

/// Why a message cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not an acceptable xml message: {0}")]
pub(crate) struct XmlError(pub(crate) &'static str);

/// An element with everything in it.
#[derive(Default)]
pub(crate) struct Element {
    namespace: String,
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

impl Element {
    /// Reads a whole message.
    pub(crate) fn parse(message: &[u8]) -> Result<Element, XmlError> {
        if message.len() > MAX_BYTES {
            return Err(XmlError("it is too large"));
        }
        let text = std::str::from_utf8(message).map_err(|_| XmlError("it is not utf-8"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = NsReader::from_str(text);
        reader.config_mut().enable_all_checks(true);
        let mut open: Vec<Element> = Vec::new();
        let mut root = None;
        let mut elements = 0;
        loop {
            let (namespace, event) = reader
                .read_resolved_event()
                .map_err(|_| XmlError("it is not well-formed"))?;
            match event {
                Event::Start(start) => {
                    elements += 1;
                    if root.is_some() || open.len() >= MAX_DEPTH || elements > MAX_ELEMENTS {
                        return Err(XmlError("it has too many elements"));
                    }
                    open.push(Element::begin(&namespace, &start)?);
                }
                Event::Empty(start) => {
                    elements += 1;
                    if root.is_some() || elements > MAX_ELEMENTS {
                        return Err(XmlError("it has too many elements"));
                    }
                    let element = Element::begin(&namespace, &start)?;
                    close(element, &mut open, &mut root);
                }
                Event::End(_) => {
                    let element = open.pop().ok_or(XmlError("it is not well-formed"))?;
                    close(element, &mut open, &mut root);
                }
                Event::Text(text) => add(&mut open, &text.xml10_content())?,
                Event::CData(text) => add(&mut open, &text.xml10_content())?,
                Event::GeneralRef(reference) => {
                    let character = reference
                        .resolve_char_ref()
                        .map_err(|_| XmlError("it has a character reference that is none"))?;
                    let name = reference.into_inner();
                    match (character, quick_xml::escape::resolve_predefined_entity(&name)) {
                        (Some(character), _) => add(&mut open, character.encode_utf8(&mut [0; 4]))?,
                        (None, Some(text)) => add(&mut open, text)?,
                        (None, None) => return Err(XmlError("it has an entity of its own")),
                    }
                }
                Event::Decl(declaration) => {
                    let encoding = declaration.encoding();
                    if encoding.is_some_and(|name| !name.is_ok_and(|name| name.eq_ignore_ascii_case("utf-8")))
                    {
                        return Err(XmlError("it is not utf-8"));
                    }
                }
                Event::Comment(_) => {}
                Event::DocType(_) => return Err(XmlError("it has a document type")),
                Event::PI(_) => return Err(XmlError("it has a processing instruction")),
                Event::Eof => break,
            }
        }
        match root {
            Some(root) if open.is_empty() => Ok(root),
            _ => Err(XmlError("it ends before its end")),
        }
    }

    fn begin(namespace: &ResolveResult<'_>, start: &BytesStart<'_>) -> Result<Element, XmlError> {
        let namespace = match namespace {
            ResolveResult::Bound(namespace) => namespace.0.to_owned(),
            ResolveResult::Unbound => String::new(),
            ResolveResult::Unknown(_) => return Err(XmlError("it has an unknown prefix")),
        };
        let mut attributes = Vec::new();
        for (count, attribute) in start.attributes().enumerate() {
            let attribute = attribute.map_err(|_| XmlError("it has a malformed attribute"))?;
            // Declarations of namespaces count too: each name in an element is looked up among all of them.
            if count >= MAX_ATTRIBUTES {
                return Err(XmlError("it has too many attributes"));
            }
            let declares: Option<PrefixDeclaration<'_>> = attribute.key.as_namespace_binding();
            if declares.is_some() {
                continue;
            }
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|_| XmlError("it has an entity of its own"))?;
            attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
        }
        Ok(Element {
            namespace,
            name: start.local_name().as_ref().to_owned(),
            attributes,
            ..Element::default()
        })
    }

    /// Local name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether this is the element of a namespace and local name.
    pub(crate) fn is(&self, namespace: &str, name: &str) -> bool {
        self.namespace == namespace && self.name == name
    }

    /// The first attribute of a local name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Text directly in this element, without blanks around it.
    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    /// Elements directly in this one.
    pub(crate) fn children(&self) -> &[Element] {
        &self.children
    }

    /// Elements of a namespace and local name directly in this one.
    pub(crate) fn all<'a>(&'a self, namespace: &'a str, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children
            .iter()
            .filter(move |child| child.is(namespace, name))
    }

    /// The only element of a namespace and local name directly in this one.
    pub(crate) fn only(&self, namespace: &str, name: &str) -> Option<&Element> {
        let mut all = self.children.iter().filter(|child| child.is(namespace, name));
        match (all.next(), all.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }

    /// Visits this element and all in it, in order.
    pub(crate) fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Element)) {
        see(self);
        for child in &self.children {
            child.visit(see);
        }
    }
}

fn add(open: &mut [Element], text: &str) -> Result<(), XmlError> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(XmlError("it has text outside its root")),
    }
    Ok(())
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None => *root = Some(element),
    }
}

/// A text, fit for an attribute or an element. Characters that XML cannot carry are left out.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
