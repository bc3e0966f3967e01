//! Which resources are the same record: equal content, or one business identifier. Nothing else links, and never by
//! likeness (reconciliation notes, sections 2.0 and 2.1, tiers T0 and T1).
//!
//! It picks a representative and flags contradictions; it blends nothing, drops nothing and resolves nothing. The
//! result does not depend on the order of arrival.

mod agree;
mod fingerprint;
mod key;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use samenhang_profiles::{Conformance, Received};
use sha2::{Digest as _, Sha256};

pub use agree::Agreement;
use fingerprint::{Fingerprint, Fingerprints};
use key::Key;

/// More members than this are not compared with each other pair by pair; such a cluster counts as contradictory.
const MAX_COMPARED: usize = 24;

/// How two members belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Equal content: a copy.
    SameRecord,
    /// One business identifier.
    SameIdentifier {
        /// How their contents compare.
        agreement: Agreement,
    },
}

/// Resources that are the same record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Stable name: the same members give the same name.
    pub id: String,
    /// Indexes of the members, ascending; two or more.
    pub members: Vec<usize>,
    /// The member that stands for the others.
    pub representative: usize,
    /// How each other member relates to the representative, in order of members.
    pub relations: Vec<(usize, Relation)>,
    /// Whether two members contradict each other. Both are to be shown.
    pub conflict: bool,
}

/// Finds the clusters of two or more members, in order of their first member.
#[must_use]
pub fn clusters(items: &[Received]) -> Vec<Cluster> {
    let mut groups = key::groups(items);
    let prints = prints(items, &groups);
    groups.retain(|_, members| !key::overused(items, &prints, members));
    let mut sets = Sets::new(items.len());

    let mut copies: BTreeMap<(&str, &Fingerprint), usize> = BTreeMap::new();
    for (index, (item, print)) in items.iter().zip(&prints).enumerate() {
        let first = *copies
            .entry((item.resource.resource_type(), print))
            .or_insert(index);
        sets.union(first, index);
    }
    for mut group in groups.into_values() {
        // Copies are joined already; one of each content is enough, which bounds the work below.
        let mut seen = BTreeSet::new();
        group.retain(|&index| prints.get(index).is_some_and(|print| seen.insert(print)));
        for part in coded_alike(items, &group) {
            for pair in part.windows(2) {
                if let [a, b] = pair {
                    sets.union(*a, *b);
                }
            }
        }
    }
    let mut found: Vec<Cluster> = sets
        .groups()
        .into_iter()
        .filter(|members| members.len() > 1)
        .map(|members| cluster(items, &prints, members))
        .collect();
    found.sort_by(|a, b| a.members.cmp(&b.members));
    found
}

/// The fingerprints: of what may have its equal or shares an identifier. The others are compared with nothing.
fn prints(items: &[Received], groups: &Groups<'_>) -> Vec<Fingerprint> {
    let mut compared = fingerprint::doubled(items);
    for &index in groups.values().flatten() {
        if let Some(mark) = compared.get_mut(index) {
            *mark = true;
        }
    }
    let mut prints = Fingerprints::new(items);
    let compared = compared.into_iter().enumerate();
    compared
        .map(|(index, compared)| {
            if compared {
                prints.of(index)
            } else {
                Fingerprint::Alone(index)
            }
        })
        .collect()
}

/// Splits what has one identifier by what it is about: two different codes of one code system are two facts, as
/// when the number of an order is used for each of its results.
fn coded_alike(items: &[Received], group: &[usize]) -> Vec<Vec<usize>> {
    let mut parts: Vec<Vec<usize>> = Vec::new();
    // Those with codes first, so that one without a code does not join what its neighbours keep apart.
    let (coded, bare): (Vec<usize>, Vec<usize>) = group.iter().copied().partition(|&index| {
        items
            .get(index)
            .is_some_and(|item| !item.resource.keys().codes.is_empty())
    });
    for index in coded {
        let place = parts
            .iter_mut()
            .find(|part| part.iter().all(|&other| same_code(items, index, other)));
        match place {
            Some(part) => part.push(index),
            None => parts.push(vec![index]),
        }
    }
    match parts.as_mut_slice() {
        [] => parts.push(bare),
        [only] => only.extend(bare),
        // With which of them it belongs cannot be told: it stays alone.
        _ => {}
    }
    parts
}

