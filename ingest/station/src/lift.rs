//! From the bytes of a source to resources of R4: the door to the mapping engine.
//!
//! `samenhang-conform` makes resources of any format by map packs; a station asks it through [`Lift`]. [`AsSent`] is the
//! lift of a source that speaks R4 itself; [`ByFormat`] chooses by the format of each message.

mod as_sent;
mod by_format;
mod compact;
mod losses;
mod naming;
mod original;
mod quirks;
mod tables;

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;

pub use as_sent::AsSent;
pub use by_format::{ByFormat, OwnPackError};
pub use compact::{Compacted, compact};
pub(crate) use quirks::RULE as QUIRK_RULE;

use crate::message::Format;
use crate::source::SourceId;

/// A message to lift.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// The bytes as received.
    pub body: &'a Bytes,
    /// How they are written.
    pub format: Format,
    /// Whose they are; part of the ids that are made.
    pub source: &'a SourceId,
    /// Keyed hash of the sender's name for the message; part of the ids that are made where nothing better is there.
    pub external: &'a str,
    /// Keyed hash that is the same for everything of the source: an id that is made of a number and this cannot be made
    /// again by who does not have the key.
    pub space: &'a str,
}

/// What became of a message.
#[derive(Debug, Default)]
pub struct Lifted {
    /// The resources, in order.
    pub resources: Vec<LiftedResource>,
    /// What became of each leaf.
    pub ledger: Ledger,
    /// The same by place in the source, without indexes; empty for what is taken as sent.
    pub losses: BTreeMap<String, Ledger>,
    /// What is worth knowing and did not hold the message back: with its severity (`information`, `warning`), counted.
    pub findings: Findings,
    /// When the source made the message, where it says so.
    pub clock: Option<Timestamp>,
    /// Which map made the resources, with its version and the hash of its files; `as-sent` where none did.
    pub map: String,
}

/// What was found, with its severity as `OperationOutcome` has it, and how often.
pub type Findings = BTreeMap<(Reason, &'static str), u64>;

/// A resource of R4.
#[derive(Debug)]
pub struct LiftedResource {
    /// The resource in JSON, with an `id`.
    pub json: Bytes,
    /// By which other name references in the message lead to it, such as `entry.fullUrl`.
    pub full_url: Option<Box<str>>,
    /// What the source sent in another version of FHIR, in JSON, when this stands for all of it.
    pub original: Option<Bytes>,
    /// Whether it was made of a part of what the source sent, for which another stands.
    pub is_part: bool,
}

/// Every leaf of the message is in exactly one of these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Leaves that are in a resource.
    pub mapped: u64,
    /// Leaves that are left out for a reason that a map states.
    pub ignored: u64,
    /// Leaves for which there is no rule.
    pub unmapped: u64,
}

impl Ledger {
    /// Adds another account.
    pub(crate) fn add(&mut self, other: Ledger) {
        self.mapped += other.mapped;
        self.ignored += other.ignored;
        self.unmapped += other.unmapped;
    }
}

/// Why something is held, or what was found. Names of rules and places, never content. Two of the same four parts are
/// one problem, however many messages have it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reason {
    /// Where in the pipeline.
    pub stage: Stage,
    /// The rule: of a map, of identity, of a profile.
    pub rule: String,
    /// The element, without indexes.
    pub path: String,
    /// A code, where the rule has several.
    pub code: String,
    /// Row of the file, from one, for files with rows; no part of what makes two the same problem.
    pub row: Option<u64>,
}

/// A stage of the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// The bytes cannot be read.
    Parse,
    /// There is no map for it, or the map fails.
    Map,
    /// Whose it is is not certain. Never let through.
    Identity,
    /// The resource is not as its profiles ask.
    Validate,
    /// It would delete too much.
    Guard,
}

impl Stage {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Parse => "parse",
            Stage::Map => "map",
            Stage::Identity => "identity",
            Stage::Validate => "validate",
            Stage::Guard => "guard",
        }
    }

    /// Whether a person may let through what it held.
    #[must_use]
    pub fn may_be_waived(text: &str) -> bool {
        [Stage::Validate.as_str(), Stage::Guard.as_str()].contains(&text)
    }
}

impl Reason {
    /// A reason of a stage and rule alone.
    #[must_use]
    pub fn new(stage: Stage, rule: &str) -> Self {
        Reason {
            stage,
            rule: rule.to_owned(),
            path: String::new(),
            code: String::new(),
            row: None,
        }
    }

    /// Adds the row of the file.
    #[must_use]
    pub fn row(mut self, row: u64) -> Self {
        self.row = Some(row);
        self
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Adds the code.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = code.into();
        self
    }

    /// Sixteen hexadecimal digits that are the same for the same problem.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        use sha2::Digest as _;
        let mut hash = sha2::Sha256::new();
        for part in [self.stage.as_str(), &self.rule, &self.path, &self.code] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        crate::seal::hex(&hash.finalize()[..8])
    }
}

/// Makes resources of a message. Pure: the same message gives the same resources, byte for byte.
pub trait Lift: Send + Sync {
    /// Lifts one message.
    ///
    /// # Errors
    /// The reason to hold the message: it cannot be read, or there is no map for it.
    fn lift(&self, message: &Message<'_>) -> Result<Lifted, Reason>;

    /// Cuts a delivery of files with rows ([`Format::Csv`]) in parts ([`Format::CsvPart`]) of one patient each, which are
    /// messages of their own.
    ///
    /// # Errors
    /// The reason to hold the delivery: it cannot be read, or there is no map for it.
    fn cut(&self, _: &Delivered<'_>) -> Result<Vec<Part>, Reason> {
        Err(Reason::new(Stage::Map, "no-map"))
    }
}

/// A delivery of files with rows.
#[derive(Clone, Copy)]
pub struct Delivered<'a> {
    /// As [`delivery`](crate::delivery) writes it.
    pub body: &'a Bytes,
    /// Whose it is.
    pub source: &'a SourceId,
    /// Keyed hash of it, which its parts carry.
    pub hash: &'a str,
    /// Most rows, all files together.
    pub max_rows: usize,
}

/// A part of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What tells it apart in its delivery, the same in the next.
    pub name: String,
    /// Its rows.
    pub body: Bytes,
}
