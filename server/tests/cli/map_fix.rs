//! `samenhang map fix` and the page of `samenhang map cover`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::process::{Done, run};

const PACK: &str = "\
pack: t
version: '1'
source: { format: csv }
target: { version: R4 }
codes:
  gender:
    table: { \"V\": female }
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
      - { from: geboren, to: birthDate }
      - { ignore: afdeling, because: \"<no> ward\" }
";
const ROWS: &str = "geslacht;geboren;afdeling;kamer\nX;03-02-1971;Oost;gang 7\nV;01-01-1950;;gang 8\n";

/// A folder with a pack, and one with rows.
struct Scene(tempfile::TempDir);

impl Scene {
    fn new() -> Scene {
        let scene = Scene(tempfile::tempdir().unwrap());
        for (name, text) in [("pack/pack.yaml", PACK), ("p.csv", ROWS)] {
            let path = scene.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn fix(&self, more: &[&str]) -> Done {
        run(&[
            &["map", "fix", text(&self.path("pack")), text(&self.path("p.csv"))],
            more,
        ]
        .concat())
    }

    fn pack(&self) -> String {
        fs::read_to_string(self.path("pack/pack.yaml")).unwrap()
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn lines(done: &Done) -> Vec<Value> {
    done.out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn edits_are_proposed_made_and_refused_until_they_are_filled_in() {
    let scene = Scene::new();
    let done = scene.fix(&[]);
    assert_eq!(done.status, Some(1), "{}", done.err);
    let told = lines(&done);
    let codes: Vec<&str> = told.iter().map(|line| line["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["SAM-CNF-103", "SAM-CNF-102", "unmapped"], "{}", done.out);
    assert_eq!(told[0]["new"].as_array().unwrap().len(), 2, "{}", told[0]);
    assert!(done.err.contains("male, female, other, unknown"), "{}", done.err);
    assert!(
        done.err
            .contains("+      - { from: geboren, to: birthDate, as: dutch-date,"),
        "{}",
        done.err
    );
    for value in ["03-02-1971", "Oost", "gang"] {
        assert!(!done.out.contains(value) && !done.err.contains(value), "{value}");
    }
    assert_eq!(scene.pack(), PACK, "nothing is written");

    // Only what was chosen is made.
    let done = scene.fix(&["--write", "--take", "2"]);
    assert_eq!(done.status, Some(1), "{}", done.err);
    let changed = scene.pack();
    assert!(
        changed.contains("as: dutch-date") && !changed.contains("TODO"),
        "{changed}"
    );

    let done = scene.fix(&["--write"]);
    assert_eq!(done.status, Some(1), "{}", done.err);
    let written = scene.pack();
    assert!(
        written.contains("\"X\": \"TODO\"") && written.contains("ignore: kamer"),
        "{written}"
    );
    let done = run(&["map", "check", text(&scene.path("pack"))]);
    assert_eq!(done.status, Some(1), "{}", done.out);
    assert_eq!(done.out.matches("SAM-MAP-012").count(), 2, "{}", done.out);

    // A person fills it in; nothing is left.
    let filled = written
        .replace("\"X\": \"TODO\"", "\"X\": other")
        .replace(
            "TODO say why this is not carried over, or map it",
            "the room is no part of it",
        )
        .replace(", todo: \"takes all that failed: check it\"", "");
    fs::write(scene.path("pack/pack.yaml"), filled).unwrap();
    let done = scene.fix(&[]);
    assert_eq!((done.status, done.out.as_str()), (Some(0), ""), "{}", done.err);
}

#[test]
fn a_fault_of_the_pack_gets_an_edit() {
    let scene = Scene::new();
    let wrong = PACK.replace("to: birthDate", "to: birthDat");
    fs::write(scene.path("pack/pack.yaml"), wrong).unwrap();
    let done = run(&["map", "fix", text(&scene.path("pack"))]);
    assert_eq!(done.status, Some(1), "{}", done.err);
    let line = &lines(&done)[0];
    assert_eq!(
        (&line["code"], &line["edit"]),
        (&json!("SAM-MAP-006"), &json!(1)),
        "{line}"
    );
    assert!(
        line["new"][0].as_str().unwrap().contains("to: birthDate, todo:"),
        "{line}"
    );
}

#[test]
fn wrong_input_of_fix_is_said() {
    let scene = Scene::new();
    for (args, told) in [
        (vec!["/nowhere"], "/nowhere"),
        (vec![text(&scene.path("pack")), "/nowhere.csv"], "/nowhere.csv"),
        (
            vec![
                text(&scene.path("pack")),
                text(&scene.path("p.csv")),
                "--take",
                "1",
            ],
            "--write",
        ),
        (
            vec![
                text(&scene.path("pack")),
                text(&scene.path("p.csv")),
                "--write",
                "--take",
                "99",
            ],
            "99",
        ),
        (vec![], "<DIR>"),
    ] {
        let done = run(&[&["map", "fix"], args.as_slice()].concat());
        assert_eq!(done.status, Some(2), "{args:?} {}", done.err);
        assert!(done.err.contains(told), "{told} is not in: {}", done.err);
    }
    assert_eq!(scene.pack(), PACK);
}

#[test]
fn the_page_of_a_cover_has_paths_and_counts_and_no_data() {
    let scene = Scene::new();
    let page = scene.path("cover.html");
    let (pack, rows) = (scene.path("pack"), scene.path("p.csv"));
    let args = [
        "map",
        "cover",
        "--pack",
        text(&pack),
        "--html",
        text(&page),
        text(&rows),
    ];
    let done = run(&args);
    assert_eq!(done.status, Some(1), "{}", done.err);
    let html = fs::read_to_string(&page).unwrap();
    for part in [
        "<section id=\"nl\" lang=\"nl\">",
        "<section id=\"en\" lang=\"en\">",
        "Tables.p.kamer",
        "&lt;no&gt; ward",
        "Patient.gender",
        "NL-CM:0.1.9",
        "Geslacht",
    ] {
        assert!(html.contains(part), "{part}");
    }
    for part in [
        "<script",
        "03-02-1971",
        "Oost",
        "gang",
        "<no>",
        "http://localhost",
        "src=",
    ] {
        assert!(!html.contains(part), "{part}");
    }
    let done = run(&[
        "map",
        "cover",
        "--pack",
        text(&scene.path("pack")),
        "--html",
        "/nowhere/x",
        text(&scene.path("p.csv")),
    ]);
    assert_eq!(done.status, Some(2), "{}", done.err);
}

#[test]
fn the_page_of_fhir_is_held_to_the_bgz() {
    let scene = Scene::new();
    let file = scene.path("a.json");
    fs::write(&file, r#"{"resourceType":"Flag","id":"a","status":"active","subject":{"reference":"Patient/1"},"period":{"start":"2020"}}"#).unwrap();
    let page = scene.path("cover.html");
    run(&[
        "map",
        "cover",
        "--from",
        "stu3",
        "--to",
        "r4",
        "--html",
        text(&page),
        text(&file),
    ]);
    let html = fs::read_to_string(&page).unwrap();
    let row = html.split("<td>Flag</td>").nth(1).unwrap();
    assert!(row.starts_with("<td class=\"n\">21</td>"), "{}", &row[..80]);
}
