//! `samenhang map`: the tools of who writes maps.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::process::{Done, run};

const PACK: &str =
    "pack: t\nversion: '1'\nsource: { format: fhir, version: STU3 }\ntarget: { version: R4 }\n";

/// Heights: the status through a table, the comment as a note, one rule that never does anything.
const MAPS: &str = "\
codes:
  state: { table: { final: final } }
maps:
  - map: Height
    from: Observation
    to: Observation
    rest: report
    rules:
      - { from: id, to: id }
      - { from: status, to: status, codes: state }
      - { from: code, to: code }
      - { from: comment, to: note.text }
      - { from: bodySite, to: bodySite }
      - { ignore: issued, because: \"the target has no use for it\" }
";

/// A folder with a pack, and a file with an observation.
struct Scene {
    root: tempfile::TempDir,
}

impl Scene {
    fn new() -> Scene {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("pack")).unwrap();
        let scene = Scene { root };
        scene.write("pack/pack.yaml", PACK);
        scene.write("pack/a.yaml", MAPS);
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn map(&self, args: &[&str]) -> Done {
        let pack = self.path("pack");
        let (verb, rest) = args.split_first().unwrap();
        run(&[&["map", verb, "--pack", text(&pack)], rest].concat())
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn observation(more: &Value) -> String {
    let mut whole = json!({"resourceType": "Observation", "id": "h", "status": "final",
        "code": {"text": "lengte"}, "comment": "Zorgvuldig gemeten", "issued": "2020-01-01T00:00:00Z"});
    whole
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    serde_json::to_string_pretty(&whole).unwrap()
}

fn lines(done: &Done) -> Vec<Value> {
    done.out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_run_prints_resources_and_tells_where_values_went() {
    let scene = Scene::new();
    let clean = scene.write("clean.json", &observation(&json!({})));
    let done = scene.map(&["run", text(&clean)]);
    assert_eq!(done.status, Some(0), "{}", done.err);
    assert_eq!(
        lines(&done),
        [
            json!({"resourceType": "Observation", "id": "h", "status": "final", "code": {"text": "lengte"},
            "note": [{"text": "Zorgvuldig gemeten"}]})
        ]
    );
    assert!(done.err.contains("0 unmapped"), "{}", done.err);

    let lossy = scene.write("lossy.json", &observation(&json!({"valueString": "Geheim"})));
    let done = scene.map(&["run", "--trace", text(&lossy)]);
    assert_eq!(done.status, Some(1), "{}", done.err);
    let place = format!("{}:10:18 Observation.value.ofType(string)", text(&lossy));
    assert!(
        done.err.contains(&place) && done.err.contains("is unmapped"),
        "{}",
        done.err
    );
    assert!(done.err.contains("rule a.yaml:Height:4"), "{}", done.err);
    assert!(
        done.err
            .contains("Observation.comment -> Observation.note[0].text"),
        "{}",
        done.err
    );
    assert!(
        done.err.contains("is ignored: the target has no use for it"),
        "{}",
        done.err
    );
    for value in ["Geheim", "Zorgvuldig"] {
        assert!(!done.err.contains(value), "{}", done.err);
    }
    let done = scene.map(&["run", "--values", text(&lossy)]);
    assert!(done.err.contains("Geheim"), "{}", done.err);
}

#[test]
fn a_run_holds_what_it_makes_to_the_profiles() {
    let scene = Scene::new();
    let file = scene.write("a.json", &observation(&json!({"status": "onbekend"})));
    let done = scene.map(&["run", "--validate", text(&file)]);
    assert_eq!(done.status, Some(1), "{}", done.err);
    assert!(done.err.contains("SAM-CNF-103"), "{}", done.err);
    assert!(
        done.err.contains("resource 1 Observation is invalid"),
        "{}",
        done.err
    );
    assert!(!done.err.contains("onbekend"), "{}", done.err);
}

#[test]
fn what_cannot_be_read_is_refused_and_the_rest_is_done() {
    let scene = Scene::new();
    let good = observation(&json!({})).replace('\n', " ");
    let mixed = scene.write("in/a.ndjson", &format!("{good}\n{{\"resourceType\":\n\n{good}\n"));
    scene.write("in/b.json", "999990019 is geen JSON");
    scene.write("in/c.json", " ");
    scene.write("in/note.md", "not looked at");
    let done = scene.map(&["run", text(&scene.path("in"))]);
    assert_eq!((done.status, lines(&done).len()), (Some(1), 2), "{}", done.err);
    let second = format!("{}#2: refused: SAM-PRO-", text(&mixed));
    assert!(
        done.err.contains(&second) && done.err.contains("b.json: refused: SAM-PRO-"),
        "{}",
        done.err
    );
    assert!(done.err.contains("c.json: refused: SAM-MAP-205"), "{}", done.err);
    assert!(
        !done.err.contains("999990019") && !done.err.contains("panicked"),
        "{}",
        done.err
    );
}

#[test]
fn a_cover_is_a_ledger_without_values() {
    let scene = Scene::new();
    let more = json!({"status": "vreemd", "valueString": "Geheim", "performer": [{"display": "A"}, {"display": "B"}]});
    scene.write("in/a.json", &observation(&more));
    scene.write("in/b.json", &observation(&json!({"status": "999990019"})));
    scene.write("in/c.json", "{");
    let done = scene.map(&["cover", text(&scene.path("in"))]);
    assert_eq!((done.status, done.err.as_str()), (Some(1), ""));
    let cover = &lines(&done)[0];
    assert_eq!(cover["refused"], 1);
    let total = &cover["total"];
    assert_eq!(total["ignored"], json!({"the target has no use for it": 2}));
    assert_eq!(total["unmapped"]["Observation.performer.display"], 2);
    assert_eq!(total["unmapped"]["Observation.status"], 2);
    let count = |key: &str| -> u64 {
        total[key]
            .as_object()
            .unwrap()
            .values()
            .map(|n| n.as_u64().unwrap())
            .sum()
    };
    assert_eq!(
        total["leaves"].as_u64().unwrap(),
        total["mapped"].as_u64().unwrap() + count("ignored") + count("unmapped")
    );
    assert_eq!(cover["rules"]["never"], json!(["a.yaml:Height:5"]));
    let code = |code: Value| {
        let mut all = json!({"rule": "a.yaml:Height:2", "path": "Observation.status", "count": 1});
        if !code.is_null() {
            all["code"] = code;
        }
        all
    };
    // The number of a patient is no code, wherever it stands.
    assert_eq!(cover["codes"], json!([code(Value::Null), code("vreemd".into())]));
    assert_eq!(cover["target"][0]["filled"]["Observation.note.text"], 2);
    let never = cover["target"][0]["never"].as_array().unwrap();
    assert!(never.contains(&"Observation.value[x]".into()) && !never.contains(&"Observation.code".into()));
    for value in ["Geheim", "Zorgvuldig", "lengte", "999990019"] {
        assert!(!done.out.contains(value), "{value} is in: {}", done.out);
    }
}

#[test]
fn a_check_lists_what_is_wrong() {
    let scene = Scene::new();
    let check = || run(&["map", "check", text(&scene.path("pack"))]);
    let done = check();
    assert_eq!((done.status, done.out.as_str()), (Some(0), ""), "{}", done.err);
    scene.write("pack/a.yaml", &MAPS.replace("to: note.text", "to: comment"));
    let done = check();
    assert_eq!(done.status, Some(1), "{}", done.err);
    let fault = &lines(&done)[0];
    assert_eq!(
        (
            &fault["severity"],
            &fault["code"],
            &fault["file"],
            &fault["line"],
            &fault["rule"]
        ),
        (
            &json!("error"),
            &json!("SAM-MAP-006"),
            &json!("a.yaml"),
            &json!(12),
            &json!("Height:4")
        )
    );
    // Run says so too, and does nothing.
    let file = scene.write("a.json", &observation(&json!({})));
    let done = scene.map(&["run", text(&file)]);
    assert_eq!((done.status, done.out.as_str()), (Some(2), ""), "{}", done.err);
    assert!(done.err.contains("SAM-MAP-006"), "{}", done.err);
}

#[test]
fn every_pack_that_is_carried_can_be_chosen_by_its_direction() {
    let scene = Scene::new();
    let file = scene.write("a.json", &observation(&json!({})));
    for (from, to) in [("stu3", "r4"), ("zib2017", "zib2020"), ("r4", "stu3")] {
        let done = run(&["map", "run", "--from", from, "--to", to, text(&file)]);
        assert!(done.status.is_some_and(|status| status < 2), "{}", done.err);
        assert_eq!(lines(&done).len(), 1, "{}", done.err);
    }
}

#[test]
fn wrong_input_is_named() {
    let scene = Scene::new();
    let file = scene.write("a.json", &observation(&json!({})));
    let file = text(&file);
    let empty = scene.path("pack");
    for (args, says) in [
        (
            vec!["run", "--from", "r4", "--to", "r4", file],
            "cda-lab-3.0.0-to-r4",
        ),
        (vec!["run", "--from", "edifact", "--to", "r4", file], "hl7v2"),
        (vec!["run", "--from", "stu3", file], "--to"),
        (vec!["run", file], "--pack"),
        (vec!["run", "--pack", "absent", file], "SAM-MAP-201"),
        (
            vec!["cover", "--from", "stu3", "--to", "r4", "/nowhere/a.json"],
            "/nowhere/a.json",
        ),
        (
            vec!["cover", "--from", "stu3", "--to", "r4", text(&empty)],
            "searched for .json",
        ),
        (vec!["check", "/nowhere"], "/nowhere"),
        (vec!["check"], "<DIR>"),
    ] {
        let done = run(&[&["map"], args.as_slice()].concat());
        assert_eq!(
            (done.status, done.out.as_str()),
            (Some(2), ""),
            "{args:?} {}",
            done.err
        );
        assert!(
            done.err.contains(says) && !done.err.contains("panicked"),
            "{args:?} {}",
            done.err
        );
    }
}

#[test]
fn cases_are_blessed_pass_and_fail_with_a_path() {
    let scene = Scene::new();
    let input =
        observation(&json!({"status": "vreemd", "bodySite": {"coding": [{"code": "1"}, {"code": "2"}]}}));
    scene.write("pack/cases/a/input.json", &input);
    let test = |more: &[&str]| run(&[&["map", "test", text(&scene.path("pack"))], more].concat());
    let results =
        |done: &Done| -> Vec<Value> { lines(done).iter().map(|line| line["result"].clone()).collect() };

    let done = test(&[]);
    assert_eq!(
        (done.status, results(&done)),
        (Some(1), vec![json!("broken")]),
        "{}",
        done.out
    );
    assert!(done.out.contains("SAM-MAP-204"), "{}", done.out);

    let done = test(&["--bless"]);
    assert_eq!(
        (done.status, results(&done)),
        (Some(0), vec![json!("blessed")]),
        "{}",
        done.out
    );
    let issues = fs::read_to_string(scene.path("pack/cases/a/issues.yaml")).unwrap();
    assert!(
        issues.contains("\"code\":\"SAM-CNF-103\"") && issues.contains("a.yaml:Height"),
        "{issues}"
    );
    let done = test(&[]);
    assert_eq!(
        (done.status, results(&done)),
        (Some(0), vec![json!("passed")]),
        "{}",
        done.out
    );

    // Another order says nothing; another value does.
    let expected = fs::read_to_string(scene.path("pack/cases/a/expected.ndjson")).unwrap();
    let turned = expected.replace(r#"{"code":"1"},{"code":"2"}"#, r#"{"code":"2"},{"code":"1"}"#);
    assert_ne!(turned, expected);
    scene.write("pack/cases/a/expected.ndjson", &turned);
    assert_eq!(test(&[]).status, Some(0));
    scene.write(
        "pack/cases/a/expected.ndjson",
        &expected.replace("lengte", "gewicht"),
    );
    let done = test(&[]);
    assert_eq!(done.status, Some(1), "{}", done.out);
    let difference = json!({"path": "Observation[0].code.text", "kind": "differs", "expected": "\"gewicht\"",
        "actual": "\"lengte\""});
    assert_eq!(lines(&done)[0]["differences"], json!([difference]));

    // What is found is expected too, and a file of issues that is none is told.
    scene.write("pack/cases/a/expected.ndjson", &expected);
    scene.write(
        "pack/cases/a/issues.yaml",
        "unmapped: [Observation.status, Observation.method]\n",
    );
    let done = test(&[]);
    assert_eq!(results(&done), ["failed"], "{}", done.out);
    let line = &lines(&done)[0];
    assert_eq!(line["unexpected"]["findings"][0]["code"], "SAM-CNF-103");
    assert_eq!(line["missing"]["unmapped"], json!(["Observation.method"]));
    scene.write("pack/cases/a/issues.yaml", "found: 1\n");
    assert_eq!(results(&test(&[])), ["broken"]);
}

#[test]
fn a_case_of_rows_has_several_files() {
    let scene = Scene::new();
    let csv = PACK.replace(
        "fhir, version: STU3",
        "csv, join: { b: { in: a, by: k, key: k } }",
    );
    scene.write("pack/pack.yaml", &csv);
    scene.write(
        "pack/a.yaml",
        "maps:\n  - map: T\n    from: Tables\n    rules:\n      - { from: a, make: P }\n  - map: P\n    only: true\n    from: a\n    to: Patient\n    id: k\n    rules:\n      - { from: k, to: identifier.value }\n      - { from: b.name, to: name.text }\n",
    );
    scene.write("pack/cases/x/input/a.csv", "k\n1\n2\n");
    scene.write("pack/cases/x/input/b.csv", "k;name\n1;Proef\n");
    scene.write("pack/cases/x/expected.json", "[]");
    let test = |more: &[&str]| run(&[&["map", "test", text(&scene.path("pack"))], more].concat());
    assert_eq!(test(&[]).status, Some(1));
    assert_eq!(test(&["--bless"]).status, Some(0));
    let expected: Value =
        serde_json::from_slice(&fs::read(scene.path("pack/cases/x/expected.json")).unwrap()).unwrap();
    assert_eq!(expected.as_array().map(Vec::len), Some(2), "{expected}");
    assert_eq!(expected[0]["name"][0]["text"], "Proef");
    // Other ids that were made are the same resources.
    let text = fs::read_to_string(scene.path("pack/cases/x/expected.json")).unwrap();
    let id = expected[0]["id"].as_str().unwrap();
    scene.write(
        "pack/cases/x/expected.json",
        &text.replace(id, "0b0e7f1c-8a43-5d6e-9c11-2f6b1a7d3e01"),
    );
    let done = test(&[]);
    assert_eq!(done.status, Some(0), "{}", done.out);
}

#[test]
fn a_diff_says_what_two_packs_make_differently() {
    let scene = Scene::new();
    scene.write("new/pack.yaml", PACK);
    scene.write("new/a.yaml", &MAPS.replace("to: note.text", "to: code.text"));
    let file = scene.write("a.json", &observation(&json!({})));
    let packs = [
        text(&scene.path("pack")).to_owned(),
        text(&scene.path("new")).to_owned(),
    ];
    let diff =
        |old: &str, new: &str, more: &[&str]| run(&[&["map", "diff", old, new, text(&file)], more].concat());
    let done = diff(&packs[0], &packs[0], &[]);
    assert_eq!((done.status, done.out.as_str()), (Some(0), ""), "{}", done.err);
    let done = diff(&packs[0], &packs[1], &[]);
    assert_eq!(done.status, Some(1), "{}", done.err);
    let line = &lines(&done)[0];
    assert_eq!(
        line["differences"],
        json!([{"path": "Observation[0].note", "kind": "missing"}])
    );
    assert_eq!(line["new"]["unmapped"], json!({"Observation.comment": 1}));
    assert!(!done.out.contains("Zorgvuldig"), "{}", done.out);
    let done = diff(&packs[0], &packs[1], &["--values"]);
    assert!(done.out.contains("Zorgvuldig"), "{}", done.out);
    let done = diff(&packs[0], "r4-zib2020-to-stu3-zib2017", &[]);
    assert_eq!((done.status, done.out.as_str()), (Some(2), ""), "{}", done.err);
}
