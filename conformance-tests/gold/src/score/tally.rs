//! What is counted.

use std::collections::BTreeMap;

use crate::perturb::Change;
use crate::statement::Kind;
use crate::truth::{Relation, Tier};

/// How many of how many.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ratio {
    pub(crate) of: usize,
    pub(crate) hit: usize,
    /// Of those that are no hit, how many are shown to a person.
    pub(crate) shown: usize,
}

impl Ratio {
    pub(crate) fn add(&mut self, is_hit: bool, is_shown: bool) {
        self.of += 1;
        self.hit += usize::from(is_hit);
        self.shown += usize::from(is_shown);
    }

    pub(crate) fn plus(&mut self, other: Ratio) {
        self.of += other.of;
        self.hit += other.hit;
        self.shown += other.shown;
    }

    /// The part that is a hit; 1 of nothing.
    pub(crate) fn rate(self) -> f64 {
        part(self.hit, self.of)
    }

    /// The part that is a hit or shown.
    pub(crate) fn seen(self) -> f64 {
        part(self.hit + self.shown, self.of)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a report")]
fn part(hit: usize, of: usize) -> f64 {
    if of == 0 { 1.0 } else { hit as f64 / of as f64 }
}

/// Examples of one sort, a few of them.
#[derive(Default, Clone, Debug)]
pub(crate) struct Examples {
    pub(crate) count: usize,
    pub(crate) few: Vec<String>,
}

impl Examples {
    pub(crate) fn note(&mut self, text: String) {
        self.count += 1;
        if self.few.len() < 40 {
            self.few.push(text);
        }
    }

    fn plus(&mut self, other: Examples) {
        self.count += other.count;
        self.few.extend(other.few);
        self.few.truncate(200);
    }
}

/// How a partition compares with that of a perfect engine.
#[derive(Default, Clone, Copy, Debug)]
pub(crate) struct Partition {
    pub(crate) elements: usize,
    pub(crate) precision: f64,
    pub(crate) recall: f64,
    /// Clusters of two or more that a perfect engine makes, and those that are exactly so.
    pub(crate) exact: Ratio,
}

/// Everything that is counted over patients.
#[derive(Default, Clone)]
pub(crate) struct Tally {
    /// Whether the maps of the seeds were given to the engine.
    pub(crate) with_maps: bool,
    pub(crate) patients: usize,
    pub(crate) unwritten: usize,
    pub(crate) not_lifted: usize,
    pub(crate) resources: Ratio,
    pub(crate) leaves: Ratio,
    pub(crate) by_kind: BTreeMap<(Kind, Tier), Ratio>,
    pub(crate) by_change: BTreeMap<Change, Ratio>,
    /// Pairs that the engine joined, by the evidence that it names: all, and those of one fact.
    pub(crate) joined: BTreeMap<Tier, Ratio>,
    /// Pairs of different facts that it joined.
    pub(crate) wrong: Examples,
    /// Pairs of one fact that it joined though a perfect engine would not.
    pub(crate) unfounded: Examples,
    /// Pairs of one fact that it did not join, by the evidence that there was.
    pub(crate) missed: BTreeMap<Tier, Examples>,
    pub(crate) relations: BTreeMap<(Relation, Relation), usize>,
    pub(crate) partition: Partition,
    pub(crate) conflicts: BTreeMap<Kind, Ratio>,
    pub(crate) untold: Examples,
    /// Contradictions that are told of facts that do not contradict each other by their label.
    pub(crate) other_conflicts: Examples,
    /// Clusters of allergies, and those of which what stands for them is as dangerous as their worst.
    pub(crate) danger: Ratio,
    /// Clusters and single records, and those for which a person is asked to look.
    pub(crate) review: Ratio,
    pub(crate) orders: Ratio,
    pub(crate) idempotent: Ratio,
    pub(crate) incremental: Ratio,
    /// Pairs that a person takes apart, and those that then are, with nothing lost.
    pub(crate) unlinked: Ratio,
    /// Patients of whom a source fails, and those of whom all that the others sent is there.
    pub(crate) left: Ratio,
    /// Pairs that are joined then, and those of one fact.
    pub(crate) without: Ratio,
    /// Bodies that cannot be read, and those that are refused.
    pub(crate) refused: Ratio,
    /// Members of clusters of which the relation to what stands for them, and the source, is told.
    pub(crate) told: Ratio,
}

impl Tally {
    /// Adds another.
    pub(crate) fn plus(&mut self, other: Tally) {
        self.patients += other.patients;
        self.unwritten += other.unwritten;
        self.not_lifted += other.not_lifted;
        for (mine, its) in [
            (&mut self.resources, other.resources),
            (&mut self.leaves, other.leaves),
            (&mut self.danger, other.danger),
            (&mut self.review, other.review),
            (&mut self.orders, other.orders),
            (&mut self.idempotent, other.idempotent),
            (&mut self.incremental, other.incremental),
            (&mut self.told, other.told),
            (&mut self.unlinked, other.unlinked),
            (&mut self.left, other.left),
            (&mut self.without, other.without),
            (&mut self.refused, other.refused),
            (&mut self.partition.exact, other.partition.exact),
        ] {
            mine.plus(its);
        }
        self.partition.elements += other.partition.elements;
        self.partition.precision += other.partition.precision;
        self.partition.recall += other.partition.recall;
        merge(&mut self.by_kind, other.by_kind);
        merge(&mut self.by_change, other.by_change);
        merge(&mut self.joined, other.joined);
        merge(&mut self.conflicts, other.conflicts);
        for (key, count) in other.relations {
            *self.relations.entry(key).or_default() += count;
        }
        self.wrong.plus(other.wrong);
        for (tier, examples) in other.missed {
            self.missed.entry(tier).or_default().plus(examples);
        }
        self.untold.plus(other.untold);
        self.unfounded.plus(other.unfounded);
        self.other_conflicts.plus(other.other_conflicts);
    }

    /// The pairs of these tiers, of all kinds.
    pub(crate) fn of_tiers(&self, tiers: &[Tier]) -> Ratio {
        let mut all = Ratio::default();
        for ((_, tier), ratio) in &self.by_kind {
            if tiers.contains(tier) {
                all.plus(*ratio);
            }
        }
        all
    }
}

fn merge<K: Ord>(mine: &mut BTreeMap<K, Ratio>, its: BTreeMap<K, Ratio>) {
    for (key, ratio) in its {
        mine.entry(key).or_default().plus(ratio);
    }
}
