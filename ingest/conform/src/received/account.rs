//! The account of one conversion: how many values, and the places of those that were not carried over. No values.

use std::collections::BTreeMap;

use samenhang_profiles::Account;
use samenhang_profiles::document::{Document, Node};

use crate::finding::Finding;
use crate::ledger::{Fate, Ledger};
use crate::quirks::Met;

/// Places that are told apart; the values of more of them are counted together.
const MAX_PLACES: usize = 64;
/// The place of the values beyond that.
const ELSEWHERE: &str = "(elsewhere)";

/// The account of the resource in a Bundle of one.
pub(super) fn account(source: &Document<'_>, ledger: &Ledger, findings: &[Finding], met: &Met) -> Account {
    let mut account = Account {
        quirks: met
            .counts()
            .into_iter()
            .map(|(quirk, count)| (quirk.id(), count))
            .collect(),
        ..Account::default()
    };
    let mut lost: BTreeMap<Box<str>, usize> = BTreeMap::new();
    for leaf in ledger.leaves() {
        let Some(node) = source.node(leaf.node).filter(|node| is_inside(*node)) else {
            continue;
        };
        account.leaves += 1;
        match leaf.fate {
            Fate::Mapped => account.mapped += 1,
            Fate::Ignored(_) => account.ignored += 1,
            Fate::Unmapped => {
                let mut place = place(node);
                if lost.len() >= MAX_PLACES && !lost.contains_key(&place) {
                    place = ELSEWHERE.into();
                }
                *lost.entry(place).or_default() += 1;
            }
        }
    }
    account.lost = lost.into_iter().collect();
    let mut codes: BTreeMap<&'static str, usize> = BTreeMap::new();
    for finding in findings {
        *codes.entry(finding.kind.code()).or_default() += 1;
    }
    account.findings = codes.into_iter().collect();
    account
}

/// Whether a node is of the resource, and not of the Bundle around it.
pub(super) fn is_inside(node: Node<'_>) -> bool {
    node.resource().parent().is_some()
}

/// The place of a value in its resource, without positions: `Observation.component.value.ofType(Quantity).code`.
fn place(node: Node<'_>) -> Box<str> {
    let path = node.path();
    let mut place = top(node)
        .map(|top| top.resource_type().to_owned())
        .unwrap_or_default();
    // Bundle, entry[0] and resource stand before it.
    for step in path.split('.').skip(3) {
        place.push('.');
        place.push_str(step.split('[').next().unwrap_or_default());
    }
    place.into()
}

/// The resource in the Bundle that a node is of.
fn top(node: Node<'_>) -> Option<Node<'_>> {
    let mut up: Vec<Node<'_>> = std::iter::successors(Some(node), |node| node.parent()).collect();
    up.reverse();
    up.get(2).copied()
}
