//! `Observation/$lastn`: the latest results of each code.
//!
//! Two results are of one code when their first coding is the same, else when their text is.

use std::collections::{BTreeMap, BTreeSet};

use samenhang_profiles::document::Node;

use super::moment::{Moments, span};
use super::shelf::Shelf;
use super::value::elements;

/// Keeps the latest `most` of each code; in the order that they had.
pub(super) fn latest(shelf: &Shelf<'_>, matches: &[usize], most: usize) -> Vec<usize> {
    let mut groups: BTreeMap<String, Vec<(Option<Moments>, usize)>> = BTreeMap::new();
    for &index in matches {
        if let Some(root) = shelf.root(index) {
            groups.entry(code(root)).or_default().push((moment(root), index));
        }
    }
    let mut kept: BTreeSet<usize> = BTreeSet::new();
    for mut group in groups.into_values() {
        // Stable: of one moment the one that comes first in the answer is kept.
        group.sort_by(|(a, _), (b, _)| b.cmp(a));
        kept.extend(group.into_iter().take(most).map(|(_, index)| index));
    }
    matches
        .iter()
        .copied()
        .filter(|index| kept.contains(index))
        .collect()
}

fn code(root: Node<'_>) -> String {
    let Some(code) = root.child("code") else {
        return String::new();
    };
    match code.child("coding") {
        Some(coding) => {
            let of = |name| coding.text(name).unwrap_or_default();
            format!("{}|{}", of("system"), of("code"))
        }
        None => code.text("text").unwrap_or_default().to_owned(),
    }
}

fn moment(root: Node<'_>) -> Option<Moments> {
    let nodes = elements(root, "effectiveDateTime effectivePeriod effectiveInstant issued");
    nodes.into_iter().find_map(span)
}
