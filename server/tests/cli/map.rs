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
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
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
        [json!({"resourceType": "Observation", "id": "h", "status": "final", "code": {"text": "lengte"},
            "note": [{"text": "Zorgvuldig gemeten"}]})]
    );
    assert!(done.err.contains("0 unmapped"), "{}", done.err);

    let lossy = scene.write("lossy.json", &observation(&json!({"valueString": "Geheim"})));
    let done = scene.map(&["run", "--trace", text(&lossy)]);
    assert_eq!(done.status, Some(1), "{}", done.err);
    let place = format!("{}:9:18 Observation.value", text(&lossy));
    assert!(done.err.contains(&place) && done.err.contains("is unmapped"), "{}", done.err);
    assert!(done.err.contains("rule a.yaml:Height:4"), "{}", done.err);
    assert!(done.err.contains("Observation.comment -> Observation.note[0].text"), "{}", done.err);
    assert!(done.err.contains("is ignored: the target has no use for it"), "{}", done.err);
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
    assert!(done.err.contains("resource 1 Observation is invalid"), "{}", done.err);
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
    assert!(done.err.contains(&second) && done.err.contains("b.json: refused: SAM-PRO-"), "{}", done.err);
    assert!(done.err.contains("c.json: refused: SAM-MAP-205"), "{}", done.err);
    assert!(!done.err.contains("999990019") && !done.err.contains("panicked"), "{}", done.err);
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
    let count = |key: &str| -> u64 { total[key].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum() };
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
        (&fault["severity"], &fault["code"], &fault["file"], &fault["line"], &fault["rule"]),
        (&json!("error"), &json!("SAM-MAP-006"), &json!("a.yaml"), &json!(12), &json!("Height:4"))
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
        (vec!["run", "--from", "r4", "--to", "r4", file], "cda-lab-3.0.0-to-r4"),
        (vec!["run", "--from", "edifact", "--to", "r4", file], "hl7v2"),
        (vec!["run", "--from", "stu3", file], "--to"),
        (vec!["run", file], "--pack"),
        (vec!["run", "--pack", "absent", file], "SAM-MAP-201"),
        (vec!["cover", "--from", "stu3", "--to", "r4", "/nowhere/a.json"], "/nowhere/a.json"),
        (vec!["cover", "--from", "stu3", "--to", "r4", text(&empty)], "searched for .json"),
        (vec!["check", "/nowhere"], "/nowhere"),
        (vec!["check"], "--pack"),
    ] {
        let done = run(&[&["map"], args.as_slice()].concat());
        assert_eq!((done.status, done.out.as_str()), (Some(2), ""), "{args:?} {}", done.err);
        assert!(done.err.contains(says) && !done.err.contains("panicked"), "{args:?} {}", done.err);
    }
}
