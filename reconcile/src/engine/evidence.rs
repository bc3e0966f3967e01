//! Evidence that a record carries itself: equal content, one address (T0), one business identifier (T1).

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;
use samenhang_profiles::Received;

use super::sets::Sets;
use super::{Conflict, Possible, Reason, Tier};
use crate::cluster::fingerprint::Fingerprint;
use crate::cluster::{Groups, key};
use crate::fact::{Comparison, Fact, Facts, Value, are_next_days, compare, is_rounded};
use crate::policy::{Differs, Holds, Missing, Policy};

/// More than this many contents of one identifier are not compared; then it is no identifier of a record.
const MAX_COMPARED: usize = 24;

/// Records that a possible duplicate names.
const MAX_NAMED: usize = 8;

/// What keeps two records with one identifier apart.
pub(super) enum Kept {
    /// They are about two things: it is the number of something else, for example of an order.
    AboutOther,
    /// They contradict each other in these slots.
    Contradict(Vec<String>),
}

/// What came of the evidence that records carry themselves.
pub(super) struct Evidence {
    pub(super) conflicts: Vec<Conflict>,
    pub(super) possible: Vec<Possible>,
}

/// Joins what is one record by evidence. What has one identifier and cannot be one record is a conflict.
pub(super) fn evidence(
    items: &[Received],
    groups: &Groups<'_>,
    prints: &[Fingerprint],
    facts: &Facts,
    policy: &Policy,
    sets: &mut Sets,
    tiers: &mut [Tier],
) -> Evidence {
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        if item.resource.id().is_some() {
            let first = *places.entry(&item.full_url).or_insert(index);
            sets.union(first, index);
        }
    }
    let kind = |index: usize| {
        let fact = facts.facts.get(index).and_then(Option::as_ref);
        let kind = fact.and_then(|fact| policy.kinds.get(fact.kind));
        kind.map(|kind| kind.name.clone()).unwrap_or_default()
    };
    let mut conflicts = Vec::new();
    // The members of each set that differ in content, for comparing with all of them.
    let mut contents: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for group in groups.values() {
        if key::overused(items, prints, group) {
            told_apart(group, prints, facts, policy, &mut conflicts);
            continue;
        }
        let mut seen: BTreeMap<&Fingerprint, usize> = BTreeMap::new();
        for &index in group {
            if let Some(print) = prints.get(index) {
                let first = *seen.entry(print).or_insert(index);
                sets.union(first, index);
            }
        }
        let group: Vec<usize> = seen.into_values().collect();
        if group.len() > MAX_COMPARED {
            continue;
        }
        let fitting = Fitting::new(&group, facts, policy);
        for (at, &a) in group.iter().enumerate() {
            for &b in group.iter().skip(at + 1) {
                let (x, y) = (sets.root(a), sets.root(b));
                if x == y || sets.are_apart(x, y) || !fitting.is_clear(a, b) {
                    continue;
                }
                let own = |root: usize| contents.get(&root).cloned().unwrap_or_else(|| vec![root]);
                let (mut left, right) = (own(x), own(y));
                let fact = |index: usize| facts.facts.get(index).and_then(Option::as_ref);
                let kept = left
                    .iter()
                    .flat_map(|&a| right.iter().map(move |&b| (a, b)))
                    .find_map(|(a, b)| kept_apart(fact(a)?, fact(b)?, policy));
                match kept {
                    Some(Kept::AboutOther) => {}
                    Some(Kept::Contradict(about)) => conflicts.push(Conflict {
                        a,
                        b,
                        kind: kind(a),
                        about,
                    }),
                    None if left.len() + right.len() > MAX_COMPARED => conflicts.push(Conflict {
                        a,
                        b,
                        kind: kind(a),
                        about: vec!["identifier".to_owned()],
                    }),
                    None => {
                        sets.union(x, y);
                        left.extend(right);
                        left.sort_unstable();
                        contents.remove(&x);
                        contents.remove(&y);
                        contents.insert(sets.root(x), left);
                        for index in [a, b] {
                            if let Some(tier) = tiers.get_mut(index) {
                                *tier = Tier::Identifier;
                            }
                        }
                    }
                }
            }
        }
    }
    Evidence {
        possible: copies(items, prints, facts, policy, sets),
        conflicts,
    }
}

