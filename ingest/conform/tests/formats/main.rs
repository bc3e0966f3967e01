//! Reports in CDA, messages of HL7 version 2 and files with rows, lifted by the packs that are shipped: what is made, where each value went,
//! and what was found, as snapshots. The fixtures are written for this test.

#![expect(clippy::unwrap_used, reason = "helpers of tests, outside of a test function")]

mod engine;
mod round;

use std::fmt::Write as _;

use samenhang_conform::csv::Table;
use samenhang_conform::{Context, Fate, shipped};
use samenhang_profiles::Limits;
use samenhang_profiles::document::Document;

/// All that comes of a source, as text.
fn told(pack: &str, source: &Document<'_>) -> String {
    let context = Context {
        source: "test",
        message: "1",
        trace: false,
    };
    let lifted = shipped(pack).unwrap().lift(source, &context);
    let ledger = &lifted.ledger;
    assert_eq!(
        ledger.mapped() + ledger.ignored() + ledger.unmapped(),
        ledger.total()
    );
    let mut out = String::new();
    for resource in &lifted.resources {
        writeln!(out, "{}", std::str::from_utf8(&resource.json).unwrap()).unwrap();
    }
    // CDA has no name for a place of its own: that of the tree is told.
    let place = |id: usize| {
        let node = source.node(id).unwrap();
        node.origin().map_or_else(|| node.path(), str::to_owned)
    };
    for leaf in ledger.leaves() {
        if leaf.fate == Fate::Unmapped {
            writeln!(out, "unmapped: {}", place(leaf.node)).unwrap();
        }
    }
    for finding in &lifted.findings {
        writeln!(out, "{finding} at {}", place(finding.node)).unwrap();
    }
    out
}

/// What comes of files of a folder, read as the pack says.
fn lifted(pack: &str, folder: &str, files: &[&str]) -> String {
    let own = shipped(pack).unwrap();
    let read = |name: &&str| {
        let path = format!("{}/tests/formats/{folder}/{name}", env!("CARGO_MANIFEST_DIR"));
        own.decode(&std::fs::read(path).unwrap()).unwrap().into_owned()
    };
    let texts: Vec<String> = files.iter().map(read).collect();
    let tables: Vec<Table<'_>> = files
        .iter()
        .zip(&texts)
        .map(|(name, text)| Table::new(name.split('.').next().unwrap_or_default(), text))
        .collect();
    told(pack, &own.read(&tables, &Limits::default()).unwrap())
}

fn message(name: &str) -> String {
    lifted("hl7v2-to-r4", "hl7v2", &[name])
}

#[test]
fn a_report_by_a_person_has_that_person_and_the_organization() {
    insta::assert_snapshot!(lifted("cda-lab-3.0.0-to-r4", "cda", &["report.xml"]));
}

#[test]
fn a_report_with_each_kind_of_value_and_several_performers() {
    insta::assert_snapshot!(lifted("cda-lab-3.0.0-to-r4", "cda", &["kinds.xml"]));
}

#[test]
fn an_admission_is_a_patient_with_a_stay() {
    insta::assert_snapshot!(message("adt-a01.hl7"));
}

#[test]
fn a_discharge_ends_the_stay_that_the_admission_began() {
    insta::assert_snapshot!(message("adt-a03.hl7"));
}

#[test]
fn a_registration_is_a_visit_of_another_class() {
    insta::assert_snapshot!(message("adt-a04.hl7"));
}

#[test]
fn an_update_is_the_same_patient_and_stay_again() {
    let ids = |name: &str| -> Vec<String> {
        let told = message(name);
        let id = |line: &str| {
            let (_, rest) = line.split_once("\"id\":\"")?;
            Some(rest.split('"').next()?.to_owned())
        };
        told.lines().filter_map(id).collect()
    };
    assert_eq!(ids("adt-a08.hl7"), ids("adt-a01.hl7"));
    assert_eq!(ids("adt-a03.hl7"), ids("adt-a01.hl7"));
    insta::assert_snapshot!(message("adt-a08.hl7"));
}

#[test]
fn an_update_of_a_person_is_a_patient_without_a_stay() {
    insta::assert_snapshot!(message("adt-a31.hl7"));
}

#[test]
fn a_merge_says_which_number_is_replaced() {
    insta::assert_snapshot!(message("adt-a40.hl7"));
}

#[test]
fn results_have_their_patient_order_and_notes() {
    insta::assert_snapshot!(message("oru-r01.hl7"));
}

#[test]
fn rows_become_patients_with_their_measurements() {
    insta::assert_snapshot!(lifted(
        "csv-example",
        "csv",
        &["patients.csv", "observations.csv"]
    ));
}
