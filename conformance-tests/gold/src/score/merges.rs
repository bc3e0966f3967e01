//! What was joined that is not one fact, what contradicts and is not told, and what danger is hidden.

use std::collections::{BTreeMap, BTreeSet};

use samenhang_reconcile::cluster::Relation as Found;

use super::{Result, Tally};
use crate::statement::{Kind, Tag};
use crate::truth::{Expected, Item, Tier};

/// Counts the pairs that were joined, by the evidence that the result names.
pub(super) fn wrong(result: &Result<'_>, pairs: &[Expected], tally: &mut Tally) {
    let unsure: BTreeSet<(usize, usize)> = pairs
        .iter()
        .filter(|pair| pair.tier == Tier::Unsure)
        .map(|pair| (pair.a, pair.b))
        .collect();
    let mut clusters: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, cluster) in result.cluster.iter().enumerate() {
        if let Some(cluster) = cluster {
            clusters.entry(*cluster).or_default().push(index);
        }
    }
    for members in clusters.values() {
        for (at, &a) in members.iter().enumerate() {
            for &b in members.iter().skip(at + 1) {
                let Some((x, y)) = result.items.get(a).zip(result.items.get(b)) else {
                    continue;
                };
                let is_one = x.label.fact == y.label.fact;
                let supports =
                    x.label.statement.kind == Kind::Support && y.label.statement.kind == Kind::Support;
                // What only supports may be equal for two facts: two results of one specimen, one product.
                if supports {
                    continue;
                }
                let tier = claimed(result, a).max(claimed(result, b));
                tally.joined.entry(tier).or_default().add(is_one, false);
                if !is_one {
                    tally.wrong.note(both(x, y));
                } else if unsure.contains(&(a, b)) {
                    tally.unfounded.note(both(x, y));
                }
            }
        }
    }
}

/// Two resources, as an example.
fn both(x: &Item, y: &Item) -> String {
    format!(
        "{} {:?} {:?}: {} | {}",
        x.label.statement.kind.name(),
        x.label.changes,
        y.label.changes,
        String::from_utf8_lossy(x.received.resource.body()),
        String::from_utf8_lossy(y.received.resource.body())
    )
}

/// The evidence that the result names for a member.
fn claimed(result: &Result<'_>, index: usize) -> Tier {
    let place = result.place.get(index).copied().flatten();
    let relation = result.cluster_of(index).and_then(|cluster| {
        cluster
            .relations
            .iter()
            .find(|(member, _)| Some(*member) == place)
    });
    match relation {
        None | Some((_, Found::SameRecord)) => Tier::T0,
        Some((_, Found::SameIdentifier { .. } | Found::OlderVersion)) => Tier::T1,
        Some((_, Found::Declared { .. })) => Tier::T2,
        Some((_, Found::SameFact { translated: true })) => Tier::T4,
        Some(_) => Tier::T3,
    }
}

/// Counts the contradictions that are told.
pub(super) fn contradictions(result: &Result<'_>, tally: &mut Tally) {
    let mut of: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (index, item) in result.items.iter().enumerate() {
        if item.label.statement.kind != Kind::Support {
            of.entry(item.label.fact).or_default().push(index);
        }
    }
    let mut labelled = BTreeSet::new();
    for (index, item) in result.items.iter().enumerate() {
        let Some(other) = item
            .label
            .contradicts
            .filter(|_| item.label.statement.kind != Kind::Support)
        else {
            continue;
        };
        labelled.insert((item.label.fact.min(other), item.label.fact.max(other)));
        let against = of.get(&other).map_or(&[][..], Vec::as_slice);
        let told = against.iter().any(|&fact| result.contradicts(index, fact));
        tally
            .conflicts
            .entry(item.label.statement.kind)
            .or_default()
            .add(told, false);
        if !told {
            let texts = against.iter().filter_map(|&fact| result.items.get(fact));
            let texts: Vec<_> = texts
                .map(|item| String::from_utf8_lossy(item.received.resource.body()).into_owned())
                .collect();
            tally.untold.note(format!(
                "{}: {} | {}",
                item.label.statement.kind.name(),
                String::from_utf8_lossy(item.received.resource.body()),
                texts.join(" | ")
            ));
        }
    }
    let fact: BTreeMap<usize, u32> = result
        .place
        .iter()
        .zip(result.items)
        .filter_map(|(place, item)| Some(((*place)?, item.label.fact)))
        .collect();
    for conflict in result.reconciled.conflicts() {
        if let (Some(a), Some(b)) = (fact.get(&conflict.a), fact.get(&conflict.b))
            && !labelled.contains(&(*a.min(b), *a.max(b)))
        {
            let [x, y] = [conflict.a, conflict.b].map(|place| {
                let body = result
                    .reconciled
                    .items()
                    .get(place)
                    .map(|item| item.resource.body());
                String::from_utf8_lossy(body.map_or(&[][..], |body| body)).into_owned()
            });
            tally
                .other_conflicts
                .note(format!("{} {:?}: {x} | {y}", conflict.kind, conflict.about));
        }
    }
}

/// Counts the clusters of allergies of which the worst stands in front.
pub(super) fn danger(result: &Result<'_>, tally: &mut Tally) {
    let mut clusters: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, (cluster, item)) in result.cluster.iter().zip(result.items).enumerate() {
        if let (Some(cluster), Kind::Allergy) = (cluster, item.label.statement.kind) {
            clusters.entry(*cluster).or_default().push(index);
        }
    }
    let is_high = |index: usize| {
        let item = result.items.get(index);
        item.is_some_and(|item| item.label.statement.word(Tag::Criticality) == Some("high"))
    };
    for (cluster, members) in clusters {
        let stands = result
            .reconciled
            .clusters()
            .get(cluster)
            .map(|cluster| cluster.representative);
        let shown = members
            .iter()
            .copied()
            .find(|&index| result.place.get(index).copied().flatten() == stands);
        let is_shown = !members.iter().any(|&index| is_high(index)) || shown.is_some_and(is_high);
        tally.danger.add(is_shown, false);
    }
}
