//! `samenhang validate` with the packages of a folder and a terminology server.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::{Value, json};

use crate::process::{command, done, run};

const PROFILE: &str = r#"{"resourceType": "StructureDefinition", "url": "http://e/p", "kind": "resource",
    "type": "Observation", "derivation": "constraint",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Observation",
    "differential": {"element": [{"id": "Observation.method", "path": "Observation.method",
        "binding": {"strength": "required", "valueSet": "http://e/v"}}]}}"#;

/// A folder of packages, and forty observations with two codes.
fn write(root: &Path) {
    let package = root.join("packages/a.b#1.0.0/package");
    fs::create_dir_all(&package).unwrap();
    let manifest =
        r#"{"name": "a.b", "version": "1.0.0", "fhirVersions": ["4.0.1"], "dependencies": {"gone": "2"}}"#;
    fs::write(package.join("package.json"), manifest).unwrap();
    fs::write(package.join("p.json"), PROFILE).unwrap();
    fs::create_dir(root.join("files")).unwrap();
    for number in 0..40 {
        let code = if number % 2 == 0 { "in" } else { "out" };
        let body = json!({"resourceType": "Observation", "meta": {"profile": ["http://e/p"]}, "status": "final",
            "code": {"text": "canary"}, "subject": {"display": "canary"},
            "method": {"coding": [{"system": "http://e/s", "code": code, "display": "canary"}]}});
        fs::write(root.join(format!("files/{number:02}.json")), body.to_string()).unwrap();
    }
}

/// A server on loopback; what it was asked.
fn serve(works: bool) -> (String, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&seen);
    let answer = move |body: String| {
        let asked: Value = serde_json::from_str(&body).unwrap();
        into.lock().unwrap().push(body);
        let entries = asked["entry"].as_array().unwrap().iter().map(|entry| {
            let is_in = entry["resource"].to_string().contains("\"valueCode\":\"in\"");
            json!({"response": {"status": "200"}, "resource": {"resourceType": "Parameters",
                "parameter": [{"name": "result", "valueBoolean": is_in}]}})
        });
        let entries: Vec<Value> = entries.collect();
        let answer = json!({"resourceType": "Bundle", "type": "batch-response", "entry": entries});
        async move {
            if works {
                Ok(answer.to_string())
            } else {
                Err(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, Router::new().route("/fhir", post(answer))).await
        })
    });
    (format!("http://{address}/fhir"), seen)
}

fn results(out: &str) -> Vec<String> {
    let result = |line| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["result"].as_str().unwrap().to_owned()
    };
    out.lines().map(result).collect()
}

#[test]
fn codes_that_are_not_known_are_asked_and_nothing_else_goes_along() {
    let root = tempfile::tempdir().unwrap();
    write(root.path());
    let at = |path: &str| root.path().join(path).display().to_string();
    let (packages, files) = (at("packages"), at("files"));
    let known = ["validate", "--packages-folder", &packages];
    let alone = run(&[&known[..], &[&files]].concat());
    assert_eq!(results(&alone.out), ["unchecked"; 40], "{}", alone.err);
    assert!(
        alone
            .err
            .contains("the package gone#2 (needed by a.b#1.0.0) is not there"),
        "{}",
        alone.err
    );
    let (address, seen) = serve(true);
    let asked = run(&[&known[..], &["--fhir-terminology-server", &address, &files]].concat());
    let expected: Vec<&str> = (0..40)
        .map(|number| if number % 2 == 0 { "valid" } else { "invalid" })
        .collect();
    assert_eq!(
        (asked.status, results(&asked.out)),
        (Some(1), expected.iter().map(|text| (*text).to_owned()).collect())
    );
    let seen = seen.lock().unwrap();
    // Two threads, which may both begin before there is an answer, with up to 32 files each.
    assert!((1..=2).contains(&seen.len()), "{seen:?}");
    for body in &*seen {
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["entry"].as_array().unwrap().len(), 2, "{body}");
        assert!(!body.to_string().contains("canary"), "{body}");
    }
}

#[test]
fn a_server_that_fails_makes_nothing_valid_or_invalid_and_is_told_once() {
    let root = tempfile::tempdir().unwrap();
    write(root.path());
    let at = |path: &str| root.path().join(path).display().to_string();
    let (packages, files) = (at("packages"), at("files"));
    let (address, _) = serve(false);
    let arguments = [
        "validate",
        "--packages-folder",
        &packages,
        "--fhir-terminology-server",
    ];
    let failed = run(&[&arguments[..], &[&address, &files]].concat());
    assert_eq!(
        (failed.status, results(&failed.out)),
        (Some(0), vec!["unchecked".to_owned(); 40])
    );
    let told = failed
        .err
        .matches("codes that it would judge are unchecked")
        .count();
    assert!((1..=2).contains(&told), "{}", failed.err);
    let nowhere = run(&[&arguments[..], &["no address", &files]].concat());
    assert_eq!(
        (nowhere.status, nowhere.out.as_str()),
        (Some(2), ""),
        "{}",
        nowhere.err
    );
    assert!(
        nowhere.err.contains("SAM-VAL-008") && nowhere.err.contains("hint"),
        "{}",
        nowhere.err
    );
}

#[test]
fn the_folder_of_the_home_folder_is_read_and_a_wrong_one_is_misuse() {
    let root = tempfile::tempdir().unwrap();
    write(root.path());
    fs::create_dir(root.path().join(".fhir")).unwrap();
    fs::rename(root.path().join("packages"), root.path().join(".fhir/packages")).unwrap();
    let file = root.path().join("files/00.json").display().to_string();
    let rules = |out: &str| -> Vec<String> {
        let line: Value = serde_json::from_str(out).unwrap();
        let issues = line["issues"].as_array().unwrap().iter();
        issues
            .map(|issue| issue["rule"].as_str().unwrap().to_owned())
            .collect()
    };
    let unchecked = |out: &str| -> Vec<String> {
        rules(out)
            .into_iter()
            .filter(|rule| rule.ends_with("-unchecked"))
            .collect()
    };
    let mut home = command(&["validate", &file]);
    let found = done(&home.env("HOME", root.path()).output().unwrap());
    assert_eq!(unchecked(&found.out), ["binding-unchecked"], "{}", found.err);
    let without = run(&["validate", &file]);
    assert_eq!(unchecked(&without.out), ["profile-unchecked"]);
    let wrong = run(&["validate", "--packages-folder", "/nowhere/packages", &file]);
    assert_eq!((wrong.status, wrong.out.as_str()), (Some(2), ""));
    assert!(
        wrong.err.contains("/nowhere/packages") && wrong.err.contains("hint"),
        "{}",
        wrong.err
    );
}
