//! Which member stands for the others: by the criteria of the policy, one after the other, and in the end by the order
//! of the answer.

use jiff::Timestamp;
use samenhang_profiles::{Conformance, Received};

use crate::engine::{Partition, is_copy};
use crate::fact::World;
use crate::policy::{Criterion, Policy};

/// For what the policy says nothing about.
const ELSE: [Criterion; 3] = [Criterion::Readable, Criterion::Own, Criterion::Native];

/// Ranks members; the lowest stands for the others.
pub(super) struct Ranking<'r, 'a> {
    pub(super) items: &'a [Received],
    pub(super) world: &'r World<'a>,
    pub(super) policy: &'r Policy,
    pub(super) partition: &'r Partition,
}

impl Ranking<'_, '_> {
    pub(super) fn first(&self, members: &[usize]) -> usize {
        let best = members
            .iter()
            .copied()
            .min_by_key(|&index| (self.rank(index), index));
        best.unwrap_or_default()
    }

    fn rank(&self, index: usize) -> Vec<i64> {
        let kind = self
            .partition
            .kind(index)
            .and_then(|kind| self.policy.kinds.get(kind));
        let criteria = kind.map_or(&ELSE[..], |kind| &kind.represent);
        // What another takes the place of stands for nothing.
        let is_replaced = i64::from(self.partition.is_replaced(index));
        let criteria = criteria.iter().map(|criterion| self.by(criterion, index));
        std::iter::once(is_replaced).chain(criteria).collect()
    }

    fn by(&self, criterion: &Criterion, index: usize) -> i64 {
        let Some(item) = self.items.get(index) else {
            return i64::MAX;
        };
        let form = item.lineage.conformance;
        match criterion {
            Criterion::Readable => i64::from(form == Conformance::AsReceived),
            Criterion::Native => i64::from(form != Conformance::Native),
            Criterion::Own if is_copy(self.world, index) => 2,
            Criterion::Own => i64::from(!is_own(item)),
            Criterion::Newest => {
                let recorded = self.partition.recorded.get(index).copied().flatten();
                recorded.map_or(i64::MAX, |time: Timestamp| -time.as_microsecond())
            }
            Criterion::Richest => -self.partition.said(index),
            Criterion::First { path, codes } => {
                let place = self.world.first_code(index, path, codes);
                i64::try_from(place.unwrap_or(codes.len())).unwrap_or(i64::MAX)
            }
        }
    }
}

/// Whether the holder says that the record is its own: it gave the number.
fn is_own(item: &Received) -> bool {
    let mut identifiers = item.resource.keys().identifiers.iter();
    identifiers.any(|identifier| identifier.assigner.as_deref() == Some(item.lineage.holder.as_str()))
}
