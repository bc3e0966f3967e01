//! Which records are the same, which are the same fact, and which contradict each other (reconciliation notes, section
//! 2).
//!
//! The strongest evidence comes first: equal content and one address (T0), one business identifier (T1), what a
//! source declares (T2), and then what the policy compares (T3, with maps of codes T4). What likeness alone suggests is shown as a possible duplicate
//! and never joined (T5). A link is made only when nothing keeps any two of all those that it would join apart; what a
//! person said of two records ([`crate::apart`]) goes before all evidence.
//!
//! The result does not depend on the order of arrival: the order that it works in is that of the answer
//! ([`crate::order`]), which is total over what was received.

mod declared;
mod evidence;
mod explain;
mod mapped;
mod node;
mod sets;
#[cfg(test)]
mod tests;
mod tuple;

use std::collections::BTreeSet;

use crate::apart::Unlinked;
use crate::cluster::Groups;
use crate::cluster::fingerprint::Fingerprint;
use crate::fact::{Facts, World};
use crate::policy::Policy;
use jiff::Timestamp;
use samenhang_profiles::Received;

pub(crate) use declared::is_copy;
use evidence::evidence;
pub use explain::{Explainer, Outcome};
use mapped::Mapped;
use node::Nodes;
pub(crate) use sets::Sets;

/// How strong the evidence is that joins a member to its cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Equal content, or the same address.
    Record,
    /// One business identifier.
    Identifier,
    /// One is declared to be a copy or version of the other.
    Declared,
    /// The same in everything that the policy compares.
    Fact,
    /// The same by a map of codes.
    Translated,
}

impl Tier {
    /// Its stable code, as the tiers are numbered in the reconciliation notes (section 2.1).
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Tier::Record => "T0",
            Tier::Identifier => "T1",
            Tier::Declared => "T2",
            Tier::Fact => "T3",
            Tier::Translated => "T4",
        }
    }
}

/// Records that look like one fact, without enough to join them or with more than one that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Possible {
    /// The record that something else looks like.
    pub record: usize,
    /// What it looks like; ascending, a few of them when there are many.
    pub like: Vec<usize>,
    /// Whether more than one fits, or not enough is said.
    pub reason: Reason,
}

/// Why a possible duplicate is not joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// More than one fact fits.
    Ambiguous,
    /// Something that the policy wants is not said, or is not exactly the same.
    NotEnough,
}

/// Two records that cannot both be true, or that one source contradicts another in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    /// The one.
    pub a: usize,
    /// The other, later in order.
    pub b: usize,
    /// The kind of the one, by its name in the policy.
    pub kind: String,
    /// What they differ in: names of slots of the policy, or `identifier` for one identifier with two contents.
    pub about: Vec<String>,
}

/// What the engine found.
pub(crate) struct Partition {
    /// For each resource the first member of its cluster; itself when it is alone.
    pub(crate) roots: Vec<usize>,
    /// For each resource the first of those that are one record by evidence.
    pub(crate) records: Vec<usize>,
    /// The same without what is only declared.
    pub(crate) numbered: Vec<usize>,
    /// Which is declared to take the place of which: the older and the newer.
    pub(crate) replaced: BTreeSet<(usize, usize)>,
    /// For each resource when it was recorded.
    pub(crate) recorded: Vec<Option<Timestamp>>,
    /// For each resource the weakest evidence that was needed to join it.
    pub(crate) tiers: Vec<Tier>,
    pub(crate) possible: Vec<Possible>,
    pub(crate) conflicts: Vec<Conflict>,
    /// Records about one topic, by a map of codes that does not make them the same; by number of the map.
    pub(crate) topics: Vec<(usize, usize, u16)>,
    /// What maps of codes were needed for.
    pub(crate) mapped: Mapped,
    /// For each resource the index of its kind, and which slots it fills, as bits.
    kinds: Vec<Option<(usize, u64)>>,
}

impl Partition {
    /// The kind of a resource.
    pub(crate) fn kind(&self, index: usize) -> Option<usize> {
        self.kinds.get(index).copied().flatten().map(|(kind, _)| kind)
    }

    /// How much of what is compared a resource says.
    pub(crate) fn said(&self, index: usize) -> i64 {
        i64::from(self.slots(index).count_ones())
    }

    /// The slots of its kind that a resource fills, as bits.
    pub(crate) fn slots(&self, index: usize) -> u64 {
        let kind = self.kinds.get(index).copied().flatten();
        kind.map_or(0, |(_, said)| said)
    }

    /// The record that a resource is a copy or version of.
    pub(crate) fn record(&self, index: usize) -> usize {
        self.records.get(index).copied().unwrap_or(index)
    }

