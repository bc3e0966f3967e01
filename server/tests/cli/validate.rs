//! `samenhang validate`: one line a file, whatever the file is.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::process::{Done, run};

/// Small resources of our own, without codes: what is asked of each does not hang on which terminology is loaded.
const CASES: [(&str, &str, &str); 16] = [
    (
        "a-good.json",
        r#"{"resourceType":"Patient","birthDate":"1980-02-29"}"#,
        "valid",
    ),
    (
        "a-good.xml",
        "<Patient xmlns=\"http://hl7.org/fhir\"><birthDate value=\"1980-02-29\"/></Patient>",
        "valid",
    ),
    (
        "bad-date.json",
        "{\n  \"resourceType\": \"Patient\",\n  \"birthDate\": \"1980-02-30\"\n}",
        "invalid",
    ),
    (
        "bad-reference.json",
        r#"{"resourceType":"Patient","managingOrganization":{"reference":"Patient/1"}}"#,
        "invalid",
    ),
    (
        "broken.json",
        "{\"resourceType\":\"Patient\",\n\"birthDate\":",
        "invalid",
    ),
    (
        "broken.xml",
        "<Patient xmlns=\"http://hl7.org/fhir\"><birthDate value=\"1980\"></Patient>",
        "invalid",
    ),
    (
        "bundle.json",
        r#"{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:0f4e0d5c-0a4b-4f8b-9d6a-52c6f0a4e001","resource":{"resourceType":"Patient","birthday":"1980"}}]}"#,
        "invalid",
    ),
    (
        "doctype.xml",
        "<!DOCTYPE Patient [<!ENTITY a \"b\">]><Patient xmlns=\"http://hl7.org/fhir\"/>",
        "invalid",
    ),
    ("empty.json", " \n", "invalid"),
    (
        "empty-object.json",
        r#"{"resourceType":"Patient","maritalStatus":{}}"#,
        "invalid",
    ),
    (
        "lines.ndjson",
        "{\"resourceType\":\"Patient\",\"birthDate\":\"1980\"}\n\n{\"resourceType\":\"Patient\",\"birthDate\":true}\n",
        "invalid",
    ),
    ("list.json", "[]", "invalid"),
    ("no-fhir.json", r#"{"name":"x"}"#, "invalid"),
    (
        "stu3.json",
        r#"{"resourceType":"ProcedureRequest","id":"x","subject":{"display":"x"}}"#,
        "invalid",
    ),
    (
        "unknown-profile.json",
        r#"{"resourceType":"Patient","meta":{"profile":["http://nowhere.invalid/StructureDefinition/x"]},"birthDate":"1980"}"#,
        "unchecked",
    ),
    (
        "unknown-property.json",
        r#"{"resourceType":"Patient","birthday":"1980"}"#,
        "invalid",
    ),
];

fn write(folder: &Path) {
    for (name, text, _) in CASES {
        fs::write(folder.join(name), text).unwrap();
    }
    fs::write(folder.join("notes.txt"), "no resource").unwrap();
}

fn lines(done: &Done) -> Vec<Value> {
    let read = |line| serde_json::from_str(line).unwrap();
    done.out.lines().map(read).collect()
}

#[test]
fn each_kind_of_file_gets_its_line_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let dir = folder.path().display().to_string();
    for language in ["en", "nl"] {
        let done = run(&["validate", "--lang", language, &dir]);
        assert_eq!((done.status, done.err.as_str()), (Some(1), ""));
        let found = lines(&done);
        let results: Vec<(String, &str)> = found
            .iter()
            .map(|line| {
                let file = line["file"].as_str().unwrap();
                let name = Path::new(file).file_name().unwrap().to_string_lossy();
                (name.into_owned(), line["result"].as_str().unwrap())
            })
            .collect();
        let mut expected: Vec<(String, &str)> = CASES
            .iter()
            .map(|(name, _, result)| ((*name).to_owned(), *result))
            .collect();
        expected.sort();
        assert_eq!(results, expected);
        for line in &found {
            let issues = line["issues"].as_array().unwrap();
            let errors = issues.iter().filter(|issue| issue["severity"] == "error").count();
            assert_eq!(line["errors"], errors, "{line}");
            assert_eq!(line["result"] == "invalid", errors > 0, "{line}");
            assert_eq!(line["result"] == "valid", errors == 0 && line["unchecked"] == 0);
            for issue in issues {
                for member in ["severity", "code", "expression", "text", "rule", "hint"] {
                    assert!(issue[member].is_string(), "{member} of {issue}");
                }
            }
        }
        let shown = done.out.replace(&dir, "DIR");
        insta::assert_snapshot!(format!("validate_cases_{language}"), shown);
    }
}

#[test]
fn a_bad_file_does_not_end_the_run_and_the_order_is_that_of_the_arguments() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let empty = folder.path().join("none");
    fs::create_dir(&empty).unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let args = [
        at("unknown-property.json"),
        "/nowhere/patient.json".to_owned(),
        empty.display().to_string(),
        at("notes.txt"),
        at("a-good.json"),
    ];
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = run(&[&["validate"], args.as_slice()].concat());
    assert_eq!(done.status, Some(1), "{}", done.err);
    let found = lines(&done);
    let files: Vec<&str> = found.iter().map(|line| line["file"].as_str().unwrap()).collect();
    assert_eq!(files, args);
    let rules: Vec<&str> = found
        .iter()
        .map(|line| line["issues"][0]["rule"].as_str().unwrap())
        .collect();
    assert_eq!(
        rules[1..4],
        ["SAM-VAL-003", "SAM-VAL-006", "SAM-VAL-005"],
        "{rules:?}"
    );
    assert_eq!(found[4]["result"], "valid");
}

