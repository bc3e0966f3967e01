//! Whether what was made may stand for what the holder sent.

use samenhang_profiles::document::{Document, Node};

use super::account::is_inside;
use crate::finding::{Finding, Kind};
use crate::ledger::{Fate, Ledger};

/// Elements of a resource that change how the rest of it is to be read (`isModifier` in STU3 or R4), of the types of
/// the BgZ.
const MODIFIERS: [&str; 12] = [
    "active",
    "clinicalStatus",
    "deceased",
    "doNotPerform",
    "implicitRules",
    "intent",
    "notDone",
    "notGiven",
    "status",
    "taken",
    "verificationStatus",
    "wasNotGiven",
];

/// Why nothing was made of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No map takes it, and without one something would be lost.
    NoMap,
    /// What changes how the rest is to be read has no place.
    Meaning,
    /// It, or what was made of it, cannot be read, or passes a limit.
    Unreadable,
    /// What was made names another patient.
    Patient,
}

impl Refusal {
    /// The stable code, as in the error catalogue.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Refusal::NoMap => "SAM-CNF-121",
            Refusal::Meaning => "SAM-CNF-122",
            Refusal::Unreadable => "SAM-CNF-123",
            Refusal::Patient => "SAM-CNF-124",
        }
    }
}

/// Why what was made may not stand for the original.
pub(super) fn refusal(
    source: &Document<'_>,
    ledger: &Ledger,
    findings: &[Finding],
    without_map: bool,
) -> Option<Refusal> {
    if findings.iter().any(|finding| finding.kind == Kind::Limit) {
        return Some(Refusal::Unreadable);
    }
    let mut lost = ledger
        .leaves()
        .iter()
        .filter(|leaf| leaf.fate == Fate::Unmapped)
        .filter_map(|leaf| source.node(leaf.node))
        .filter(|node| is_inside(*node));
    if without_map {
        return lost.next().map(|_| Refusal::NoMap);
    }
    lost.any(is_modifier).then_some(Refusal::Meaning)
}

/// Whether a value is of an element that changes how the rest is to be read.
fn is_modifier(node: Node<'_>) -> bool {
    let mut up = std::iter::successors(Some(node), |node| node.parent());
    up.any(changes_meaning)
}

/// Whether an element itself changes how the rest of its resource is to be read.
pub(crate) fn changes_meaning(node: Node<'_>) -> bool {
    let is_top = node.parent().is_some_and(Node::is_resource);
    node.name() == "modifierExtension" || (is_top && MODIFIERS.contains(&node.stem()))
}
