//! `samenhang station`: from nothing to a source that is kept, held, replayed, stopped, erased and checked.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::process::{Done, command, done, run};

const NUMBER: &str = "999990019";

fn station(folder: &Path, args: &[&str]) -> Done {
    run(&[&["station"], args, &["--folder", folder.to_str().unwrap()]].concat())
}

/// The lines of an answer.
fn lines(done: &Done) -> Vec<Value> {
    let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}{}", done.err));
    done.out.lines().map(read).collect()
}

fn made(folder: &Path) {
    assert_eq!(station(folder, &["init"]).status, Some(0));
    let added = station(folder, &["add-source", "--ura", "00000001", "umc"]);
    assert_eq!(added.status, Some(0), "{}", added.err);
}

fn message(folder: &Path, name: &str, body: &str) -> String {
    let file = folder.join(name);
    fs::write(&file, body).unwrap();
    file.to_str().unwrap().to_owned()
}

fn patient() -> String {
    format!(
        r#"{{"resourceType":"Patient","id":"p","identifier":[{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"{NUMBER}"}}]}}"#
    )
}

#[test]
fn a_station_takes_a_message_and_erases_a_patient() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    made(folder);
    let file = message(folder, "patient.json", &patient());
    let taken = station(folder, &["ingest", "--source", "umc", &file]);
    assert_eq!(taken.status, Some(0), "{}", taken.err);
    let taken = lines(&taken);
    assert_eq!(
        (&taken[0]["known"], &taken[1]["versions"]),
        (&false.into(), &1.into())
    );
    let again = lines(&station(folder, &["ingest", "--source", "umc", &file]));
    assert_eq!(
        (&again[0]["known"], &again[1]["messages"]),
        (&true.into(), &0.into())
    );
    let status = lines(&station(folder, &["status"]));
    assert_eq!(status[0]["resources"]["Patient"], 1);
    let mut erase = command(&[
        "station", "erase", "--source", "umc", "--by", "me", "--reason", "test",
    ]);
    erase.args(["--folder", folder.to_str().unwrap()]);
    let mut erase = erase
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    erase.stdin.take().unwrap().write_all(NUMBER.as_bytes()).unwrap();
    let erased = done(&erase.wait_with_output().unwrap());
    assert_eq!(erased.status, Some(0), "{}", erased.err);
    assert!(!erased.out.contains(NUMBER));
    assert_eq!(lines(&erased)[0]["records"], 2);
    let checked = station(folder, &["fsck"]);
    assert_eq!(checked.status, Some(0), "{}", checked.out);
    assert_eq!(lines(&checked)[0]["versions"], 0);
}

#[test]
fn what_is_held_is_listed_shown_replayed_and_discarded() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    made(folder);
    let file = message(folder, "bad.json", "{");
    let taken = station(folder, &["ingest", "--source", "umc", &file]);
    assert_eq!(taken.status, Some(1));
    assert!(taken.err.contains("quarantine list"));
    let of = ["--source", "umc"];
    let problem = lines(&station(folder, &[&["quarantine", "list"][..], &of].concat())).remove(0);
    assert_eq!(
        (&problem["stage"], &problem["messages"]),
        (&"parse".into(), &1.into())
    );
    let fingerprint = problem["fingerprint"].as_str().unwrap();
    let first = problem["first"].to_string();
    assert_eq!(
        station(folder, &[&["quarantine", "show"][..], &of, &[&first]].concat()).out,
        "{"
    );
    let dry = station(
        folder,
        &[&["quarantine", "replay", "--dry-run"][..], &of, &[fingerprint]].concat(),
    );
    assert_eq!((dry.status, &lines(&dry)[0]["dryRun"]), (Some(1), &true.into()));
    let decided = ["--by", "me", "--reason", "test"];
    let until = ["--until", "2030-01-01T00:00:00Z"];
    let waived = station(
        folder,
        &[
            &["quarantine", "waive"][..],
            &of,
            &decided,
            &until,
            &[fingerprint],
        ]
        .concat(),
    );
    assert_eq!(waived.status, Some(1));
    assert!(waived.err.contains("SAM-STA-016"), "{}", waived.err);
    let gone = station(
        folder,
        &[&["quarantine", "discard"][..], &of, &decided, &[fingerprint]].concat(),
    );
    assert_eq!((gone.status, &lines(&gone)[0]["discarded"]), (Some(0), &1.into()));
}

