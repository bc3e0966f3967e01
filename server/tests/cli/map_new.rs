//! `samenhang map new`: drafts that compile, and wrong input that is said.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::process::{Done, run};

const PATIENTS: &str = include_str!("../../../ingest/conform/tests/formats/csv/patients.csv");
const OBSERVATIONS: &str = include_str!("../../../ingest/conform/tests/formats/csv/observations.csv");
const ADMISSION: &[u8] = include_bytes!("../../../ingest/conform/tests/formats/hl7v2/adt-a01.hl7");

/// A folder of its own.
struct Scene(tempfile::TempDir);

impl Scene {
    fn new() -> Scene {
        Scene(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, body: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, body).unwrap();
        text(&path).to_owned()
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn first(done: &Done) -> Value {
    serde_json::from_str(done.out.lines().next().unwrap()).unwrap()
}

/// What `map check` says of a folder, by code; no error may be among it.
fn checked(folder: &Path) -> Vec<String> {
    let done = run(&["map", "check", text(folder)]);
    assert_eq!(done.status, Some(0), "{}{}", done.out, done.err);
    let lines = done
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .map(|line| line["code"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_draft_from_an_export_compiles_and_lists_what_is_to_be_decided() {
    let scene = Scene::new();
    let patients = scene.write("patients.csv", PATIENTS);
    let observations = scene.write("observations.csv", OBSERVATIONS);
    let pack = scene.path("pack");
    let profiles = "nl-core-Patient,nl-core-LaboratoryTestResult,nl-core-BodyWeight";
    let args = [
        "map",
        "new",
        "--from",
        &patients,
        "--from",
        &observations,
        "--to",
        profiles,
        text(&pack),
    ];
    let done = run(&args);
    assert_eq!(done.status, Some(0), "{}", done.err);
    let told = first(&done);
    assert_eq!(told["maps"], 3, "{told}");
    assert!(
        told["proposed"].as_u64() > Some(10) && told["open"].as_u64() > Some(1),
        "{told}"
    );
    let codes = checked(&pack);
    assert!(
        codes.iter().filter(|code| *code == "SAM-MAP-103").count() > 12,
        "{codes:?}"
    );
    // The draft runs: what it proposes is carried over, the rest is reported.
    let done = run(&["map", "run", "--pack", text(&pack), &patients, &observations]);
    assert_eq!(done.status, Some(1), "{}", done.err);
    assert!(done.out.contains("\"family\":\"Proef\""), "{}", done.out);
    assert!(done.err.contains("afdeling is unmapped"), "{}", done.err);
    for value in ["999902003", "Proef", "Testman", "nuchter", "definitief"] {
        for file in fs::read_dir(&pack).unwrap() {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            assert!(!text.contains(value), "{value}");
        }
    }
    // What is there is never overwritten.
    let done = run(&args);
    assert_eq!((done.status, done.out.as_str()), (Some(2), ""), "{}", done.err);
    assert!(
        done.err.contains("SAM-MAP-209") && done.err.contains("hint"),
        "{}",
        done.err
    );
}

#[test]
fn a_draft_from_two_profiles_compiles() {
    let scene = Scene::new();
    let pack = scene.path("pack");
    let done = run(&[
        "map",
        "new",
        "--from-profile",
        "zib-BloodPressure,zib-AllergyIntolerance",
        "--to",
        "nl-core-BloodPressure,nl-core-AllergyIntolerance",
        text(&pack),
    ]);
    assert_eq!(done.status, Some(0), "{}", done.err);
    let told = first(&done);
    assert!(
        told["concepts"].as_u64() > Some(20) && told["copied"].as_u64() > Some(10),
        "{told}"
    );
    checked(&pack);
}

#[test]
fn a_draft_from_a_message_or_a_resource_compiles() {
    let scene = Scene::new();
    let message = scene.write("a.hl7", ADMISSION);
    let claim = "http://nictiz.nl/fhir/StructureDefinition/zib-BodyWeight";
    let resource = scene.write(
        "a.json",
        format!(r#"{{"resourceType":"Observation","meta":{{"profile":["{claim}"]}},"status":"final"}}"#),
    );
    for (sample, profile, file, part) in [
        (&message, "nl-core-Patient", "patient.yaml", "from: PID"),
        (&resource, "nl-core-BodyWeight", "bodyweight.yaml", claim),
    ] {
        let pack = scene.path(profile);
        let done = run(&["map", "new", "--from", sample, "--to", profile, text(&pack)]);
        assert_eq!(done.status, Some(0), "{}", done.err);
        checked(&pack);
        let map = fs::read_to_string(pack.join(file)).unwrap();
        assert!(map.contains(part), "{map}");
    }
}

#[test]
fn wrong_input_is_said_with_its_code_and_nothing_is_written() {
    let scene = Scene::new();
    let patients = scene.write("patients.csv", PATIENTS);
    let odd = scene.write("odd.dat", "what is this");
    let empty = scene.write("empty.csv", "");
    let latin = scene.write("latin.csv", b"naam\nJos\xe9\n");
    let broken = scene.write("broken.csv", "a;b\n1;2;3\n");
    let packless = scene.write("package.tgz", "no package");
    let huge = scene.path("huge.csv");
    fs::File::create(&huge).unwrap().set_len((64 << 20) + 1).unwrap();
    let absent = text(&scene.path("absent.csv")).to_owned();
    let pack = scene.path("pack");
    let to = "nl-core-Patient";
    for (args, told) in [
        (
            vec!["--from", &patients, "--to", "nl-core-Patiënt"],
            "SAM-MAP-206",
        ),
        (
            vec!["--from", &patients, "--to", "nl-core-Pateint"],
            "nl-core-Patient",
        ),
        (vec!["--from-profile", "zib-Nothing", "--to", to], "SAM-MAP-206"),
        (
            vec!["--from-profile", "zib-BodyWeight,zib-BodyHeight", "--to", to],
            "2 profiles",
        ),
        (vec!["--from", &absent, "--to", to], "absent.csv"),
        (vec!["--from", &odd, "--to", to], "SAM-MAP-210"),
        (vec!["--from", &empty, "--to", to], "SAM-"),
        (vec!["--from", &latin, "--to", to], "SAM-CNF-202"),
        (vec!["--from", &broken, "--to", to], "SAM-CNF-203"),
        (vec!["--from", text(&huge), "--to", to], "SAM-MAP-203"),
        (
            vec!["--from", &patients, "--to", to, "--package", &packless],
            "SAM-",
        ),
        (vec!["--from", &patients], "--to"),
        (vec!["--to", to], "--from"),
        (
            vec!["--from", &patients, "--to", to, "--format", "edifact"],
            "edifact",
        ),
    ] {
        let done = run(&[&["map", "new"], args.as_slice(), &[text(&pack)]].concat());
        assert_eq!(
            (done.status, done.out.as_str()),
            (Some(2), ""),
            "{args:?} {}",
            done.err
        );
        assert!(done.err.contains(told), "{told} is not in: {}", done.err);
        assert!(
            !done.err.contains("panicked") && !done.err.contains("Jos"),
            "{}",
            done.err
        );
        assert!(!pack.exists(), "{args:?}");
    }
    let done = run(&["map", "new", "--from", &patients, "--to", to, &patients]);
    assert_eq!(done.status, Some(2), "{}", done.err);
    assert!(done.err.contains("SAM-MAP-209"), "{}", done.err);
}

/// R4 that claims no profile, as a system that is not Dutch gives it.
#[test]
fn a_draft_from_r4_without_profiles_makes_it_claim_those_of_nl_core() {
    let scene = Scene::new();
    let body = r#"{"resourceType":"Bundle","type":"searchset","entry":[
        {"resource":{"resourceType":"Patient","id":"p","gender":"female","birthDate":"1961-02-03",
            "identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990019"}]}},
        {"resource":{"resourceType":"AllergyIntolerance","id":"a","patient":{"reference":"Patient/p"},
            "recordedDate":"2020-01-02","code":{"text":"noot"}}}]}"#;
    let sample = scene.write("export.json", body);
    for (name, format) in [("found", None), ("told", Some("fhir-r4"))] {
        let pack = scene.path(name);
        let mut args = vec![
            "map",
            "new",
            "--from",
            &sample,
            "--to",
            "nl-core-Patient,nl-core-AllergyIntolerance",
        ];
        args.extend(format.iter().flat_map(|format| ["--format", format]));
        args.push(text(&pack));
        let done = run(&args);
        assert_eq!(done.status, Some(0), "{}", done.err);
        assert_eq!(
            first(&done)["maps"].as_u64().map(|maps| maps >= 2),
            Some(true),
            "{}",
            done.out
        );
        let head = fs::read_to_string(pack.join("pack.yaml")).unwrap();
        assert!(head.contains("version: R4 }") && !head.contains("STU3"), "{head}");
        checked(&pack);
        let done = run(&["map", "run", "--pack", text(&pack), &sample]);
        assert!(
            done.out.contains("StructureDefinition/nl-core-Patient\""),
            "{}{}",
            done.out,
            done.err
        );
        assert!(
            done.out
                .contains("StructureDefinition/nl-core-AllergyIntolerance\""),
            "{}",
            done.out
        );
        assert!(
            done.out.contains("1961-02-03") && done.out.contains("noot"),
            "{}",
            done.out
        );
    }
}
