//! What two records were compared on, slot by slot: how a link, or its absence, is explained.
//!
//! It gives names and outcomes, never values: those stand in the records themselves.

use samenhang_profiles::Received;

use super::node::compare_slot;
use crate::fact::{Comparison, Fact, Facts, World};
use crate::maps::Maps;
use crate::policy::{Kind, Policy, Slot};

/// How one slot of two records compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Both say the same, or both say nothing.
    Same,
    /// They say the same by a map of codes.
    Equivalent,
    /// One says less, or nothing.
    Open,
    /// They look alike; too little to join them.
    Near,
    /// They say different things.
    Apart,
}

impl Outcome {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Outcome::Same => "same",
            Outcome::Equivalent => "equivalent",
            Outcome::Open => "open",
            Outcome::Near => "near",
            Outcome::Apart => "apart",
        }
    }
}

impl From<Comparison> for Outcome {
    fn from(of: Comparison) -> Self {
        match of {
            Comparison::Same => Outcome::Same,
            Comparison::Equivalent => Outcome::Equivalent,
            Comparison::Open => Outcome::Open,
            Comparison::Near => Outcome::Near,
            Comparison::Apart => Outcome::Apart,
        }
    }
}

/// Compares records again, for whoever wants to know why.
pub struct Explainer<'p> {
    facts: Facts,
    policy: &'p Policy,
}

impl<'p> Explainer<'p> {
    /// Reads resources again, in R4, with the maps of codes that were used.
    #[must_use]
    pub fn new(items: &[Received], policy: &'p Policy, maps: &Maps) -> Self {
        Explainer {
            facts: Facts::read(&World::new(items), policy, maps),
            policy,
        }
    }

    fn fact(&self, index: usize) -> Option<&Fact> {
        self.facts.facts.get(index)?.as_ref()
    }

    /// The kind of a record, when the policy names it.
    #[must_use]
    pub fn kind(&self, index: usize) -> Option<&'p Kind> {
        self.policy.kinds.get(self.fact(index)?.kind)
    }

    /// How two records compare in each slot of which at least one says something; `None` when they are of two kinds, or
    /// of none.
    #[must_use]
    pub fn compare(&self, a: usize, b: usize) -> Option<Vec<(&'p Slot, Outcome)>> {
        let (x, y) = (self.fact(a)?, self.fact(b)?);
        let kind = self.kind(a).filter(|_| x.kind == y.kind)?;
        let slots = kind.slots.iter().zip(x.values.iter().zip(&y.values));
        let slots = slots.filter(|(_, (a, b))| !(a.is_missing() && b.is_missing()));
        let compared = slots.map(|(slot, (a, b))| (slot, compare_slot(slot, a.said(), b.said()).into()));
        Some(compared.collect())
    }
}
