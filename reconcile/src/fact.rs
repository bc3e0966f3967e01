//! What the policy compares of a resource: one value for each slot of its kind.
//!
//! Texts are interned, so that comparing is comparing numbers. It reads and never interprets beyond what the policy
//! says; what it cannot read is missing, and missing is neither equal nor different. Holds patient data: no `Debug`.

mod compare;
mod concept;
mod extract;
mod quantity;
pub(crate) mod text;
mod world;

use hashbrown::HashMap;

pub(crate) use compare::{Comparison, are_next_days, compare, is_rounded, times};
pub(crate) use concept::{Bridge, Code, system_of};
pub(crate) use extract::{Facts, kind};
pub(crate) use world::World;

use concept::Concept;
use quantity::Quantity;

use crate::date::Interval;
use jiff::Timestamp;

/// A text by its number.
pub(crate) type Name = u32;

/// Texts and their numbers. The numbers depend on the order of arrival and are compared for equality only.
#[derive(Default)]
pub(crate) struct Names {
    numbers: HashMap<Box<str>, Name>,
    pairs: HashMap<(Name, Name), Name>,
    /// By system and code what stands for all that are equivalent to it.
    classes: HashMap<(Name, Name), Name>,
    pub(crate) bridged: Bridged,
}

/// What maps of codes say of the concepts that were read.
#[derive(Default)]
pub(crate) struct Bridged {
    /// The maps that make a class of codes one.
    pub(crate) maps: HashMap<Name, Box<[u16]>>,
    /// Classes that share a topic with a class, each with the map that says so.
    pub(crate) topics: HashMap<Name, Vec<(Name, u16)>>,
}

impl Names {
    pub(crate) fn of(&mut self, text: &str) -> Name {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.next();
        self.numbers.insert(text.into(), number);
        number
    }

    /// The number of two texts together, which is that of no text.
    pub(crate) fn of_pair(&mut self, first: Name, second: Name) -> Name {
        if let Some(number) = self.pairs.get(&(first, second)) {
            return *number;
        }
        let number = self.next();
        self.pairs.insert((first, second), number);
        number
    }

    fn next(&self) -> Name {
        Name::try_from(self.numbers.len() + self.pairs.len()).unwrap_or(Name::MAX)
    }
}

/// What one slot holds.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Value {
    /// Nothing is said.
    Missing,
    /// Something that is compared as it stands.
    Exact(Name),
    /// One or more concepts.
    Concepts(Box<[Concept]>),
    /// A time.
    Time(Span),
    /// A quantity.
    Quantity(Quantity),
    /// Numbers of which one in common is enough: each a system and a value.
    Numbers(Box<[(Name, Name)]>),
    /// The parts of a measurement.
    Parts(Box<[(Concept, Value)]>),
    /// The results that a panel holds, which are records of their own.
    Members(Box<[(Concept, Value)]>),
}

impl Value {
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Value::Missing)
    }

    /// What is said: itself, or nothing.
    pub(crate) fn said(&self) -> &[Value] {
        match self {
            Value::Missing => &[],
            said => std::slice::from_ref(said),
        }
    }
}

/// A time that is known as far as it is: an open end is `None`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) start: Option<Timestamp>,
    pub(crate) end: Option<Timestamp>,
}

impl Span {
    fn of(interval: Interval) -> Self {
        Span {
            start: Some(interval.start),
            end: Some(interval.end),
        }
    }

    /// Whether both can be one time.
    pub(crate) fn overlaps(self, other: Span) -> bool {
        self.starts_by(other) && other.starts_by(self)
    }

    fn starts_by(self, other: Span) -> bool {
        match (self.start, other.end) {
            (Some(start), Some(end)) => start <= end,
            _ => true,
        }
    }
}

/// What is compared of one resource.
pub(crate) struct Fact {
    /// Index of its kind in the policy.
    pub(crate) kind: usize,
    /// The endpoint that it came from, by number.
    pub(crate) source: Name,
    /// One for each slot of the kind.
    pub(crate) values: Box<[Value]>,
    /// Whether it says that something is so at present.
    pub(crate) stands: bool,
    /// When it was recorded, as the policy says.
    pub(crate) recorded: Option<Timestamp>,
}

impl Fact {
    /// Its kind, and which slots it fills, as bits; what comes after the 64th counts as one.
    pub(crate) fn summary(&self) -> (usize, u64) {
        let said = self.values.iter().enumerate();
        let said = said.filter(|(_, value)| !value.is_missing());
        (self.kind, said.fold(0, |bits, (at, _)| bits | 1 << at.min(63)))
    }
}
