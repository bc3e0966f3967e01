//! What a record says of itself: that it is a copy of what another source has (`ext-CopyIndicator`, nl-core 2020).
//!
//! The mark does not tell of what it is a copy. Of a building block that lost its number it is found by what both say:
//! the very same in all that the policy compares, the number of what it belongs to (its treatment) and a moment among
//! it. More than one original is none.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use hashbrown::HashMap;
use samenhang_profiles::Received;
use samenhang_profiles::tape::Node;

use super::{Claim, Link};
use crate::engine::Sets;
use crate::fact::{Fact, Facts, Value, World};
use crate::policy::Policy;

/// The extension of nl-core: on a statement of use, a dispense (agreement), an observation, a specimen, a device.
const COPY_INDICATOR: &str = "http://nictiz.nl/fhir/StructureDefinition/ext-CopyIndicator";

/// What the mark says; nothing when it is not there.
fn mark(node: Node<'_>) -> Option<bool> {
    let mut extensions = node.get("extension")?.items();
    let found = extensions.find(|extension| extension.text("url") == Some(COPY_INDICATOR))?;
    found.get("valueBoolean")?.as_bool()
}

/// Whether a resource says that it is a copy from another source.
pub(crate) fn is_copy(world: &World<'_>, index: usize) -> bool {
    world.node(index).and_then(mark) == Some(true)
}

/// The originals that are found, and the copies of which more than one may be it.
#[derive(Default)]
pub(super) struct Found {
    pub(super) links: Vec<Link>,
    /// Each copy with all that it may be of.
    pub(super) unclear: Vec<(usize, Vec<usize>)>,
}

/// Finds the originals of copies that are not known by a number.
pub(super) fn originals(
    items: &[Received],
    world: &World<'_>,
    facts: &Facts,
    policy: &Policy,
    sets: &mut Sets,
) -> Found {
    let fact = |index: usize| facts.facts.get(index).and_then(Option::as_ref);
    // What may be found the same without a number is found so, with the mark or without it.
    let by_number = |fact: &Fact| {
        let kind = policy.kinds.get(fact.kind);
        kind.is_some_and(|kind| !kind.same_fact)
    };
    let copies: Vec<usize> = (0..items.len())
        .filter(|&index| fact(index).is_some_and(|fact| by_number(fact) && is_told(fact)))
        .filter(|&index| is_copy(world, index))
        .collect();
    let mut found = Found::default();
    if copies.is_empty() {
        return found;
    }
    let mut others: HashMap<(usize, &[Value]), Vec<usize>> = HashMap::new();
    for index in 0..items.len() {
        if let Some(fact) = fact(index).filter(|fact| by_number(fact)) {
            others.entry((fact.kind, &fact.values)).or_default().push(index);
        }
    }
    for own in copies {
        let Some(said) = fact(own) else { continue };
        let alike = others.get(&(said.kind, &*said.values)).into_iter().flatten();
        let mut originals: Vec<usize> = alike
            .copied()
            .filter(|&of| {
                fact(of).is_some_and(|fact| fact.source != said.source)
                    && !is_copy(world, of)
                    && !has_other_number(items, own, of)
            })
            .collect();
        // Two of one number are one original.
        let mut seen = BTreeSet::new();
        originals.retain(|&of| seen.insert(sets.root(of)));
        let is_known = seen.contains(&sets.root(own));
        match originals[..] {
            [of] if !is_known => found.links.push(Link {
                own,
                of,
                claim: Claim::Copy,
            }),
            [_, _, ..] if !is_known => found.unclear.push((own, originals)),
            _ => {}
        }
    }
    found
}

/// Whether enough is said to know a record again: what it is about, a number of what it belongs to, and a moment.
fn is_told(fact: &Fact) -> bool {
    let says = |is: fn(&Value) -> bool| fact.values.iter().any(is);
    fact.values.first().is_some_and(|value| !value.is_missing())
        && says(|value| matches!(value, Value::Numbers(_)))
        && says(|value| matches!(value, Value::Time(_)))
}

/// Whether both have a number in one system, and not the same: then one source tells them apart.
fn has_other_number(items: &[Received], a: usize, b: usize) -> bool {
    let of = |index: usize| items.get(index).map(|item| &item.resource.keys().identifiers);
    let (Some(a), Some(b)) = (of(a), of(b)) else {
        return false;
    };
    a.iter().any(|a| {
        let mut same_system = b.iter().filter(|b| a.system.is_some() && a.system == b.system);
        same_system.any(|b| a.value != b.value)
    })
}
