//! `samenhang reconcile --medication`: the overview of a patient of the testbed as JSON.

use serde_json::Value;

use crate::process::run;

const PATIENTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../conformance-tests/testbed/patients"
);

#[test]
fn the_medication_overview_is_told_as_json() {
    let gp = format!("00700701={PATIENTS}/00700701/r4/p1-medicatie.json");
    let pharmacy = format!("00700702={PATIENTS}/00700702/r4/p1-medicatie.json");
    let sources = ["reconcile", "--source", &gp, "--source", &pharmacy];
    let done = run(&[&sources[..], &["--at", "2026-11-22T10:00:00Z", "--medication"]].concat());
    assert_eq!(done.status, Some(0), "{}", done.err);
    let told: Value = serde_json::from_str(&done.out).expect("JSON");
    let treatments = told["treatments"].as_array().expect("treatments");
    let of = |name: &str| {
        let found = treatments
            .iter()
            .find(|treatment| treatment["identifier"]["value"] == name);
        found.unwrap_or_else(|| panic!("{name} is not told"))
    };
    assert_eq!(of("MBH-P1-SIMV")["bucket"], "recently-stopped");
    let metformin = of("MBH-P1-METF");
    assert_eq!(metformin["bucket"], "current");
    let codes: Vec<&Value> = metformin["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| &finding["code"])
        .collect();
    assert_eq!(codes, ["overlap", "disagreement"]);
    let blocks = metformin["blocks"].as_array().expect("blocks");
    assert!(
        blocks
            .iter()
            .any(|block| block["kind"] == "administration-agreement" && block["phase"] == "in-force")
    );
}

#[test]
fn an_overview_is_of_a_moment() {
    let gp = format!("gp={PATIENTS}/00700701/r4/p1-medicatie.json");
    let done = run(&["reconcile", "--source", &gp, "--medication"]);
    assert_eq!(done.status, Some(2));
    assert!(done.err.contains("--at"), "{}", done.err);
}