/// Which contents of one number contradict each other, and so which version of a third cannot be told.
///
/// A number that two facts have (one of them is wrong) does not tell of which of them an earlier value is: it is joined
/// with neither (rule R5).
struct Fitting<'f> {
    /// Contents that contradict another, with what they do not fit.
    parted: BTreeMap<usize, BTreeSet<usize>>,
    facts: &'f Facts,
    policy: &'f Policy,
}

impl<'f> Fitting<'f> {
    fn new(group: &[usize], facts: &'f Facts, policy: &'f Policy) -> Self {
        let mut parted: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let fact = |index: usize| facts.facts.get(index).and_then(Option::as_ref);
        // Of two there is no third.
        let many = if group.len() > 2 { group } else { &[] };
        for (at, &a) in many.iter().enumerate() {
            for &b in many.iter().skip(at + 1) {
                let pair = fact(a).zip(fact(b));
                if pair.is_some_and(|(a, b)| kept_apart(a, b, policy).is_some()) {
                    parted.entry(a).or_default().insert(b);
                    parted.entry(b).or_default().insert(a);
                }
            }
        }
        Fitting {
            parted,
            facts,
            policy,
        }
    }

    /// Whether nothing else can be what these two are versions of. What says the same in all that may change is no other
    /// version.
    fn is_clear(&self, a: usize, b: usize) -> bool {
        let (not_a, not_b) = (self.parted.get(&a), self.parted.get(&b));
        not_a == not_b || not_a.is_some_and(|others| others.contains(&b)) || !self.is_version(a, b)
    }

    fn is_version(&self, a: usize, b: usize) -> bool {
        let fact = |index: usize| self.facts.facts.get(index).and_then(Option::as_ref);
        let (Some(a), Some(b)) = (fact(a), fact(b)) else {
            return false;
        };
        let slots = self.policy.kinds.get(a.kind).map_or(&[][..], |kind| &kind.slots);
        let mut values = slots.iter().zip(a.values.iter().zip(&b.values));
        values.any(|(slot, (a, b))| {
            let silent = slot.missing == Missing::Apart && a.is_missing() != b.is_missing();
            // A rounded value may be that of either, too.
            let is_other = silent || compare(a, b) > Comparison::Equivalent;
            slot.may_change && slot.differs != Differs::Tell && is_other
        })
    }
}

/// A number that one endpoint uses for several contents joins nothing. Of what is one record by its number only, such as
/// an agreement, two contents about one thing contradict each other all the same.
fn told_apart(
    group: &[usize],
    prints: &[Fingerprint],
    facts: &Facts,
    policy: &Policy,
    conflicts: &mut Vec<Conflict>,
) {
    let mut seen: BTreeSet<&Fingerprint> = BTreeSet::new();
    let distinct = group.iter().copied();
    let distinct: Vec<usize> = distinct
        .filter(|&index| prints.get(index).is_some_and(|print| seen.insert(print)))
        .take(MAX_COMPARED)
        .collect();
    for (at, &a) in distinct.iter().enumerate() {
        for &b in distinct.iter().skip(at + 1) {
            let fact = |index: usize| facts.facts.get(index).and_then(Option::as_ref);
            let Some((x, y)) = fact(a).zip(fact(b)) else {
                continue;
            };
            let Some(kind) = policy.kinds.get(x.kind).filter(|kind| !kind.same_fact) else {
                continue;
            };
            let is_one_thing = x.kind == y.kind
                && x.values
                    .first()
                    .zip(y.values.first())
                    .is_some_and(|(x, y)| !x.is_missing() && compare(x, y) <= Comparison::Equivalent);
            if is_one_thing && let Some(Kept::Contradict(about)) = kept_apart(x, y, policy) {
                conflicts.push(Conflict {
                    a,
                    b,
                    kind: kind.name.clone(),
                    about,
                });
            }
        }
    }
}

