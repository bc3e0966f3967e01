//! What a report says: per dimension how much was asked and how much was good, and the rules behind it with their counts.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::quirks::QuirkCount;

/// What a dimension is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// Resources against their profiles.
    Conformity,
    /// Sections and required elements of the BgZ.
    Completeness,
    /// Codes against their systems, value sets and tables.
    Terminology,
    /// Messages of which it is certain whose they are.
    Identity,
    /// How soon after the source's clock a resource came.
    Timeliness,
    /// Leaves of messages that have a place.
    Loss,
}

impl Aspect {
    /// All of them, in order.
    pub const ALL: [Aspect; 6] = [
        Aspect::Conformity,
        Aspect::Completeness,
        Aspect::Terminology,
        Aspect::Identity,
        Aspect::Timeliness,
        Aspect::Loss,
    ];

    /// As it is written.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Aspect::Conformity => "conformity",
            Aspect::Completeness => "completeness",
            Aspect::Terminology => "terminology",
            Aspect::Identity => "identity",
            Aspect::Timeliness => "timeliness",
            Aspect::Loss => "loss",
        }
    }

    /// Its weight in the score, in percent (section 3.8 of the conformance and reliability notes).
    #[must_use]
    pub fn weight(self) -> u32 {
        match self {
            Aspect::Conformity => 30,
            Aspect::Completeness | Aspect::Terminology => 20,
            Aspect::Identity | Aspect::Timeliness | Aspect::Loss => 10,
        }
    }
}

/// The quality of what one source sent. Names of rules and elements and counts; no data of a patient.
///
/// It is read back where another process shows it: what `samenhang station quality` wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QualityReport {
    /// Name of the source in the station.
    pub source: String,
    /// The care provider whose data it is: its URA.
    pub provider: String,
    /// When the first message came (UTC); the time of the report when none came.
    pub since: Timestamp,
    /// When the report was made (UTC).
    pub made: Timestamp,
    /// Weighted mean of the scores of the dimensions that have one, 0 to 100; none when there is nothing to score.
    pub score: Option<f64>,
    /// The dimensions, in the order of [`Aspect::ALL`].
    pub dimensions: Vec<Dimension>,
    /// The profiles of the BgZ, with what the source gives of each.
    pub profiles: Vec<Profile>,
    /// What became of the leaves of messages, by place.
    pub leaves: Vec<Leaves>,
    /// In what ways the source differs from the specification, by the quirk catalogue. Not scored: what is wrong with a
    /// resource is under conformity.
    pub quirks: Vec<QuirkCount>,
}

/// One dimension.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dimension {
    /// What it is about.
    pub aspect: Aspect,
    /// Its weight in the score, in percent.
    pub weight: u32,
    /// Mean of its parts, 0 to 100; none when nothing was asked.
    pub score: Option<f64>,
    /// What it is made of.
    pub parts: Vec<Part>,
    /// The rules behind it, most frequent first.
    pub lines: Vec<Line>,
}

/// A number and what it was counted over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What is counted.
    pub rule: Cow<'static, str>,
    /// How many are as they should be.
    pub good: u64,
    /// Out of how many.
    pub asked: u64,
}

/// A rule and how often it spoke.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line {
    /// The rule: of a profile, a map, identity.
    pub rule: String,
    /// The element, without indexes.
    pub path: String,
    /// What the rule is told apart by: a profile, a code of the catalogue with the system of a code, a reason.
    pub code: String,
    /// `error`, `warning` or `information`; `held` for what is in quarantine.
    pub severity: String,
    /// How often.
    pub count: u64,
}

/// A profile of the BgZ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Section of the BgZ.
    pub section: Cow<'static, str>,
    /// The same in Dutch.
    pub section_nl: Cow<'static, str>,
    /// Canonical URL.
    pub profile: String,
    /// Current resources that claim it; of a type that has one profile in the BgZ also those that claim none.
    pub resources: u64,
    /// Its direct elements that are required, or carry a concept of the zib.
    pub elements: Vec<Element>,
}

/// An element of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// Its path.
    pub path: String,
    /// Whether the profile requires it. Others are counted and not scored.
    pub required: bool,
    /// In how many resources it is there.
    pub given: u64,
    /// Out of how many.
    pub asked: u64,
}

/// What became of the leaves at a place in messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaves {
    /// The place in the source, without indexes.
    pub path: String,
    /// Leaves that are in a resource.
    pub mapped: u64,
    /// Leaves that are left out for a reason that a map states.
    pub ignored: u64,
    /// Leaves for which there is no rule.
    pub unmapped: u64,
}

/// One number after the point.
fn rounded(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

impl Part {
    /// Percent that is good; none when nothing was asked.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub fn percent(&self) -> Option<f64> {
        (self.asked > 0).then(|| 100.0 * self.good.min(self.asked) as f64 / self.asked as f64)
    }
}

impl Dimension {
    /// A dimension with its score.
    pub(super) fn of(aspect: Aspect, parts: Vec<Part>, mut lines: Vec<Line>) -> Self {
        lines.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.cmp(other)));
        let percents: Vec<f64> = parts.iter().filter_map(Part::percent).collect();
        let count = u32::try_from(percents.len()).unwrap_or(u32::MAX);
        let score = (count > 0).then(|| rounded(percents.iter().sum::<f64>() / f64::from(count)));
        Dimension {
            aspect,
            weight: aspect.weight(),
            score,
            parts,
            lines,
        }
    }
}

/// The weighted mean of the dimensions that have a score.
pub(super) fn score(dimensions: &[Dimension]) -> Option<f64> {
    let scored = || {
        dimensions
            .iter()
            .filter_map(|one| Some((f64::from(one.weight), one.score?)))
    };
    let weight: f64 = scored().map(|(weight, _)| weight).sum();
    let sum: f64 = scored().map(|(weight, score)| weight * score).sum();
    (weight > 0.0).then(|| rounded(sum / weight))
}
