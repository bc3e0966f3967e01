//! The same fact, recorded more than once without a common identifier (tiers T3 and T4).
//!
//! Within what is about one concept, two records *fit* when nothing that the policy compares keeps them apart. A
//! record is joined with what it fits only when all that it fits also fits each other; otherwise more than one fact
//! fits, and it is left alone as a possible duplicate. So every cluster is complete: a record that fits all of a clique
//! belongs to it, and no chain can pull two records together that do not fit each other.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::node::{Node, Nodes, Pair, Said, pair, parts};
use super::sets::Sets;
use super::{Conflict, Possible, Reason, Tier};
use crate::fact::{Comparison, Name, Span, Value, times};
use crate::policy::{Differs, Holds, Kind, Policy};

/// Pairs of one block that are compared at most. What is left then is joined with nothing.
const MAX_PAIRS: usize = 1_500_000;
/// Records that one record may fit; with more of them some come from one source, which tells them apart.
const MAX_FITTING: usize = 64;
/// Records that a possible duplicate names.
const MAX_NAMED: usize = 8;
/// Contradictions that are told of one block.
const MAX_CONFLICTS: usize = 64;

/// What was found besides clusters.
#[derive(Default)]
pub(super) struct Found {
    pub(super) possible: Vec<Possible>,
    pub(super) conflicts: Vec<Conflict>,
}

/// Joins what is the same fact.
pub(super) fn join(nodes: &Nodes<'_>, policy: &Policy, sets: &mut Sets, tiers: &mut [Tier]) -> Found {
    let mut found = Found::default();
    for (kind, members) in blocks(nodes) {
        if let Some(kind) = policy.kinds.get(kind) {
            Block::new(kind, nodes, members).join(sets, tiers, &mut found);
        }
    }
    found
}

/// The records that may be about one concept, where there are several: those of one kind that have a code, or a text without code, in common.
fn blocks(nodes: &Nodes<'_>) -> Vec<(usize, Vec<usize>)> {
    let mut sets = Sets::new(nodes.nodes.len());
    let mut first: HashMap<(usize, bool, Name), usize> = HashMap::new();
    for (index, node) in nodes.nodes.iter().enumerate() {
        for value in node.values.first().into_iter().flat_map(|said| said.iter()) {
            let Value::Concepts(concepts) = value else {
                continue;
            };
            for concept in concepts {
                let codes = concept.codes.iter().map(|code| (node.kind, true, code.class));
                for key in codes.chain(concept.text.map(|text| (node.kind, false, text))) {
                    let other = *first.entry(key).or_insert(index);
                    sets.union(other, index);
                }
            }
        }
    }
    let groups = sets.groups();
    let several = groups.iter().filter(|members| members.len() > 1);
    several
        .filter_map(|members| Some((nodes.nodes.get(*members.first()?)?.kind, members.to_vec())))
        .collect()
}

/// Records that say the same in every slot.
struct Class<'n> {
    values: &'n [Said<'n>],
    /// Indexes of nodes, ascending.
    nodes: Vec<usize>,
    /// When, if that is one time.
    time: Option<Span>,
    /// Classes that fit this one, ascending; itself too, unless what it says is not enough.
    fits: Vec<usize>,
    /// Whether another may be the other version of the same just as well.
    has_rival: bool,
}

/// A record among those of its block.
struct Placed {
    /// Its class.
    place: usize,
    /// What it fits, each with its class.
    fits: Vec<(usize, usize)>,
    /// Whether it is joined with nothing.
    is_alone: bool,
}

struct Block<'n> {
    kind: &'n Kind,
    nodes: &'n Nodes<'n>,
    classes: Vec<Class<'n>>,
    /// Pairs of classes that are near.
    near: Vec<(usize, usize)>,
    /// Pairs of classes that contradict each other, and in what.
    conflicts: Vec<(usize, usize, u64)>,
    /// Pairs of classes that are the same by a map of codes only.
    translated: Vec<(usize, usize)>,
    /// Pairs of classes that fit as an earlier and a later version only.
    versions: Vec<(usize, usize)>,
    /// Whether there was too much to compare.
    is_crowded: bool,
    /// Whether two versions of one record are of one time.
    is_moment_fixed: bool,
    /// The slot that kept the last two apart.
    parted_by: usize,
    /// Whether two of them give a number by which they can be versions of one thing.
    with_versions: bool,
}

