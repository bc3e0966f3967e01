//! What is wrong with what a holder says: F18, F19, F24.

use std::collections::BTreeSet;

use super::scene::Scene;
use crate::answer::{lineage, part, rows};
use crate::country::{GP, HOSPITAL, P1, PHARMACY, parameters};

/// Everything of the holder is dropped, also what came before; the breaker stays shut until a person looks.
#[tokio::test]
async fn fault_wrong_patient() {
    let scene = Scene::start().await;
    scene.spoil(GP, "wrong-patient");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[GP]);
    scene.nothing_of(&answer, GP, "failed", "wrong-patient");
    assert!(
        answer.notices().contains("another-patient"),
        "{:?}",
        answer.notices()
    );

    scene.country.demo.testbed().faults().clear_all();
    let next = scene.ask().await;
    scene.rest_is_whole(&next, &[GP]);
    scene.nothing_of(&next, GP, "skipped", "breaker-open");
    assert_eq!(scene.calls(GP), 0, "not asked, though it works again");
    scene.stop().await;
}

/// One stranger among many searches is enough.
#[tokio::test]
async fn fault_wrong_patient_in_one_search() {
    let scene = Scene::start().await;
    scene.spoil(HOSPITAL, "wrong-patient@/Procedure");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[HOSPITAL]);
    scene.nothing_of(&answer, HOSPITAL, "failed", "wrong-patient");
    scene.stop().await;
}

/// A stream may have shown something already: it is told to take it back.
#[tokio::test]
async fn fault_wrong_patient_in_a_stream() {
    let scene = Scene::start().await;
    scene.spoil(GP, "wrong-patient@/Condition");
    let answer = scene
        .country
        .ask_with(parameters(P1, &[]), "application/x-ndjson", &[])
        .await;
    assert_eq!(answer.status, 200);
    assert!(answer.text.contains("another-patient") || answer.text.contains("wrong-patient"));
    let last = answer.text.lines().last().expect("a last line");
    let outcome: serde_json::Value = serde_json::from_str(last).expect("JSON");
    for row in rows(&outcome).iter().filter(|row| row.holder == GP) {
        assert_eq!(
            (row.status.as_str(), row.detail.as_deref()),
            ("failed", Some("wrong-patient"))
        );
    }
    scene.stop().await;
}

#[tokio::test]
async fn fault_two_patients() {
    let scene = Scene::start().await;
    scene.spoil(PHARMACY, "two-patients");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[PHARMACY]);
    scene.nothing_of(&answer, PHARMACY, "failed", "several-patients");
    assert_eq!(scene.calls(PHARMACY), 1, "nothing is asked about either of them");
    scene.stop().await;
}

/// What is of another version than announced is shown as what it is, never as what it was announced to be.
#[tokio::test]
async fn fault_wrong_version() {
    let scene = Scene::start().await;
    scene.spoil(GP, "wrong-version");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[GP]);
    let mut seen = BTreeSet::new();
    for entry in answer.of(GP) {
        // Of some resources nothing tells the version apart.
        let kind = entry["resource"]["resourceType"].as_str().unwrap_or_default();
        if ![
            "AllergyIntolerance",
            "Condition",
            "MedicationStatement",
            "ProcedureRequest",
            "ServiceRequest",
        ]
        .contains(&kind)
        {
            continue;
        }
        let lineage = lineage(entry).expect("lineage");
        let say = |url: &str, value: &str| part(lineage, url).map(|part| part[value].clone());
        let status = say("status", "valueCode");
        let told = [Some("lifted".into()), Some("as-received".into())];
        assert!(told.contains(&status), "{kind}: {status:?}");
        assert_eq!(say("fhirVersion", "valueCode"), Some("3.0.2".into()), "{kind}");
        seen.insert(kind);
    }
    assert!(seen.len() >= 3, "{seen:?}");
    scene.stop().await;
}
