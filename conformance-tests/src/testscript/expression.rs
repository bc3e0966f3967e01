//! FHIRPath over what was sent or received.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use samenhang_profiles::FhirVersion;
use samenhang_profiles::document::{Document, Node};
use samenhang_profiles::fhirpath::{Environment, Expression, Resolve, Temporal, Value};
use samenhang_profiles::validate::base::reference::{Index, Resolution};

use super::exchange::Payload;

/// Steps that one expression may take: `descendants()` over a page of a hospital is long.
const STEPS: u64 = 50_000_000;

/// An item that an expression gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// Its type.
    pub(super) kind: String,
    /// Its text, when it is a primitive.
    pub(super) text: Option<String>,
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            Some(text) => write!(f, "{} '{text}'", self.kind),
            None => write!(f, "{}", self.kind),
        }
    }
}

/// Finds what a reference points at within the Bundle that was received.
struct Within<'i, 'd>(&'i Index<'d>);

impl Resolve for Within<'_, '_> {
    fn resolve<'n>(&self, reference: &str, from: Node<'n>) -> Option<Node<'n>> {
        let document = self.0.document();
        let own = document.node(from.id())?;
        // A reference that is a text by itself is resolved from the root: there only an address can tell.
        match self.0.resolve_text(own, reference) {
            Resolution::Found(found) => from.document().node(found.id()),
            _ => None,
        }
    }
}

/// The items that an expression gives for a resource.
///
/// # Errors
/// Why there is no result, in words.
pub(super) fn items(
    payload: &Payload,
    version: FhirVersion,
    expression: &str,
    now: Timestamp,
) -> Result<Vec<Item>, String> {
    let expression = Expression::compile(expression).map_err(|error| error.to_string())?;
    let document: Document<'_> = payload.document(version).map_err(|error| error.to_string())?;
    let index = Index::of(&document);
    let within = Within(&index);
    let environment = Environment {
        now: Temporal::parse_date_time(&now.to_string()),
        resolver: &within,
        steps: STEPS,
        ..Environment::new()
    };
    let values = expression
        .evaluate(&[document.root().into()], &environment.at(document.root()))
        .map_err(|error| error.to_string())?;
    let item = |value: &Value<'_>| Item {
        kind: value.type_name().name.to_owned(),
        text: value.text().map(Cow::into_owned),
    };
    Ok(values.iter().map(item).collect())
}

/// Whether items are what an assertion without a value claims: one boolean is itself, nothing is no, and anything else
/// that is there is yes.
pub(super) fn hold(items: &[Item]) -> bool {
    match items {
        [] => false,
        [one] if one.kind.eq_ignore_ascii_case("boolean") => one.text.as_deref() == Some("true"),
        _ => true,
    }
}

/// Items in words, the first of them.
pub(super) fn told(items: &[Item]) -> String {
    let shown: Vec<String> = items.iter().take(3).map(Item::to_string).collect();
    match items.len() {
        0 => "nothing".to_owned(),
        1..=3 => shown.join(", "),
        count => format!("{}, and {} more", shown.join(", "), count - 3),
    }
}
