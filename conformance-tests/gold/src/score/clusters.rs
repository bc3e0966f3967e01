//! The partition as a whole against that of an engine that joins all that the evidence allows and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::{Result, Tally};
use crate::statement::Kind;
use crate::truth::{Expected, Tier};

/// Compares the partitions: B-cubed, and clusters that are exactly right.
pub(super) fn compare(result: &Result<'_>, pairs: &[Expected], tally: &mut Tally) {
    let scored: Vec<usize> = (0..result.items.len())
        .filter(|&index| {
            result
                .items
                .get(index)
                .is_some_and(|item| item.label.statement.kind != Kind::Support)
        })
        .collect();
    let mut root: BTreeMap<usize, usize> = scored.iter().map(|&index| (index, index)).collect();
    let last = if tally.with_maps { Tier::T4 } else { Tier::T3 };
    for pair in pairs.iter().filter(|pair| pair.tier <= last) {
        let (own, other) = (root.get(&pair.a).copied(), root.get(&pair.b).copied());
        if own == other {
            continue;
        }
        let low = own.min(other);
        for place in root
            .values_mut()
            .filter(|place| Some(**place) == own || Some(**place) == other)
        {
            *place = low.unwrap_or(*place);
        }
    }
    let right = groups(
        scored
            .iter()
            .map(|&index| (index, root.get(&index).copied().unwrap_or(index))),
    );
    let made = groups(scored.iter().map(|&index| {
        let cluster = result.cluster.get(index).copied().flatten();
        (
            index,
            cluster.map_or(index, |cluster| result.items.len() + cluster),
        )
    }));
    let of = |groups: &BTreeMap<usize, BTreeSet<usize>>| -> BTreeMap<usize, usize> {
        groups
            .iter()
            .flat_map(|(&key, members)| members.iter().map(move |&member| (member, key)))
            .collect()
    };
    let (right_of, made_of) = (of(&right), of(&made));
    for index in &scored {
        let (Some(a), Some(b)) = (
            right_of.get(index).and_then(|key| right.get(key)),
            made_of.get(index).and_then(|key| made.get(key)),
        ) else {
            continue;
        };
        let common = ratio(a.intersection(b).count());
        tally.partition.elements += 1;
        tally.partition.precision += common / ratio(b.len());
        tally.partition.recall += common / ratio(a.len());
    }
    let exact: BTreeSet<&BTreeSet<usize>> = made.values().collect();
    for members in right.values().filter(|members| members.len() > 1) {
        tally.partition.exact.add(exact.contains(members), false);
    }
    // A record or cluster asks for review when it, or what it looks like, is a possible duplicate.
    let mut asked = BTreeSet::new();
    for possible in result.reconciled.possible() {
        asked.insert(possible.record);
    }
    tally.review.plus(super::Ratio {
        of: made.len(),
        hit: asked.len(),
        shown: 0,
    });
}

fn groups(of: impl Iterator<Item = (usize, usize)>) -> BTreeMap<usize, BTreeSet<usize>> {
    let mut groups: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (member, key) in of {
        groups.entry(key).or_default().insert(member);
    }
    groups
}

#[expect(clippy::cast_precision_loss, reason = "counts of a report")]
fn ratio(count: usize) -> f64 {
    count as f64
}
