//! What is one record by evidence, and all that its copies and versions say.

use crate::fact::{Comparison, Facts, Name, Value, compare};
use crate::policy::{Differs, Kind, Missing, Policy, Slot};

use super::sets::Sets;

/// One record with its copies and versions.
pub(super) struct Node {
    /// Its first resource.
    pub(super) first: usize,
    /// Index of its kind in the policy.
    pub(super) kind: usize,
    /// Where its copies came from, ascending.
    pub(super) sources: Vec<Name>,
    /// For each slot what is said, each once; nothing when no copy says anything.
    pub(super) values: Box<[Vec<Value>]>,
    /// The first resources of the records that a person keeps apart from this one.
    pub(super) apart: Vec<usize>,
}

/// The records of which the policy compares what they say.
pub(super) struct Nodes {
    pub(super) nodes: Vec<Node>,
}

impl Nodes {
    pub(super) fn new(sets: &mut Sets, facts: &Facts, policy: &Policy) -> Self {
        let mut nodes = Vec::new();
        for (first, members) in sets.groups() {
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
                    .map(|value| {
                        if value.is_missing() {
                            Vec::new()
                        } else {
                            vec![value.clone()]
                        }
                    })
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

impl Node {
    fn add(&mut self, source: Name, values: &[Value]) {
        if let Err(at) = self.sources.binary_search(&source) {
            self.sources.insert(at, source);
        }
        for (said, value) in self.values.iter_mut().zip(values) {
            if !value.is_missing() && !said.contains(value) {
                said.push(value.clone());
            }
        }
    }

    /// Whether one source has both, and so tells them apart by itself, or a person does.
    pub(super) fn shares_source(&self, other: &Node) -> bool {
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
}

impl Pair {
    /// Whether they can be joined when nothing else fits.
    pub(super) fn joins(self) -> bool {
        self.level <= Comparison::Open
    }
}

/// Compares what two records of a kind say.
pub(super) fn pair(kind: &Kind, a: &[Vec<Value>], b: &[Vec<Value>]) -> Pair {
    let (mut level, mut beside) = (Comparison::Same, Comparison::Same);
    let mut conflict = 0;
    let (mut is_apart, mut is_version, mut is_changed) = (false, false, false);
    let versions = versions(kind, a, b);
    for (at, ((slot, a), b)) in kind.slots.iter().zip(a).zip(b).enumerate() {
        let mut own = compare_slot(slot, a, b);
        // What they are about must be said and the same.
        if at == 0 && own == Comparison::Open {
            own = Comparison::Apart;
        }
        if own == Comparison::Apart {
            match slot.differs {
                Differs::Tell => continue,
                Differs::Conflict => conflict |= 1 << at.min(63),
                Differs::Apart => match versions {
                    Some(Versions::Later) if slot.may_change => {
                        is_version = true;
                        own = Comparison::Open;
                    }
                    Some(Versions::Equal) if slot.may_change => conflict |= 1 << at.min(63),
                    _ if slot.may_change && kind.versions.is_some() => is_changed = true,
                    _ => is_apart = true,
                },
            }
        }
        level = level.max(own);
        if own != Comparison::Apart {
            beside = beside.max(own);
        }
        if is_apart {
            break;
        }
    }
    // What only looks like it in the rest, or does not say when, contradicts nothing.
    let is_told = !is_apart && !is_changed && beside <= Comparison::Open;
    Pair {
        level,
        conflict: if is_told { conflict } else { 0 },
        is_version,
        is_rival: !is_apart && (is_changed || versions == Some(Versions::Equal) && conflict != 0),
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
fn versions(kind: &Kind, a: &[Vec<Value>], b: &[Vec<Value>]) -> Option<Versions> {
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

/// Compares one slot of two records: the worst of what their copies say.
pub(super) fn compare_slot(slot: &Slot, a: &[Value], b: &[Value]) -> Comparison {
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
