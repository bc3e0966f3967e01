//! What the definitions of a FHIR version say about elements: their names, order and types, and whether they repeat.
//!
//! The tables are text, one type a line, made by `examples/make-element-table.rs`:
//! `name=k` is a primitive (`b` boolean, `n` number, `d` base64, `x` XHTML, `s` other strings); `name<base element...`
//! a type and `name^base element...` a resource. An element is `name:types`, with `@` in front of an XML attribute
//! and `*` behind the name when it repeats; `name[x]` is a choice; a type with a dot is defined inside of another.
//! In memory each type holds the elements of its bases too, in the order of the definition.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use crate::version::FhirVersion;

static STU3: LazyLock<Table> =
    LazyLock::new(|| Table::load(include_str!("element_table/generated/stu3.txt")));
static R4: LazyLock<Table> = LazyLock::new(|| Table::load(include_str!("element_table/generated/r4.txt")));

/// The type of what no definition knows.
pub static UNKNOWN: Type = Type {
    name: "",
    primitive: None,
    resource: false,
    base: "",
    elements: Vec::new(),
    slots: Vec::new(),
};

/// A chain of bases is at most a few long; the bound is for a table that is wrong.
const MAX_BASES: usize = 8;

/// How a primitive stands in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Primitive {
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// Any other text: strings, codes, dates and the like.
    Text,
    /// Base64 data.
    Base64,
    /// The `div` of a narrative.
    Xhtml,
}

/// A type: its primitive kind, or its elements.
#[derive(Debug, Default)]
pub struct Type {
    /// `Patient`, `Quantity`, `Patient.contact`, `code`; empty for what is unknown.
    pub name: &'static str,
    /// How it stands in JSON, when it is a primitive.
    pub primitive: Option<Primitive>,
    /// Whether it is a resource.
    pub resource: bool,
    /// Name of the type that this one is based on; empty when there is none.
    pub base: &'static str,
    /// All elements, those of the bases first.
    pub elements: Vec<Element>,
    /// Where an element stands, by the digest of its name: an index plus one, zero for an empty slot.
    slots: Vec<u16>,
}

/// An element of a type; a choice has one for each of its types.
#[derive(Debug)]
pub struct Element {
    /// Its name in XML and JSON; for a choice with the type at the end.
    pub name: Cow<'static, str>,
    /// Its name in the definition: `value[x]` for a choice.
    pub definition: &'static str,
    /// Its place in the order of the definition; the types of a choice have the same.
    pub order: u16,
    /// Whether it is an array in JSON.
    pub many: bool,
    /// Whether it is an attribute in XML.
    pub attribute: bool,
    /// Index of its type.
    kind: u16,
}

impl Type {
    /// The element `name`, as written: `valueQuantity`.
    #[inline]
    #[must_use]
    pub fn element(&self, name: &str) -> Option<&Element> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut slot = digest(name) & mask;
        loop {
            let index = usize::from(*self.slots.get(slot)?).checked_sub(1)?;
            let element = self.elements.get(index)?;
            if element.name == name {
                return Some(element);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Whether a resource of any type may stand here: `contained`, `Bundle.entry.resource`.
    #[must_use]
    pub fn any_resource(&self) -> bool {
        self.name == "Resource"
    }

    /// Fills the slots: at most half of them, so that a search ends soon.
    fn index(&mut self) {
        let slots = (self.elements.len() * 2 + 1).next_power_of_two();
        self.slots = vec![0; slots];
        for (element, number) in self.elements.iter().zip(1_u16..) {
            let mut slot = digest(&element.name) & (slots - 1);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (slots - 1);
            }
            self.slots[slot] = number;
        }
    }
}

/// Tells the names of elements apart, by their first and last eight bytes and their length.
#[inline]
fn digest(name: &str) -> usize {
    let bytes = name.as_bytes();
    let (head, tail) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
        _ => (bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0),
    };
    let mixed = (head ^ tail.rotate_left(29) ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) as usize
}

/// The types of one version.
pub struct Table {
    types: Vec<Type>,
    names: HashMap<&'static str, u16>,
}

impl Table {
    /// The types of a version.
    #[must_use]
    pub fn of(version: FhirVersion) -> &'static Table {
        match version {
            FhirVersion::Stu3 => &STU3,
            FhirVersion::R4 => &R4,
        }
    }

    /// The type of this name.
    #[must_use]
    pub fn named(&'static self, name: &str) -> Option<&'static Type> {
        self.types.get(usize::from(*self.names.get(name)?))
    }

    /// The type of an element of this table.
    #[inline]
    #[must_use]
    pub fn type_of(&'static self, element: &Element) -> &'static Type {
        self.types.get(usize::from(element.kind)).unwrap_or(&UNKNOWN)
    }

    /// Whether the type `name` is `base` or based on it, directly or not.
    #[must_use]
    pub fn is_a(&'static self, name: &str, base: &str) -> bool {
        let bases = std::iter::successors(self.named(name), |kind| self.named(kind.base));
        name == base || bases.take(MAX_BASES).any(|kind| kind.base == base)
    }

    fn load(text: &'static str) -> Table {
        let mut own = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some(at) = line.find(['=', '<', '^']) else {
                continue;
            };
            let (name, rest) = line.split_at(at);
            let (mark, rest) = rest.split_at(1);
            own.push((name, mark, rest));
        }
        let names = own.iter().map(|(name, ..)| *name).zip(0_u16..).collect();
        let mut table = Table {
            types: Vec::with_capacity(own.len()),
            names,
        };
        for (name, mark, rest) in &own {
            let mut kind = Type {
                name,
                ..Type::default()
            };
            if *mark == "=" {
                kind.primitive = Some(primitive(rest));
            } else {
                kind.resource = *mark == "^";
                kind.base = rest.split(' ').next().unwrap_or_default();
                let chain = std::iter::successors(Some(*rest), |rest| {
                    let base = table.names.get(rest.split(' ').next()?)?;
                    Some(own[usize::from(*base)].2)
                });
                let chain: Vec<&str> = chain.take(MAX_BASES).collect();
                let words = chain.iter().rev().flat_map(|rest| rest.split(' ').skip(1));
                kind.elements = elements(words, &table.names);
                kind.index();
            }
            table.types.push(kind);
        }
        table
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

/// The elements that the words of a line tell of, in their order.
fn elements(words: impl Iterator<Item = &'static str>, names: &HashMap<&'static str, u16>) -> Vec<Element> {
    let mut elements = Vec::new();
    let parts = words.filter_map(|word| word.split_once(':'));
    for ((name, codes), order) in parts.zip(0_u16..) {
        let (attribute, name) = name.strip_prefix('@').map_or((false, name), |name| (true, name));
        let (many, name) = name.strip_suffix('*').map_or((false, name), |name| (true, name));
        let mut add = |written: Cow<'static, str>, code: &'static str| {
            elements.push(Element {
                name: written,
                definition: name,
                order,
                many,
                attribute,
                kind: names.get(code).copied().unwrap_or(u16::MAX),
            });
        };
        match name.strip_suffix("[x]") {
            Some(stem) => codes
                .split(',')
                .for_each(|code| add(choice(stem, code).into(), code)),
            None => add(name.into(), codes.split(',').next().unwrap_or_default()),
        }
    }
    elements
}

/// The name of a choice for one of its types: `value` and `dateTime` make `valueDateTime`.
fn choice(stem: &str, code: &str) -> String {
    let (first, rest) = code.split_at(code.len().min(1));
    format!("{stem}{}{rest}", first.to_ascii_uppercase())
}
