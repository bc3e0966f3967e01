use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use samenhang_profiles::page::Page;
use samenhang_profiles::{Bsn, Conformance, FhirVersion, Limits};
use samenhang_terminology::Category;

use super::{Intake, Origin, Taken};
use crate::fanout::problem::Problem;
use crate::source::subject::Accepted;

fn intake(permitted: &[Category]) -> Intake {
    let origin = Origin {
        holder: "00700700".parse().unwrap(),
        name: Arc::from("Ziekenhuis Oost"),
        base: Arc::from("https://oost.example/r4"),
        version: FhirVersion::R4,
    };
    let accepted = Accepted {
        id: "p1".to_owned(),
        full_url: None,
        bsn: Bsn::parse("999990019").unwrap(),
    };
    Intake::new(origin, accepted, permitted.to_vec())
}

fn take(intake: &mut Intake, entries: &[&str]) -> Result<Taken, Problem> {
    let body = format!(
        r#"{{"resourceType":"Bundle","type":"searchset","entry":[{}]}}"#,
        entries.join(",")
    );
    let page = Page::read(Bytes::from(body), &Limits::default()).unwrap();
    intake.page(page, "Condition", &mut HashSet::new(), Timestamp::UNIX_EPOCH)
}

const OURS: &str = r#"{"resource":{"resourceType":"Condition","id":"c","meta":{"versionId":"1"},"subject":{"reference":"Patient/p1"}}}"#;

#[test]
fn a_version_is_taken_in_once_and_another_version_again() {
    let mut intake = intake(&[Category::Condition]);
    let newer = OURS.replace(r#""versionId":"1""#, r#""versionId":"2""#);
    let taken = take(&mut intake, &[OURS, OURS, &newer]).unwrap();
    assert_eq!((taken.resources[&Category::Condition].len(), taken.fresh), (2, 2));
    let again = take(&mut intake, &[OURS]).unwrap();
    assert!(again.resources.is_empty(), "known at this endpoint");
    assert_eq!(again.fresh, 1, "but new to this walk");
}

#[test]
fn what_is_sent_along_travels_with_what_refers_to_it() {
    let mut intake = intake(&[Category::Condition, Category::Procedure]);
    let statement = |kind: &str, reference: &str| {
        format!(
            r#"{{"resource":{{"resourceType":"{kind}","id":"s","subject":{{"reference":"Patient/p1"}},"x":{{"reference":"{reference}"}}}}}}"#
        )
    };
    let along = |kind: &str, more: &str| {
        format!(r#"{{"resource":{{"resourceType":"{kind}","id":"a"{more}}},"search":{{"mode":"include"}}}}"#)
    };
    let entries = [
        along("Practitioner", ""),
        along(
            "PractitionerRole",
            r#","practitioner":{"reference":"https://oost.example/r4/Practitioner/a"}"#,
        ),
        along("Location", ""),
        along("Organization", ""),
        statement("Condition", "Group/x"),
        statement("Procedure", "PractitionerRole/a/_history/2"),
        statement("Flag", "Organization/a"),
    ];
    let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
    let taken = take(&mut intake, &entries).unwrap();
    let kinds = |category| {
        let resources = taken.resources.get(category).into_iter().flatten();
        resources
            .map(|received| received.resource.resource_type().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds(&Category::Condition), ["Condition"]);
    assert_eq!(
        kinds(&Category::Procedure),
        ["Procedure", "PractitionerRole", "Practitioner"]
    );
    assert_eq!(
        taken.counts[&Category::Procedure],
        1,
        "what is sent along is not counted"
    );
    assert!(!intake.knows("Location/a"), "nothing refers to it");
    assert!(
        !intake.knows("Organization/a"),
        "what refers to it is not permitted"
    );
}

#[test]
fn f24_a_resource_of_another_version_says_so() {
    let mut intake = intake(&[Category::Condition]);
    let stu3 = r#"{"resource":{"resourceType":"Condition","id":"s","clinicalStatus":"active","subject":{"reference":"Patient/p1"}}}"#;
    let taken = take(&mut intake, &[OURS, stu3]).unwrap();
    let conformance: Vec<_> = taken.resources[&Category::Condition]
        .iter()
        .map(|received| received.lineage.conformance)
        .collect();
    assert_eq!(conformance, [Conformance::Native, Conformance::AsReceived]);
}

#[test]
fn a_payer_that_is_another_patient_is_left_out_without_a_word() {
    let mut intake = intake(&[Category::Condition]);
    let payer = r#"{"resource":{"resourceType":"Patient","id":"p9"},"search":{"mode":"include"}}"#;
    let taken = take(&mut intake, &[OURS, payer]).unwrap();
    assert_eq!((taken.resources.len(), taken.withheld), (1, 0));
    let hidden = r##"{"resource":{"resourceType":"Condition","id":"h","subject":{"reference":"#x"}}}"##;
    assert_eq!(take(&mut intake, &[hidden]).unwrap().withheld, 1);
}

#[test]
fn f18_a_match_of_another_patient_is_an_error() {
    let mut intake = intake(&[Category::Condition]);
    let other = OURS.replace("Patient/p1", "Patient/p2");
    assert_eq!(
        take(&mut intake, &[OURS, &other]).err(),
        Some(Problem::WrongPatient)
    );
}

#[test]
fn an_error_within_a_page_is_noticed() {
    let mut intake = intake(&[Category::Condition]);
    let outcome = |severity: &str| {
        format!(
            r#"{{"resource":{{"resourceType":"OperationOutcome","issue":[{{"severity":"{severity}"}}]}},"search":{{"mode":"outcome"}}}}"#
        )
    };
    assert!(
        !take(&mut intake, &[&outcome("information")])
            .unwrap()
            .reported_error
    );
    assert!(
        take(&mut intake, &[OURS, &outcome("error")])
            .unwrap()
            .reported_error
    );
}

#[test]
fn a_resource_without_an_id_is_named_by_its_content() {
    let mut intake = intake(&[Category::Condition]);
    let nameless = r#"{"resource":{"resourceType":"Condition","subject":{"reference":"Patient/p1"}}}"#;
    let taken = take(&mut intake, &[nameless, nameless]).unwrap();
    let resources = &taken.resources[&Category::Condition];
    assert_eq!(resources.len(), 1);
    assert!(resources[0].full_url.starts_with("urn:samenhang:content:"));
}

#[test]
fn counts_do_not_depend_on_which_page_came_first() {
    let along = r#"{"resource":{"resourceType":"Specimen","id":"m","subject":{"reference":"Patient/p1"}},"search":{"mode":"include"}}"#;
    let itself = along.replace("include", "match");
    let result = r#"{"resource":{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p1"},"x":{"reference":"Specimen/m"}}}"#;
    let alone = itself.replace(r#""id":"m""#, r#""id":"n""#);
    let pages: [&[&str]; 2] = [&[result, along], &[&itself, &alone]];
    for order in [[0, 1], [1, 0]] {
        let mut intake = intake(&[Category::Condition, Category::Other]);
        let mut counts = BTreeMap::new();
        let mut kept = 0;
        for page in order.into_iter().chain(order) {
            let taken = take(&mut intake, pages[page]).unwrap();
            counts.extend(taken.counts);
            kept += taken.resources.values().map(Vec::len).sum::<usize>();
        }
        assert_eq!(counts, BTreeMap::from([(Category::Condition, 1)]), "{order:?}");
        let lone = BTreeMap::from([(Category::Other, 1)]);
        assert_eq!((intake.lone(), kept), (lone, 3), "{order:?}");
    }
}
