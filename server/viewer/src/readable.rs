//! A resource as a person can read it: every value with its place, and the same as JSON with white space.
//!
//! Nothing is translated, rounded or left out but two things: numbers of citizens are masked, and what is very large is cut
//! off, which is said. It holds patient data and is never logged: no `Debug`.

use samenhang_profiles::tree::Tree;
use samenhang_profiles::{Bsn, Limits, RawResource};

use crate::masking::masked;

/// Values of one resource that are shown.
const MOST_VALUES: usize = 400;
/// Characters of JSON of one resource that are shown.
const MOST_JSON: usize = 48 * 1024;

/// A resource to be read.
#[derive(Clone, PartialEq, Eq)]
pub struct Readable {
    /// Each value with its place.
    pub values: Vec<(String, String)>,
    /// The whole, in JSON.
    pub json: String,
    /// Whether a number of a citizen was masked.
    pub is_masked: bool,
    /// Whether it is cut off.
    pub is_short: bool,
}

/// Writes resources of one patient.
#[derive(Clone)]
pub struct Reading<'a> {
    patient: &'a Bsn,
}

impl<'a> Reading<'a> {
    /// Of a patient, whose number is masked wherever it stands.
    #[must_use]
    pub fn new(patient: &'a Bsn) -> Self {
        Reading { patient }
    }

    /// A resource to be read; empty for what cannot be parsed.
    #[must_use]
    pub fn read(&self, resource: &RawResource) -> Readable {
        let mut readable = Readable {
            values: Vec::new(),
            json: String::new(),
            is_masked: false,
            is_short: false,
        };
        if let Ok(tree) = Tree::parse(resource.body(), &Limits::default()) {
            let tree = masked(tree, self.patient, &mut readable.is_masked);
            readable.is_short = !values(&tree, &mut String::new(), &mut readable.values)
                || !json(&tree, 0, &mut readable.json);
        }
        readable
    }

    /// The elements of a resource, each in one text, for a comparison with others.
    #[must_use]
    pub fn elements(&self, resource: &RawResource) -> Vec<(String, String)> {
        let Ok(tree) = Tree::parse(resource.body(), &Limits::default()) else {
            return Vec::new();
        };
        let tree = masked(tree, self.patient, &mut false);
        let elements = tree.fields().filter(|(name, _)| !NOT_COMPARED.contains(name));
        elements
            .map(|(name, value)| (name.to_owned(), text(value)))
            .filter(|(_, text)| !text.is_empty())
            .collect()
    }
}

/// Elements that say nothing about the fact itself, or are shown by themselves.
const NOT_COMPARED: [&str; 10] = [
    "resourceType",
    "id",
    "meta",
    "text",
    "implicitRules",
    "subject",
    "patient",
    "identifier",
    "contained",
    "language",
];

/// Every value with its place; false when there are too many.
fn values(tree: &Tree<'_>, place: &mut String, out: &mut Vec<(String, String)>) -> bool {
    if out.len() >= MOST_VALUES {
        return false;
    }
    let length = place.len();
    let mut step = |name: &str, value: &Tree<'_>, place: &mut String| {
        if !place.is_empty() && !name.starts_with('[') {
            place.push('.');
        }
        place.push_str(name);
        let is_whole = values(value, place, out);
        place.truncate(length);
        is_whole
    };
    match tree {
        Tree::Object(_) => tree
            .fields()
            .filter(|(name, _)| *name != "div")
            .all(|(name, value)| step(name, value, place)),
        Tree::Array(items) => items
            .iter()
            .enumerate()
            .all(|(at, item)| step(&format!("[{}]", at + 1), item, place)),
        leaf => {
            out.push((place.clone(), plain(leaf)));
            true
        }
    }
}

fn plain(leaf: &Tree<'_>) -> String {
    match leaf {
        Tree::Boolean(value) => value.to_string(),
        Tree::Number(text) | Tree::String(text) => text.clone().into_owned(),
        _ => String::new(),
    }
}

/// The text of an element: of a concept its text or display, of a quantity number and unit, else its values.
fn text(tree: &Tree<'_>) -> String {
    match tree {
        Tree::Array(items) => {
            let texts: Vec<String> = items.iter().map(text).filter(|text| !text.is_empty()).collect();
            texts.join("; ")
        }
        Tree::Object(_) => {
            if let Some(said) = ["text", "display"].iter().find_map(|name| tree.text(name)) {
                return said.to_owned();
            }
            let fields = tree
                .fields()
                .filter(|(name, _)| !matches!(*name, "system" | "url" | "id" | "userSelected"));
            let texts: Vec<String> = fields
                .map(|(_, value)| text(value))
                .filter(|text| !text.is_empty())
                .collect();
            texts.join(" ")
        }
        leaf => plain(leaf),
    }
}

/// The JSON with white space; false when it is too long.
fn json(tree: &Tree<'_>, depth: usize, out: &mut String) -> bool {
    if out.len() > MOST_JSON {
        out.push('…');
        return false;
    }
    let line = |depth: usize, out: &mut String| {
        out.push('\n');
        (0..depth).for_each(|_| out.push_str("  "));
    };
    match tree {
        Tree::Object(_) => {
            out.push('{');
            for (at, (name, value)) in tree.fields().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                line(depth + 1, out);
                quoted(name, out);
                out.push_str(": ");
                if !json(value, depth + 1, out) {
                    return false;
                }
            }
            line(depth, out);
            out.push('}');
        }
        Tree::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                line(depth + 1, out);
                if !json(item, depth + 1, out) {
                    return false;
                }
            }
            line(depth, out);
            out.push(']');
        }
        Tree::String(text) => quoted(text, out),
        Tree::Number(text) => out.push_str(text),
        Tree::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        Tree::Null => out.push_str("null"),
    }
    true
}

fn quoted(text: &str, out: &mut String) {
    let mut writer = samenhang_profiles::write::JsonWriter::new();
    writer.string(text);
    out.push_str(&String::from_utf8_lossy(&writer.finish()));
}

#[cfg(test)]
mod tests;
