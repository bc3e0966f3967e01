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
    /// What stands for the others: each criterion leaves those that meet it best, until one is left or the order of the
    /// answer decides.
    pub(super) fn first(&self, members: &[usize]) -> usize {
        let mut left = members.to_vec();
        // What another takes the place of stands for nothing.
        keep_least(&mut left, |index| i64::from(self.partition.is_replaced(index)));
        let kinds = left.iter().map(|&index| self.partition.kind(index));
        let kind = kinds.min().flatten().and_then(|kind| self.policy.kinds.get(kind));
        for criterion in kind.map_or(&ELSE[..], |kind| &kind.represent) {
            if left.len() < 2 {
                break;
            }
            keep_least(&mut left, |index| self.by(criterion, index));
        }
        left.into_iter().min().unwrap_or_default()
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

/// Keeps those with the least value.
fn keep_least(left: &mut Vec<usize>, value: impl Fn(usize) -> i64) {
    let mut least = i64::MAX;
    let mut kept = 0;
    for at in 0..left.len() {
        let Some(&index) = left.get(at) else { break };
        let own = value(index);
        if own < least {
            (least, kept) = (own, 0);
        }
        if own == least {
            left.swap(kept, at);
            kept += 1;
        }
    }
    left.truncate(kept);
}

/// Whether the holder says that the record is its own: it gave the number.
fn is_own(item: &Received) -> bool {
    let mut identifiers = item.resource.keys().identifiers.iter();
    identifiers.any(|identifier| identifier.assigner.as_deref() == Some(item.lineage.holder.as_str()))
}
