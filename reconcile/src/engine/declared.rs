//! What a source says of where a record came from (tier T2): a Provenance, `meta.source`, the mark that it is a copy, or
//! what a document, order or plan replaces.
//!
//! What is declared is a claim: it joins only when something else that both say is the same too, and never what
//! contradicts. What only refers to another record (`basedOn`, `derivedFrom`, `priorPrescription`) declares no copy: an
//! agreement that follows another is another agreement, and a value that was worked out is another value.

mod copied;
#[cfg(test)]
mod tests;

pub(crate) use copied::is_copy;

use std::collections::BTreeSet;

use hashbrown::HashMap;
use samenhang_profiles::Received;
use samenhang_profiles::tape::Node;

use super::evidence::{Kept, kept_apart};
use super::sets::Sets;
use super::{Conflict, Possible, Reason, Tier};
use crate::fact::{Comparison, Facts, Value, World, compare};
use crate::policy::Policy;

/// What the role of an entity of a Provenance declares of its targets (`provenance-entity-role`, R4).
const ROLES: [(&str, Claim); 4] = [
    ("source", Claim::Copy),
    ("quotation", Claim::Copy),
    ("derivation", Claim::Copy),
    ("revision", Claim::Version),
];

/// Most resources of one set that are compared with those of another before they are joined.
const MAX_COMPARED: usize = 24;

/// What is declared of one record about another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    /// It was made from the other and says the same.
    Copy,
    /// It takes the place of the other.
    Version,
}

/// A claim of one record about another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Link {
    own: usize,
    of: usize,
    claim: Claim,
}

/// What came of what was declared.
#[derive(Default)]
pub(super) struct Declared {
    /// Records of which one takes the place of the other: the older and the newer.
    pub(super) replaced: BTreeSet<(usize, usize)>,
    pub(super) possible: Vec<Possible>,
    pub(super) conflicts: Vec<Conflict>,
}

/// Joins what is declared to be one record, as far as something corroborates it and nothing keeps it apart.
pub(super) fn join(
    items: &[Received],
    world: &World<'_>,
    facts: &Facts,
    policy: &Policy,
    sets: &mut Sets,
    tiers: &mut [Tier],
) -> Declared {
    let mut links = links(items, world);
    let mut found = Declared::default();
    let marked = copied::originals(items, world, facts, policy, sets);
    links.extend(marked.links);
    found
        .possible
        .extend(marked.unclear.into_iter().map(|(record, like)| Possible {
            record,
            like,
            reason: Reason::Ambiguous,
        }));
    if links.is_empty() {
        return found;
    }
    let groups = sets.groups();
    let groups = groups
        .iter()
        .filter_map(|members| Some((*members.first()?, members.to_vec())));
    let mut members: HashMap<usize, Vec<usize>> = groups.collect();
    let fact = |index: usize| facts.facts.get(index).and_then(Option::as_ref);
    for link in links {
        let Link { own, of, claim } = link;
        let (x, y) = (sets.root(own), sets.root(of));
        if claim == Claim::Version {
            found.replaced.insert((of, own));
        }
        if x == y || sets.are_apart(x, y) {
            continue;
        }
        let (left, right) = (
            members.remove(&x).unwrap_or_default(),
            members.remove(&y).unwrap_or_default(),
        );
        let pairs = left.iter().flat_map(|&a| right.iter().map(move |&b| (a, b)));
        let is_large = left.len() + right.len() > MAX_COMPARED;
        let kept = pairs
            .take(MAX_COMPARED * MAX_COMPARED)
            .find_map(|(a, b)| kept_apart(fact(a)?, fact(b)?, policy));
        let joins = match kept {
            None if !is_large && is_corroborated(items, facts, policy, link) => true,
            Some(Kept::AboutOther) => false,
            Some(Kept::Contradict(about)) => {
                let kind = fact(own).and_then(|fact| policy.kinds.get(fact.kind));
                found.conflicts.push(Conflict {
                    a: own.min(of),
                    b: own.max(of),
                    kind: kind.map(|kind| kind.name.clone()).unwrap_or_default(),
                    about,
                });
                false
            }
            None => {
                found.possible.push(Possible {
                    record: own.min(of),
                    like: vec![own.max(of)],
                    reason: Reason::NotEnough,
                });
                false
            }
        };
        if joins {
            sets.union(x, y);
            let mut all = left;
            all.extend(right);
            members.insert(sets.root(x), all);
            for index in [own, of] {
                if let Some(tier) = tiers.get_mut(index) {
                    *tier = (*tier).max(Tier::Declared);
                }
            }
        } else {
            members.insert(x, left);
            members.insert(y, right);
        }
    }
    found
}

