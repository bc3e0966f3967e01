//! What is one record by evidence, and all that its copies and versions say.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::fact::{Comparison, Facts, Name, Value, compare};
use crate::policy::{Differs, Kind, Missing, Policy, Slot};

use super::sets::Sets;

/// What the copies of one record say of a slot, each once; nothing when no copy says anything.
pub(super) type Said<'f> = Cow<'f, [Value]>;

/// One record with its copies and versions.
pub(super) struct Node<'f> {
    /// Its first resource.
    pub(super) first: usize,
    /// Index of its kind in the policy.
    pub(super) kind: usize,
    /// Where its copies came from, ascending.
    pub(super) sources: Vec<Name>,
    /// For each slot what is said.
    pub(super) values: Box<[Said<'f>]>,
    /// The first resources of the records that a person keeps apart from this one.
    pub(super) apart: Vec<usize>,
}

/// The records of which the policy compares what they say.
pub(super) struct Nodes<'f> {
    pub(super) nodes: Vec<Node<'f>>,
}

impl<'f> Nodes<'f> {
    pub(super) fn new(sets: &mut Sets, facts: &'f Facts, policy: &Policy) -> Self {
        let mut nodes = Vec::with_capacity(facts.facts.len());
        for members in sets.groups().iter() {
            let Some(&first) = members.first() else { continue };
            let mut all = members
                .iter()
                .filter_map(|&index| facts.facts.get(index).and_then(Option::as_ref));
            let Some(fact) = all.next() else { continue };
            let comparable = policy.kinds.get(fact.kind).is_some_and(Kind::is_compared);
            if !comparable {
                continue;
            }
            let mut node = Node {
                first,
                apart: sets.kept_from(first),
                kind: fact.kind,
                sources: vec![fact.source],
                values: fact
                    .values
                    .iter()
                    .map(|value| Cow::Borrowed(value.said()))
                    .collect(),
            };
            // What is of another kind says other things; with one identifier that is a conflict and not a node.
            let kind = node.kind;
            for fact in all.filter(|other| other.kind == kind) {
                node.add(fact.source, &fact.values);
            }
            nodes.push(node);
        }
        Nodes { nodes }
    }
}

impl Node<'_> {
    fn add(&mut self, source: Name, values: &[Value]) {
        if let Err(at) = self.sources.binary_search(&source) {
            self.sources.insert(at, source);
        }
        for (said, value) in self.values.iter_mut().zip(values) {
            if !value.is_missing() && !said.contains(value) {
                said.to_mut().push(value.clone());
            }
        }
    }

    /// Whether one source has both, and so tells them apart by itself, or a person does.
    pub(super) fn shares_source(&self, other: &Node<'_>) -> bool {
        self.apart.contains(&other.first)
            || self
                .sources
                .iter()
                .any(|source| other.sources.binary_search(source).is_ok())
    }
}

/// How two records of one kind compare.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    /// The worst of all slots.
    pub(super) level: Comparison,
    /// The slots that keep them apart, as bits; only when each of them is one that contradicts.
    pub(super) conflict: u64,
    /// Whether they say different things, and fit only as an earlier and a later version.
    pub(super) is_version: bool,
    /// Whether nothing but what may change keeps them apart: two results where there may be one.
    pub(super) is_rival: bool,
    /// The slot that keeps them apart whatever the others say.
    pub(super) apart_in: Option<usize>,
}

impl Pair {
    /// Whether they can be joined when nothing else fits.
    pub(super) fn joins(self) -> bool {
        self.level <= Comparison::Open
    }
}

