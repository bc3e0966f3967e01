//! Definitions as resources: what a profile may not say.

use serde_json::{Value, json};

use super::{outcome, profile};
use crate::validate::Budget;

/// What is found in a profile on Patient with these elements and properties.
fn found(elements: &Value, properties: &Value) -> Vec<String> {
    let mut definition = profile("d", "Patient", elements);
    let all = definition.as_object_mut().unwrap();
    all.extend(properties.as_object().unwrap().clone());
    let outcome = outcome(&[], &definition, &[], Budget::default());
    let findings = outcome.findings.iter();
    findings
        .filter(|finding| finding.rule.code.starts_with("definition-"))
        .map(|finding| format!("{} {}", finding.rule.code, finding.expression))
        .collect()
}

#[test]
fn a_profile_only_narrows() {
    for (element, expected) in [
        (json!({"path": "Patient.telecom", "min": 1, "max": "2"}), None),
        (json!({"path": "Patient.active", "max": "*"}), Some("cardinality")),
        (json!({"path": "Patient.active", "max": "2"}), Some("cardinality")),
        (
            json!({"path": "Patient.link.other", "min": 0}),
            Some("cardinality"),
        ),
        (
            json!({"path": "Patient.deceased[x]", "type": [{"code": "boolean"}]}),
            None,
        ),
        (
            json!({"path": "Patient.deceased[x]", "type": [{"code": "Quantity"}]}),
            Some("element-type"),
        ),
        (json!({"path": "Organization.active"}), Some("path")),
        (json!({"path": "Patients"}), Some("path")),
    ] {
        let expected =
            expected.map(|rule| format!("definition-{rule} StructureDefinition.differential.element[0]"));
        assert_eq!(
            found(&json!([element]), &json!({})),
            Vec::from_iter(expected),
            "{element}"
        );
    }
}

#[test]
fn only_what_repeats_is_sliced() {
    let sliced = |path: &str| json!([{"path": path, "slicing": {"rules": "open"}}]);
    let wrong = ["definition-slicing StructureDefinition.differential.element[0].slicing"];
    assert_eq!(found(&sliced("Patient.telecom"), &json!({})), [""; 0]);
    assert_eq!(found(&sliced("Patient.deceased[x]"), &json!({})), [""; 0]);
    assert_eq!(found(&sliced("Patient.active"), &json!({})), wrong);
    assert_eq!(found(&sliced("Patient"), &json!({})), wrong);
}

#[test]
fn a_profile_is_of_the_type_of_its_base() {
    for (properties, expected) in [
        (json!({}), &[][..]),
        (
            json!({"kind": "complex-type"}),
            &["definition-base StructureDefinition"][..],
        ),
        (
            json!({"type": "Organization"}),
            &["definition-base StructureDefinition"],
        ),
        (
            json!({"type": "Nothing"}),
            &[
                "definition-base StructureDefinition",
                "definition-type StructureDefinition.type",
            ],
        ),
        (
            json!({"derivation": "specialization"}),
            &["definition-type StructureDefinition.type"],
        ),
        (
            json!({"context": [{"type": "element", "expression": "Patient"}]}),
            &["definition-context StructureDefinition.context[0]"],
        ),
    ] {
        assert_eq!(found(&json!([]), &properties), expected, "{properties}");
    }
}

#[test]
fn a_key_is_of_one_invariant() {
    let constraint =
        |key: &str, expression: &str| json!({"key": key, "severity": "error", "expression": expression});
    let elements = |second: &Value| {
        json!([
            {"path": "Patient", "constraint": [constraint("a", "true")]},
            {"path": "Patient.active", "constraint": [second]},
        ])
    };
    let wrong = ["definition-invariant-key StructureDefinition.differential.element[1].constraint[0]"];
    assert_eq!(found(&elements(&constraint("a", "true")), &json!({})), [""; 0]);
    assert_eq!(found(&elements(&constraint("a", "false")), &json!({})), wrong);
    let foreign =
        json!({"key": "b", "severity": "error", "expression": "true", "source": "http://example.nl/x"});
    assert_eq!(found(&elements(&foreign), &json!({})), wrong);
}