    /// Whether a number or equal content makes two one record, and not only what is declared of them.
    pub(crate) fn is_numbered(&self, a: usize, b: usize) -> bool {
        let of = |index: usize| self.numbered.get(index).copied().unwrap_or(index);
        of(a) == of(b)
    }

    /// Whether another is declared to take the place of this one.
    pub(crate) fn is_replaced(&self, index: usize) -> bool {
        self.replaced
            .range((index, 0)..=(index, usize::MAX))
            .next()
            .is_some()
    }

    /// The evidence that joined a resource.
    pub(crate) fn tier(&self, index: usize) -> Tier {
        self.tiers.get(index).copied().unwrap_or(Tier::Record)
    }

    /// Which of two was recorded later; `None` when that is not known.
    pub(crate) fn later(&self, a: usize, b: usize) -> Option<usize> {
        if let Some(newer) = declared::replaces(&self.replaced, a, b) {
            return Some(newer);
        }
        let time = |index: usize| self.recorded.get(index).copied().flatten();
        match time(a)?.cmp(&time(b)?) {
            std::cmp::Ordering::Less => Some(b),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(a),
        }
    }
}

/// Most contradictions between two kinds that are told.
const MAX_OPPOSED: usize = 64;

/// Records of kinds that cannot both be true: no known allergy, and an allergy.
fn opposed(facts: &Facts, policy: &Policy) -> Vec<Conflict> {
    let standing = |kind: usize| {
        let facts = facts.facts.iter().enumerate();
        facts.filter_map(move |(index, fact)| {
            let fact = fact.as_ref()?;
            (fact.kind == kind && fact.stands).then_some(index)
        })
    };
    let mut conflicts = Vec::new();
    for (own, kind) in policy.kinds.iter().enumerate() {
        for name in &kind.contradicts {
            let others = policy.kinds.iter().position(|other| other.name == *name);
            for a in standing(own) {
                for b in others.into_iter().flat_map(standing) {
                    if conflicts.len() >= MAX_OPPOSED {
                        return conflicts;
                    }
                    conflicts.push(Conflict {
                        a: a.min(b),
                        b: a.max(b),
                        kind: kind.name.clone(),
                        about: vec!["concept".to_owned()],
                    });
                }
            }
        }
    }
    conflicts
}

/// Finds what belongs together among resources that stand in the order of the answer.
pub(crate) fn partition(
    items: &[Received],
    groups: &Groups<'_>,
    world: &World<'_>,
    prints: &[Fingerprint],
    facts: &Facts,
    policy: &Policy,
    unlinked: &[Unlinked],
) -> Partition {
    let mut sets = Sets::new(items.len());
    for pair in unlinked {
        sets.keep_apart(pair.a, pair.b);
    }
    let mut tiers = vec![Tier::Record; items.len()];
    let own = evidence(items, groups, prints, facts, policy, &mut sets, &mut tiers);
    let (mut conflicts, mut possible) = (own.conflicts, own.possible);
    let numbered: Vec<usize> = (0..items.len()).map(|index| sets.root(index)).collect();
    let declared = declared::join(items, world, facts, policy, &mut sets, &mut tiers);
    conflicts.extend(declared.conflicts);
    let records: Vec<usize> = (0..items.len()).map(|index| sets.root(index)).collect();
    let nodes = Nodes::new(&mut sets, facts, policy);
    let found = tuple::join(&nodes, policy, &mut sets, &mut tiers);
    conflicts.extend(found.conflicts);
    conflicts.extend(opposed(facts, policy));
    conflicts.sort_unstable();
    conflicts.dedup();
    let roots: Vec<usize> = (0..items.len()).map(|index| sets.root(index)).collect();
    // Two members of one cluster are shown as such; what they differ in stands there.
    conflicts.retain(|conflict| roots.get(conflict.a) != roots.get(conflict.b));
    possible.extend(found.possible);
    possible.extend(declared.possible);
    possible.sort_unstable_by(|a, b| (a.record, a.reason, &a.like).cmp(&(b.record, b.reason, &b.like)));
    // Equal content that says too little looks alike by what it says too: it is told once.
    possible.dedup();
    Partition {
        topics: mapped::topics(facts, &roots),
        mapped: Mapped::new(facts, &tiers),
        roots,
        records,
        numbered,
        replaced: declared.replaced,
        kinds: facts
            .facts
            .iter()
            .map(|fact| Some(fact.as_ref()?.summary()))
            .collect(),
        recorded: facts.facts.iter().map(|fact| fact.as_ref()?.recorded).collect(),
        tiers,
        possible,
        conflicts,
    }
}
