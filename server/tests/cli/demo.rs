//! `samenhang demo`, as the README shows it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::process::{Running, command, run};

const LINEAGE: &str = "https://samenhang.example/fhir/StructureDefinition/lineage";
const ROW: &str = "https://samenhang.example/fhir/StructureDefinition/completeness";

fn part<'a>(of: &'a Value, url: &str) -> Option<&'a Value> {
    let mut parts = of["extension"].as_array()?.iter();
    parts.find(|part| part["url"] == url)
}

#[test]
fn the_answer_about_p1_is_a_bundle_of_several_holders() {
    let done = run(&["demo", "--answer", "999990019"]);
    assert_eq!(done.status, Some(0), "{}", done.err);
    assert!(done.err.contains("logged in by itself"), "{}", done.err);
    assert!(!done.err.contains("999990019"), "{}", done.err);
    let bundle: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!(
        (bundle["resourceType"].as_str(), bundle["type"].as_str()),
        (Some("Bundle"), Some("searchset"))
    );
    let entries = bundle["entry"].as_array().unwrap();
    let mut holders = BTreeSet::new();
    for entry in entries {
        let mode = entry["search"]["mode"].as_str().unwrap_or_default();
        let ours = [
            "OperationOutcome",
            "Composition",
            "DetectedIssue",
            "Linkage",
            "Provenance",
        ];
        if ours.iter().any(|kind| entry["resource"]["resourceType"] == *kind) {
            continue;
        }
        assert!(["match", "include"].contains(&mode), "{mode}");
        let lineage = part(entry, LINEAGE).expect("lineage on every entry");
        let holder = part(lineage, "holder").and_then(|part| part["valueIdentifier"]["value"].as_str());
        holders.insert(holder.unwrap().to_owned());
    }
    assert!(holders.len() >= 3, "{holders:?}");
    let rows: Vec<(String, String)> = entries[0]["resource"]["issue"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|issue| part(issue, ROW))
        .filter_map(|row| {
            let holder = part(row, "holder")?["valueIdentifier"]["value"].as_str()?;
            let category = part(row, "category")?["valueCode"].as_str()?;
            Some((holder.to_owned(), category.to_owned()))
        })
        .collect();
    let once: BTreeSet<_> = rows.iter().collect();
    let localised: BTreeSet<_> = rows.iter().map(|(holder, _)| holder).collect();
    assert_eq!((rows.len(), once.len()), (localised.len() * 21, rows.len()));
    assert!(holders.iter().all(|holder| localised.contains(holder)));
}

#[test]
fn somebody_whom_nobody_knows_gets_an_answer_that_says_so() {
    // In the test range, and no patient of the simulated country.
    let done = run(&["demo", "--answer", "999990135"]);
    assert_eq!(done.status, Some(0), "{}", done.err);
    let bundle: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!(
        bundle["entry"].as_array().map(Vec::len),
        Some(1),
        "only the statement"
    );
    assert!(done.err.contains("no holder"), "{}", done.err);
}

#[test]
fn the_demonstration_refuses_a_number_outside_the_test_range() {
    // Passes the 11-proef; the demonstration must not be a way to try numbers.
    let done = run(&["demo", "--answer", "111222333"]);
    assert_eq!((done.status, done.out.as_str()), (Some(1), ""), "{}", done.err);
    assert!(done.err.contains("SAM-ACC-008"), "{}", done.err);
    assert!(!done.err.contains("111222333"), "{}", done.err);
}

#[test]
fn folders_are_answered_and_bad_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let bsn = |value: &str| json!([{ "system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": value }]);
    write(
        "p.json",
        &json!({ "resourceType": "Patient", "id": "p", "identifier": bsn("999990019") }).to_string(),
    );
    write(
        "q.json",
        &json!({ "resourceType": "Patient", "id": "q", "identifier": bsn("999990018") }).to_string(),
    );
    write(
        "c.json",
        &json!({ "resourceType": "Condition", "id": "c", "code": { "text": "Proef" }, "subject": { "reference": "Patient/p" } })
            .to_string(),
    );
    write("bad.json", "{\"resourceType\": \"Cond");
    let source = format!("ura=1,name=A,fhir=r4,dir={}", folder.path().display());
    let done = run(&["demo", "--source", &source, "--answer", "999990019"]);
    assert_eq!(done.status, Some(0), "{}", done.err);
    assert!(
        done.err.contains("bad.json: not well-formed JSON"),
        "{}",
        done.err
    );
    assert!(
        done.err.contains("without a valid BSN") && done.err.contains(": q"),
        "{}",
        done.err
    );
    assert!(!done.err.contains("99999001"), "{}", done.err);
    let bundle: Value = serde_json::from_str(&done.out).unwrap();
    let kinds: BTreeSet<&str> = bundle["entry"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| entry["resource"]["resourceType"].as_str())
        .collect();
    assert!(
        kinds.contains("Condition") && kinds.contains("Patient"),
        "{kinds:?}"
    );
}

#[test]
fn it_says_where_it_is_and_stops_when_told() {
    let mut demo = Running::start(command(&["demo"]));
    let said: Value = serde_json::from_str(&demo.first_line()).unwrap();
    for key in ["viewer", "fhir", "health", "metrics", "control"] {
        assert!(
            said[key]
                .as_str()
                .is_some_and(|url| url.starts_with("http://127.0.0.1:")),
            "{said}"
        );
    }
    assert!(
        said["curl"]
            .as_str()
            .is_some_and(|curl| curl.starts_with("curl ")),
        "{said}"
    );
    assert_eq!(demo.terminate().code(), Some(0), "{}", demo.err());
}