impl<'n> Block<'n> {
    fn new(kind: &'n Kind, nodes: &'n Nodes<'n>, members: Vec<usize>) -> Self {
        let mut of: HashMap<&[Said<'_>], usize> = HashMap::new();
        let mut classes: Vec<Class<'n>> = Vec::new();
        let when = kind.slots.iter().position(|slot| {
            matches!(slot.holds, Holds::Time | Holds::Start) && slot.differs == Differs::Apart
        });
        for index in members {
            let Some(node) = nodes.nodes.get(index) else {
                continue;
            };
            let place = *of.entry(&node.values).or_insert_with(|| {
                let time = when.and_then(|at| match node.values.get(at).map(|said| &**said) {
                    Some([Value::Time(span)]) => Some(*span),
                    _ => None,
                });
                classes.push(Class {
                    values: &node.values,
                    nodes: Vec::new(),
                    time,
                    fits: Vec::new(),
                    has_rival: false,
                });
                classes.len() - 1
            });
            if let Some(class) = classes.get_mut(place) {
                class.nodes.push(index);
            }
        }
        let is_fixed = |at: usize| kind.slots.get(at).is_some_and(|slot| !slot.may_change);
        let numbered = kind.versions.map(|known| {
            let says = |class: &&Class<'_>| {
                class
                    .values
                    .get(known.number)
                    .is_some_and(|said| !said.is_empty())
            };
            classes.iter().filter(says).count()
        });
        let mut block = Block {
            parted_by: 0,
            with_versions: numbered.is_some_and(|count| count > 1),
            is_moment_fixed: when.is_some_and(is_fixed),
            kind,
            nodes,
            classes,
            near: Vec::new(),
            conflicts: Vec::new(),
            translated: Vec::new(),
            versions: Vec::new(),
            is_crowded: false,
        };
        block.compare();
        block
    }

    /// Compares the classes that can be of one time.
    fn compare(&mut self) {
        let mut dated: Vec<(Span, usize)> = Vec::new();
        let mut undated: Vec<usize> = Vec::new();
        for (index, class) in self.classes.iter().enumerate() {
            match class.time {
                Some(span) => dated.push((span, index)),
                None => undated.push(index),
            }
        }
        dated.sort_unstable();
        let mut left = MAX_PAIRS;
        for index in 0..self.classes.len() {
            self.one(index, index, &mut left);
        }
        for (at, &(span, a)) in dated.iter().enumerate() {
            for &(later, b) in dated.iter().skip(at + 1) {
                if begins_long_after(later, span) {
                    break;
                }
                // What no version changes and is another moment keeps them apart, whatever else they say.
                if self.is_moment_fixed && times(span, later) == Comparison::Apart {
                    continue;
                }
                self.one(a, b, &mut left);
            }
        }
        for (at, &a) in undated.iter().enumerate() {
            for &b in undated.iter().skip(at + 1) {
                self.one(a, b, &mut left);
            }
            for &(_, b) in &dated {
                self.one(a, b, &mut left);
            }
        }
        for class in &mut self.classes {
            class.fits.sort_unstable();
        }
        self.part_rivals();
    }

    /// Parts versions of which it cannot be told whose they are: a preliminary value is a version of the final one of its
    /// specimen and test only when nothing else can be that final one.
    fn part_rivals(&mut self) {
        for (a, b) in std::mem::take(&mut self.versions) {
            let has_rival = |place: usize| self.classes.get(place).is_some_and(|class| class.has_rival);
            if !has_rival(a) && !has_rival(b) {
                continue;
            }
            for (one, other) in [(a, b), (b, a)] {
                if let Some(class) = self.classes.get_mut(one) {
                    class.fits.retain(|&fit| fit != other);
                }
            }
            self.near.push((a, b));
        }
    }

    fn one(&mut self, a: usize, b: usize, left: &mut usize) {
        if *left == 0 {
            self.is_crowded = true;
            return;
        }
        *left -= 1;
        let (Some(x), Some(y)) = (self.classes.get(a), self.classes.get(b)) else {
            return;
        };
        // What kept the last two apart mostly keeps these apart too.
        if !self.with_versions && a != b && parts(self.kind, self.parted_by, x.values, y.values) {
            return;
        }
        let found: Pair = pair(self.kind, x.values, y.values, self.with_versions);
        self.parted_by = found.apart_in.unwrap_or(self.parted_by);
        let (low, high) = (a.min(b), a.max(b));
        // What is never the same fact without a number can contradict all the same.
        if !self.kind.same_fact && found.conflict == 0 {
            return;
        }
        if found.is_rival && a != b {
            for place in [a, b] {
                if let Some(class) = self.classes.get_mut(place) {
                    class.has_rival = true;
                }
            }
        }
        if found.joins() {
            if found.level == Comparison::Equivalent {
                self.translated.push((low, high));
            }
            if found.is_version && a != b {
                self.versions.push((low, high));
            }
            for (one, other) in [(a, b), (b, a)].into_iter().take(if a == b { 1 } else { 2 }) {
                if let Some(class) = self.classes.get_mut(one) {
                    class.fits.push(other);
                }
            }
        } else if found.conflict != 0 {
            if self.conflicts.len() < MAX_CONFLICTS {
                self.conflicts.push((low, high, found.conflict));
            }
        } else if found.level == Comparison::Near {
            self.near.push((low, high));
        }
    }

