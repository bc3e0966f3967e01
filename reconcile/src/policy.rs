//! The reconciliation policy: per building block what makes two records the same fact, what keeps them apart, what is
//! a contradiction, and which record stands for the others (reconciliation notes, sections 2.1 to 2.3).
//!
//! The policy is data: files of YAML that a clinician can read (`reconcile/policy`), with a version. This module reads
//! and checks them; what they mean is written once, in [`crate::engine`]. A slot that the policy does not name never
//! links and never keeps apart.

pub(crate) mod path;
mod read;

use std::sync::LazyLock;

pub use path::Path;
pub use read::PolicyError;
pub(crate) use read::yaml;

/// The files of the policy that is shipped, in the order in which their kinds are tried.
pub(crate) const SHIPPED: [(&str, &str); 6] = [
    ("policy.yaml", include_str!("../policy/policy.yaml")),
    ("problems.yaml", include_str!("../policy/problems.yaml")),
    ("measurements.yaml", include_str!("../policy/measurements.yaml")),
    ("medication.yaml", include_str!("../policy/medication.yaml")),
    ("history.yaml", include_str!("../policy/history.yaml")),
    ("other.yaml", include_str!("../policy/other.yaml")),
];

/// A text for a person, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// In Dutch.
    pub nl: String,
    /// In English.
    pub en: String,
}

/// The policy as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Its version: another meaning is another version.
    pub version: String,
    /// The kinds of record, in the order in which they are tried.
    pub kinds: Vec<Kind>,
}

/// How one kind of record, mostly one zib, is reconciled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// Stable name, part of the names of rules.
    pub name: String,
    /// What a person calls it.
    pub label: Words,
    /// Types of resource.
    pub types: Vec<String>,
    /// All must hold.
    pub when: Vec<Condition>,
    /// Whether records without a common identifier or declared origin may be found the same.
    pub same_fact: bool,
    /// What two records must agree on, the first of them the concept that they are about.
    pub slots: Vec<Slot>,
    /// How versions of one record are known without a number of the record.
    pub versions: Option<Versions>,
    /// Where the time stands that tells which of two versions is newer; the first that is there counts.
    pub recency: Vec<Path>,
    /// Which of several members stands for the others, the first that decides counts.
    pub represent: Vec<Criterion>,
    /// What a record must say to be true at present; nothing: every record is.
    pub stands: Vec<Condition>,
    /// Kinds of which no record that stands can be true together with one of these that stands.
    pub contradicts: Vec<String>,
    /// What is never joined and why, for the page of the policy.
    pub never: Option<Words>,
}

impl Kind {
    /// Whether what records of this kind say is compared: to find the same fact, or a contradiction.
    #[must_use]
    pub fn is_compared(&self) -> bool {
        self.same_fact || self.slots.iter().any(|slot| slot.differs == Differs::Conflict)
    }
}

/// Slots that tell versions of one record: with one number and another stage, what may change may differ; with one stage
/// it contradicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// Index of the slot with a number that both must have, such as that of the specimen.
    pub number: usize,
    /// Index of the slot with the stage: preliminary, final, corrected.
    pub stage: usize,
}

/// What a record must say to be of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Where.
    pub path: Path,
    /// Codes, or values of `system|code`; one of them is enough. Empty: that there is something.
    pub any: Vec<String>,
    /// Whether none of them may stand there instead.
    pub not: bool,
}

/// One thing that two records are compared on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Stable name.
    pub name: String,
    /// What a person calls it.
    pub label: Words,
    /// Where it stands; the first that has something counts.
    pub paths: Vec<Path>,
    /// What it holds.
    pub holds: Holds,
    /// Codes that mean the same here: pairs of a code and its class. A code without one stands for itself.
    pub classes: Vec<(String, String)>,
    /// What it means that one record says nothing.
    pub missing: Missing,
    /// What it means that they say different things.
    pub differs: Differs,
    /// Whether a later version of one record may say something else.
    pub may_change: bool,
    /// Whether it holds the number of one thing, which is the same for few records: a lot, a serial number, the hash of a
    /// file. Then it corroborates what is declared of a copy.
    pub names_one: bool,
    /// Extensions that other slots of the kind read, and that are therefore no part of what this one compares as it stands.
    pub read_elsewhere: Vec<String>,
}

/// What a slot holds, and so how two values of it are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holds {
    /// A concept: codings that may translate each other, or a text.
    Concept,
    /// A code, a string or a number that is compared as it stands.
    Code,
    /// A yes or no; no is what is not said.
    Flag,
    /// A date, a moment or a period.
    Time,
    /// Only the start of a period, or the moment.
    Start,
    /// A value of any type, quantities by their size and not by their unit.
    Value,
    /// The parts of a measurement, each with its code and value.
    Components,
    /// The results of a panel, which are records of their own, each with its code and value.
    Members,
    /// An organisation or a professional, by a number that is its own.
    Party,
    /// Any identifier.
    Identifier,
    /// Everything below it, as it stands; order does not count.
    Content,
}

/// What it means that one of two records says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// Neither the same nor different: they are joined when nothing else fits.
    #[default]
    Open,
    /// Without it nothing is found the same: at most a possible duplicate.
    Required,
    /// Saying nothing is saying something: it keeps apart.
    Apart,
}

/// What it means that two records say different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Differs {
    /// They are two facts.
    #[default]
    Apart,
    /// They are kept apart, and if that is all that differs they contradict each other.
    Conflict,
    /// They are one fact all the same, and the difference is shown.
    Tell,
}

/// What makes one member of a cluster stand for the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Criterion {
    /// Shown in the version of FHIR of the answer.
    Readable,
    /// The holder's own record, not a copy of another's.
    Own,
    /// The first of these codes at the path.
    First {
        /// Where.
        path: Path,
        /// Codes, the most wanted first.
        codes: Vec<String>,
    },
    /// What was recorded last.
    Newest,
    /// What says most.
    Richest,
    /// What was sent like this, over what was made of it.
    Native,
}

impl Policy {
    /// The policy that is shipped.
    ///
    /// It is part of the program and read by its tests: an empty policy, which joins copies and identifiers only,
    /// stands in for one that could not be read.
    #[must_use]
    pub fn shipped() -> &'static Policy {
        static SHIPPED_POLICY: LazyLock<Policy> = LazyLock::new(|| {
            Policy::read(&SHIPPED).unwrap_or_else(|_| Policy {
                name: "none".to_owned(),
                version: "0".to_owned(),
                kinds: Vec::new(),
            })
        });
        &SHIPPED_POLICY
    }

    /// Reads a policy from its files, each a name and a text.
    ///
    /// # Errors
    /// [`PolicyError`] with the file, and the place in it, of the first thing that is wrong.
    pub fn read(files: &[(&str, &str)]) -> Result<Policy, PolicyError> {
        read::read(files)
    }

    /// What a person calls a slot of a kind; nothing for what the policy does not name.
    #[must_use]
    pub fn label(&self, kind: &str, slot: &str) -> Option<&Words> {
        let kind = self.kinds.iter().find(|known| known.name == kind)?;
        kind.slots
            .iter()
            .find(|known| known.name == slot)
            .map(|slot| &slot.label)
    }

    /// The canonical name with the version, as it stands in a Provenance.
    #[must_use]
    pub fn canonical(&self) -> String {
        format!(
            "{}/policy/{}|{}",
            samenhang_terminology::naming::SAMENHANG,
            self.name,
            self.version
        )
    }
}
