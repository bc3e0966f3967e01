//! What the quality reports of sources say, in numbers, with the way to the whole of each.

use crate::language::Language;
use crate::texts::Texts;

/// A source of a station, and what is known of its quality.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityOfSource {
    /// What the operator calls it.
    pub source: String,
    /// The report.
    pub told: QualityTold,
}

/// Whether there is a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QualityTold {
    /// The configuration names no file for it.
    NotConfigured,
    /// The file is not there, or is no report.
    Unreadable,
    /// It can be read.
    Report(QualitySummary),
}

/// A report in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualitySummary {
    /// When the station made it, for a reader.
    pub made: String,
    /// How long ago that is.
    pub age: String,
    /// When the first message of the source came.
    pub since: String,
    /// The care provider whose data it is: its URA.
    pub provider: String,
    /// The score; none when there was nothing to measure.
    pub score: Option<Percent>,
    /// What it is made of.
    pub dimensions: Vec<Measured>,
    /// Address of the whole report, without a query.
    pub address: String,
}

/// One dimension of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// `conformity`, `completeness`, `terminology`, `identity`, `timeliness` or `loss`.
    pub aspect: &'static str,
    /// Its weight in the score, in percent.
    pub weight: u32,
    /// Its score; none when there was nothing to measure.
    pub score: Option<Percent>,
    /// What was counted.
    pub parts: Vec<Counted>,
}

/// A number and what it was counted over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// What is counted, as the report names it.
    pub rule: String,
    /// How many are as they should be.
    pub good: u64,
    /// Out of how many.
    pub asked: u64,
}

/// A score, in tenths of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u16);

impl Percent {
    /// Reads a score; none when it is not from 0 to 100.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 1000"
    )]
    pub fn of(score: f64) -> Option<Percent> {
        (0.0..=100.0)
            .contains(&score)
            .then(|| Percent((score * 10.0).round() as u16))
    }

    /// For a reader.
    #[must_use]
    pub fn text(self, language: Language) -> String {
        let point = language.pick(',', '.');
        format!("{}{point}{} %", self.0 / 10, self.0 % 10)
    }
}

impl Measured {
    /// The name of the dimension.
    pub(super) fn name(&self, t: &Texts) -> String {
        t.say(match self.aspect {
            "conformity" => "op-conformity",
            "completeness" => "op-completeness",
            "terminology" => "op-terminology",
            "identity" => "op-identity",
            "timeliness" => "op-timeliness",
            _ => "op-loss",
        })
    }
}

impl Counted {
    /// What was counted, in words; what has no words is told by its name.
    pub(super) fn text(&self, t: &Texts) -> String {
        let key = match self.rule.as_str() {
            "resources-without-errors" => "op-counts-resources",
            "sections-given" => "op-counts-sections",
            "required-elements-given" => "op-counts-elements",
            "codings-without-remarks" => "op-counts-codings",
            "messages-of-a-certain-patient" => "op-counts-patients",
            "resources-within-a-day" => "op-counts-days",
            "leaves-accounted-for" => "op-counts-leaves",
            _ => return format!("{}: {} / {}", self.rule, self.good, self.asked),
        };
        let (good, asked) = (self.good.to_string(), self.asked.to_string());
        t.fill(key, &[("good", &good), ("asked", &asked)])
    }
}