    fn join(mut self, sets: &mut Sets, tiers: &mut [Tier], found: &mut Found) {
        self.near.sort_unstable();
        self.conflicts.sort_unstable();
        self.translated.sort_unstable();
        let mut placed: BTreeMap<usize, Placed> = BTreeMap::new();
        for (place, class) in self.classes.iter().enumerate() {
            for &index in &class.nodes {
                let fits = self.fitting(place, index);
                let is_alone = self.is_crowded || !self.is_clique(&fits);
                placed.insert(
                    index,
                    Placed {
                        place,
                        fits,
                        is_alone,
                    },
                );
            }
        }
        let is_alone = |index: usize| placed.get(&index).is_none_or(|placed| placed.is_alone);
        for (&index, own) in &placed {
            let Some(node) = self.nodes.nodes.get(index) else {
                continue;
            };
            if own.is_alone {
                self.possible(
                    node,
                    own.fits.iter().map(|(_, other)| *other),
                    Reason::Ambiguous,
                    found,
                );
                continue;
            }
            for &(place, other) in own
                .fits
                .iter()
                .filter(|(_, other)| *other > index && !is_alone(*other))
            {
                let Some(twin) = self.nodes.nodes.get(other) else {
                    continue;
                };
                sets.union(node.first, twin.first);
                let pair = (own.place.min(place), own.place.max(place));
                let translated = self.translated.binary_search(&pair).is_ok();
                let tier = if translated { Tier::Translated } else { Tier::Fact };
                for first in [node.first, twin.first] {
                    if let Some(known) = tiers.get_mut(first) {
                        *known = (*known).max(tier);
                    }
                }
            }
        }
        self.tell(found);
    }

    /// The records of other sources that fit a record, each with its class; a few more than can be a clique at most.
    fn fitting(&self, place: usize, index: usize) -> Vec<(usize, usize)> {
        let Some((class, node)) = self.classes.get(place).zip(self.nodes.nodes.get(index)) else {
            return Vec::new();
        };
        class
            .fits
            .iter()
            .copied()
            .flat_map(|place| {
                let nodes = self.classes.get(place).map_or(&[][..], |class| &class.nodes);
                nodes.iter().map(move |&other| (place, other))
            })
            .filter(|&(_, other)| {
                other != index
                    && self
                        .nodes
                        .nodes
                        .get(other)
                        .is_some_and(|twin| !twin.shares_source(node))
            })
            .take(MAX_FITTING + 1)
            .collect()
    }

    /// Whether all of these fit each other.
    fn is_clique(&self, fits: &[(usize, usize)]) -> bool {
        fits.len() <= MAX_FITTING
            && fits.iter().enumerate().all(|(at, &(place, a))| {
                fits.iter().skip(at + 1).all(|&(other, b)| {
                    let class = self.classes.get(place);
                    class.is_some_and(|class| class.fits.binary_search(&other).is_ok())
                        && match (self.nodes.nodes.get(a), self.nodes.nodes.get(b)) {
                            (Some(a), Some(b)) => !a.shares_source(b),
                            _ => false,
                        }
                })
            })
    }

    fn possible(
        &self,
        node: &Node<'_>,
        like: impl Iterator<Item = usize>,
        reason: Reason,
        found: &mut Found,
    ) {
        let mut like: Vec<usize> = like
            .take(MAX_NAMED)
            .filter_map(|index| Some(self.nodes.nodes.get(index)?.first))
            .collect();
        like.sort_unstable();
        if !like.is_empty() {
            found.possible.push(Possible {
                record: node.first,
                like,
                reason,
            });
        }
    }

    /// Tells what is near and what contradicts.
    fn tell(&self, found: &mut Found) {
        let nodes = |place: usize| {
            let list = self.classes.get(place).map_or(&[][..], |class| &class.nodes);
            list.iter().filter_map(|&index| self.nodes.nodes.get(index))
        };
        let mut near: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for &(a, b) in &self.near {
            for one in nodes(a).take(MAX_NAMED) {
                let others = nodes(b).filter(|other| other.first != one.first && !other.shares_source(one));
                for other in others.take(MAX_NAMED) {
                    let (low, high) = (one.first.min(other.first), one.first.max(other.first));
                    near.entry(low).or_default().push(high);
                }
            }
        }
        for (record, mut like) in near {
            like.sort_unstable();
            like.dedup();
            like.truncate(MAX_NAMED);
            found.possible.push(Possible {
                record,
                like,
                reason: Reason::NotEnough,
            });
        }
        for &(a, b, bits) in &self.conflicts {
            let about: Vec<String> = self
                .kind
                .slots
                .iter()
                .enumerate()
                .filter(|(at, _)| bits & (1 << (*at).min(63)) != 0)
                .map(|(_, slot)| slot.name.clone())
                .collect();
            for one in nodes(a).take(MAX_NAMED) {
                for other in nodes(b).take(MAX_NAMED) {
                    found.conflicts.push(Conflict {
                        a: one.first.min(other.first),
                        b: one.first.max(other.first),
                        kind: self.kind.name.clone(),
                        about: about.clone(),
                    });
                }
            }
        }
    }
}

/// Whether a time begins so long after another that they cannot even be near.
fn begins_long_after(later: Span, earlier: Span) -> bool {
    match (later.start, earlier.end) {
        (Some(start), Some(end)) => start.duration_since(end) > jiff::SignedDuration::from_hours(48),
        _ => false,
    }
}
