//! What the definitions of a FHIR version say about elements: whether one repeats, and of which type it is.
//!
//! The tables are text, one type a line, made by `examples/make-element-table.rs`:
//! `name=k` is a primitive (`b` boolean, `n` number, `d` base64, `x` XHTML, `s` other strings); `name<base element...`
//! a type and `name^base element...` a resource. An element is `name:types`, with `@` in front of an XML attribute
//! and `*` behind the name when it repeats; `name[x]` is a choice; a type with a dot is defined inside of another.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use crate::version::FhirVersion;

static STU3: LazyLock<Table> = LazyLock::new(|| Table::load(include_str!("generated/stu3.txt")));
static R4: LazyLock<Table> = LazyLock::new(|| Table::load(include_str!("generated/r4.txt")));

/// How a primitive stands in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Primitive {
    Boolean,
    Number,
    Text,
    Base64,
    Xhtml,
}

/// A type: its primitive kind, or its elements.
#[derive(Default)]
pub(super) struct Type {
    pub(super) primitive: Option<Primitive>,
    pub(super) resource: bool,
    base: &'static str,
    elements: HashMap<Cow<'static, str>, Element>,
}

/// An element of a type.
pub(super) struct Element {
    /// Its name in XML and JSON; for a choice with the type at the end.
    pub(super) name: Cow<'static, str>,
    /// Whether it is an array in JSON.
    pub(super) many: bool,
    /// Whether it is an attribute in XML.
    pub(super) attribute: bool,
    /// Name of its type.
    pub(super) kind: &'static str,
}

/// The types of one version.
pub(super) struct Table {
    types: HashMap<&'static str, Type>,
}

impl Table {
    pub(super) fn of(version: FhirVersion) -> &'static Table {
        match version {
            FhirVersion::Stu3 => &STU3,
            FhirVersion::R4 => &R4,
        }
    }

    /// The type of this name, with the name as it stands in the table.
    pub(super) fn kind(&self, name: &str) -> Option<(&'static str, &Type)> {
        self.types.get_key_value(name).map(|(name, kind)| (*name, kind))
    }

    /// The element `name` of the type `kind` or of a type that it is based on.
    pub(super) fn element(&self, mut kind: &str, name: &str) -> Option<&Element> {
        // No chain of bases is longer than a few; the bound is for a table that is wrong.
        for _ in 0..8 {
            let found = self.types.get(kind)?;
            if let Some(element) = found.elements.get(name) {
                return Some(element);
            }
            kind = found.base;
        }
        None
    }

    fn load(text: &'static str) -> Table {
        let mut types = HashMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some(at) = line.find(['=', '<', '^']) else {
                continue;
            };
            let (name, rest) = line.split_at(at);
            let kind = match rest.split_at(1) {
                ("=", code) => Type {
                    primitive: Some(primitive(code)),
                    ..Type::default()
                },
                (mark, rest) => complex(rest, mark == "^"),
            };
            types.insert(name, kind);
        }
        Table { types }
    }
}

fn primitive(code: &str) -> Primitive {
    match code {
        "b" => Primitive::Boolean,
        "n" => Primitive::Number,
        "d" => Primitive::Base64,
        "x" => Primitive::Xhtml,
        _ => Primitive::Text,
    }
}

fn complex(rest: &'static str, resource: bool) -> Type {
    let mut words = rest.split(' ');
    let base = words.next().unwrap_or_default();
    let mut kind = Type {
        resource,
        base,
        ..Type::default()
    };
    for (name, codes) in words.filter_map(|word| word.split_once(':')) {
        let (attribute, name) = name.strip_prefix('@').map_or((false, name), |name| (true, name));
        let (many, name) = name.strip_suffix('*').map_or((false, name), |name| (true, name));
        let mut add = |name: Cow<'static, str>, code: &'static str| {
            let element = Element {
                name: name.clone(),
                many,
                attribute,
                kind: code,
            };
            kind.elements.insert(name, element);
        };
        match name.strip_suffix("[x]") {
            Some(stem) => codes
                .split(',')
                .for_each(|code| add(choice(stem, code).into(), code)),
            None => add(name.into(), codes.split(',').next().unwrap_or_default()),
        }
    }
    kind
}

/// The name of a choice for one of its types: `value` and `dateTime` make `valueDateTime`.
fn choice(stem: &str, code: &str) -> String {
    let (first, rest) = code.split_at(code.len().min(1));
    format!("{stem}{}{rest}", first.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::{Primitive, Table};
    use crate::version::FhirVersion;

    #[test]
    fn every_type_that_a_table_names_is_in_it() {
        for version in [FhirVersion::Stu3, FhirVersion::R4] {
            let table = Table::of(version);
            assert!(table.types.len() > 400, "{version:?}");
            for (name, kind) in &table.types {
                assert!(
                    kind.base.is_empty() || table.types.contains_key(kind.base),
                    "{name}"
                );
                for element in kind.elements.values() {
                    assert!(
                        table.types.contains_key(element.kind),
                        "{name}.{} {}",
                        element.name,
                        element.kind
                    );
                }
            }
        }
    }

    #[test]
    fn elements_are_found_with_their_bases() {
        let table = Table::of(FhirVersion::R4);
        let given = table.element("HumanName", "given").unwrap();
        assert!(given.many && !given.attribute);
        assert!(table.element("Extension", "url").unwrap().attribute);
        assert!(table.element("Observation", "contained").unwrap().many);
        assert_eq!(
            table.element("Observation", "valueQuantity").unwrap().kind,
            "Quantity"
        );
        assert_eq!(table.element("Age", "value").unwrap().kind, "decimal");
        assert_eq!(
            table
                .element("Observation.component", "referenceRange")
                .unwrap()
                .kind,
            "Observation.referenceRange"
        );
        assert!(table.element("Observation", "value[x]").is_none());
        assert_eq!(
            table.kind("positiveInt").unwrap().1.primitive,
            Some(Primitive::Number)
        );
        assert!(table.kind("ServiceRequest").unwrap().1.resource);
        assert!(Table::of(FhirVersion::Stu3).kind("ServiceRequest").is_none());
        assert!(
            Table::of(FhirVersion::Stu3)
                .element("Patient", "animal")
                .is_some()
        );
    }
}
