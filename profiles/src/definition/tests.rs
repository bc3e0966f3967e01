use std::sync::Arc;

use super::{
    BindingStrength, Canonical, ContextKind, DefinitionSet, DiscriminatorKind, Library, LibraryError, Max,
    SlicingRules, StructureDefinition,
};
use crate::tree::Tree;
use crate::{FhirVersion, Limits, ReadError};

fn read(text: &str) -> StructureDefinition {
    StructureDefinition::from_json(text.as_bytes(), FhirVersion::R4, &Limits::default()).unwrap()
}

/// A definition with these elements in its differential, as JSON text.
fn with_elements(elements: &str) -> String {
    format!(
        r#"{{"url": "http://example.org/a", "kind": "resource", "abstract": false, "type": "Observation",
            "fhirVersion": "3.0.2", "derivation": "constraint", "differential": {{"element": [{elements}]}},
            "resourceType": "StructureDefinition"}}"#
    )
}

#[test]
fn stu3_and_r4_give_one_model() {
    let stu3 = read(&with_elements(
        r##"{"path": "Observation.subject", "min": 0, "max": "*", "sliceName": "a",
            "type": [{"code": "Reference", "targetProfile": "http://e/A"}, {"code": "Reference", "targetProfile": "http://e/B"}],
            "binding": {"strength": "extensible", "valueSetReference": {"reference": "http://e/V"},
                "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet",
                               "valueReference": {"reference": "http://e/M"}}]},
            "constraint": [{"key": "dom-1", "severity": "error", "human": "h", "expression": "e", "source": "DomainResource"}]}"##,
    ));
    let r4 = read(&with_elements(
        r##"{"id": "Observation.subject:a", "path": "Observation.subject", "min": 0, "max": "*", "sliceName": "a",
            "type": [{"code": "Reference", "targetProfile": ["http://e/A", "http://e/B"]}],
            "binding": {"strength": "extensible", "valueSet": "http://e/V",
                "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet",
                               "valueCanonical": "http://e/M"}]},
            "constraint": [{"key": "dom-1", "severity": "error", "human": "h", "expression": "e",
                            "source": "http://hl7.org/fhir/StructureDefinition/DomainResource"}]}"##,
    ));
    assert_eq!(stu3, r4);
    let element = &r4.differential[0];
    assert_eq!((element.min, element.max), (Some(0), Some(Max::Unbounded)));
    let binding = element.binding.as_ref().unwrap();
    assert_eq!(binding.strength, BindingStrength::Extensible);
    assert_eq!(binding.max_value_set.as_deref(), Some("http://e/M"));
    assert_eq!(r4.fhir_version, FhirVersion::Stu3);
}

#[test]
fn types_of_fhirpath_and_of_primitives_become_fhir_types() {
    let definition = read(&with_elements(
        r#"{"path": "Patient.id", "base": {"path": "Resource.id"}, "type": [{"code": "http://hl7.org/fhirpath/System.String",
              "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type", "valueUrl": "string"}]}]},
           {"path": "string.value", "type": [{"code": "http://hl7.org/fhirpath/System.String",
              "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/regex", "valueString": "[ab]+"}]}]},
           {"path": "string.value", "type": [{"_code": {"extension": [
              {"url": "http://hl7.org/fhir/StructureDefinition/structuredefinition-regex", "valueString": "[ab]+"}]}}]}"#,
    ));
    let [id, r4, stu3] = definition.differential.as_slice() else {
        panic!("three elements");
    };
    assert_eq!(id.types[0].code, "id");
    assert_eq!(r4.types, stu3.types);
    assert_eq!(r4.types[0].code, "string");
    assert_eq!(r4.types[0].regex.as_deref(), Some("[ab]+"));
}

#[test]
fn a_type_without_profile_is_not_narrowed_by_its_neighbour() {
    let definition = read(&with_elements(
        r#"{"path": "a.b", "type": [{"code": "Quantity"}, {"code": "Quantity", "profile": "http://e/Q"},
            {"code": "Quantity", "profile": ["http://e/R"]}, {"code": "string"}]}"#,
    ));
    let types: Vec<_> = definition.differential[0]
        .types
        .iter()
        .map(|kind| (&*kind.code, kind.profiles.len()))
        .collect();
    assert_eq!(types, [("Quantity", 0), ("Quantity", 2), ("string", 0)]);
}

