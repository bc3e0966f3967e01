//! What maps of codes were needed for, and what they show without joining it (same topic).

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use super::Tier;
use crate::fact::{Code, Fact, Facts, Name, Value};

/// Most pairs about one topic that are told.
const MAX_TOPICS: usize = 256;

/// Most records of one code that are told to share a topic with another.
const MAX_NAMED: usize = 8;

/// The codes of the records that were joined by a map.
#[derive(Default)]
pub(crate) struct Mapped {
    /// By resource its codes that have equivalents.
    codes: BTreeMap<usize, Vec<Code>>,
    /// By class the numbers of its maps.
    maps: HashMap<Name, Box<[u16]>>,
}

impl Mapped {
    pub(super) fn new(facts: &Facts, tiers: &[Tier]) -> Self {
        if facts.bridged.maps.is_empty() {
            return Mapped::default();
        }
        let facts_of = facts.facts.iter().zip(tiers).enumerate();
        let joined = facts_of.filter(|(_, (_, tier))| **tier == Tier::Translated);
        let codes = joined.filter_map(|(index, (fact, _))| {
            let codes = fact.as_ref()?.values.iter().flat_map(codes);
            let known = codes.filter(|code| facts.bridged.maps.contains_key(&code.class));
            Some((index, known.copied().collect()))
        });
        Mapped {
            codes: codes.collect(),
            maps: facts.bridged.maps.clone(),
        }
    }

    /// The maps that say that these are the same: those of each class of which they have two codes.
    pub(crate) fn maps(&self, members: &[usize]) -> BTreeSet<u16> {
        let mut seen: BTreeMap<Name, BTreeSet<Code>> = BTreeMap::new();
        for code in members.iter().filter_map(|index| self.codes.get(index)).flatten() {
            seen.entry(code.class).or_default().insert(*code);
        }
        let needed = seen.into_iter().filter(|(_, codes)| codes.len() > 1);
        needed
            .filter_map(|(class, _)| self.maps.get(&class))
            .flatten()
            .copied()
            .collect()
    }
}

fn codes(value: &Value) -> impl Iterator<Item = &Code> {
    let concepts = match value {
        Value::Concepts(concepts) => &concepts[..],
        _ => &[],
    };
    concepts.iter().flat_map(|concept| &concept.codes)
}

/// What a record is about.
fn about(fact: &Fact) -> impl Iterator<Item = &Code> {
    fact.values.first().into_iter().flat_map(codes)
}

/// Records of one kind about one topic: a code of the one is wider or narrower than one of the other, by a map.
pub(super) fn topics(facts: &Facts, roots: &[usize]) -> Vec<(usize, usize, u16)> {
    if facts.bridged.topics.is_empty() {
        return Vec::new();
    }
    let mut by_class: HashMap<(usize, Name), Vec<usize>> = HashMap::new();
    let known = || {
        facts
            .facts
            .iter()
            .zip(roots)
            .filter_map(|(fact, root)| Some((fact.as_ref()?, *root)))
    };
    for (fact, root) in known() {
        for code in about(fact) {
            let of = by_class.entry((fact.kind, code.class)).or_default();
            if of.len() < MAX_NAMED && !of.contains(&root) {
                of.push(root);
            }
        }
    }
    let mut found = BTreeSet::new();
    for (fact, root) in known() {
        for code in about(fact) {
            for (other, map) in facts.bridged.topics.get(&code.class).into_iter().flatten() {
                let others = by_class.get(&(fact.kind, *other)).into_iter().flatten();
                for &other in others.filter(|other| **other != root) {
                    if found.len() >= MAX_TOPICS {
                        return found.into_iter().collect();
                    }
                    found.insert((root.min(other), root.max(other), *map));
                }
            }
        }
    }
    found.into_iter().collect()
}
