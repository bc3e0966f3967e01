//! Do two resources with one identifier say the same? What only one of them says is no contradiction.
//!
//! It compares what stands at the same place in both; it understands no codes and converts no units, so a doubtful
//! pair is called contradictory rather than equal. Two versions of FHIR are not compared.

use samenhang_profiles::json::Kind;
use samenhang_profiles::tape::{Inside, Node};

use crate::fact::World;

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

/// Compares two resources.
pub(super) fn compare(world: &World<'_>, a: usize, b: usize) -> Agreement {
    let (Some(x), Some(y)) = (world.item(a), world.item(b)) else {
        return Agreement::Incomparable;
    };
    if x.version() != y.version() || x.resource.resource_type() != y.resource.resource_type() {
        return Agreement::Incomparable;
    }
    match (world.node(a), world.node(b)) {
        (Some(a), Some(b)) if top(a, b) => Agreement::Agrees,
        (Some(_), Some(_)) => Agreement::Contradicts,
        _ => Agreement::Incomparable,
    }
}

fn top(a: Node<'_>, b: Node<'_>) -> bool {
    // A modifier changes the meaning of all else: it must be in both or in neither.
    let modifiers = a.get("modifierExtension").is_some() == b.get("modifierExtension").is_some();
    modifiers
        && a.fields()
            .filter(|(name, _)| !matches!(*name, "id" | "meta" | "text"))
            .all(|(name, value)| b.get(name).is_none_or(|other| field(name, value, other)))
        && choices(a).all(|choice| choices(b).all(|other| other == choice || !siblings(choice, other)))
}

fn field(name: &str, a: Node<'_>, b: Node<'_>) -> bool {
    // An underscore marks what is said about a primitive, not what the primitive says.
    ASIDE.contains(&name) || name.starts_with('_') || same(a, b)
}

fn same(a: Node<'_>, b: Node<'_>) -> bool {
    match (a.kind(), b.kind()) {
        (Kind::Number, Kind::Number) => a.as_number().map(number) == b.as_number().map(number),
        (Kind::Array, Kind::Array) => array(a, b),
        (Kind::Object, Kind::Object) => {
            // What a reference points at has another name at another holder.
            if a.get("reference").is_some() || b.get("reference").is_some() {
                return true;
            }
            a.fields()
                .all(|(name, value)| b.get(name).is_none_or(|other| field(name, value, other)))
        }
        (x, y) => x == y && a.scalar() == b.scalar(),
    }
}

/// Each item of the shorter must be in the longer: a translation or an extra category is no contradiction.
fn array(a: Node<'_>, b: Node<'_>) -> bool {
    let (few, many) = if a.items().count() <= b.items().count() {
        (a.items(), b.items())
    } else {
        (b.items(), a.items())
    };
    let both = |name: &str, mut few: Inside<'_>| {
        few.all(|item| {
            let named = item.text(name);
            let mut twins = many.clone().filter(|other| other.text(name) == named).peekable();
            twins.peek().is_none() || twins.any(|other| same(item, other))
        })
    };
    if few.clone().all(|item| item.get("url").is_some()) {
        // Extensions: those that both have.
        return both("url", few);
    }
    if few
        .clone()
        .all(|item| item.get("system").is_some() && item.get("code").is_some())
    {
        // Codings: one in common is enough, unless one code system gives two codes.
        return both("system", few);
    }
    few.clone()
        .all(|item| many.clone().any(|other| same(item, other)))
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
fn choices<'t>(node: Node<'t>) -> impl Iterator<Item = &'t str> + Clone {
    node.fields()
        .map(|(name, _)| name)
        .filter(|name| stem(name).is_some())
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