/// Joins equal contents of different endpoints. An endpoint that has a content twice, under two ids and without a
/// common number, tells the two apart, and then of which of them another is the copy cannot be told. A record of a kind
/// that is known by its number, and that says neither a number nor when, is equal to another by chance: two orders of one
/// examination. So is one that does not say when, of a kind of which the policy wants to know: a procedure.
fn copies(
    items: &[Received],
    prints: &[Fingerprint],
    facts: &Facts,
    policy: &Policy,
    sets: &mut Sets,
) -> Vec<Possible> {
    let mut possible = Vec::new();
    let mut equal: BTreeMap<(&str, &Fingerprint), Vec<usize>> = BTreeMap::new();
    for (index, (item, print)) in items.iter().zip(prints).enumerate() {
        if matches!(print, Fingerprint::Content(_)) {
            equal
                .entry((item.resource.resource_type(), print))
                .or_default()
                .push(index);
        }
    }
    for group in equal.into_values().filter(|group| group.len() > 1) {
        let endpoint = |index: usize| items.get(index).map(|item| &*item.lineage.endpoint);
        let records: BTreeSet<_> = group
            .iter()
            .map(|&index| (endpoint(index), sets.root(index)))
            .collect();
        let endpoints: BTreeSet<_> = records.iter().map(|(endpoint, _)| endpoint).collect();
        if endpoints.len() != records.len() {
            continue;
        }
        let Some((&first, others)) = group.split_first() else {
            continue;
        };
        if is_told(items, facts, policy, first) {
            others.iter().for_each(|&other| sets.union(first, other));
        } else if others.iter().any(|&other| sets.root(other) != sets.root(first)) {
            possible.push(Possible {
                record: first,
                like: others.iter().copied().take(MAX_NAMED).collect(),
                reason: Reason::NotEnough,
            });
        }
    }
    possible
}

/// Whether a record says enough to know a copy of it by its content.
fn is_told(items: &[Received], facts: &Facts, policy: &Policy, index: usize) -> bool {
    let Some(fact) = facts.facts.get(index).and_then(Option::as_ref) else {
        return true;
    };
    let Some(kind) = policy.kinds.get(fact.kind) else {
        return true;
    };
    let keys = items.get(index).map(|item| item.resource.keys());
    if keys.is_some_and(|keys| !keys.identifiers.is_empty()) {
        return true;
    }
    if kind.same_fact {
        let mut slots = kind.slots.iter().zip(&fact.values);
        return !slots.any(|(slot, value)| {
            let is_moment = matches!(slot.holds, Holds::Time | Holds::Start);
            is_moment && slot.missing == Missing::Required && value.is_missing()
        });
    }
    let says = |value: &Value| matches!(value, Value::Time(_) | Value::Numbers(_));
    fact.values.iter().any(says) || keys.is_some_and(|keys| keys.date.is_some())
}

/// What keeps two records of one identifier or origin apart.
pub(super) fn kept_apart(a: &Fact, b: &Fact, policy: &Policy) -> Option<Kept> {
    if a.kind != b.kind {
        return Some(Kept::Contradict(vec!["kind".to_owned()]));
    }
    let kind = policy.kinds.get(a.kind)?;
    let mut about = Vec::new();
    // Of one stage and recorded at one time: neither is a later version of the other.
    let is_one_version = a.recorded == b.recorded
        && kind.versions.is_some_and(|known| {
            let stages = a.values.get(known.stage).zip(b.values.get(known.stage));
            stages.is_some_and(|(a, b)| compare(a, b) == Comparison::Same)
        });
    for (at, (slot, (a, b))) in kind.slots.iter().zip(a.values.iter().zip(&b.values)).enumerate() {
        let silent = slot.missing == Missing::Apart && a.is_missing() != b.is_missing();
        let compared = compare(a, b);
        // Near is enough to look alike, and another moment is another moment. Of what can be known without a number the
        // day before is the same day, worked out in another time zone.
        let is_moved = compared == Comparison::Near
            && matches!(slot.holds, Holds::Time | Holds::Start)
            && !(kind.same_fact && are_next_days(a, b));
        if !(silent || is_moved || compared == Comparison::Apart) || slot.differs == Differs::Tell {
            continue;
        }
        if at == 0 {
            return Some(Kept::AboutOther);
        }
        if !slot.may_change || is_one_version && !is_rounded(a, b) {
            about.push(slot.name.clone());
        }
    }
    (!about.is_empty()).then_some(Kept::Contradict(about))
}
