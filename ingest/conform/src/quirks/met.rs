//! What was met: quirks by place and how often. Names of elements and counts, never a value.

use std::collections::BTreeMap;

use samenhang_profiles::document::Node;

use super::{Action, Quirk};

/// Places that are told apart; more of them are counted together.
const MAX_PLACES: usize = 256;
/// The place of what is beyond that.
const ELSEWHERE: &str = "(elsewhere)";
/// Longest name of an element.
const LONGEST_NAME: usize = 40;

/// What was met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Met(BTreeMap<(Quirk, Box<str>), usize>);

impl Met {
    /// Counts a quirk at a place.
    pub fn add(&mut self, quirk: Quirk, place: &str) {
        self.add_many(quirk, place, 1);
    }

    fn add_many(&mut self, quirk: Quirk, place: &str, count: usize) {
        let is_new = !self.0.contains_key(&(quirk, Box::from(place)));
        let place = if is_new && self.0.len() >= MAX_PLACES {
            ELSEWHERE
        } else {
            place
        };
        *self.0.entry((quirk, place.into())).or_default() += count;
    }

    /// Adds what was met elsewhere.
    pub fn merge(&mut self, other: &Met) {
        for ((quirk, place), count) in &other.0 {
            self.add_many(*quirk, place, *count);
        }
    }

    /// What was met of one action.
    #[must_use]
    pub fn only(&self, action: Action) -> Met {
        let kept = self.0.iter().filter(|((quirk, _), _)| quirk.action() == action);
        Met(kept.map(|(key, count)| (key.clone(), *count)).collect())
    }

    /// Whether nothing was met.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each quirk with the place, from its resource on and without positions, and how often.
    pub fn places(&self) -> impl Iterator<Item = (Quirk, &str, usize)> {
        self.0
            .iter()
            .map(|((quirk, place), count)| (*quirk, &**place, *count))
    }

    /// Each quirk and how often, wherever it was.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Quirk, usize> {
        let mut counts = BTreeMap::new();
        for (quirk, _, count) in self.places() {
            *counts.entry(quirk).or_default() += count;
        }
        counts
    }
}

/// The place of a node: `Observation.code.coding.system`, from its resource on. What no definition knows has no name,
/// as that could carry content.
pub(super) fn place(node: Node<'_>) -> String {
    let mut parts = Vec::new();
    let mut at = Some(node);
    while let Some(node) = at {
        if node.is_resource() {
            let kind = node.resource_type();
            parts.push(if node.is_known() { kind } else { "_" });
            break;
        }
        let name = node.stem();
        parts.push(if node.is_known() && name.len() <= LONGEST_NAME {
            name
        } else {
            "_"
        });
        at = node.parent();
    }
    parts.reverse();
    parts.join(".")
}