/// Compares what two records of a kind say, among records of which some are versions of one thing or none can be.
pub(super) fn pair(kind: &Kind, a: &[Said<'_>], b: &[Said<'_>], with_versions: bool) -> Pair {
    let (mut level, mut beside) = (Comparison::Same, Comparison::Same);
    let mut conflict = 0;
    let (mut apart_in, mut is_version, mut is_changed) = (None, false, false);
    // Most pairs differ in something that no version changes, so it is asked for when something else differs.
    let asked = OnceCell::new();
    let versions = || *asked.get_or_init(|| versions(kind, a, b).filter(|_| with_versions));
    for (at, ((slot, a), b)) in kind.slots.iter().zip(a).zip(b).enumerate() {
        let mut own = compare_at(at, slot, a, b);
        if own == Comparison::Apart {
            match slot.differs {
                Differs::Tell => continue,
                Differs::Conflict => conflict |= 1 << at.min(63),
                Differs::Apart => match versions() {
                    Some(Versions::Later) if slot.may_change => {
                        is_version = true;
                        own = Comparison::Open;
                    }
                    Some(Versions::Equal) if slot.may_change => conflict |= 1 << at.min(63),
                    _ if slot.may_change && with_versions => is_changed = true,
                    _ => apart_in = Some(at),
                },
            }
        }
        level = level.max(own);
        if own != Comparison::Apart {
            beside = beside.max(own);
        }
        if apart_in.is_some() {
            break;
        }
    }
    // What only looks like it in the rest, or does not say when, contradicts nothing.
    let is_told = apart_in.is_none() && !is_changed && beside <= Comparison::Open;
    Pair {
        level,
        conflict: if is_told { conflict } else { 0 },
        is_version,
        is_rival: apart_in.is_none() && (is_changed || conflict != 0 && versions() == Some(Versions::Equal)),
        apart_in,
    }
}

/// How two results of one specimen and test stand to each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Versions {
    /// One is a later stage than the other.
    Later,
    /// Both are of one stage: they cannot both be true when they differ.
    Equal,
}

/// Whether two records are versions of one thing by a number that both give, as the policy says of their kind.
fn versions(kind: &Kind, a: &[Said<'_>], b: &[Said<'_>]) -> Option<Versions> {
    let known = kind.versions?;
    let said = |at: usize| Some((a.get(at)?, b.get(at)?)).filter(|(a, b)| !a.is_empty() && !b.is_empty());
    let same = |at: usize| {
        said(at).is_some_and(|(a, b)| {
            let mut pairs = a.iter().flat_map(|a| b.iter().map(move |b| compare(a, b)));
            pairs.all(|compared| compared == Comparison::Same)
        })
    };
    // A record with copies of several stages does not tell which of its values is of which.
    said(known.stage).filter(|(a, b)| a.len() == 1 && b.len() == 1)?;
    match (same(0) && same(known.number), same(known.stage)) {
        (false, _) => None,
        (true, true) => Some(Versions::Equal),
        (true, false) => Some(Versions::Later),
    }
}

/// Whether a slot keeps two records of a kind apart whatever the others say, among records of which none is a version of
/// another.
pub(super) fn parts(kind: &Kind, at: usize, a: &[Said<'_>], b: &[Said<'_>]) -> bool {
    let said = kind.slots.get(at).zip(a.get(at).zip(b.get(at)));
    said.is_some_and(|(slot, (a, b))| {
        slot.differs == Differs::Apart && compare_at(at, slot, a, b) == Comparison::Apart
    })
}

/// Compares the slot at a place in the policy; the first is what they are about, which must be said and the same.
fn compare_at(at: usize, slot: &Slot, a: &[Value], b: &[Value]) -> Comparison {
    match compare_slot(slot, a, b) {
        Comparison::Open if at == 0 => Comparison::Apart,
        other => other,
    }
}

/// Compares one slot of two records: the worst of what their copies say.
pub(super) fn compare_slot(slot: &Slot, a: &[Value], b: &[Value]) -> Comparison {
    if let ([a], [b]) = (a, b) {
        return compare(a, b);
    }
    match (a.is_empty(), b.is_empty(), slot.missing) {
        (true, true, Missing::Required) => Comparison::Near,
        (true, true, _) => Comparison::Same,
        (false, false, _) => {
            let pairs = a.iter().flat_map(|a| b.iter().map(move |b| compare(a, b)));
            pairs.max().unwrap_or(Comparison::Same)
        }
        (_, _, Missing::Open) => Comparison::Open,
        (_, _, Missing::Required) => Comparison::Near,
        (_, _, Missing::Apart) => Comparison::Apart,
    }
}
