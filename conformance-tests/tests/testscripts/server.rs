//! Against the server: localisation, consent, fan-out and reconciliation in between.
//!
//! The fixtures are one source, and also three that overlap: every resource is at one of them and every second one at
//! the next as well, each with all that it refers to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use samenhang_conformance_tests::testscript::{Judge, KnownList, Runner, SearchBy, Settings};
use samenhang_profiles::{Bsn, FhirVersion};
use samenhang_server::demo::{Demo, DemoOptions};
use samenhang_server::telemetry::Metrics;
use samenhang_testbed::TestbedConfig;
use samenhang_testbed::source::{self, SourceOption};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::material::{Tally, client, scripts, shared};

/// A set of fixtures: who is in it, and how its scripts name them.
struct Set {
    fixtures: &'static str,
    /// Variable of the token, id of the Patient, number.
    patients: [(&'static str, &'static str, &'static str); 2],
    /// Whether the Patients carry no number.
    is_masked: bool,
}

const MEDMIJ: Set = Set {
    fixtures: "bgz-stu3/medmij-3.0-test",
    patients: [
        ("patient-token-XXX_Rijn", "medmij-bgz-test-patA", "999990019"),
        ("patient-token-XXX_Hoff", "medmij-bgz-test-patB", "999990020"),
    ],
    is_masked: true,
};

const MSZ: Set = Set {
    fixtures: "bgz-stu3/msz-2.0-test",
    patients: [
        ("patient-token-bgz-msz-patC", "bgz-msz-patC", "999901370"),
        ("patient-token-bgz-msz-patD", "bgz-msz-patD", "999901497"),
    ],
    is_masked: false,
};

/// A server whose sources are these folders, and a runner against its STU3 base.
async fn start(set: &Set, folders: &[PathBuf]) -> (Demo, Runner) {
    let runner_client = client();
    let options: Vec<SourceOption> = folders
        .iter()
        .enumerate()
        .map(|(index, folder)| {
            let mut option = format!(
                "ura={0},name=Bron {0},fhir=stu3,dir={1}",
                index + 1,
                folder.display()
            );
            for (_, patient, bsn) in set.patients.iter().filter(|_| set.is_masked) {
                option.push_str(&format!(",bsn={patient}:{bsn}"));
            }
            option.parse().expect("an option")
        })
        .collect();
    let token = |patient: &str| format!("token-of-{patient}");
    // As long as a person may wait at most: other tests run beside this one.
    let overlay = "[access.rate]\nburst = 100000\nper_minute = 100000\n[fanout]\ninteractive_seconds = 30\n";
    let demo = Box::pin(Demo::start(
        DemoOptions {
            country: TestbedConfig {
                holders: source::holders(&options).expect("holders"),
                own_patients: false,
                ..TestbedConfig::default()
            },
            overlay: overlay.parse().expect("an overlay"),
            tokens: set
                .patients
                .iter()
                .map(|(_, patient, bsn)| (token(patient), Bsn::parse(bsn).expect("a number")))
                .collect(),
            ..DemoOptions::default()
        },
        Metrics::default(),
    ))
    .await
    .expect("a demonstration");
    let variables = set
        .patients
        .iter()
        .map(|(name, patient, _)| ((*name).to_owned(), format!("Bearer {}", token(patient))));
    let settings = Settings {
        base: format!("{}/fhir/STU3", demo.base()),
        version: FhirVersion::Stu3,
        search: SearchBy::Get,
        variables: variables.collect(),
    };
    let judge = Judge::new(FhirVersion::Stu3).expect("a judge");
    (demo, Runner::new(settings, judge, runner_client))
}

/// Three folders that together hold a folder, with duplicates.
fn split(folder: &Path) -> (TempDir, Vec<PathBuf>) {
    let mut all: BTreeMap<String, (String, Value)> = BTreeMap::new();
    for file in std::fs::read_dir(folder).expect("a folder") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("a text");
        let json: Value = serde_json::from_str(&text).expect("JSON");
        let of = |key: &str| json[key].as_str().unwrap_or_default();
        all.insert(
            format!("{}/{}", of("resourceType"), of("id")),
            (text.clone(), json.clone()),
        );
    }
    let base = tempfile::tempdir().expect("a folder");
    let folders: Vec<PathBuf> = (1..=3)
        .map(|number| base.path().join(number.to_string()))
        .collect();
    for (index, folder) in folders.iter().enumerate() {
        std::fs::create_dir(folder).expect("a folder");
        let is_here = |(place, name): &(usize, &String)| {
            let next = (place + 1) % 3 == index && place % 2 == 0;
            name.starts_with("Patient/") || place % 3 == index || next
        };
        let mut wanted: Vec<String> = all
            .keys()
            .enumerate()
            .filter(is_here)
            .map(|(_, name)| name.clone())
            .collect();
        let mut here = BTreeSet::new();
        while let Some(name) = wanted.pop() {
            if let Some((_, json)) = all.get(&name).filter(|_| here.insert(name.clone())) {
                references(json, &mut wanted);
            }
        }
        for (number, name) in here.iter().enumerate() {
            std::fs::write(folder.join(format!("{number}.json")), &all[name].0).expect("a file");
        }
    }
    (base, folders)
}

/// What a resource refers to.
fn references(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            into.extend(fields.get("reference").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| references(value, into));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, into)),
        _ => {}
    }
}

