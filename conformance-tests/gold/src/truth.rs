//! What is true of the resources of one patient, and what the evidence that was left allows to find.
//!
//! The truth is the lineage that the generator recorded: which resources were made from which record of which fact. The
//! evidence is judged on the statements and never on the resources, after sections 2.1 to 2.3 of the reconciliation
//! notes: a number (T1), a declared origin (T2), everything that is said (T3, by a map of codes T4). What is compatible
//! with more than one fact, or rests on a text, a guessed unit or a near date, must be left to a person.

mod facet;
mod pairs;

use samenhang_profiles::Received;

use crate::perturb::Change;
use crate::statement::Statement;

pub(crate) use pairs::{Expected, expected};

/// Where a resource comes from. The engine never sees it.
#[derive(Clone)]
pub(crate) struct Label {
    /// The fact in the world.
    pub(crate) fact: u32,
    /// The registration of that fact.
    pub(crate) record: u32,
    /// The version of that registration.
    pub(crate) version: u8,
    /// What was done to it on its way.
    pub(crate) changes: Vec<Change>,
    /// What is left of the statement.
    pub(crate) statement: Statement,
    /// Number of the source that has it.
    pub(crate) source: usize,
    /// What it says, as a number: equal for what is written alike but for id, meta and text.
    pub(crate) print: u64,
    /// Address of the record that it declares to be made from.
    pub(crate) origin: Option<String>,
    /// The fact that it contradicts.
    pub(crate) contradicts: Option<u32>,
}

/// A resource with its label.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) received: Received,
    pub(crate) label: Label,
}

/// How two resources belong together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Relation {
    SameRecord,
    VersionOf,
    SameFact,
    SameTopic,
    Conflict,
    Distinct,
}

impl Relation {
    /// Its name in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Relation::SameRecord => "same-record",
            Relation::VersionOf => "version-of",
            Relation::SameFact => "same-fact",
            Relation::SameTopic => "same-topic",
            Relation::Conflict => "conflict",
            Relation::Distinct => "distinct",
        }
    }
}

/// The strongest evidence that is left for a pair.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Tier {
    /// Equal content.
    T0,
    /// A number in common.
    T1,
    /// A declared origin.
    T2,
    /// The same in all that is said.
    T3,
    /// The same by a map of codes.
    T4,
    /// Not enough, or enough for more than one: for a person.
    Unsure,
}

impl Tier {
    /// All, in order.
    pub(crate) const ALL: [Tier; 6] = [Tier::T0, Tier::T1, Tier::T2, Tier::T3, Tier::T4, Tier::Unsure];

    /// Its name in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Tier::T0 => "T0",
            Tier::T1 => "T1",
            Tier::T2 => "T2",
            Tier::T3 => "T3",
            Tier::T4 => "T4",
            Tier::Unsure => "for a person",
        }
    }
}

impl Label {
    /// How two resources of one fact belong together.
    pub(crate) fn relation(&self, other: &Label) -> Relation {
        if self.fact != other.fact {
            let contradicts = self.contradicts == Some(other.fact) || other.contradicts == Some(self.fact);
            let topic = self.statement.kind == other.statement.kind
                && self.statement.concept.meaning == other.statement.concept.meaning;
            return match (contradicts, topic) {
                (true, _) => Relation::Conflict,
                (false, true) => Relation::SameTopic,
                (false, false) => Relation::Distinct,
            };
        }
        match (self.record == other.record, self.version == other.version) {
            (true, true) => Relation::SameRecord,
            (true, false) => Relation::VersionOf,
            (false, _) => Relation::SameFact,
        }
    }
}
