//! Cases of the medication overview as data, and what holds for any medication: nothing lost, the same in any order.

mod build;
mod properties;

use serde::Deserialize;

use samenhang_profiles::FhirVersion;

use super::{Finding, FindingKind, MedicationOverview, Phase, StopKind, Treatment};
use crate::Reconciled;
use crate::fixtures::{at, received};
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

fn two_agreements() -> Reconciled {
    let draft = |id: &str, start: &str| Draft {
        id: id.to_owned(),
        kind: "MA".to_owned(),
        mbh: Some("A".to_owned()),
        start: Some(start.to_owned()),
        ..Draft::default()
    };
    let copy = Draft {
        id: "copy".to_owned(),
        number: Some("one".to_owned()),
        holder: Some("00700701".to_owned()),
        ..draft("one", "2026-01-01")
    };
    let drafts = [draft("one", "2026-01-01"), draft("two", "2026-02-01"), copy];
    Reconciled::new(drafts.iter().map(Draft::received).collect())
}

#[test]
fn what_contradicts_is_marked_with_its_copies() {
    let reconciled = two_agreements();
    let overview = reconciled
        .medication()
        .unwrap_or_else(|| panic!("there is medication"));
    assert_eq!(
        overview
            .contradictions()
            .map(|finding| finding.kind)
            .collect::<Vec<_>>(),
        [FindingKind::Overlap]
    );
    assert!(
        (0..3).all(|index| reconciled.is_contradicted(index)),
        "also the copy"
    );
    let before = reconciled.with_medication("2026-01-15T12:00:00Z".parse().unwrap_or_default());
    assert!(
        (0..3).all(|index| !before.is_contradicted(index)),
        "the second had not begun"
    );
}

#[test]
fn without_a_moment_or_medication_there_is_no_overview() {
    let mut item = Draft {
        id: "ma".to_owned(),
        kind: "MA".to_owned(),
        ..Draft::default()
    }
    .received();
    let mut lineage = (*item.lineage).clone();
    lineage.retrieved = jiff::Timestamp::UNIX_EPOCH;
    item.lineage = lineage.into();
    assert!(Reconciled::new(vec![item]).medication().is_none());
    let other = received("00700700", r#"{"resourceType":"Condition","id":"c"}"#);
    assert!(Reconciled::new(vec![other]).medication().is_none());
}

#[test]
fn in_another_version_the_same_is_told_of_what_is_there() {
    let reconciled = two_agreements();
    // A resource of its own beside each, and one of them is part of another.
    let beside = |item: &samenhang_profiles::Received| {
        let extra = received("00700700", r#"{"resourceType":"Organization","id":"made"}"#);
        if item.resource.id() == Some("two") {
            Vec::new()
        } else {
            vec![item.clone(), extra]
        }
    };
    let served = reconciled.in_version(beside);
    let overview = served
        .medication()
        .unwrap_or_else(|| panic!("there is medication"));
    let blocks: Vec<(&str, usize)> = overview
        .treatments
        .iter()
        .flat_map(|treatment| &treatment.blocks)
        .map(|block| {
            (
                served.items()[block.index].resource.resource_type(),
                block.members.len(),
            )
        })
        .collect();
    assert_eq!(blocks, [("MedicationRequest", 2)]);
    assert_eq!(
        overview.contradictions().count(),
        0,
        "one of the two is not told of"
    );
}

/// What could not be lifted is read too, as zib2017 has it.
#[test]
fn zib2017_is_read_as_it_was_received() {
    let extension = |name: &str, value: &str| {
        format!(r#"{{"url":"http://nictiz.nl/fhir/StructureDefinition/zib-Medication-{name}",{value}}}"#)
    };
    let agreement = |id: &str, end: &str, stop: &str| {
        let period = extension(
            "PeriodOfUse",
            &format!(r#""valuePeriod":{{"start":"2026-01-01"{end}}}"#),
        );
        let treatment = extension(
            "MedicationTreatment",
            r#""valueIdentifier":{"system":"urn:oid:1.2.3","value":"A"}"#,
        );
        let json = format!(
            r#"{{"resourceType":"MedicationRequest","id":"{id}","identifier":[{{"system":"urn:oid:1.2.3.142","value":"{id}"}}],"extension":[{period},{treatment}],"authoredOn":"2026-01-01T08:00:00+01:00","category":{{"coding":[{{"system":"http://snomed.info/sct","code":"16076005"}}]}}{stop}}}"#
        );
        at("00700700", FhirVersion::Stu3, &json)
    };
    let coding = r#""valueCodeableConcept":{"coding":[{"system":"urn:oid:2.16.840.1.113883.2.4.3.11.60.20.77.5.2.1","code":"1"}]}"#;
    let stop = format!(r#","modifierExtension":[{}]"#, extension("StopType", coding));
    let items = vec![
        agreement("ma", "", ""),
        agreement("pause", r#","end":"2026-03-01""#, &stop),
    ];
    let reconciled = Reconciled::new(items);
    let overview = MedicationOverview::new(&reconciled, AT.parse().unwrap_or_default());
    let blocks: Vec<_> = overview
        .treatments
        .iter()
        .flat_map(|treatment| &treatment.blocks)
        .collect();
    let told: Vec<(Phase, Option<StopKind>)> = blocks.iter().map(|block| (block.phase, block.stop)).collect();
    assert_eq!(
        told,
        [(Phase::Paused, None), (Phase::Stop, Some(StopKind::Pause))]
    );
    assert_eq!(overview.treatments[0].bucket.code(), "paused");
}
