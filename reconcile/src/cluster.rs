//! Clusters: the records that say one thing, and which of them stands for the others.
//!
//! What belongs together is found by [`crate::engine`] after the policy ([`crate::policy`]). Here a representative is
//! picked and it is told how each other member relates to it. Nothing is blended, dropped or resolved.

mod agree;
pub(crate) mod fingerprint;
pub(crate) mod key;
mod represent;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use samenhang_profiles::Received;
use sha2::{Digest as _, Sha256};

use crate::apart::{self, Apart, Unlinked};
use crate::engine::{self, Conflict, Partition, Possible, Tier};
use crate::fact::{Bridge as _, Facts, World};
use crate::maps::Maps;
use crate::order::is_supporting;
use crate::policy::{Kind, Policy};

pub use agree::Agreement;
use fingerprint::{Fingerprint, Fingerprints};
use key::Key;
use represent::Ranking;

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
    /// One is declared to be a copy or version of the other, by a source.
    Declared {
        /// How their contents compare.
        agreement: Agreement,
    },
    /// One record and another content: an older version.
    OlderVersion,
    /// The same fact, recorded by another.
    SameFact {
        /// Whether a map of codes was needed to see it.
        translated: bool,
    },
}

/// Resources that say one thing.
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
    /// The evidence that joins each member, in order of members.
    pub evidence: Vec<(usize, Tier)>,
    /// The rule of the policy by which they were compared: the name of their kind. None for a kind that it does not
    /// name, which is joined by content and identifier only.
    pub rule: Option<String>,
    /// The slots that two members or more fill, by name, when the evidence is what they say.
    pub compared: Vec<String>,
    /// Whether two members contradict each other. Both are to be shown.
    pub conflict: bool,
    /// The maps of codes that were needed to see that the members are one fact: canonical and version.
    pub maps: Vec<Arc<str>>,
}

/// Two records about one topic that are not the same, by a map of codes. They are shown and never joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// The one.
    pub a: usize,
    /// The other, later in order.
    pub b: usize,
    /// The map that says so: canonical and version.
    pub map: Arc<str>,
}

impl Cluster {
    /// The weakest evidence that was needed.
    #[must_use]
    pub fn tier(&self) -> Tier {
        let tiers = self.evidence.iter().map(|(_, tier)| *tier);
        tiers.max().unwrap_or(Tier::Record)
    }

    /// The evidence that joins a member.
    #[must_use]
    pub fn tier_of(&self, index: usize) -> Option<Tier> {
        let found = self.evidence.iter().find(|(member, _)| *member == index);
        found.map(|(_, tier)| *tier)
    }

    /// How a member relates to the representative; `None` for that itself.
    #[must_use]
    pub fn relation_of(&self, index: usize) -> Option<Relation> {
        let found = self.relations.iter().find(|(member, _)| *member == index);
        found.map(|(_, relation)| *relation)
    }
}

/// What belongs together, what only looks like it, and what contradicts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The clusters of two or more members, in order of their first member.
    pub clusters: Vec<Cluster>,
    /// Records that look like one fact and are not joined.
    pub possible: Vec<Possible>,
    /// Records that contradict each other, by the policy.
    pub conflicts: Vec<Conflict>,
    /// Records that a person keeps apart.
    pub unlinked: Vec<Unlinked>,
    /// Records about one topic that are not the same.
    pub topics: Vec<Topic>,
}

/// Finds what belongs together among resources that stand in the order of the answer. What a person keeps apart is never
/// in one cluster.
#[must_use]
pub fn find(items: &[Received], policy: &Policy, said: &[Apart], maps: &Maps) -> Found {
    let unlinked = apart::resolve(items, said);
    let world = World::new(items);
    let groups = key::groups(items);
    let prints = prints(&world, items);
    let facts = Facts::read(&world, policy, maps);
    let partition = engine::partition(items, &groups, &world, &prints, &facts, policy, &unlinked);
    // By the first of each set, which is its root.
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, &root) in partition.roots.iter().enumerate() {
        if index != root {
            members.entry(root).or_insert_with(|| vec![root]).push(index);
        }
    }
    let ranking = Ranking {
        items,
        world: &world,
        policy,
        partition: &partition,
    };
    let mut clusters: Vec<Cluster> = members
        .into_values()
        .map(|members| Cluster {
            maps: partition
                .mapped
                .maps(&members)
                .into_iter()
                .filter_map(|map| maps.name(map).cloned())
                .collect(),
            ..cluster(items, &prints, &ranking, members)
        })
        .collect();
    clusters.sort_by(|a, b| a.members.cmp(&b.members));
    // What stands for a cluster stands for it here too.
    let mut standing: BTreeMap<usize, usize> = BTreeMap::new();
    for cluster in &clusters {
        standing.extend(
            cluster
                .members
                .iter()
                .map(|&member| (member, cluster.representative)),
        );
    }
    let stands = |index: usize| standing.get(&index).copied().unwrap_or(index);
    let topics = partition.topics.iter().filter_map(|&(a, b, map)| {
        let (a, b) = (stands(a), stands(b));
        Some(Topic {
            a: a.min(b),
            b: a.max(b),
            map: Arc::clone(maps.name(map)?),
        })
    });
    let topics = topics.collect();
    let mut possible = partition.possible;
    for possible in &mut possible {
        possible.record = stands(possible.record);
        possible.like.iter_mut().for_each(|like| *like = stands(*like));
        possible.like.sort_unstable();
        possible.like.dedup();
        possible.like.retain(|like| *like != possible.record);
    }
    possible.retain(|possible| !possible.like.is_empty());
    let mut about: BTreeMap<(usize, usize, String), BTreeSet<String>> = BTreeMap::new();
    for conflict in partition.conflicts {
        let (a, b) = (stands(conflict.a), stands(conflict.b));
        let pair = (a.min(b), a.max(b), conflict.kind);
        about.entry(pair).or_default().extend(conflict.about);
    }
    let conflicts = about.into_iter().map(|((a, b, kind), about)| Conflict {
        a,
        b,
        kind,
        about: about.into_iter().collect(),
    });
    Found {
        clusters,
        possible,
        conflicts: conflicts.collect(),
        unlinked,
        topics,
    }
}