/// What is declared, in an order of its own.
fn links(items: &[Received], world: &World<'_>) -> BTreeSet<Link> {
    let mut links = BTreeSet::new();
    let mut places: Option<HashMap<&str, usize>> = None;
    let mut place = |address: &str| {
        let places = places.get_or_insert_with(|| {
            let mut places = HashMap::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                places.entry(&*item.full_url).or_insert(index);
            }
            places
        });
        let address = address
            .split_once("/_history/")
            .map_or(address, |(address, _)| address);
        places.get(address).copied()
    };
    for (index, item) in items.iter().enumerate() {
        let Some(node) = world.node(index) else {
            continue;
        };
        let mut add = |own: usize, of: usize, claim: Claim| {
            let kind = |index: usize| items.get(index).map(|item| item.resource.resource_type());
            if own != of && kind(own) == kind(of) {
                links.insert(Link { own, of, claim });
            }
        };
        let mut followed = |reference: &str| world.target(index, reference).or_else(|| place(reference));
        let source = node.get("meta").and_then(|meta| meta.text("source"));
        // The part behind `#` names one event at the source.
        let source = source.map(|source| source.split_once('#').map_or(source, |(source, _)| source));
        if let Some(of) = source
            .filter(|source| source.contains('/'))
            .and_then(&mut followed)
        {
            add(index, of, Claim::Copy);
        }
        match item.resource.resource_type() {
            "DocumentReference" => {
                for relation in node.get("relatesTo").into_iter().flat_map(Node::items) {
                    let target = relation.get("target").and_then(|target| target.text("reference"));
                    if relation.text("code") == Some("replaces")
                        && let Some(of) = target.and_then(&mut followed)
                    {
                        add(index, of, Claim::Version);
                    }
                }
            }
            // What takes the place of an ended order or plan (`replaces`, R4) shows it as an earlier version.
            "ServiceRequest" | "CarePlan" => {
                let replaced = node.get("replaces").into_iter().flat_map(Node::items);
                for of in replaced.filter_map(|of| followed(of.text("reference")?)) {
                    add(index, of, Claim::Version);
                }
            }
            "Provenance" => {
                let mut listed = |list: &str, part: Option<&str>| -> Vec<(usize, Option<Claim>)> {
                    let items = node.get(list).into_iter().flat_map(Node::items);
                    items
                        .filter_map(|item| {
                            let to = part.map_or(Some(item), |part| item.get(part))?;
                            let role = item.text("role");
                            let claim = ROLES.iter().find(|(known, _)| Some(*known) == role);
                            Some((followed(to.text("reference")?)?, claim.map(|(_, claim)| *claim)))
                        })
                        .collect()
                };
                let (targets, entities) = (listed("target", None), listed("entity", Some("what")));
                let kind = |index: usize| items.get(index).map(|item| item.resource.resource_type());
                for &(own, _) in &targets {
                    // With two of one type it is not told which was made from which.
                    let alike = |other: &&(usize, Option<Claim>)| kind(other.0) == kind(own);
                    let mut twins = entities.iter().filter(alike);
                    if let (Some(&(of, Some(claim))), None, 1) =
                        (twins.next(), twins.next(), targets.iter().filter(alike).count())
                    {
                        add(own, of, claim);
                    }
                }
            }
            _ => {}
        }
    }
    links
}

/// Whether something else that both say is the same: a time, a value, who did it, the number of one thing (a lot, a
/// serial number, the hash of a file), or the moment at which it was recorded. A holder that says that its own record has
/// another version is right about that; of what the policy does not name the date counts too.
fn is_corroborated(items: &[Received], facts: &Facts, policy: &Policy, link: Link) -> bool {
    let (Some(own), Some(of)) = (items.get(link.own), items.get(link.of)) else {
        return false;
    };
    let is_of_one = own.lineage.holder == of.lineage.holder;
    let fact = |index: usize| facts.facts.get(index).and_then(Option::as_ref);
    let (Some(a), Some(b)) = (fact(link.own), fact(link.of)) else {
        let date = |item: &Received| item.resource.keys().date.clone();
        return is_of_one || (date(own).is_some() && date(own) == date(of));
    };
    let slots = policy.kinds.get(a.kind).map_or(&[][..], |kind| &kind.slots);
    let mut values = slots.iter().zip(a.values.iter().zip(&b.values)).skip(1);
    (is_of_one && link.claim == Claim::Version)
        || (a.recorded.is_some() && a.recorded == b.recorded)
        || values.any(|(slot, (a, b))| {
            let tells = match a {
                Value::Missing => false,
                // A status or a kind is the same for many.
                Value::Exact(_) => slot.names_one,
                _ => true,
            } && !b.is_missing();
            // A day that holds the moment is the same time, told less precisely.
            let least = match a {
                Value::Time(_) => Comparison::Open,
                _ => Comparison::Equivalent,
            };
            tells && compare(a, b) <= least
        })
}

/// Which of two takes the place of the other, when that is declared of any of what each stands for.
pub(super) fn replaces(replaced: &BTreeSet<(usize, usize)>, a: usize, b: usize) -> Option<usize> {
    if replaced.contains(&(b, a)) {
        Some(a)
    } else if replaced.contains(&(a, b)) {
        Some(b)
    } else {
        None
    }
}
