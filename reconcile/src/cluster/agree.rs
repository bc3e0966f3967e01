//! Do two resources with one identifier say the same? What only one of them says is no contradiction.
//!
//! It compares what stands at the same place in both; it understands no codes and converts no units, so a doubtful
//! pair is called contradictory rather than equal. Two versions of FHIR are not compared.

use std::collections::BTreeMap;

use samenhang_profiles::tree::Tree;
use samenhang_profiles::{FhirVersion, Received};

use crate::CHECKED;

/// How the contents of two resources compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Agreement {
    /// What both say is the same; one may say more.
    Agrees,
    /// Two versions of FHIR, or two types: not compared.
    Incomparable,
    /// They say different things at the same place.
    Contradicts,
}

impl Agreement {
    /// Whether what both say was compared and is the same.
    #[must_use]
    pub fn agrees(self) -> bool {
        self == Agreement::Agrees
    }
}

/// Administrative parts, which differ between a record and a copy of it without saying something else.
const ASIDE: [&str; 18] = [
    "asserter",
    "author",
    "comment",
    "contained",
    "context",
    "display",
    "encounter",
    "identifier",
    "implicitRules",
    "informationSource",
    "issued",
    "language",
    "note",
    "performer",
    "recorder",
    "requester",
    "serviceProvider",
    "userSelected",
];

/// The resources that are compared, each parsed once.
pub(super) struct Trees<'a> {
    trees: BTreeMap<usize, (FhirVersion, &'a str, Option<Tree<'a>>)>,
}

impl<'a> Trees<'a> {
    pub(super) fn new(items: &'a [Received], indexes: &[usize]) -> Self {
        let trees = indexes
            .iter()
            .filter_map(|&index| {
                let item = items.get(index)?;
                let tree = Tree::parse(item.resource.body(), &CHECKED).ok();
                Some((index, (item.version(), item.resource.resource_type(), tree)))
            })
            .collect();
        Trees { trees }
    }

    pub(super) fn compare(&self, a: usize, b: usize) -> Agreement {
        match (self.trees.get(&a), self.trees.get(&b)) {
            (Some((v, t, Some(a))), Some((w, u, Some(b)))) if v == w && t == u => {
                if top(a, b) {
                    Agreement::Agrees
                } else {
                    Agreement::Contradicts
                }
            }
            _ => Agreement::Incomparable,
        }
    }
}

fn top(a: &Tree<'_>, b: &Tree<'_>) -> bool {
    // A modifier changes the meaning of all else: it must be in both or in neither.
    let modifiers = a.get("modifierExtension").is_some() == b.get("modifierExtension").is_some();
    modifiers
        && a.fields()
            .filter(|(name, _)| !matches!(*name, "id" | "meta" | "text"))
            .all(|(name, value)| b.get(name).is_none_or(|other| field(name, value, other)))
        && choices(a).all(|choice| choices(b).all(|other| other == choice || !siblings(choice, other)))
}

fn field(name: &str, a: &Tree<'_>, b: &Tree<'_>) -> bool {
    // An underscore marks what is said about a primitive, not what the primitive says.
    ASIDE.contains(&name) || name.starts_with('_') || same(a, b)
}

fn same(a: &Tree<'_>, b: &Tree<'_>) -> bool {
    match (a, b) {
        (Tree::Number(a), Tree::Number(b)) => number(a) == number(b),
        (Tree::Array(a), Tree::Array(b)) => array(a, b),
        (Tree::Object(_), Tree::Object(_)) => {
            // What a reference points at has another name at another holder.
            if a.get("reference").is_some() || b.get("reference").is_some() {
                return true;
            }
            a.fields()
                .all(|(name, value)| b.get(name).is_none_or(|other| field(name, value, other)))
        }
        (a, b) => a == b,
    }
}

/// Each item of the shorter must be in the longer: a translation or an extra category is no contradiction.
fn array(a: &[Tree<'_>], b: &[Tree<'_>]) -> bool {
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if few.iter().all(|item| item.get("url").is_some()) {
        // Extensions: those that both have.
        return few.iter().all(|item| {
            let url = item.text("url");
            let mut twins = many.iter().filter(|other| other.text("url") == url).peekable();
            twins.peek().is_none() || twins.any(|other| same(item, other))
        });
    }
    if few
        .iter()
        .all(|item| item.get("system").is_some() && item.get("code").is_some())
    {
        // Codings: one in common is enough, unless one code system gives two codes.
        return few.iter().all(|item| {
            let system = item.text("system");
            let mut twins = many
                .iter()
                .filter(|other| other.text("system") == system)
                .peekable();
            twins.peek().is_none() || twins.any(|other| same(item, other))
        });
    }
    few.iter().all(|item| many.iter().any(|other| same(item, other)))
}

/// The text of a number without the zeros that carry precision only: 61.0 and 61 do not contradict each other.
fn number(text: &str) -> &str {
    if text.contains('.') && !text.contains(['e', 'E']) {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
}

/// The elements of a resource that come in several types: two of one name say two things.
fn choices<'a>(tree: &'a Tree<'_>) -> impl Iterator<Item = &'a str> + Clone {
    let names: Vec<&str> = tree
        .fields()
        .map(|(name, _)| name)
        .filter(|name| stem(name).is_some())
        .collect();
    names.into_iter()
}

fn siblings(a: &str, b: &str) -> bool {
    stem(a).is_some() && stem(a) == stem(b)
}

/// The part of a choice element's name before its type. Only those are listed whose type changes what is said.
fn stem(name: &str) -> Option<&'static str> {
    ["value", "dataAbsentReason"]
        .into_iter()
        .find(|stem| {
            name.strip_prefix(stem)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_uppercase()))
        })
        .map(|stem| if stem == "dataAbsentReason" { "value" } else { stem })
}
