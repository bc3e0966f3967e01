//! Cases of the medication overview as data, and what holds for any medication: nothing lost, the same in any order.

mod build;
mod properties;

use serde::Deserialize;

use super::{Finding, MedicationOverview, Treatment};
use crate::Reconciled;
use build::Draft;

/// A case: blocks, a moment, and the treatments in order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    case: String,
    /// The moment; noon of 1 June 2026 in the Netherlands when it is left out.
    at: Option<String>,
    blocks: Vec<Draft>,
    treatments: Vec<String>,
}

/// Noon of the day of the cases.
const AT: &str = "2026-06-01T12:00:00+02:00";

/// A treatment on one line: its bucket, each block with its phase, `*` for what stands on the line, then findings and
/// links.
fn told(treatment: &Treatment, reconciled: &Reconciled) -> String {
    let name = |index: usize| {
        reconciled.items()[index]
            .resource
            .id()
            .unwrap_or_default()
            .to_owned()
    };
    let blocks = treatment.blocks.iter().map(|block| {
        let line = if block.on_line { "*" } else { "" };
        format!("{}{line} {}", name(block.index), block.phase.code())
    });
    let finding = |finding: &Finding| {
        let blocks = finding.blocks.iter().map(|&index| name(index));
        let about = finding.about.iter().map(|about| about.code().to_owned());
        let raw = finding.raw.clone();
        let parts: Vec<String> = blocks.chain(about).chain(raw).collect();
        format!("{} {}", finding.kind.code(), parts.join(" "))
    };
    let links = treatment
        .links
        .iter()
        .map(|link| format!("{} {}", link.reason.code(), name(link.to)));
    let far = if treatment.is_near { "" } else { " far" };
    let mut text = format!(
        "{}{far}: {}",
        treatment.bucket.code(),
        blocks.collect::<Vec<_>>().join(", ")
    );
    for part in treatment.findings.iter().map(finding).chain(links) {
        text.push_str(" | ");
        text.push_str(&part);
    }
    text
}

fn check(text: &str) {
    let cases: Vec<Case> = serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}"));
    let mut wrong = Vec::new();
    for case in &cases {
        let at = case
            .at
            .as_deref()
            .unwrap_or(AT)
            .parse()
            .unwrap_or_else(|e| panic!("{}: {e}", case.case));
        let items: Vec<_> = case.blocks.iter().map(Draft::received).collect();
        let reconciled = Reconciled::new(items);
        let overview = MedicationOverview::new(&reconciled, at);
        let found: Vec<String> = overview
            .treatments
            .iter()
            .map(|treatment| told(treatment, &reconciled))
            .collect();
        if found != case.treatments {
            wrong.push(format!(
                "{}\n  found    {found:#?}\n  expected {:#?}",
                case.case, case.treatments
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} cases:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

#[test]
fn stops_and_periods() {
    check(include_str!("tests/stops.yaml"));
}

#[test]
fn treatments_and_buckets() {
    check(include_str!("tests/treatments.yaml"));
}

#[test]
fn what_disagrees() {
    check(include_str!("tests/disagreements.yaml"));
}
