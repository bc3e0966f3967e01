//! Treatments: blocks with one treatment number; and which treatments are on the same topic because one of them has a
//! generic number, made of the product, or none.

use std::collections::{BTreeMap, BTreeSet};

use super::period::Period;
use super::read::{Reading, Relation};
use super::rules::Rules;
use super::{Link, LinkReason};

/// Most treatments of one product that are compared with each other.
const MAX_COMPARED: usize = 256;

/// Most other treatments that one is shown with.
const MAX_LINKS: usize = 64;

/// The blocks of one treatment.
pub(super) struct Group {
    /// The smallest index of its resources.
    pub(super) id: usize,
    pub(super) key: Option<(String, String)>,
    /// Places in the list of readings, ascending.
    pub(super) members: Vec<usize>,
}

/// Groups blocks by the number of their treatment, in order of their first block; a block without one stands alone.
pub(super) fn groups(blocks: &[Reading]) -> Vec<Group> {
    let mut places: BTreeMap<&(String, String), usize> = BTreeMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for (place, block) in blocks.iter().enumerate() {
        let id = block.members.iter().copied().min().unwrap_or(block.index);
        let known = block.treatment.as_ref().and_then(|key| places.get(key)).copied();
        match known.and_then(|known| groups.get_mut(known)) {
            Some(group) => {
                group.members.push(place);
                group.id = group.id.min(id);
            }
            None => {
                if let Some(key) = &block.treatment {
                    places.insert(key, groups.len());
                }
                groups.push(Group {
                    id,
                    key: block.treatment.clone(),
                    members: vec![place],
                });
            }
        }
    }
    groups
}

/// Whether a treatment is one that a link may lead from: its number is generic, or it has none.
pub(super) fn is_open(key: Option<&(String, String)>, rules: &Rules) -> bool {
    key.is_none_or(|key| rules.generic(key).is_some())
}

/// Whether two blocks are known to be about two prescription products.
pub(super) fn is_other_product(a: &Reading, b: &Reading, rules: &Rules) -> bool {
    match (a.prescription_product(rules), b.prescription_product(rules)) {
        (Some(a), Some(b)) => a != b,
        _ => false,
    }
}

/// For each treatment those on the same topic.
pub(super) fn links(blocks: &[Reading], groups: &[Group], rules: &Rules) -> Vec<Vec<Link>> {
    let mut found: BTreeMap<(usize, usize), LinkReason> = BTreeMap::new();
    by_product(blocks, groups, rules, &mut found);
    by_relation(blocks, groups, rules, &mut found);
    let mut links: Vec<Vec<Link>> = groups.iter().map(|_| Vec::new()).collect();
    for ((a, b), reason) in found {
        for (from, to) in [(a, b), (b, a)] {
            if let (Some(list), Some(other)) = (links.get_mut(from), groups.get(to))
                && list.len() < MAX_LINKS
            {
                list.push(Link { to: other.id, reason });
            }
        }
    }
    links.iter_mut().for_each(|list| list.sort());
    links
}

/// The same prescription product and a time in common.
fn by_product(
    blocks: &[Reading],
    groups: &[Group],
    rules: &Rules,
    found: &mut BTreeMap<(usize, usize), LinkReason>,
) {
    let mut of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, group) in groups.iter().enumerate() {
        let members = group.members.iter().filter_map(|&member| blocks.get(member));
        let products: BTreeSet<&str> = members
            .filter_map(|block| block.prescription_product(rules))
            .collect();
        // Two products in one treatment: which of them a link is about cannot be told.
        if let (Some(product), 1) = (products.first(), products.len()) {
            of.entry(product).or_default().push(place);
        }
    }
    let whole: Vec<Period> = groups.iter().map(|group| whole(blocks, group)).collect();
    for same in of.values() {
        let compared = same.get(..same.len().min(MAX_COMPARED)).unwrap_or_default();
        for (at, &a) in compared.iter().enumerate() {
            for &b in compared.iter().skip(at + 1) {
                let (Some(x), Some(y)) = (groups.get(a), groups.get(b)) else {
                    continue;
                };
                let is_open = is_open(x.key.as_ref(), rules) || is_open(y.key.as_ref(), rules);
                let overlap = whole.get(a).zip(whole.get(b)).is_some_and(|(x, y)| x.overlaps(y));
                if is_open && overlap {
                    found.insert((a, b), LinkReason::SameProduct);
                }
            }
        }
    }
}

/// A block that names a block of another treatment, unless they are about other products.
fn by_relation(
    blocks: &[Reading],
    groups: &[Group],
    rules: &Rules,
    found: &mut BTreeMap<(usize, usize), LinkReason>,
) {
    let named = Named::new(blocks);
    let mut group_of = vec![0; blocks.len()];
    for (place, group) in groups.iter().enumerate() {
        for &member in &group.members {
            if let Some(slot) = group_of.get_mut(member) {
                *slot = place;
            }
        }
    }
    for (place, block) in blocks.iter().enumerate() {
        for target in named.targets(block) {
            let (Some(&a), Some(&b), Some(other)) =
                (group_of.get(place), group_of.get(target), blocks.get(target))
            else {
                continue;
            };
            let is_open =
                is_open(block.treatment.as_ref(), rules) || is_open(other.treatment.as_ref(), rules);
            if a != b && is_open && !is_other_product(block, other, rules) {
                found.entry((a.min(b), a.max(b))).or_insert(LinkReason::Relation);
            }
        }
    }
}

/// From the start of the first block until the end of the last, of those that say so.
fn whole(blocks: &[Reading], group: &Group) -> Period {
    let members = group.members.iter().filter_map(|&member| blocks.get(member));
    let mut periods = members.map(|block| block.period).filter(|period| period.is_given);
    let Some(first) = periods.next() else {
        return Period::default();
    };
    periods.fold(first, |all, next| Period {
        start: all.start.zip(next.start).map(|(a, b)| a.min(b)),
        end: all.end.zip(next.end).map(|(a, b)| a.max(b)),
        ..all
    })
}

/// Which blocks a relation names.
pub(super) struct Named<'b> {
    numbers: BTreeMap<(&'b str, &'b str), Vec<usize>>,
    places: BTreeMap<usize, usize>,
}

impl<'b> Named<'b> {
    pub(super) fn new(blocks: &'b [Reading]) -> Self {
        let mut numbers: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        let mut places = BTreeMap::new();
        for (place, block) in blocks.iter().enumerate() {
            for (system, value) in &block.identifiers {
                numbers.entry((system, value)).or_default().push(place);
            }
            places.extend(block.members.iter().map(|&member| (member, place)));
        }
        Named { numbers, places }
    }

    /// The places of the blocks that a block names, ascending, each once and never itself.
    pub(super) fn targets(&self, block: &Reading) -> BTreeSet<usize> {
        let own = self.places.get(&block.index).copied();
        let mut targets = BTreeSet::new();
        for relation in &block.relations {
            match relation {
                Relation::Number(system, value) => {
                    let named = self.numbers.get(&(system.as_str(), value.as_str()));
                    // A number that so many blocks have is the number of none of them.
                    targets.extend(named.into_iter().flatten().take(MAX_LINKS));
                }
                Relation::Place(index) => targets.extend(self.places.get(index)),
            }
        }
        targets.retain(|target| Some(*target) != own);
        targets
    }
}