/// Whether two resources share a code in every code system that both use.
fn same_code(items: &[Received], a: usize, b: usize) -> bool {
    let codes = |index: usize| {
        items
            .get(index)
            .map_or(&[][..], |item| &item.resource.keys().codes)
    };
    let (a, b) = (codes(a), codes(b));
    let systems: BTreeSet<_> = a.iter().map(|c| &c.system).collect();
    systems
        .into_iter()
        .filter(|system| b.iter().any(|c| c.system == **system))
        .all(|system| a.iter().any(|c| c.system == *system && b.contains(c)))
}

fn cluster(items: &[Received], prints: &[Fingerprint], members: Vec<usize>) -> Cluster {
    let representative = members
        .iter()
        .copied()
        .min_by_key(|&index| (rank(items, index), index))
        .unwrap_or_default();
    let mut names: Vec<&str> = members
        .iter()
        .filter_map(|&index| items.get(index))
        .map(|item| &*item.full_url)
        .collect();
    names.sort_unstable();
    let mut hash = Sha256::new();
    for name in names {
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
    }
    let id: String = hash
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();

    // One of each content is enough to compare.
    let mut first: BTreeMap<&Fingerprint, usize> = BTreeMap::new();
    for &index in &members {
        if let Some(print) = prints.get(index) {
            first.entry(print).or_insert(index);
        }
    }
    let kept = |index: usize| prints.get(index).and_then(|print| first.get(print)).copied();
    let distinct: Vec<usize> = first.values().copied().collect();
    let trees = agree::Trees::new(items, &distinct);
    let conflict = distinct.len() > MAX_COMPARED
        || distinct.iter().enumerate().any(|(at, &a)| {
            let others = distinct.iter().skip(at + 1);
            others
                .copied()
                .any(|b| trees.compare(a, b) == Agreement::Contradicts)
        });
    let relations = members
        .iter()
        .copied()
        .filter(|&index| index != representative)
        .map(|index| {
            let relation = match (kept(index), kept(representative)) {
                (Some(a), Some(b)) if a == b => Relation::SameRecord,
                (Some(a), Some(b)) => Relation::SameIdentifier {
                    agreement: trees.compare(a, b),
                },
                _ => Relation::SameIdentifier {
                    agreement: Agreement::Incomparable,
                },
            };
            (index, relation)
        })
        .collect();
    Cluster {
        id,
        members,
        representative,
        relations,
        conflict,
    }
}

/// What stands for the others: first what is shown in R4, then the custodian's own over a copy of it, then what the
/// holder itself sent like this over what was made of it.
fn rank(items: &[Received], index: usize) -> (bool, bool, bool) {
    items.get(index).map_or((true, true, true), |item| {
        let own = item
            .resource
            .keys()
            .identifiers
            .iter()
            .any(|identifier| identifier.assigner.as_deref() == Some(item.lineage.holder.as_str()));
        let form = item.lineage.conformance;
        (form == Conformance::AsReceived, !own, form != Conformance::Native)
    })
}

/// Disjoint sets of indexes.
struct Sets {
    parent: Vec<usize>,
}

impl Sets {
    fn new(count: usize) -> Self {
        Sets {
            parent: (0..count).collect(),
        }
    }

    fn root(&mut self, mut index: usize) -> usize {
        while let Some(&above) = self.parent.get(index) {
            if above == index {
                break;
            }
            // Halve the path, so that it stays short.
            let next = self.parent.get(above).copied().unwrap_or(above);
            if let Some(slot) = self.parent.get_mut(index) {
                *slot = next;
            }
            index = next;
        }
        index
    }

    fn union(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        let (low, high) = (a.min(b), a.max(b));
        if let Some(slot) = self.parent.get_mut(high) {
            *slot = low;
        }
    }

    fn groups(mut self) -> Vec<Vec<usize>> {
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for index in 0..self.parent.len() {
            let root = self.root(index);
            groups.entry(root).or_default().push(index);
        }
        groups.into_values().collect()
    }
}

/// Groups by a key within what was received.
type Groups<'a> = BTreeMap<Key<'a>, Vec<usize>>;