/// The fingerprints: of what may have its equal. The others are equal to themselves only.
fn prints(world: &World<'_>, items: &[Received]) -> Vec<Fingerprint> {
    let compared = fingerprint::doubled(world, items);
    let mut prints = Fingerprints::new(world);
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

fn cluster(
    items: &[Received],
    prints: &[Fingerprint],
    ranking: &Ranking<'_, '_>,
    members: Vec<usize>,
) -> Cluster {
    let partition = ranking.partition;
    let representative = ranking.first(&members);
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
    let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(hash.finalize());
    let id = format!("{:016x}", u64::from_be_bytes([a, b, c, d, e, f, g, h]));

    // One of each content is enough to compare.
    let mut first: BTreeMap<&Fingerprint, usize> = BTreeMap::new();
    for &index in &members {
        if let Some(print) = prints.get(index) {
            first.entry(print).or_insert(index);
        }
    }
    let kept = |index: usize| prints.get(index).and_then(|print| first.get(print)).copied();
    let distinct: Vec<usize> = first.values().copied().collect();
    // Contents of one record that say different things, and nothing tells which of them is the later.
    // How two holders know a third is told by each of them, and contradicts nothing about the patient.
    let supports = |index: usize| {
        let item = items.get(index);
        item.is_some_and(|item| is_supporting(item.resource.resource_type()))
    };
    let contradict = |a: usize, b: usize| {
        partition.record(a) == partition.record(b)
            && !supports(a)
            && partition.later(a, b).is_none()
            && agree::compare(ranking.world, a, b) == Agreement::Contradicts
    };
    let conflict = distinct.len() > MAX_COMPARED
        || distinct.iter().enumerate().any(|(at, &a)| {
            let mut others = distinct.iter().skip(at + 1);
            others.any(|&b| contradict(a, b))
        });
    let relation = |index: usize| {
        let (Some(own), Some(other)) = (kept(index), kept(representative)) else {
            return Relation::SameIdentifier {
                agreement: Agreement::Incomparable,
            };
        };
        if own == other {
            return Relation::SameRecord;
        }
        if partition.record(index) != partition.record(representative) {
            let translated = [index, representative]
                .into_iter()
                .any(|index| partition.tier(index) == Tier::Translated);
            return Relation::SameFact { translated };
        }
        // What is declared to be replaced is the older one, also when no more than its number has changed.
        if partition.replaced.contains(&(index, representative)) {
            return Relation::OlderVersion;
        }
        match agree::compare(ranking.world, own, other) {
            Agreement::Contradicts if partition.later(representative, index) == Some(representative) => {
                Relation::OlderVersion
            }
            agreement if partition.is_numbered(index, representative) => {
                Relation::SameIdentifier { agreement }
            }
            agreement => Relation::Declared { agreement },
        }
    };
    let relations = members
        .iter()
        .copied()
        .filter(|&index| index != representative)
        .map(|index| (index, relation(index)))
        .collect();
    let kind = partition.kind(representative);
    let kind = kind.and_then(|kind| ranking.policy.kinds.get(kind));
    Cluster {
        id,
        representative,
        relations,
        evidence: members
            .iter()
            .map(|&index| (index, partition.tier(index)))
            .collect(),
        rule: kind.map(|kind| kind.name.clone()),
        compared: kind.map_or_else(Vec::new, |kind| compared(kind, partition, &members)),
        members,
        conflict,
        maps: Vec::new(),
    }
}

/// The slots that two members or more fill, when what they say joined any of them.
fn compared(kind: &Kind, partition: &Partition, members: &[usize]) -> Vec<String> {
    if members.iter().all(|&index| partition.tier(index) < Tier::Fact) {
        return Vec::new();
    }
    let (mut once, mut twice) = (0, 0);
    for &index in members {
        let said = partition.slots(index);
        twice |= once & said;
        once |= said;
    }
    let slots = kind.slots.iter().enumerate();
    let said = slots.filter(|(at, _)| twice & (1 << (*at).min(63)) != 0);
    said.map(|(_, slot)| slot.name.clone()).collect()
}

/// Groups by a key within what was received.
pub(crate) type Groups<'a> = BTreeMap<Key<'a>, Vec<usize>>;
