//! What is proposed: never a meaning, never a value, and nothing twice.

use samenhang_profiles::pack::embedded;
use samenhang_profiles::{FhirVersion, Limits};

use super::*;
use crate::csv::{self, Settings, Table};
use crate::run::Context;

const HEAD: &str = "pack: t\nversion: '1'\nsource: { format: csv }\ntarget: { version: R4 }\n";
const MAPS: &str = "\
codes:
  gender:
    table: { \"V\": female }
  state:
    table:
      \"definitief\": final
  empty:
    table: {}
maps:
  - map: Export
    from: Tables
    rules:
      - { from: p, make: Patient }

  - map: Patient
    only: true
    from: p
    to: Patient
    profile: http://nictiz.nl/fhir/StructureDefinition/nl-core-Patient
    rules:
      - { from: geslacht, to: gender, codes: gender }
      - { from: burger, to: maritalStatus, codes: empty }
      - { from: geboren, to: birthDate }
      - from: naam
        to: name
        rules:
          - { from: $this, to: text }
";
const ROWS: &str = "geslacht;geboren;naam;burger;kamer;postcode;wie\nX;03-02-1971;Jan Proef;M;12;1234 AB;patient 77\nX;01-01-1950;Piet;999902003;13;2345 CD;patient 78\n1234567;;;G h;14;;\n";

fn files(maps: &str) -> Vec<(String, String)> {
    vec![
        ("pack.yaml".to_owned(), HEAD.to_owned()),
        ("a.yaml".to_owned(), maps.to_owned()),
    ]
}

fn borrowed(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files.iter().map(|(name, text)| (&**name, &**text)).collect()
}

/// The edits for what the rows lost.
fn advised(files: &[(String, String)]) -> Vec<Edit> {
    let (pack, _) = Pack::compile(&borrowed(files)).unwrap();
    let tables = [Table::new("p", ROWS)];
    let document = csv::read(&tables, &Settings::default(), &Limits::default()).unwrap();
    let mut losses = Losses::default();
    losses.add(&pack, &document, &pack.lift(&document, &Context::default()));
    let library = embedded(FhirVersion::R4).unwrap();
    let knowledge = Knowledge {
        library: &*library,
        expand: &|set| match set.contains("administrative-gender") {
            true => ["male", "female"]
                .map(|code| ("g".to_owned(), code.to_owned()))
                .to_vec(),
            false => Vec::new(),
        },
        names: &|_, _, _| false,
    };
    of_losses(&pack, &borrowed(files), &losses, &knowledge)
}

#[test]
fn what_a_run_lost_gets_its_place_and_no_meaning() {
    let before = files(MAPS);
    let edits = advised(&before);
    let after = apply(&borrowed(&before), &edits.iter().collect::<Vec<_>>());
    insta::assert_snapshot!(after[1].1);
    // No value of the source: what may be no code is counted only.
    let told: String = edits
        .iter()
        .map(|edit| format!("{} {}\n{}", edit.about, edit.text, edit.hunk()))
        .collect();
    for value in [
        "03-02-1971",
        "Proef",
        "1234567",
        "999902003",
        "1234 AB",
        "patient 77",
        "G h",
    ] {
        assert!(!told.contains(value), "{value} in {told}");
    }
    // It compiles, does nothing more than before, and is refused until somebody filled it in.
    let (pack, _) = Pack::compile(&borrowed(&after)).unwrap();
    let library = embedded(FhirVersion::R4).unwrap();
    let faults = pack.check(&*library);
    assert!(
        faults.iter().all(|fault| fault.code() == "SAM-MAP-012"),
        "{faults:?}"
    );
    assert!(faults.len() > 2, "{faults:?}");
    // The same advice twice changes nothing.
    let again = advised(&after);
    let twice = apply(&borrowed(&after), &again.iter().collect::<Vec<_>>());
    assert_eq!(twice, after);
}

#[test]
fn a_fault_gets_the_smallest_edit_that_takes_it_away() {
    let library = embedded(FhirVersion::R4).unwrap();
    let head = "pack: t\nversion: '1'\nsource: { format: fhir, version: STU3 }\ntarget: { version: R4 }\n";
    let profile = "http://nictiz.nl/fhir/StructureDefinition/nl-core-BodyHeight";
    for (rule, expected) in [
        (
            "{ from: identifier.value, to: note.text }",
            "{ from: identifier.value, to: note.text, many: report }",
        ),
        (
            "{ from: comment, to: nots.text }",
            "{ from: comment, to: note.text, todo: \"changed to mend a fault: check it\" }",
        ),
        (
            "{ from: comment, to: note }",
            "{ from: comment, to: \"note.text\", todo: \"changed to mend a fault: check it\" }",
        ),
        (
            "{ from: issued, to: note.text, as: date-off }",
            "{ from: issued, to: note.text, as: date-of, todo: \"changed to mend a fault: check it\" }",
        ),
        (
            "{ to: status, const: final }",
            "{ to: status, assume: final, because: \"TODO say why this holds for every resource of the source\" }",
        ),
    ] {
        let map = format!(
            "maps:\n  - map: A\n    from: Observation\n    to: Observation\n    profile: {profile}\n    rules:\n      - {rule}\n"
        );
        let files = [("pack.yaml", head), ("a.yaml", &*map)];
        let faults = match Pack::compile(&files) {
            Ok((pack, _)) => pack.check(&*library),
            Err(faults) => faults,
        };
        assert!(!faults.is_empty(), "{rule}");
        let edits = of_faults(&files, &faults, &*library);
        let new: Vec<&str> = edits
            .iter()
            .flat_map(|edit| &edit.new)
            .map(|line| line.trim())
            .collect();
        assert_eq!(new, [format!("- {expected}")], "{rule}");
    }
}

#[test]
fn what_no_edit_mends_is_told_without_one() {
    let library = embedded(FhirVersion::R4).unwrap();
    let files = [
        ("pack.yaml", HEAD),
        ("a.yaml", "maps:\n  - map: A\n    from: [\n"),
    ];
    let faults = Pack::compile(&files).unwrap_err();
    let edits = of_faults(&files, &faults, &*library);
    assert_eq!(edits.len(), faults.len());
    assert!(
        edits
            .iter()
            .all(|edit| !edit.is_change() && edit.hunk().is_empty())
    );
}