#[test]
fn values_keep_their_type_and_their_text() {
    let definition = read(&with_elements(
        r#"{"path": "a.b", "fixedUri": "http://e", "minValueDecimal": 1.50,
            "patternCodeableConcept": {"coding": [{"code": "x"}]}, "maxValueDateTime": "2020"}"#,
    ));
    let element = &definition.differential[0];
    assert_eq!(element.fixed.as_ref().unwrap().type_name, "uri");
    let least = element.min_value.as_ref().unwrap();
    assert_eq!(
        (&*least.type_name, &least.value),
        ("decimal", &Tree::Number("1.50".into()))
    );
    let pattern = element.pattern.as_ref().unwrap();
    assert_eq!(pattern.type_name, "CodeableConcept");
    assert_eq!(pattern.value.text("coding.0.code"), Some("x"));
    assert_eq!(element.max_value.as_ref().unwrap().type_name, "dateTime");
}

#[test]
fn slicing_and_concepts_are_read() {
    let definition = read(&with_elements(
        r#"{"path": "a.b", "slicing": {"discriminator": [{"type": "exists", "path": "c"}], "rules": "closed", "ordered": true},
            "mapping": [{"identity": "rim", "map": "x"}, {"identity": "zib-x", "map": " NL-CM:1.2.3 "}]}"#,
    ));
    let element = &definition.differential[0];
    let slicing = element.slicing.as_ref().unwrap();
    assert_eq!(slicing.discriminators[0].kind, DiscriminatorKind::Exists);
    assert_eq!((slicing.rules, slicing.ordered), (SlicingRules::Closed, true));
    assert_eq!(element.concepts.len(), 1);
    assert_eq!(element.concepts[0].id, "NL-CM:1.2.3");
}

#[test]
fn the_context_of_an_extension_is_read_in_both_forms() {
    let text = |context: &str| {
        format!(
            r#"{{"resourceType": "StructureDefinition", "url": "u", "kind": "complex-type", "type": "Extension", {context}}}"#
        )
    };
    let stu3 = read(&text(r#""contextType": "extension", "context": ["http://e/x"]"#));
    let r4 = read(&text(
        r#""context": [{"type": "extension", "expression": "http://e/x"}]"#,
    ));
    assert_eq!(stu3, r4);
    assert_eq!(r4.context[0].kind, ContextKind::Extension);
}

#[test]
fn what_is_no_definition_is_refused_with_a_reason() {
    let refused = |text: &str, reason: &str| {
        let found = StructureDefinition::from_json(text.as_bytes(), FhirVersion::R4, &Limits::default());
        match found {
            Err(ReadError::Unexpected(found)) => assert_eq!(found, reason),
            other => panic!("{text}: {other:?}"),
        }
    };
    refused(r#"{"resourceType": "Patient"}"#, "not a StructureDefinition");
    refused(
        r#"{"resourceType": "StructureDefinition", "url": "u", "type": "t"}"#,
        "a StructureDefinition without a known kind",
    );
    refused(
        &with_elements(r#"{"id": "a"}"#),
        "an element definition without path",
    );
    refused(
        &with_elements(r#"{"path": "a", "max": "many"}"#),
        "an element definition with a max that is neither a number nor *",
    );
    refused(
        &with_elements(r#"{"path": "a", "min": -1}"#),
        "an element definition with a count that is no whole number below 2^32",
    );
}

#[test]
fn a_canonical_may_ask_for_a_version_or_the_first_parts_of_one() {
    assert_eq!(Canonical::of("http://e/a#b").url, "http://e/a");
    assert!(Canonical::of("http://e/a|4.0").accepts(Some("4.0.1")));
    assert!(!Canonical::of("http://e/a|4.0").accepts(Some("4.01")));
    assert!(Canonical::of("http://e/a|4.0.1").accepts(None));
    assert!(Canonical::of("http://e/a").accepts(Some("1")));
}

#[test]
fn a_set_answers_with_a_snapshot_or_an_error() {
    let mut set = DefinitionSet::new(FhirVersion::R4);
    let bare = with_elements(r#"{"path": "Observation"}"#);
    let whole = bare.replace("differential", "snapshot");
    set.add(read(
        &whole.replace("http://example.org/a", "http://example.org/b"),
    ));
    set.add(read(&bare));
    let found = set.structure("http://example.org/b").unwrap();
    assert!(Arc::ptr_eq(
        &found,
        &set.structure("http://example.org/b|1.0").unwrap()
    ));
    assert!(matches!(
        set.structure("http://example.org/a"),
        Err(LibraryError::NoSnapshot { .. })
    ));
    assert!(matches!(
        set.structure("http://example.org/c"),
        Err(LibraryError::Unknown { .. })
    ));
}
