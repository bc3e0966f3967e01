//! The quality of what a source sent, from what the station counted and keeps.
//!
//! Counts over the life of the station: what validation and maps found, identity, and leaves. Over what is there now:
//! verdicts, completeness and timeliness. Nothing here leaves the station with a value of a message in it.
//! Source: section 3.8 of the conformance and reliability notes.

mod completeness;
mod html;
mod measure_report;
mod quirks;
mod read;
mod report;
mod words;

pub use html::{Link, STYLE, html};
pub use measure_report::measure_report;
pub use quirks::QuirkCount;
pub use report::{Aspect, Dimension, Element, Leaves, Line, Part, Profile, QualityReport};
pub use words::Language;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::error::StationError;
use crate::source::Scope;
use crate::station::Station;

/// Rules of validation that are about codes.
const CODE_RULES: [&str; 3] = ["unknown-code", "wrong-display", "coding-system-relative"];
/// Digits in a row of a citizen service number. What comes from outside and has so many is not shown.
const NUMBER: [usize; 2] = [8, 9];
/// What stands for it.
const WITHHELD: &str = "(withheld)";

impl Station {
    /// The quality of a source. Reads every current resource of the types of the BgZ: meant for once a day.
    ///
    /// # Errors
    /// [`StationError`] when the database or an object fails.
    pub async fn quality(&self, scope: &Scope) -> Result<QualityReport, StationError> {
        let made = self.surroundings.now();
        let counts = read::counts(&self.database, scope).await?;
        let profiles = self.completeness(scope).await?;
        let mut found: BTreeMap<&str, Vec<Line>> = BTreeMap::new();
        for (stage, line) in &counts.findings {
            if quirks::is_quirk(stage, line) {
                continue;
            }
            let line = public(line);
            found
                .entry(aspect_of(stage, &line).code())
                .or_default()
                .push(line);
        }
        let mut lines = |aspect: Aspect| found.remove(aspect.code()).unwrap_or_default();
        let wrong: u64 = counts
            .findings
            .iter()
            .filter(|(stage, line)| aspect_of(stage, line) == Aspect::Terminology)
            .map(|(_, line)| line.count)
            .sum();
        let tally = |name: &str| counts.tallies.get(name).copied().unwrap_or_default();
        let part = |rule: &'static str, good, asked| Part {
            rule: rule.into(),
            good,
            asked,
        };
        let mut conformity = lines(Aspect::Conformity);
        conformity.extend(
            counts
                .verdicts
                .iter()
                .map(|(verdict, count)| line("verdict", verdict, *count)),
        );
        let resources: u64 = counts.verdicts.values().sum();
        let invalid = counts.verdicts.get("invalid").copied().unwrap_or_default();
        let mut identity = lines(Aspect::Identity);
        identity.extend(counts.identity.iter().map(public));
        let mut late: Vec<Line> = counts
            .delays
            .iter()
            .map(|(rule, count)| line(rule, "", *count))
            .collect();
        late.extend(lines(Aspect::Timeliness));
        let delay = |rule: &str| counts.delays.get(rule).copied().unwrap_or_default();
        let in_time = delay("within-hour") + delay("within-day");
        let accounted = tally("leaves-mapped") + tally("leaves-ignored");
        let codings = tally("codings");
        let required = || {
            profiles
                .iter()
                .flat_map(|profile| &profile.elements)
                .filter(|element| element.required)
        };
        let sections: BTreeMap<&str, bool> =
            profiles.iter().fold(BTreeMap::new(), |mut sections, profile| {
                *sections.entry(&*profile.section).or_default() |= profile.resources > 0;
                sections
            });
        let count = |amount: usize| u64::try_from(amount).unwrap_or(u64::MAX);
        let given = sections.values().filter(|given| **given).count();
        let missing = required()
            .filter(|element| element.given < element.asked)
            .map(|element| Line {
                path: element.path.clone(),
                ..line("required-element-absent", "", element.asked - element.given)
            });
        let missing: Vec<Line> = missing.collect();
        let dimensions = vec![
            Dimension::of(
                Aspect::Conformity,
                vec![part("resources-without-errors", resources - invalid, resources)],
                conformity,
            ),
            Dimension::of(
                Aspect::Completeness,
                vec![
                    part(
                        "sections-given",
                        count(given),
                        if resources == 0 { 0 } else { count(sections.len()) },
                    ),
                    part(
                        "required-elements-given",
                        required().map(|element| element.given).sum(),
                        required().map(|element| element.asked).sum(),
                    ),
                ],
                missing,
            ),
            Dimension::of(
                Aspect::Terminology,
                vec![part(
                    "codings-without-remarks",
                    codings.saturating_sub(wrong),
                    codings,
                )],
                lines(Aspect::Terminology),
            ),
            Dimension::of(
                Aspect::Identity,
                vec![part(
                    "messages-of-a-certain-patient",
                    counts.messages.saturating_sub(counts.doubted),
                    counts.messages,
                )],
                identity,
            ),
            Dimension::of(
                Aspect::Timeliness,
                vec![part(
                    "resources-within-a-day",
                    in_time,
                    resources.saturating_sub(delay("no-clock")),
                )],
                late,
            ),
            Dimension::of(
                Aspect::Loss,
                vec![part(
                    "leaves-accounted-for",
                    accounted,
                    accounted + tally("leaves-unmapped"),
                )],
                lines(Aspect::Loss),
            ),
        ];
        Ok(QualityReport {
            source: scope.source().to_string(),
            provider: scope.config().ura.to_string(),
            since: counts
                .first
                .and_then(|first| Timestamp::from_microsecond(first).ok())
                .unwrap_or(made),
            made,
            score: report::score(&dimensions),
            dimensions,
            profiles,
            leaves: counts.leaves,
            quirks: quirks::quirks(counts.findings.iter()),
        })
    }
}

fn line(rule: &str, code: &str, count: u64) -> Line {
    Line {
        rule: rule.to_owned(),
        path: String::new(),
        code: code.to_owned(),
        severity: "information".to_owned(),
        count,
    }
}

/// To which dimension a finding belongs.
fn aspect_of(stage: &str, line: &Line) -> Aspect {
    let about_codes = line.rule.starts_with("binding-")
        || CODE_RULES.contains(&line.rule.as_str())
        || line.code.starts_with("SAM-CNF-103");
    match stage {
        "identity" => Aspect::Identity,
        _ if about_codes => Aspect::Terminology,
        "map" => Aspect::Loss,
        _ => Aspect::Conformity,
    }
}

/// The line without what could be the number of a patient: profiles and systems are named by who sends.
fn public(line: &Line) -> Line {
    let shown = |text: &str| {
        let mut numbers = text.split(|letter: char| !letter.is_ascii_digit());
        if numbers.any(|number| NUMBER.contains(&number.len())) {
            WITHHELD.to_owned()
        } else {
            text.to_owned()
        }
    };
    Line {
        path: shown(&line.path),
        code: shown(&line.code),
        ..line.clone()
    }
}
