//! What the maps of problems, procedures, plans and the like do beyond copying: each case goes from zib2017 to zib2020 and
//! back, with what must stand where in between, how many values nothing took, and which do not come back.

#![expect(clippy::unwrap_used, reason = "helpers of tests, outside of a test function")]

use std::collections::BTreeSet;

use samenhang_conform::{Context, shipped};
use samenhang_profiles::document::Document;
use samenhang_profiles::{FhirVersion, Limits};
use serde_json::{Value, json};

const ZIB: &str = "http://nictiz.nl/fhir/StructureDefinition/";

fn concept(code: &str) -> Value {
    json!({ "coding": [{ "system": "http://snomed.info/sct", "code": code }] })
}

fn zib(profile: &str, kind: &str, others: &Value) -> Value {
    let mut whole =
        json!({ "resourceType": kind, "id": "x", "meta": { "profile": [format!("{ZIB}{profile}")] } });
    let into = whole.as_object_mut().unwrap();
    into.extend(others.as_object().unwrap().clone());
    whole
}

fn specified(system: &str, code: &str) -> Value {
    json!({ "extension": [{ "url": format!("{ZIB}code-specification"), "valueCodeableConcept":
        { "coding": [{ "system": system, "code": code }] } }] })
}

fn lift(pack: &str, version: FhirVersion, source: &Value) -> (Vec<Value>, usize) {
    let body = serde_json::to_vec(source).unwrap();
    let document = Document::from_json(&body, version, &Limits::default()).unwrap();
    let lifted = shipped(pack).unwrap().lift(&document, &Context::default());
    let made = lifted.resources.iter();
    let made = made.map(|resource| serde_json::from_slice(&resource.json).unwrap());
    (made.collect(), lifted.ledger.unmapped())
}

/// The values of a resource with their places, without the numbers of items and without what says of the resource itself.
fn values(at: &str, value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(parts) => {
            for (name, part) in parts {
                if name != "meta" {
                    values(&format!("{at}/{name}"), part, into);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| values(at, item, into)),
        other => {
            into.insert(format!("{at} {other}"));
        }
    }
}

#[track_caller]
fn check(source: &Value, unmapped: usize, between: &[(&str, Value)], gone: &[&str]) {
    let (made, lost) = lift("stu3-zib2017-to-r4-zib2020", FhirVersion::Stu3, source);
    assert_eq!(lost, unmapped, "{made:#?}");
    for (pointer, value) in between {
        let expected = Some(value).filter(|value| !value.is_null());
        assert_eq!(made[0].pointer(pointer), expected, "{pointer} {made:#?}");
    }
    let (mut given, mut returned) = (BTreeSet::new(), BTreeSet::new());
    values("", source, &mut given);
    for resource in &made {
        for back in lift("r4-zib2020-to-stu3-zib2017", FhirVersion::R4, resource).0 {
            values("", &back, &mut returned);
        }
    }
    let missing: Vec<_> = given.difference(&returned).map(String::as_str).collect();
    assert_eq!(missing, gone, "{made:#?}");
}

#[test]
fn a_problem_keeps_the_codes_of_the_zib() {
    let source = zib(
        "zib-Problem",
        "Condition",
        &json!({
            "clinicalStatus": "resolved", "_clinicalStatus": specified("http://snomed.info/sct", "73425007"),
            "_verificationStatus": specified("http://hl7.org/fhir/v3/NullFlavor", "UNK"),
            "code": concept("267038008"), "context": { "reference": "EpisodeOfCare/e" }, "assertedDate": "2019"
        }),
    );
    let between = [
        ("/clinicalStatus/coding/1/code", json!("resolved")),
        ("/verificationStatus/coding/0/code", json!("unconfirmed")),
        ("/encounter", Value::Null),
        ("/extension/0/valueReference/reference", json!("EpisodeOfCare/e")),
    ];
    check(&source, 0, &between, &[]);
}

#[test]
fn what_was_entered_in_error_has_no_clinical_status() {
    let error =
        json!({ "clinicalStatus": "active", "verificationStatus": "entered-in-error", "code": concept("1") });
    let none = [("/clinicalStatus", Value::Null)];
    check(
        &zib("zib-Problem", "Condition", &error),
        0,
        &none,
        &["/clinicalStatus \"active\""],
    );
    let mut nullified = error;
    nullified["verificationStatus"] = json!("confirmed");
    nullified["_clinicalStatus"] = specified("http://hl7.org/fhir/v3/ActStatus", "nullified");
    let gone = ["/clinicalStatus \"active\"", "/verificationStatus \"confirmed\""];
    check(
        &zib("zib-AllergyIntolerance", "AllergyIntolerance", &nullified),
        0,
        &none,
        &gone,
    );
}

#[test]
fn a_procedure_that_was_not_done_says_so_by_its_status() {
    let source = json!({ "status": "completed", "notDone": true, "notDoneReason": concept("1"), "category": concept("2") });
    let between = [("/status", json!("not-done")), ("/statusReason", concept("1"))];
    check(
        &zib("zib-Procedure", "Procedure", &source),
        0,
        &between,
        &["/status \"completed\""],
    );
}

#[test]
fn an_intervention_of_nursing_is_a_plan() {
    let source = json!({ "status": "suspended", "category": concept("9632001"), "code": concept("386229000"),
        "performedPeriod": { "start": "2019" }, "note": [{ "text": "n" }],
        "extension": [{ "url": format!("{ZIB}Comment"), "valueString": "c" }] });
    let between = [
        ("/resourceType", json!("CarePlan")),
        ("/status", json!("on-hold")),
        ("/activity/0/detail/description", json!("c")),
    ];
    check(
        &zib("zib-NursingIntervention", "Procedure", &source),
        0,
        &between,
        &[],
    );
}

#[test]
fn a_goal_says_how_far_it_got() {
    for (status, lifecycle) in [
        ("on-target", "active"),
        ("achieved", "completed"),
        ("on-hold", "on-hold"),
    ] {
        let source = json!({ "status": status, "description": { "text": "d" }, "subject": { "reference": "Patient/p" } });
        check(
            &zib("zib-TreatmentObjective", "Goal", &source),
            0,
            &[("/lifecycleStatus", json!(lifecycle))],
            &[],
        );
    }
}

#[test]
fn a_pregnancy_is_an_observation() {
    let source = json!({ "clinicalStatus": "active", "verificationStatus": "confirmed", "code": concept("118185001"),
        "onsetDateTime": "2019-01-01", "abatementDateTime": "2019-09-01" });
    let between = [
        ("/status", json!("final")),
        ("/effectivePeriod/end", json!("2019-09-01")),
    ];
    check(&zib("zib-Pregnancy", "Condition", &source), 0, &between, &[]);
}
