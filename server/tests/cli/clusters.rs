//! `samenhang reconcile`: views, explanations and what a person keeps apart.

use serde_json::{Value, json};

use crate::process::run;

/// Two sources with the same problem, in a folder.
fn sources() -> (tempfile::TempDir, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let problem = |id: &str, status: &str| {
        json!({ "resourceType": "Condition", "id": id,
            "clinicalStatus": { "coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": status }] },
            "code": { "coding": [{ "system": "http://snomed.info/sct", "code": "38341003" }] },
            "onsetDateTime": "2020-03-01", "subject": { "reference": "Patient/p" } })
    };
    let mut options = Vec::new();
    for (name, id) in [("gp", "a"), ("hospital", "b")] {
        let path = folder.path().join(format!("{name}.json"));
        let bundle = json!({ "resourceType": "Bundle", "type": "collection",
            "entry": [{ "resource": problem(id, "resolved") }] });
        std::fs::write(&path, bundle.to_string()).unwrap();
        options.push("--source".to_owned());
        options.push(format!("{name}={}", path.display()));
    }
    (folder, options)
}

fn reconcile(options: &[String], more: &[&str]) -> (Option<i32>, Value, String) {
    let mut all = vec!["reconcile", "--fhir", "r4"];
    all.extend(options.iter().map(String::as_str));
    all.extend(more);
    let done = run(&all);
    let json = serde_json::from_str(&done.out).unwrap_or(Value::Null);
    (done.status, json, done.err)
}

fn of_kind<'a>(bundle: &'a Value, kind: &'a str) -> Vec<&'a Value> {
    let entries = bundle["entry"].as_array().into_iter().flatten();
    let resources = entries.map(|entry| &entry["resource"]);
    resources
        .filter(|resource| resource["resourceType"] == kind)
        .collect()
}

const A: &str = "urn:samenhang:source:gp/Condition/a";
const B: &str = "urn:samenhang:source:hospital/Condition/b";

#[test]
fn a_cluster_is_explained_and_a_person_can_keep_its_members_apart() {
    let (_folder, options) = sources();
    let (status, bundle, err) = reconcile(&options, &[]);
    assert_eq!(status, Some(0), "{err}");
    assert_eq!(of_kind(&bundle, "Linkage").len(), 1);
    let provenance = of_kind(&bundle, "Provenance");
    assert_eq!(
        provenance.len(),
        1,
        "of the cluster; when they were received is not known"
    );
    assert!(provenance[0].get("recorded").is_none() && provenance[0].get("_recorded").is_some());

    let (status, why, err) = reconcile(&options, &["--explain", A]);
    assert_eq!(status, Some(0), "{err}");
    assert_eq!(why["resourceType"], "Parameters");
    let text = why.to_string();
    for said in ["same-record", "\"outcome\"", "\"T0\"", "clinical"] {
        assert_eq!(text.contains(said), said != "clinical", "{said} in {text}");
    }

    let (status, bundle, err) = reconcile(&options, &["--unlink", &format!("{B}={A}")]);
    assert_eq!(status, Some(0), "{err}");
    assert!(of_kind(&bundle, "Linkage").is_empty());
    assert_eq!(
        of_kind(&bundle, "DetectedIssue")[0]["code"]["coding"][0]["code"],
        "unlinked"
    );
    assert_eq!(of_kind(&bundle, "Condition").len(), 2);
}

#[test]
fn a_view_leaves_out_and_counts() {
    let (_folder, options) = sources();
    let (status, bundle, err) = reconcile(&options, &["--view", "acute", "--at", "2026-11-22T10:00:00Z"]);
    assert_eq!(status, Some(0), "{err}");
    let composition = of_kind(&bundle, "Composition")[0];
    let sections = composition["section"].as_array().unwrap();
    let problems = sections
        .iter()
        .find(|section| section["title"] == "Problems")
        .unwrap();
    assert!(problems.get("entry").is_none(), "{problems}");
    let hidden = &problems["extension"][0]["extension"];
    assert_eq!(hidden[0]["valueUnsignedInt"], 1);
    assert_eq!(hidden[1]["valueCode"], "status");
    assert_eq!(of_kind(&bundle, "Condition").len(), 2, "both are there");
}

#[test]
fn what_cannot_be_used_is_misuse() {
    let (_folder, options) = sources();
    for (more, said) in [
        (&["--view", "none"][..], "use one of: whole, acute"),
        (&["--unlink", "a"], "is not A=B"),
        (&["--unlink", "a=b"], "a is not in the Bundles"),
        (&["--explain", "0123"], "neither a cluster nor a record"),
    ] {
        let (status, out, err) = reconcile(&options, more);
        assert_eq!((status, &out), (Some(2), &Value::Null), "{more:?}: {err}");
        assert!(err.contains(said), "{err}");
    }
}
