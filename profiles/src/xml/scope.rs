//! Namespaces and attributes: which prefix stands for what, and what an element carries.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;

use crate::limits::Limits;
use crate::raw::ReadError;
use crate::xml::{MAX_ATTRIBUTES, MAX_NAMESPACES, malformed};

/// The namespaces that mean something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Namespace {
    Fhir,
    Xhtml,
    /// HL7 version 3, of which CDA is.
    Hl7V3,
    /// The extensions of CDA that its working group agreed on.
    Sdtc,
    /// Hints of XML Schema, which are passed over.
    Schema,
    Unknown,
}

impl Namespace {
    fn of(uri: &str) -> Namespace {
        match uri {
            "http://hl7.org/fhir" => Namespace::Fhir,
            "http://www.w3.org/1999/xhtml" => Namespace::Xhtml,
            "urn:hl7-org:v3" => Namespace::Hl7V3,
            "urn:hl7-org:sdtc" => Namespace::Sdtc,
            "http://www.w3.org/2001/XMLSchema-instance" => Namespace::Schema,
            _ => Namespace::Unknown,
        }
    }
}

struct Declaration {
    depth: usize,
    prefix: String,
    namespace: Namespace,
}

/// The declarations in force. The default namespace has the empty prefix.
#[derive(Default)]
pub(crate) struct Scope {
    declarations: Vec<Declaration>,
}

/// What an element carries.
pub(crate) struct Attributes<'a> {
    /// Attributes without a prefix: name, and value with its entities resolved.
    pub(crate) plain: Vec<(&'a str, Cow<'a, str>)>,
    /// Whether the element itself declares a default namespace.
    pub(crate) declares_default: bool,
    /// Whether it has a hint of XML Schema, such as `xsi:schemaLocation`. It is never followed.
    pub(crate) hinted: bool,
    /// The value of `xsi:type`, which says in CDA what a value is.
    pub(crate) schema_type: Option<Cow<'a, str>>,
}

impl Scope {
    /// Reads the attributes of an element at `depth`, and puts its declarations in force.
    pub(crate) fn enter<'a>(
        &mut self,
        start: &'a BytesStart<'_>,
        depth: usize,
        at: usize,
        limits: &Limits,
    ) -> Result<Attributes<'a>, ReadError> {
        let mut found = Attributes {
            plain: Vec::new(),
            declares_default: false,
            hinted: false,
            schema_type: None,
        };
        let mut prefixed = Vec::new();
        let name = start.name().0;
        within("bytes in a property name", name.len(), limits.max_name, at)?;
        for (index, attribute) in start.attributes().enumerate() {
            within("attributes of an element", index + 1, MAX_ATTRIBUTES, at)?;
            let attribute = attribute.map_err(|_| malformed(at, "a malformed or repeated attribute"))?;
            let name = attribute.key.0;
            within("bytes in a property name", name.len(), limits.max_name, at)?;
            let value = attribute
                .normalized_value(XmlVersion::Explicit1_0)
                .map_err(|_| malformed(at, "an unknown entity"))?;
            if value.chars().any(|c| c < ' ' && !matches!(c, '\t' | '\n' | '\r')) {
                return Err(malformed(at, "a control character"));
            }
            match name.split_once(':') {
                None if name == "xmlns" => {
                    found.declares_default = true;
                    self.declare(depth, "", &value, at)?;
                }
                None => found.plain.push((name, value)),
                Some(("xmlns", prefix)) => self.declare(depth, prefix, &value, at)?,
                Some(("xml", _)) => {}
                Some((prefix, name)) => prefixed.push((prefix, name, value)),
            }
        }
        found.hinted = !prefixed.is_empty();
        // Only now: a prefix may be declared behind its use.
        for (prefix, name, value) in prefixed {
            if self.resolve(prefix) != Namespace::Schema {
                return Err(malformed(at, "an attribute of an unknown namespace"));
            }
            if name == "type" {
                found.schema_type = Some(value);
            }
        }
        Ok(found)
    }

    fn declare(&mut self, depth: usize, prefix: &str, uri: &str, at: usize) -> Result<(), ReadError> {
        within(
            "namespace declarations",
            self.declarations.len() + 1,
            MAX_NAMESPACES,
            at,
        )?;
        let prefix = prefix.to_owned();
        self.declarations.push(Declaration {
            depth,
            prefix,
            namespace: Namespace::of(uri),
        });
        Ok(())
    }

    /// Ends the declarations of the element at `depth`.
    pub(crate) fn leave(&mut self, depth: usize) {
        while self.declarations.pop_if(|last| last.depth >= depth).is_some() {}
    }

    /// What a prefix stands for here.
    pub(crate) fn resolve(&self, prefix: &str) -> Namespace {
        self.declarations
            .iter()
            .rfind(|declaration| declaration.prefix == prefix)
            .map_or(Namespace::Unknown, |declaration| declaration.namespace)
    }
}

/// A limit, checked.
pub(crate) fn within(what: &'static str, count: usize, limit: usize, at: usize) -> Result<(), ReadError> {
    if count > limit {
        Err(ReadError::Limit { what, limit, at })
    } else {
        Ok(())
    }
}

/// A name without its prefix, and the prefix.
pub(crate) fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}