#[test]
fn a_source_that_is_stopped_takes_nothing_until_it_goes_on() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    made(folder);
    let file = message(folder, "patient.json", &patient());
    let of = ["--source", "umc"];
    let stopped = station(folder, &[&["stop", "--reason", "drill"][..], &of].concat());
    assert_eq!(stopped.status, Some(0), "{}", stopped.err);
    let refused = station(folder, &[&["ingest"][..], &of, &[&file]].concat());
    assert_eq!(refused.status, Some(1));
    assert!(refused.err.contains("SAM-STA-003"));
    assert_eq!(station(folder, &[&["resume"][..], &of].concat()).status, Some(0));
    assert_eq!(
        station(folder, &[&["ingest"][..], &of, &[&file]].concat()).status,
        Some(0)
    );
}

#[test]
fn misuse_is_told_from_a_finding() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    assert_eq!(
        station(folder, &["status"]).status,
        Some(2),
        "there is no station"
    );
    made(folder);
    for args in [
        &["init"][..],
        &["add-source", "--ura", "00000001", "umc"],
        &["add-source", "--ura", "x", "gp"],
        &["add-source", "--ura", "1", "Not A Name"],
        &["ingest", "--source", "umc", "no-such-file"],
        &["quarantine", "list", "--source", "other"],
    ] {
        let done = station(folder, args);
        assert_eq!(done.status, Some(2), "{args:?}: {}{}", done.out, done.err);
    }
}

/// The last step of the walkthrough: files with rows, lifted by a pack of the source's own.
#[test]
fn files_with_rows_are_taken_by_patient_with_a_pack_of_the_source() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    made(folder);
    let pack = folder.join("packs/ours");
    fs::create_dir_all(&pack).unwrap();
    let shipped = samenhang_conform::shipped_files("csv-example");
    for (name, text) in &shipped {
        fs::write(pack.join(name), text).unwrap();
    }
    let setup = folder.join("station.toml");
    let text = fs::read_to_string(&setup).unwrap();
    let csv = text.replace("format = \"fhir-r4\"", "format = \"csv\"");
    fs::write(&setup, &csv).unwrap();
    let without = station(folder, &["status"]);
    assert_eq!(without.status, Some(2));
    assert!(without.err.contains("no `pack`"), "{}", without.err);
    fs::write(
        &setup,
        csv.replace("format = \"csv\"", "format = \"csv\"\npack = \"packs/other\""),
    )
    .unwrap();
    let absent = station(folder, &["status"]);
    assert_eq!(absent.status, Some(2));
    assert!(
        absent.err.contains("the pack of the source umc: "),
        "{}",
        absent.err
    );
    fs::write(
        &setup,
        csv.replace("format = \"csv\"", "format = \"csv\"\npack = \"packs/ours\""),
    )
    .unwrap();
    let checked = station(folder, &["check"]);
    assert_eq!(checked.status, Some(0), "{}", checked.err);
    assert_eq!(lines(&checked)[0]["sources"][0], "umc");
    let files = concat!(env!("CARGO_MANIFEST_DIR"), "/../ingest/conform/tests/formats/csv");
    let files = ["patients.csv", "observations.csv"].map(|name| format!("{files}/{name}"));
    let taken = station(folder, &["ingest", "--source", "umc", &files[0], &files[1]]);
    assert_eq!(taken.status, Some(1), "{}", taken.err);
    let done = lines(&taken).remove(1);
    assert_eq!(
        (&done["messages"], &done["held"], &done["versions"]),
        (&3.into(), &1.into(), &5.into())
    );
    let problem = lines(&station(folder, &["quarantine", "list", "--source", "umc"])).remove(0);
    assert_eq!(
        (&problem["rule"], &problem["path"], &problem["row"]),
        (&"nothing-made".into(), &"observations".into(), &5.into())
    );
}

#[test]
fn the_schema_of_a_station_names_every_key() {
    let done = run(&["station", "schema", "station"]);
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    let schema: Value = serde_json::from_str(&done.out).unwrap();
    insta::assert_snapshot!("station_schema", serde_json::to_string_pretty(&schema).unwrap());
    let service = run(&["station", "schema"]);
    assert!(service.out.contains("public_base"), "{}", service.out);
}
