//! What the engine made of patients of which the truth is known (reconciliation notes, section 3.3). It reads the public
//! result only: items, clusters with their relations, possible duplicates and contradictions.

mod clusters;
mod conserved;
mod merges;
mod stable;
mod tally;
#[cfg(test)]
mod tests;
mod upset;

use std::collections::{BTreeMap, HashMap};

use samenhang_reconcile::Reconciled;
use samenhang_reconcile::cluster::{Cluster, Relation as Found};
use samenhang_reconcile::maps::Maps;

use crate::chance::Chance;
use crate::patient::Patient;
use crate::truth::{Item, Relation, Tier, expected};

pub(crate) use tally::{Ratio, Tally};

/// The result of one patient, by the place of each resource in what was generated.
pub(crate) struct Result<'r> {
    pub(crate) items: &'r [Item],
    pub(crate) reconciled: &'r Reconciled,
    /// For each generated resource its place in the result.
    pub(crate) place: Vec<Option<usize>>,
    /// For each generated resource its cluster.
    pub(crate) cluster: Vec<Option<usize>>,
}

impl<'r> Result<'r> {
    pub(crate) fn new(items: &'r [Item], reconciled: &'r Reconciled) -> Self {
        let by_url: HashMap<&str, usize> = reconciled
            .items()
            .iter()
            .enumerate()
            .map(|(index, item)| (&*item.full_url, index))
            .collect();
        let mut of = HashMap::new();
        for (index, cluster) in reconciled.clusters().iter().enumerate() {
            of.extend(cluster.members.iter().map(|&member| (member, index)));
        }
        let place: Vec<Option<usize>> = items
            .iter()
            .map(|item| by_url.get(&*item.received.full_url).copied())
            .collect();
        let cluster = place.iter().map(|place| of.get(&(*place)?).copied()).collect();
        Result {
            items,
            reconciled,
            place,
            cluster,
        }
    }

    /// Whether two are in one cluster.
    pub(crate) fn joined(&self, a: usize, b: usize) -> bool {
        let of = |index: usize| self.cluster.get(index).copied().flatten();
        of(a).is_some() && of(a) == of(b)
    }

    /// The cluster of a resource.
    pub(crate) fn cluster_of(&self, index: usize) -> Option<&'r Cluster> {
        self.reconciled
            .clusters()
            .get(self.cluster.get(index).copied().flatten()?)
    }

    /// What a place of the result belongs to: its cluster, or itself.
    fn unit(&self, place: usize) -> (bool, usize) {
        match self
            .reconciled
            .clusters()
            .iter()
            .position(|cluster| cluster.members.contains(&place))
        {
            Some(cluster) => (true, cluster),
            None => (false, place),
        }
    }

    /// Whether what one resource belongs to is told to contradict what another belongs to.
    pub(crate) fn contradicts(&self, a: usize, b: usize) -> bool {
        let unit = |index: usize| Some(self.unit((*self.place.get(index)?)?));
        let (x, y) = (unit(a), unit(b));
        if x.is_some() && x == y {
            return self.cluster_of(a).is_some_and(|cluster| cluster.conflict);
        }
        self.reconciled.conflicts().iter().any(|conflict| {
            let pair = (Some(self.unit(conflict.a)), Some(self.unit(conflict.b)));
            pair == (x, y) || pair == (y, x)
        })
    }
}

/// Reconciles a patient and adds what came of it. The chance is that of its number, whoever scores it.
pub(crate) fn score(patient: Patient, maps: &Maps, tally: &mut Tally, (seed, number): (u64, u64)) {
    let Patient {
        items,
        unwritten,
        not_lifted,
    } = patient;
    tally.patients += 1;
    tally.unwritten += unwritten;
    tally.not_lifted += not_lifted;
    let input: Vec<_> = items.iter().map(|item| item.received.clone()).collect();
    let reconciled = Reconciled::by(input.clone(), &[], maps);
    let result = Result::new(&items, &reconciled);
    conserved::conserved(&result, tally);
    let pairs = expected(&items, tally.with_maps);
    found(&result, &pairs, tally);
    merges::wrong(&result, &pairs, tally);
    merges::contradictions(&result, tally);
    merges::danger(&result, tally);
    clusters::compare(&result, &pairs, tally);
    let mut chance = Chance::new(seed, number);
    stable::stable(&input, &reconciled, maps, tally, &mut chance);
    upset::upset(&result, maps, tally, &mut chance);
}

/// Which of the pairs that must be joined are.
fn found(result: &Result<'_>, pairs: &[crate::truth::Expected], tally: &mut Tally) {
    let possible = possible(result);
    for pair in pairs {
        let Some((a, b)) = result.items.get(pair.a).zip(result.items.get(pair.b)) else {
            continue;
        };
        let is_joined = result.joined(pair.a, pair.b);
        let is_possible = !is_joined && possible(pair.a, pair.b);
        let kind = a.label.statement.kind;
        tally
            .by_kind
            .entry((kind, pair.tier))
            .or_default()
            .add(is_joined, is_possible);
        if pair.tier < Tier::T4 {
            let mut changes: Vec<_> = a.label.changes.iter().chain(&b.label.changes).copied().collect();
            changes.sort_unstable();
            changes.dedup();
            for change in changes {
                tally
                    .by_change
                    .entry(change)
                    .or_default()
                    .add(is_joined, is_possible);
            }
            if !is_joined {
                tally.missed.entry(pair.tier).or_default().note(format!(
                    "{}: {:?} | {} | {}",
                    kind.name(),
                    a.label.changes.iter().chain(&b.label.changes).collect::<Vec<_>>(),
                    String::from_utf8_lossy(a.received.resource.body()),
                    String::from_utf8_lossy(b.received.resource.body()),
                ));
            }
        }
        // A copy without a number or a declared origin cannot be told from another registration of the fact.
        let relation = match pair.relation {
            Relation::SameRecord if pair.tier >= Tier::T3 => Relation::SameFact,
            other => other,
        };
        if is_joined && let Some(told) = told(result, pair.a, pair.b) {
            *tally.relations.entry((relation, told)).or_default() += 1;
        }
    }
}

/// How the result says that two of one cluster belong together, when one of them stands for the other.
fn told(result: &Result<'_>, a: usize, b: usize) -> Option<Relation> {
    let cluster = result.cluster_of(a)?;
    let (x, y) = ((*result.place.get(a)?)?, (*result.place.get(b)?)?);
    let other = if x == cluster.representative {
        y
    } else if y == cluster.representative {
        x
    } else {
        return None;
    };
    let (_, relation) = cluster.relations.iter().find(|(member, _)| *member == other)?;
    Some(match relation {
        Found::SameRecord | Found::SameIdentifier { .. } | Found::Declared { .. } => Relation::SameRecord,
        Found::OlderVersion => Relation::VersionOf,
        _ => Relation::SameFact,
    })
}

/// Whether two, or what stands for them, are named as a possible duplicate of each other.
fn possible<'r>(result: &'r Result<'_>) -> impl Fn(usize, usize) -> bool + 'r {
    let mut named: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for possible in result.reconciled.possible() {
        for &like in &possible.like {
            named.entry(possible.record).or_default().push(like);
            named.entry(like).or_default().push(possible.record);
        }
    }
    move |a, b| {
        let stands = |index: usize| {
            let place = (*result.place.get(index)?)?;
            Some(
                result
                    .cluster_of(index)
                    .map_or(place, |cluster| cluster.representative),
            )
        };
        match (stands(a), stands(b)) {
            (Some(a), Some(b)) => named.get(&a).is_some_and(|like| like.contains(&b)),
            _ => false,
        }
    }
}
