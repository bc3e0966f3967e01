//! When the asker gave no demographics: do the holders that were accepted agree with each other?
//!
//! A strict majority settles it. It never picks between two: without a majority all are held.

use std::collections::{BTreeMap, BTreeSet};

use samenhang_profiles::Ura;

use super::Demographics;
use crate::date::Partial;

/// How a holder's Patient stands among those of the other holders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// In agreement, or nothing to compare.
    Agrees,
    /// Deviates from a strict majority: put it in quarantine.
    Deviates,
    /// There is disagreement and no majority: hold it.
    Undecided,
}

/// Compares the accepted holders with each other. The order of the holders does not matter.
///
/// They disagree when their dates of birth cannot be the same day, or, for one without a date of birth, when no
/// family name is shared. A majority is more than half of the holders that recorded a date of birth, for exactly
/// one date.
#[must_use]
pub fn compare_holders(accepted: &[(Ura, Demographics)]) -> BTreeMap<Ura, Standing> {
    let all: BTreeMap<&Ura, Vec<&Demographics>> =
        accepted.iter().fold(BTreeMap::new(), |mut all, (ura, d)| {
            all.entry(ura).or_insert_with(Vec::new).push(d);
            all
        });
    let votes: Vec<(&Ura, Partial)> = accepted
        .iter()
        .filter_map(|(ura, d)| d.birth_date().map(|birth| (ura, birth)))
        .collect();
    let agree = votes
        .iter()
        .all(|(_, a)| votes.iter().all(|(_, b)| a.compatible(*b)));
    let winner = if agree { None } else { majority(&votes) };
    let decided = agree || winner.is_some();

    // The family names of those that are in agreement, for holders that have nothing else to compare.
    let names: BTreeSet<&String> = accepted
        .iter()
        .filter(|(_, d)| {
            d.birth_date()
                .is_some_and(|birth| winner.is_none_or(|w| w.compatible(birth)))
        })
        .flat_map(|(_, d)| d.families())
        .collect();
    let standing = |d: &Demographics| match (decided, d.birth_date()) {
        (false, _) => Standing::Undecided,
        (true, Some(birth)) if winner.is_none_or(|w| w.compatible(birth)) => Standing::Agrees,
        (true, Some(_)) => Standing::Deviates,
        (true, None) => {
            let shared = d.families().iter().any(|name| names.contains(name));
            if shared || names.is_empty() || d.families().is_empty() {
                Standing::Agrees
            } else {
                Standing::Deviates
            }
        }
    };
    all.into_iter()
        .map(|(ura, records)| {
            let worst = records
                .into_iter()
                .map(standing)
                .max()
                .unwrap_or(Standing::Agrees);
            (ura.clone(), worst)
        })
        .collect()
}

/// The one date that more than half can agree with; `None` when there is none, or more than one.
fn majority(votes: &[(&Ura, Partial)]) -> Option<Partial> {
    let dates: BTreeSet<Partial> = votes
        .iter()
        .map(|(_, birth)| *birth)
        .filter(|b| b.is_full())
        .collect();
    let mut winners = dates
        .into_iter()
        .filter(|date| votes.iter().filter(|(_, birth)| date.compatible(*birth)).count() * 2 > votes.len());
    match (winners.next(), winners.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}
