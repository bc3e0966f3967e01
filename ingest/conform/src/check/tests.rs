//! What does not go with a profile is told.

use samenhang_profiles::FhirVersion;
use samenhang_profiles::pack::embedded;

use crate::plan::Pack;

const HEAD: &str =
    "pack: t\nversion: '1'\nsource: { format: fhir, version: STU3 }\ntarget: { version: R4 }\n";

/// Codes of what is wrong with one rule of a map to nl-core-BodyHeight.
fn faults(rule: &str) -> Vec<&'static str> {
    let profile = "http://nictiz.nl/fhir/StructureDefinition/nl-core-BodyHeight";
    let map = format!(
        "maps:\n  - map: A\n    from: Observation\n    to: Observation\n    profile: {profile}\n    rules:\n      - {rule}\n"
    );
    let (pack, _) = Pack::compile(&[("pack.yaml", HEAD), ("a.yaml", &map)]).unwrap();
    let faults = pack.check(&*embedded(FhirVersion::R4).unwrap());
    faults.iter().map(|fault| fault.code()).collect()
}

#[test]
fn what_the_profile_forbids_or_does_not_fix_is_told() {
    let none: &[&str] = &[];
    let cases = [
        ("{ from: comment, to: note.text }", none),
        ("{ from: identifier.value, to: note.text }", &["SAM-MAP-008"]),
        ("{ from: identifier.value, to: note.text, many: report }", none),
        ("{ from: category, to: code }", &["SAM-MAP-008"]),
        ("{ from: comment, to: valueString }", &["SAM-MAP-006"]),
        ("{ from: value, to: valueQuantity }", none),
        (
            "{ to: code, const: { coding: [ { system: 'http://loinc.org', code: '8302-2' } ] } }",
            none,
        ),
        (
            "{ to: code, const: { coding: [ { system: 'http://loinc.org', code: '1' } ] } }",
            &["SAM-MAP-009"],
        ),
        ("{ to: status, const: final }", &["SAM-MAP-009"]),
        ("{ to: status, assume: final, because: x }", none),
        (
            "{ to: component#p.code, const: { coding: [ { system: 'http://snomed.info/sct', code: '425260001' } ] } }",
            none,
        ),
        (
            "{ to: category, const: { coding: [ { code: vital-signs } ] } }",
            none,
        ),
    ];
    for (rule, expected) in cases {
        assert_eq!(faults(rule), expected, "{rule}");
    }
}

#[test]
fn codes_that_the_profile_does_not_take_are_told() {
    use samenhang_terminology::Builder;
    let mut builder = Builder::new();
    let content = samenhang_profiles::pack::embedded_terminology(FhirVersion::R4).unwrap();
    content.add_to(&mut builder).unwrap();
    let terminology = builder.build();
    let codes = |table: &str, rule: &str| {
        let map = format!(
            "codes: {{ t: {{ table: {{ {table} }} }} }}\nmaps:\n  - map: A\n    from: Observation\n    to: Observation\n    rules:\n      - {{ from: status, to: status, codes: t }}\n      - {rule}\n"
        );
        let (pack, _) = Pack::compile(&[("pack.yaml", HEAD), ("a.yaml", &map)]).unwrap();
        let faults = pack.check_codes(&*embedded(FhirVersion::R4).unwrap(), &terminology);
        faults
            .iter()
            .map(|fault| (fault.code(), fault.place.line))
            .collect::<Vec<_>>()
    };
    let good = "{ to: status, assume: final, because: x }";
    let bad = "{ to: status, assume: fine, because: x }";
    assert_eq!(codes("a: final", good), []);
    assert_eq!(codes("a: finel", good), [("SAM-MAP-011", 7)]);
    assert_eq!(codes("a: final, b: null", bad), [("SAM-MAP-011", 8)]);
}

#[test]
fn a_reason_that_is_still_to_be_given_is_refused_and_does_nothing() {
    use crate::run::Context;
    use samenhang_profiles::{Limits, document::Document};
    let rule = "{ ignore: comment, because: 'TODO say why' }";
    assert_eq!(faults(rule), ["SAM-MAP-012"]);
    let map = format!(
        "maps:\n  - map: A\n    from: Observation\n    to: Observation\n    rest: report\n    rules:\n      - {rule}\n      - {{ from: method, todo: 'where to' }}\n      - {{ from: status, to: status, todo: 'is it' }}\n      - {{ to: code, todo: 'what' }}\n"
    );
    let (pack, warnings) = Pack::compile(&[("pack.yaml", HEAD), ("a.yaml", &map)]).unwrap();
    let told: Vec<_> = warnings.iter().map(|one| (one.code(), one.place.line)).collect();
    let code = "SAM-MAP-103";
    assert_eq!(told, [(code, 8), (code, 9), (code, 10)]);
    let source = br#"{"resourceType":"Observation","status":"final","comment":"x","method":{"text":"y"}}"#;
    let document = Document::from_json(source, FhirVersion::Stu3, &Limits::default()).unwrap();
    let lifted = pack.lift(&document, &Context::default());
    assert_eq!((lifted.ledger.mapped(), lifted.ledger.unmapped()), (1, 2));
}

#[test]
fn what_a_rule_that_is_open_names_has_to_be_there() {
    let compiled = |rule: &str| {
        let map = format!(
            "maps:\n  - map: A\n    from: Observation\n    to: Observation\n    rules:\n      - {rule}\n"
        );
        let errors = Pack::compile(&[("pack.yaml", HEAD), ("a.yaml", &map)]).err();
        errors.map(|errors| errors[0].code())
    };
    assert_eq!(compiled("{ to: colour, todo: x }"), Some("SAM-MAP-006"));
    assert_eq!(compiled("{ from: 'colour.', todo: x }"), Some("SAM-MAP-005"));
    assert_eq!(compiled("{ to: status, todo: x }"), None);
    assert_eq!(compiled("{ to: status }"), Some("SAM-MAP-004"));
}

#[test]
fn what_the_profile_requires_and_nothing_gives_is_told() {
    let profile = "http://nictiz.nl/fhir/StructureDefinition/nl-core-BodyHeight";
    let told = |rest: &str, rule: &str| {
        let map = format!(
            "maps:\n  - map: A\n    from: Observation\n    to: Observation\n    rest: {rest}\n    profile: {profile}\n    rules:\n      - {rule}\n"
        );
        let (pack, _) = Pack::compile(&[("pack.yaml", HEAD), ("a.yaml", &map)]).unwrap();
        let warnings = pack.unfilled(&*embedded(FhirVersion::R4).unwrap());
        let text = |one: &crate::Warning| (one.code(), one.to_string());
        warnings.iter().map(text).collect::<Vec<_>>()
    };
    assert_eq!(told("copy", "{ from: status, to: status }"), []);
    let all = told("report", "{ from: status, to: status }");
    assert!(all.iter().all(|(code, _)| *code == "SAM-MAP-104"), "{all:?}");
    let names: Vec<bool> = ["code", "subject", "effective[x]", "status"]
        .iter()
        .map(|name| {
            all.iter()
                .any(|(_, text)| text.contains(&format!("Observation.{name},")))
        })
        .collect();
    assert_eq!(names, [true, true, true, false], "{all:?}");
}