#[test]
fn the_exit_status_says_what_was_found() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (good, unknown) = (at("a-good.json"), at("unknown-profile.json"));
    assert_eq!(run(&["validate", &good]).status, Some(0));
    assert_eq!(run(&["validate", &good, &unknown]).status, Some(0));
    assert_eq!(run(&["validate", "--strict", &good, &unknown]).status, Some(1));
    assert_eq!(run(&["validate", "--strict", &good]).status, Some(0));
}

#[test]
fn the_version_is_found_out_or_given() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let file = folder.path().join("stu3.json").display().to_string();
    let rules = |args: &[&str]| -> Vec<String> {
        let done = run(&[&["validate"], args, &[file.as_str()]].concat());
        let issues = lines(&done)[0]["issues"].clone();
        let rules = issues.as_array().unwrap().iter();
        rules
            .map(|issue| issue["rule"].as_str().unwrap().to_owned())
            .collect()
    };
    let of_stu3 = rules(&["--fhir", "stu3"]);
    assert_eq!(rules(&[]), of_stu3);
    assert!(!of_stu3.iter().any(|rule| rule == "shape-unknown-resource-type"));
    assert!(
        rules(&["--fhir", "r4"])
            .iter()
            .any(|rule| rule == "shape-unknown-resource-type")
    );
}

/// zib2017 and the zib layer of zib2020 share addresses, and those of zib2020 are abstract.
#[test]
fn a_claim_that_both_versions_know_is_of_the_one_where_it_is_no_abstract_profile() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pressure.json");
    let body = r#"{"resourceType": "Observation", "status": "final",
        "meta": {"profile": ["http://nictiz.nl/fhir/StructureDefinition/zib-BloodPressure"]},
        "category": [{"coding": [{"system": "http://hl7.org/fhir/observation-category", "code": "vital-signs"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]},
        "subject": {"reference": "Patient/a"}, "effectiveDateTime": "2025-03-01T09:00:00+01:00"}"#;
    std::fs::write(&path, body).unwrap();
    let file = path.display().to_string();
    let found = run(&["validate", &file]).out;
    assert_eq!(found, run(&["validate", "--fhir", "stu3", &file]).out);
    assert_ne!(found, run(&["validate", "--fhir", "r4", &file]).out);
}

#[test]
fn values_are_shown_only_when_they_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let file = folder.path().join("bad-date.json").display().to_string();
    assert!(!run(&["validate", &file]).out.contains("1980-02-30"));
    assert!(
        run(&["validate", "--show-values", &file])
            .out
            .contains("1980-02-30")
    );
}

#[test]
fn a_wrong_package_or_profile_is_misuse() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let at = |name: &str| folder.path().join(name).display().to_string();
    let good = at("a-good.json");
    let cases: [(Vec<&str>, &str); 4] = [
        (vec!["--package", "/nowhere/x.tgz"], "SAM-VAL-001"),
        (vec!["--package", &good], "SAM-PKG-001"),
        (vec!["--profile", "http://nowhere.invalid/x"], "SAM-VAL-002"),
        (vec!["--snomed", "/nowhere"], "SAM-TRM-003"),
    ];
    for (args, code) in cases {
        let done = run(&[&["validate"], args.as_slice(), &[good.as_str()]].concat());
        assert_eq!((done.status, done.out.as_str()), (Some(2), ""), "{code}");
        assert!(
            done.err.contains(code) && done.err.contains("hint"),
            "{}",
            done.err
        );
    }
    assert_eq!(run(&["validate"]).status, Some(2));
    assert_eq!(run(&["validate", "--fhir", "r5", &good]).status, Some(2));
    assert_eq!(run(&["validate", "--lang", "de", &good]).status, Some(2));
}

#[test]
fn what_is_in_the_program_judges_as_the_packages_do() {
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let shared = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(shared);
    if !shared.join("fhir").is_dir() {
        eprintln!("skipped: no shared test data at {}", shared.display());
        return;
    }
    let at = |path: &str| shared.join(path).display().to_string();
    let sets = [
        (
            "testdata/nl-core-r4-examples",
            vec![
                "hl7.fhir.r4.core-4.0.1.tgz",
                "nictiz.fhir.nl.r4.nl-core-0.12.1-beta.1.tgz",
            ],
        ),
        (
            "testdata/bgz-stu3",
            vec![
                "hl7.fhir.r4.core-4.0.1.tgz",
                "hl7.fhir.r3.core-3.0.2.tgz",
                "nictiz.fhir.nl.stu3.zib2017-2.2.20.tgz",
            ],
        ),
    ];
    for (folder, packages) in sets {
        let folder = at(folder);
        let packages: Vec<String> = packages.iter().map(|name| at(&format!("fhir/{name}"))).collect();
        let mut with = vec!["validate"];
        for package in &packages {
            with.extend(["--package", package]);
        }
        with.push(&folder);
        let verdicts = |done: &Done| -> Vec<(Value, Value, Value, Value)> {
            let lines = lines(done).into_iter();
            lines
                .map(|line| {
                    let take = |member: &str| line[member].clone();
                    (take("file"), take("result"), take("errors"), take("unchecked"))
                })
                .collect()
        };
        let (alone, with) = (verdicts(&run(&["validate", &folder])), verdicts(&run(&with)));
        assert!(alone.len() > 100, "{folder}");
        assert_eq!(alone, with, "{folder}");
    }
}
