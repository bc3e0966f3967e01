//! What happens when a person takes two apart, when a source fails, and when what a source sends cannot be read
//! (reconciliation notes, sections 3.2 and 3.3).

use bytes::Bytes;
use samenhang_profiles::{Limits, RawResource};
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::apart::{Apart, Ground};
use samenhang_reconcile::maps::Maps;

use super::{Result, Tally};
use crate::chance::Chance;
use crate::statement::Kind;
use crate::truth::Item;

/// Upsets a patient in each way once.
pub(super) fn upset(result: &Result<'_>, maps: &Maps, tally: &mut Tally, chance: &mut Chance) {
    unlinked(result, maps, tally, chance);
    failed(result.items, maps, tally, chance);
    broken(result.items, tally, chance);
}

/// Two of a cluster that a person takes apart are in none together, and nothing is lost.
fn unlinked(result: &Result<'_>, maps: &Maps, tally: &mut Tally, chance: &mut Chance) {
    let known = result.reconciled;
    let Some(cluster) = chance.pick(known.clusters()) else {
        return;
    };
    let address = |index: usize| Some(known.items().get(index)?.full_url.to_string());
    let mut addresses: Vec<String> = cluster.members.iter().copied().filter_map(address).collect();
    addresses.dedup();
    let (Some(a), Some(b)) = (addresses.first(), addresses.last()) else {
        return;
    };
    if a == b {
        return;
    }
    let said = Apart {
        a: a.clone(),
        b: b.clone(),
        at: None,
        ground: Ground::TwoFacts,
    };
    let input: Vec<_> = result.items.iter().map(|item| item.received.clone()).collect();
    let after = Reconciled::by(input, &[said], maps);
    let place = |address: &str| after.place(address);
    let together = match (place(a), place(b)) {
        (Some(a), Some(b)) => after
            .clusters()
            .iter()
            .any(|cluster| cluster.members.contains(&a) && cluster.members.contains(&b)),
        _ => true,
    };
    let is_whole = after.items().len() == known.items().len();
    tally.unlinked.add(!together && is_whole, false);
}

/// Without one of its sources nothing of the others is lost; of what is joined then, how much is one fact.
fn failed(items: &[Item], maps: &Maps, tally: &mut Tally, chance: &mut Chance) {
    let Some(gone) = chance.pick(items).map(|item| item.label.source) else {
        return;
    };
    let left: Vec<Item> = items
        .iter()
        .filter(|item| item.label.source != gone)
        .cloned()
        .collect();
    let input: Vec<_> = left.iter().map(|item| item.received.clone()).collect();
    let reconciled = Reconciled::by(input, &[], maps);
    let result = Result::new(&left, &reconciled);
    let is_kept = result.place.iter().all(Option::is_some);
    tally.left.add(is_kept, false);
    for (at, a) in left.iter().enumerate() {
        for (b, other) in left.iter().enumerate().skip(at + 1) {
            let supports =
                a.label.statement.kind == Kind::Support || other.label.statement.kind == Kind::Support;
            if !supports && result.joined(at, b) {
                tally.without.add(a.label.fact == other.label.fact, false);
            }
        }
    }
}

/// What is no JSON, or says one thing twice, is refused by itself; what stands beside it is not touched.
fn broken(items: &[Item], tally: &mut Tally, chance: &mut Chance) {
    let Some(item) = chance.pick(items) else {
        return;
    };
    let body = item.received.resource.body();
    let cut = chance.below(body.len().saturating_sub(1)).max(1);
    let twice = {
        let mut bytes = br#"{"resourceType":"Observation","#.to_vec();
        bytes.extend_from_slice(body.get(1..).unwrap_or_default());
        bytes
    };
    let mut foreign = body.to_vec();
    if let Some(byte) = foreign.get_mut(cut) {
        *byte = 0xff;
    }
    let deep = [
        &b"{\"resourceType\":\"Basic\",\"extension\":"[..],
        &b"[".repeat(10_000),
    ]
    .concat();
    let more = [&body[..], b"}"].concat();
    for bytes in [
        body.get(..cut).unwrap_or_default().to_vec(),
        twice,
        foreign,
        deep,
        more,
    ] {
        let is_refused = RawResource::read(Bytes::from(bytes), &Limits::default()).is_err();
        tally.refused.add(is_refused, false);
    }
}
