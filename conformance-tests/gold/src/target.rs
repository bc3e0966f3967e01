//! The bounds that the reconciliation must keep, and whether it did.

use crate::negative::Negatives;
use crate::score::{Ratio, Tally};
use crate::truth::Tier;

/// A bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// No more than this many.
    AtMost(usize),
    /// At least this many.
    AtLeast(usize),
    /// At least this part.
    Rate(f64),
}

/// What was measured against a bound.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What was measured.
    pub name: &'static str,
    /// What was asked.
    pub bound: Bound,
    /// What was measured, as a person reads it.
    pub measured: String,
    /// Whether the bound is kept.
    pub is_met: bool,
}

fn count(name: &'static str, most: usize, found: usize, of: usize) -> Verdict {
    Verdict {
        name,
        bound: Bound::AtMost(most),
        measured: format!("{found} of {of}"),
        is_met: found <= most,
    }
}

fn rate(name: &'static str, least: f64, found: Ratio) -> Verdict {
    Verdict {
        name,
        bound: Bound::Rate(least),
        measured: format!("{:.5} ({} of {})", found.rate(), found.hit, found.of),
        is_met: found.rate() >= least,
    }
}

/// All bounds of the issue, the most important first.
pub(crate) fn verdicts(tally: &Tally, negatives: &Negatives) -> Vec<Verdict> {
    let joined = negatives.joined();
    let conflicts = {
        let mut all = negatives.conflicts();
        tally.conflicts.values().for_each(|ratio| all.plus(*ratio));
        all
    };
    let by = |tiers: &[Tier]| {
        let mut all = Ratio::default();
        tally
            .joined
            .iter()
            .filter(|(tier, _)| tiers.contains(tier))
            .for_each(|(_, ratio)| all.plus(*ratio));
        all
    };
    let f1 = f1(tally);
    let mut all = vec![
        count("unsafe merges on hard negatives", 0, joined.hit, joined.of),
        count(
            "resources lost",
            0,
            tally.resources.of - tally.resources.hit,
            tally.resources.of,
        ),
        count(
            "leaves lost",
            0,
            tally.leaves.of - tally.leaves.hit,
            tally.leaves.of,
        ),
        count(
            "danger hidden behind what stands in front",
            0,
            tally.danger.of - tally.danger.hit,
            tally.danger.of,
        ),
        rate(
            "precision of what is joined on T0-T2 evidence",
            1.0,
            by(&[Tier::T0, Tier::T1, Tier::T2]),
        ),
        rate(
            "precision of what is joined on T3 evidence",
            0.9995,
            by(&[Tier::T3]),
        ),
        rate(
            "recall T0-T2",
            0.999,
            tally.of_tiers(&[Tier::T0, Tier::T1, Tier::T2]),
        ),
        rate("recall T3", 0.97, tally.of_tiers(&[Tier::T3])),
    ];
    if tally.with_maps {
        all.push(rate(
            "precision of what is joined on T4 evidence",
            0.995,
            by(&[Tier::T4]),
        ));
        all.push(rate("recall T4", 0.90, tally.of_tiers(&[Tier::T4])));
    }
    all.extend([
        Verdict {
            name: "overall pairwise F1",
            bound: Bound::Rate(0.97),
            measured: format!("{f1:.5}"),
            is_met: f1 >= 0.97,
        },
        rate("contradictions told", 0.99, conflicts),
        rate("the same in any order of arrival", 1.0, tally.orders),
        rate("the same when done again", 1.0, tally.idempotent),
        rate("the same with a source that comes later", 1.0, tally.incremental),
        rate("origin and relation told of every member", 1.0, tally.told),
        rate(
            "apart when a person says so, and nothing lost",
            1.0,
            tally.unlinked,
        ),
        rate("all of the other sources there when one fails", 1.0, tally.left),
        rate("precision when one source fails", 0.9995, tally.without),
        rate("bodies that cannot be read refused", 1.0, tally.refused),
    ]);
    all
}

/// F1 over the pairs that the evidence allows.
#[expect(clippy::cast_precision_loss, reason = "counts of a report")]
pub(crate) fn f1(tally: &Tally) -> f64 {
    let mut tiers = vec![Tier::T0, Tier::T1, Tier::T2, Tier::T3];
    if tally.with_maps {
        tiers.push(Tier::T4);
    }
    let found = tally.of_tiers(&tiers);
    let mut joined = Ratio::default();
    tally.joined.values().for_each(|ratio| joined.plus(*ratio));
    let wrong = joined.of - joined.hit;
    let (hit, missed) = (found.hit as f64, (found.of - found.hit) as f64);
    if found.of == 0 {
        1.0
    } else {
        2.0 * hit / (2.0 * hit + missed + wrong as f64)
    }
}