/// One set at a time: each is thousands of questions.
static TURN: Mutex<()> = Mutex::const_new(());

fn known() -> KnownList {
    KnownList::read(include_str!("known-server.toml")).expect("a list")
}

async fn medmij(name: &str, is_split: bool) {
    let _turn = TURN.lock().await;
    let folders = (
        shared("testscripts-stu3/medmij-3.0-test"),
        shared(MEDMIJ.fixtures),
    );
    let (Some(folder), Some(fixtures)) = folders else {
        return;
    };
    let (_kept, sources) = if is_split {
        split(&fixtures)
    } else {
        (tempfile::tempdir().expect("a folder"), vec![fixtures])
    };
    let (demo, runner) = start(&MEDMIJ, &sources).await;
    let (mut tally, known) = (Tally::default(), known());
    for form in ["json", "xml"] {
        tally.run(&runner, &scripts(&folder, "xis-", form), &known).await;
    }
    demo.stop().await;
    tally.settle(name, &known);
}

async fn msz(name: &str, is_split: bool) {
    let _turn = TURN.lock().await;
    let folders = (shared("testscripts-stu3/msz-2.0-test"), shared(MSZ.fixtures));
    let (Some(folder), Some(fixtures)) = folders else {
        return;
    };
    let (_kept, sources) = if is_split {
        split(&fixtures)
    } else {
        (tempfile::tempdir().expect("a folder"), vec![fixtures])
    };
    let (demo, runner) = start(&MSZ, &sources).await;
    let (mut tally, known) = (Tally::default(), known());
    for form in ["json", "xml"] {
        for part in ["Serving-XIS", "Serving-XIS-CheckContent"] {
            tally
                .run(&runner, &scripts(&folder.join(part), "serve", form), &known)
                .await;
        }
    }
    demo.stop().await;
    tally.settle(name, &known);
}

#[tokio::test]
async fn the_server_passes_the_scripts_of_medmij() {
    medmij("medmij-3.0-test, server over one source", false).await;
}

#[tokio::test]
async fn the_server_passes_the_scripts_of_medmij_over_three_sources_with_duplicates() {
    medmij("medmij-3.0-test, server over three sources", true).await;
}

#[tokio::test]
async fn the_server_passes_the_scripts_of_msz() {
    msz("msz-2.0-test, server over one source", false).await;
}

#[tokio::test]
async fn the_server_passes_the_scripts_of_msz_over_three_sources_with_duplicates() {
    msz("msz-2.0-test, server over three sources", true).await;
}
