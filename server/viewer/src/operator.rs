//! The page for the operator: how holders do, how they differ from the specification, and what stations hold.
//!
//! It has no script and is loaded anew when its reader asks. Nothing in it is about a patient: its parts are numbers, codes
//! of ours, and names of organisations.

mod quality;

use askama::Template;
use jiff::SignedDuration;

use crate::language::Language;
use crate::pages::{PageError, render};
use crate::texts::Texts;

pub use quality::{Counted, Measured, Percent, QualityOfSource, QualitySummary, QualityTold};

/// One holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderLine {
    /// Name, or its number when the directory has none.
    pub name: String,
    /// URA.
    pub ura: String,
    /// `closed`, `open`, `half-open` or `held`.
    pub breaker: &'static str,
    /// Since when, for a reader.
    pub since: Option<String>,
    /// Calls since the start.
    pub calls: u64,
    /// Of these, calls that brought nothing.
    pub failures: u64,
    /// Milliseconds: p50, p95 and p99 of the last calls.
    pub latency_ms: Option<[u64; 3]>,
    /// When a call last succeeded.
    pub last_success: Option<String>,
    /// When a call last brought nothing, and why.
    pub last_failure: Option<(String, &'static str)>,
}

impl HolderLine {
    /// The text of the state of the breaker.
    fn state(&self, t: &Texts) -> String {
        t.say(match self.breaker {
            "closed" => "breaker-closed",
            "open" => "breaker-open",
            "half-open" => "breaker-half-open",
            _ => "breaker-held",
        })
    }

    fn is_well(&self) -> bool {
        self.breaker == "closed"
    }
}

/// A way in which a holder differs from the specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuirkLine {
    /// The holder.
    pub holder: String,
    /// Id in the catalogue.
    pub id: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What is done about it.
    pub rule: &'static str,
    /// How often.
    pub count: u64,
}

/// What a station holds of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Station {
    /// What the operator calls it.
    pub source: String,
    /// When it told, for a reader; none when there is no report.
    pub told: Option<String>,
    /// Whether the report can be read.
    pub is_readable: bool,
    /// What is held.
    pub held: Vec<Held>,
}

/// Messages that are held for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The code.
    pub code: String,
    /// Where in the pipeline.
    pub stage: String,
    /// The rule.
    pub rule: String,
    /// What a person did about it.
    pub state: String,
    /// How many messages.
    pub count: u64,
    /// How long the first of them waits.
    pub age: String,
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorPage {
    /// Language of the page.
    pub language: Language,
    /// Whether this is the demonstration.
    pub demo: bool,
    /// When it was made.
    pub made_at: String,
    /// The version of the server.
    pub version: &'static str,
    /// What the server waits for; empty when it is ready.
    pub waiting: Vec<&'static str>,
    /// When the directory was last brought up to date.
    pub directory: Option<String>,
    /// Organisations in it.
    pub organisations: usize,
    /// Endpoints in it.
    pub endpoints: usize,
    /// Every holder that was asked since the start.
    pub holders: Vec<HolderLine>,
    /// In what ways holders differ.
    pub quirks: Vec<QuirkLine>,
    /// The quality of what sources sent, as their stations reported it.
    pub quality: Vec<QualityOfSource>,
    /// What stations hold.
    pub stations: Vec<Station>,
}

#[derive(Template)]
#[template(path = "operator.html")]
struct OperatorTemplate<'a> {
    t: &'static Texts,
    language: Language,
    page: &'a OperatorPage,
}

impl OperatorPage {
    /// Writes the page.
    ///
    /// # Errors
    /// [`PageError`], a defect.
    pub fn render(&self) -> Result<String, PageError> {
        render(&OperatorTemplate {
            t: self.language.texts(),
            language: self.language,
            page: self,
        })
    }
}

/// How long something lasts, in its largest unit.
#[must_use]
pub fn age(lasts: SignedDuration) -> String {
    match lasts.as_secs() {
        seconds if seconds < 60 => "< 1 min".to_owned(),
        seconds if seconds < 3_600 => format!("{} min", seconds / 60),
        seconds if seconds < 2 * 86_400 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests;
