//! What is wrong with a pack is found when it is compiled, with its place.

use crate::error::PackError;
use crate::plan::Pack;

const HEAD: &str =
    "pack: t\nversion: '1'\nsource: { format: fhir, version: STU3 }\ntarget: { version: R4 }\n";

fn compile(maps: &str) -> Result<(Pack, Vec<crate::Warning>), Vec<PackError>> {
    Pack::compile(&[("pack.yaml", HEAD), ("a.yaml", maps)])
}

/// The rules of a map from Observation to Observation.
fn rules(rules: &str) -> String {
    format!("maps:\n  - map: A\n    from: Observation\n    to: Observation\n    rules:\n      - {rules}\n")
}

#[test]
fn each_fault_is_told_with_its_code_and_place() {
    let cases = [
        ("{ from: comment, to: nots.text }", "SAM-MAP-006", "nots"),
        ("{ from: coment, to: note.text }", "SAM-MAP-005", "coment"),
        ("{ from: 'comment.(', to: note.text }", "SAM-MAP-005", "'comment"),
        (
            "{ from: comment, to: component.code.coding }",
            "SAM-MAP-008",
            "component",
        ),
        ("{ from: comment, to: note.text, map: B }", "SAM-MAP-010", "B }"),
        ("{ from: comment, to: note.text, codes: b }", "SAM-MAP-010", "b }"),
        ("{ from: comment, to: note.text, as: b }", "SAM-MAP-010", "b }"),
        ("{ from: code, to: note }", "SAM-MAP-007", "{"),
        ("{ from: comment, to: issued }", "SAM-MAP-007", "{"),
        ("{ from: comment }", "SAM-MAP-004", "{"),
        ("{ ignore: comment }", "SAM-MAP-004", "{"),
        ("{ to: status, assume: final }", "SAM-MAP-004", "{"),
        (
            "{ to: status, assume: [ final ], because: x }",
            "SAM-MAP-007",
            "{",
        ),
        ("{ to: code, const: { coding: { code: x } } }", "SAM-MAP-007", "{"),
        ("{ to: code, const: { codes: [] } }", "SAM-MAP-007", "{"),
        ("{ to: code, from: code, const: { text: a } }", "SAM-MAP-004", "{"),
        (
            "{ from: related, to: hasMember, rules: [ { from: targett, to: $this } ] }",
            "SAM-MAP-005",
            "targett",
        ),
    ];
    for (rule, code, word) in cases {
        let errors = compile(&rules(rule)).unwrap_err();
        let told: Vec<String> = errors
            .iter()
            .map(|error| format!("{} {error}", error.code()))
            .collect();
        assert_eq!(told.len(), 1, "{rule}: {told:?}");
        let place = format!("{code} a.yaml:6:{} (A:1", rule.find(word).unwrap() + 9);
        assert!(told[0].starts_with(&place), "{rule}: {told:?} and not {place}");
    }
}

#[test]
fn faults_between_files_and_maps_are_told() {
    let of = |maps: &str| {
        let errors = compile(maps).unwrap_err();
        errors.iter().map(PackError::code).collect::<Vec<_>>()
    };
    let map = |name: &str, more: &str| format!("  - {{ map: {name}, from: Patient, to: Patient{more} }}\n");
    assert_eq!(
        of(&format!("maps:\n{}{}", map("A", ""), map("A", ""))),
        ["SAM-MAP-003"]
    );
    assert_eq!(
        of(&format!("maps:\n{}", map("A", ", extends: B"))),
        ["SAM-MAP-010"]
    );
    assert_eq!(
        of(&format!(
            "maps:\n{}{}",
            map("A", ", extends: B"),
            map("B", ", extends: A")
        ))[0],
        "SAM-MAP-004"
    );
    assert_eq!(
        of("maps: [ { map: A, from: Patients, to: Patient } ]"),
        ["SAM-MAP-010"]
    );
    assert_eq!(of("extensions: { u: { to: v, map: C } }"), ["SAM-MAP-010"]);
    assert_eq!(of("pack: again"), ["SAM-MAP-002"]);
    let none = Pack::compile(&[("a.yaml", "maps: []")]).unwrap_err();
    assert_eq!(none[0].code(), "SAM-MAP-002");
}

#[test]
fn what_is_of_no_use_is_a_warning() {
    let maps = "codes: { t: { table: { a: b } } }\nmaps:\n  - { map: A, from: Patient, to: Patient }\n  - { map: B, from: Patient, to: Patient }\n  - { map: C, from: Patient, to: Patient, only: true }\n";
    let (_, warnings) = compile(maps).unwrap();
    let places: Vec<String> = warnings
        .iter()
        .map(|warning| format!("{} {}", warning.code(), warning.place))
        .collect();
    assert_eq!(
        places,
        [
            "SAM-MAP-102 a.yaml:4:5 (B)",
            "SAM-MAP-102 a.yaml:5:5 (C)",
            "SAM-MAP-102 a.yaml:1:13",
        ]
    );
}

#[test]
fn a_concept_map_is_a_table() {
    let map = r#"{ "resourceType": "ConceptMap", "url": "http://m", "group": [ { "source": "http://a", "target": "http://b",
        "element": [ { "code": "x", "target": [ { "code": "y", "equivalence": "equivalent" } ] },
                     { "code": "z", "target": [ { "equivalence": "unmatched" } ] } ] } ] }"#;
    let maps = "codes: { t: { concept-map: m.json } }\nmaps:\n  - map: A\n    from: Observation\n    to: Observation\n    rules: [ { from: code, to: code, codes: t } ]\n";
    let files = [("pack.yaml", HEAD), ("a.yaml", maps), ("m.json", map)];
    let (pack, warnings) = Pack::compile(&files).unwrap();
    assert_eq!(warnings, []);
    let table = &pack.tables[0];
    assert!(matches!(table.get(Some("http://a"), "x"), crate::plan::Found::Code(code) if &*code.code == "y"));
    assert!(matches!(
        table.get(Some("http://a"), "z"),
        crate::plan::Found::Nothing
    ));
    let none = Pack::compile(&[("pack.yaml", HEAD), ("a.yaml", maps)]).unwrap_err();
    assert_eq!(none[0].code(), "SAM-MAP-010");
    let other = Pack::compile(&[
        ("pack.yaml", HEAD),
        ("m.json", "{ \"resourceType\": \"Patient\" }"),
    ])
    .unwrap_err();
    assert_eq!(other[0].code(), "SAM-MAP-001");
}

#[test]
fn every_pack_that_is_shipped_compiles_without_warnings() {
    for name in crate::shipped_names() {
        let files = crate::shipped_files(&name);
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
        match Pack::compile(&files) {
            Ok((_, warnings)) => assert_eq!(warnings, [], "{name}"),
            Err(errors) => panic!("{name}: {errors:#?}"),
        }
        assert!(crate::shipped(&name).is_some());
    }
}
