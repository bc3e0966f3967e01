use std::sync::Arc;

use super::{MAX_ELEMENTS, SnapshotError};
use crate::definition::{
    BindingStrength, DefinitionSet, DiscriminatorKind, ElementDefinition, Library, LibraryError, Max,
    SlicingRules, StructureDefinition,
};
use crate::{FhirVersion, Limits};

const HL7: &str = "http://hl7.org/fhir/StructureDefinition/";

/// One line an element: id, cardinality, types, and further properties as JSON.
fn elements(lines: &str) -> String {
    let element = |line: &str| {
        let mut words = line.splitn(4, ' ');
        let id = words.next().unwrap();
        let (min, max) = words.next().unwrap_or("..").split_once("..").unwrap();
        let path: Vec<&str> = id
            .split('.')
            .map(|step| step.split(':').next().unwrap())
            .collect();
        let mut json = format!(r#"{{"id": "{id}", "path": "{}""#, path.join("."));
        if let Some((_, slice)) = id.rsplit('.').next().unwrap().split_once(':') {
            json.push_str(&format!(r#", "sliceName": "{slice}""#));
        }
        if !min.is_empty() {
            json.push_str(&format!(r#", "min": {min}"#));
        }
        if !max.is_empty() {
            json.push_str(&format!(r#", "max": "{max}""#));
        }
        let types: Vec<String> = words
            .next()
            .filter(|types| *types != "-")
            .into_iter()
            .flat_map(|types| types.split(','))
            .map(|code| match code.split_once('=') {
                Some((code, profile)) => format!(r#"{{"code": "{code}", "profile": ["{profile}"]}}"#),
                None => format!(r#"{{"code": "{code}"}}"#),
            })
            .collect();
        if !types.is_empty() {
            json.push_str(&format!(r#", "type": [{}]"#, types.join(", ")));
        }
        if let Some(more) = words.next() {
            json.push_str(&format!(", {more}"));
        }
        json + "}"
    };
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(element).collect::<Vec<_>>().join(",\n")
}

fn read(version: FhirVersion, text: &str) -> StructureDefinition {
    StructureDefinition::from_json(text.as_bytes(), version, &Limits::default()).unwrap()
}

fn type_of(version: FhirVersion, name: &str, lines: &str) -> StructureDefinition {
    let text = format!(
        r#"{{"resourceType": "StructureDefinition", "url": "{HL7}{name}", "kind": "resource", "type": "{name}",
            "snapshot": {{"element": [{}]}}}}"#,
        elements(lines)
    );
    read(version, &text)
}

fn profile_of(version: FhirVersion, url: &str, base: &str, kind: &str, lines: &str) -> StructureDefinition {
    let text = format!(
        r#"{{"resourceType": "StructureDefinition", "url": "{url}", "kind": "resource", "type": "{kind}",
            "derivation": "constraint", "baseDefinition": "{base}", "differential": {{"element": [{}]}}}}"#,
        elements(lines)
    );
    read(version, &text)
}

/// The types that the profiles of these tests build on.
fn types(version: FhirVersion) -> DefinitionSet {
    let mut set = DefinitionSet::new(version);
    for (name, lines) in [
        (
            "Observation",
            r##"Observation 0..* - "constraint": [{"key": "obs-1", "severity": "error", "human": "h", "expression": "true"}]
                Observation.id 0..1 id
                Observation.extension 0..* Extension
                Observation.code 1..1 CodeableConcept
                Observation.effective[x] 0..1 dateTime,Period
                Observation.value[x] 0..1 Quantity,CodeableConcept,string
                Observation.interpretation 0..* CodeableConcept "binding": {"strength": "extensible", "valueSet": "http://e/v"}
                Observation.range 0..* BackboneElement
                Observation.range.low 0..1 Quantity
                Observation.component 0..* BackboneElement
                Observation.component.code 1..1 CodeableConcept
                Observation.component.value[x] 0..1 Quantity,CodeableConcept
                Observation.component.range 0..* - "contentReference": "#Observation.range""##,
        ),
        (
            "CodeableConcept",
            "CodeableConcept 0..*\nCodeableConcept.coding 0..* Coding\nCodeableConcept.text 0..1 string",
        ),
        (
            "Coding",
            "Coding 0..*\nCoding.system 0..1 uri\nCoding.code 0..1 code",
        ),
        (
            "Quantity",
            "Quantity 0..*\nQuantity.value 0..1 decimal\nQuantity.unit 0..1 string",
        ),
        (
            "Extension",
            "Extension 0..*\nExtension.extension 0..* Extension\nExtension.url 1..1 uri\nExtension.value[x] 0..1 string,CodeableConcept",
        ),
    ] {
        set.add(type_of(version, name, lines));
    }
    set
}

/// The snapshot of a profile of `Observation` with this differential.
fn made(lines: &str) -> Arc<StructureDefinition> {
    made_of(FhirVersion::R4, lines)
}

fn made_of(version: FhirVersion, lines: &str) -> Arc<StructureDefinition> {
    let mut set = types(version);
    let base = format!("{HL7}Observation");
    set.add(profile_of(version, "http://e/p", &base, "Observation", lines));
    set.structure("http://e/p").unwrap()
}

#[track_caller]
fn element<'d>(definition: &'d StructureDefinition, id: &str) -> &'d ElementDefinition {
    definition
        .element(id)
        .unwrap_or_else(|| panic!("no element {id}"))
}

#[track_caller]
fn cardinality(definition: &StructureDefinition, id: &str) -> String {
    let element = element(definition, id);
    format!("{}..{}", element.min.unwrap(), element.max.unwrap())
}

const BY_TYPE: &str = r#""slicing": {"discriminator": [{"type": "type", "path": "$this"}], "rules": "open"}"#;

#[test]
fn a_slice_of_a_choice_may_be_optional_where_the_choice_is_not() {
    let made = made(&format!(
        "Observation.effective[x] 1.. - {BY_TYPE}\nObservation.effective[x]:effectiveDateTime 0..1 dateTime"
    ));
    assert_eq!(cardinality(&made, "Observation.effective[x]"), "1..1");
    assert_eq!(
        cardinality(&made, "Observation.effective[x]:effectiveDateTime"),
        "0..1"
    );
    assert_eq!(element(&made, "Observation.effective[x]").types.len(), 2);
}

#[test]
fn slices_told_apart_by_exists_keep_their_own_cardinalities() {
    let made = made(
        r#"Observation.interpretation .. - "slicing": {"discriminator": [{"type": "exists", "path": "coding"}], "rules": "open"}
           Observation.interpretation:coded 0..1
           Observation.interpretation:coded.coding 1..
           Observation.interpretation:text 0..1
           Observation.interpretation:text.coding ..0"#,
    );
    assert_eq!(
        cardinality(&made, "Observation.interpretation:coded.coding"),
        "1..*"
    );
    assert_eq!(
        cardinality(&made, "Observation.interpretation:text.coding"),
        "0..0"
    );
    assert!(made.element("Observation.interpretation.coding").is_none());
    assert_eq!(cardinality(&made, "Observation.interpretation:text.text"), "0..1");
}

#[test]
fn slices_of_extensions_nest() {
    let made = made(
        r#"Observation.extension:outer 0..1 Extension
           Observation.extension:outer.extension:inner 1..1
           Observation.extension:outer.extension:inner.value[x] .. CodeableConcept
           Observation.extension:outer.extension:other 0..1"#,
    );
    assert_eq!(
        cardinality(&made, "Observation.extension:outer.extension:inner"),
        "1..1"
    );
    let value = element(&made, "Observation.extension:outer.extension:inner.value[x]");
    assert_eq!(value.path, "Observation.extension.extension.value[x]");
    assert_eq!(value.types.len(), 1);
    // Extensions are told apart by url, also where the profile does not say so.
    for id in ["Observation.extension", "Observation.extension:outer.extension"] {
        let slicing = element(&made, id).slicing.as_ref().unwrap();
        assert_eq!(slicing.discriminators[0].path, "url");
    }
}

#[test]
fn types_and_bindings_are_narrowed_per_slice() {
    let made = made(
        r#"Observation.component .. - "slicing": {"discriminator": [{"type": "value", "path": "code"}], "rules": "open"}
           Observation.component:a 0..1
           Observation.component:a.value[x] .. Quantity
           Observation.component:b 0..1
           Observation.component:b.value[x] .. CodeableConcept "binding": {"strength": "required", "valueSet": "http://e/w"}
           Observation.interpretation .. - "slicing": {"discriminator": [{"type": "value", "path": "coding"}], "rules": "open"}
           Observation.interpretation:x .. - "binding": {"strength": "required", "valueSet": "http://e/v"}"#,
    );
    let code = |id: &str| element(&made, id).types[0].code.clone();
    assert_eq!(code("Observation.component:a.value[x]"), "Quantity");
    assert_eq!(code("Observation.component:b.value[x]"), "CodeableConcept");
    assert_eq!(element(&made, "Observation.component.value[x]").types.len(), 2);
    let strength = |id: &str| element(&made, id).binding.as_ref().unwrap().strength;
    assert_eq!(
        strength("Observation.interpretation"),
        BindingStrength::Extensible
    );
    assert_eq!(
        strength("Observation.interpretation:x"),
        BindingStrength::Required
    );
}

#[test]
fn a_slice_of_a_choice_is_gone_into_by_its_type() {
    let made = made(&format!(
        r#"Observation.component.value[x] .. - {BY_TYPE}
           Observation.component.value[x]:valueCodeableConcept .. CodeableConcept
           Observation.component.value[x]:valueCodeableConcept.coding.system 1.. - "fixedUri": "http://e""#
    ));
    let id = "Observation.component.value[x]:valueCodeableConcept.coding.system";
    assert_eq!(cardinality(&made, id), "1..1");
    assert_eq!(element(&made, id).fixed.as_ref().unwrap().type_name, "uri");
}

#[test]
fn a_choice_named_by_one_type_is_a_slice_in_r4_and_the_choice_itself_in_stu3() {
    let lines = "Observation.valueQuantity 1..\nObservation.valueQuantity.unit 1..";
    let r4 = made_of(FhirVersion::R4, lines);
    let entry = element(&r4, "Observation.value[x]");
    assert_eq!(entry.slicing.as_ref().unwrap().rules, SlicingRules::Closed);
    assert_eq!(
        entry.slicing.as_ref().unwrap().discriminators[0].kind,
        DiscriminatorKind::Type
    );
    assert_eq!(cardinality(&r4, "Observation.value[x]"), "0..1");
    assert_eq!(cardinality(&r4, "Observation.value[x]:valueQuantity"), "1..1");
    assert_eq!(
        cardinality(&r4, "Observation.value[x]:valueQuantity.unit"),
        "1..1"
    );

    let stu3 = made_of(FhirVersion::Stu3, lines);
    let choice = element(&stu3, "Observation.value[x]");
    assert_eq!((choice.types.len(), &choice.slicing), (1, &None));
    assert_eq!(cardinality(&stu3, "Observation.value[x].unit"), "1..1");
}

#[test]
fn two_types_that_are_named_leave_both() {
    for version in [FhirVersion::Stu3, FhirVersion::R4] {
        let made = made_of(
            version,
            "Observation.valueQuantity 0..1\nObservation.valueString 0..1",
        );
        assert_eq!(element(&made, "Observation.value[x]").types.len(), 2);
        let code = |id: &str| element(&made, id).types[0].code.clone();
        assert_eq!(code("Observation.value[x]:valueQuantity"), "Quantity");
        assert_eq!(code("Observation.value[x]:valueString"), "string");
    }
}

#[test]
fn a_content_reference_is_unfolded_when_the_profile_goes_into_it() {
    let made = made("Observation.component.range.low 1..1");
    assert_eq!(cardinality(&made, "Observation.component.range.low"), "1..1");
    assert_eq!(cardinality(&made, "Observation.range.low"), "0..1");
    assert_eq!(
        element(&made, "Observation.component.range").content_reference,
        None
    );
}

#[test]
fn slicing_is_inherited_and_slices_are_constrained_further() {
    let mut set = types(FhirVersion::R4);
    let base = format!("{HL7}Observation");
    set.add(profile_of(
        FhirVersion::R4,
        "http://e/a",
        &base,
        "Observation",
        r#"Observation .. - "constraint": [{"key": "a-1", "severity": "error", "human": "h", "expression": "true"}]
           Observation.component .. - "slicing": {"discriminator": [{"type": "value", "path": "code"}], "rules": "open"}
           Observation.component:s 0..2
           Observation.component:s.code.text 1..1"#,
    ));
    set.add(profile_of(
        FhirVersion::R4,
        "http://e/b",
        "http://e/a",
        "Observation",
        "Observation.component:s.code.coding 1..\nObservation.component:t 0..1\nObservation.component:s 1..",
    ));
    let made = set.structure("http://e/b").unwrap();
    assert_eq!(cardinality(&made, "Observation.component:s"), "1..2");
    assert_eq!(cardinality(&made, "Observation.component:s.code.text"), "1..1");
    assert_eq!(cardinality(&made, "Observation.component:s.code.coding"), "1..*");
    assert_eq!(cardinality(&made, "Observation.component:t.code"), "1..1");
    let sources: Vec<_> = element(&made, "Observation")
        .constraints
        .iter()
        .map(|constraint| (&*constraint.key, constraint.source.as_deref().unwrap()))
        .collect();
    assert_eq!(sources, [("obs-1", &*base), ("a-1", "http://e/a")]);
}

#[test]
fn an_extension_occurs_as_its_definition_says_and_has_its_url() {
    let mut set = types(FhirVersion::R4);
    let base = format!("{HL7}Extension");
    set.add(profile_of(
        FhirVersion::R4,
        "http://e/x",
        &base,
        "Extension",
        "Extension 1..1\nExtension.value[x] 1.. string",
    ));
    let base = format!("{HL7}Observation");
    set.add(profile_of(
        FhirVersion::R4,
        "http://e/p",
        &base,
        "Observation",
        "Observation.extension:x .. Extension=http://e/x\nObservation.extension:y 0..2 Extension=http://e/x\n\
         Observation.extension:z .. Extension=http://e/unknown\nObservation.extension:x.value[x] .. string",
    ));
    let made = set.structure("http://e/p").unwrap();
    assert_eq!(cardinality(&made, "Observation.extension:x"), "1..1");
    assert_eq!(cardinality(&made, "Observation.extension:y"), "0..2");
    assert_eq!(cardinality(&made, "Observation.extension:z"), "0..*");
    let url = element(&made, "Observation.extension:x.url")
        .fixed
        .as_ref()
        .unwrap();
    assert_eq!(url.value.as_str(), Some("http://e/x"));
}

#[test]
fn an_id_that_is_absent_is_made_from_what_went_before() {
    let text = format!(
        r#"{{"resourceType": "StructureDefinition", "url": "http://e/p", "kind": "resource", "type": "Observation",
            "derivation": "constraint", "baseDefinition": "{HL7}Observation", "differential": {{"element": [
            {{"path": "Observation.component", "slicing": {{"rules": "open"}}}},
            {{"path": "Observation.component", "sliceName": "a"}},
            {{"path": "Observation.component.code", "max": "1"}},
            {{"path": "Observation.component", "sliceName": "b"}},
            {{"path": "Observation.component.code.text", "min": 1}},
            {{"path": "Observation.code.text", "min": 1}}]}}}}"#
    );
    let definition = read(FhirVersion::R4, &text);
    let ids: Vec<_> = definition
        .differential
        .iter()
        .map(|element| &*element.id)
        .collect();
    assert_eq!(
        ids,
        [
            "Observation.component",
            "Observation.component:a",
            "Observation.component:a.code",
            "Observation.component:b",
            "Observation.component:b.code.text",
            "Observation.code.text"
        ]
    );
}

#[track_caller]
fn refused(set: &DefinitionSet, url: &str) -> SnapshotError {
    match set.structure(url) {
        Err(LibraryError::NoSnapshot { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_missing_is_an_error_and_never_a_differential_alone() {
    let mut set = types(FhirVersion::R4);
    let observation = format!("{HL7}Observation");
    let mut add = |url: &str, base: &str, lines: &str| {
        set.add(profile_of(FhirVersion::R4, url, base, "Observation", lines));
    };
    add("http://e/1", "http://e/none", "Observation ..");
    add("http://e/2", "http://e/1", "Observation ..");
    add("http://e/3", &observation, "Observation.colour 1..");
    add("http://e/4", &observation, "Observation.id.value 1..");
    add("http://e/5", "http://e/6", "Observation ..");
    add("http://e/6", "http://e/5", "Observation ..");
    assert!(matches!(refused(&set, "http://e/1"), SnapshotError::Base(_)));
    assert!(matches!(refused(&set, "http://e/2"), SnapshotError::Base(_)));
    assert_eq!(
        refused(&set, "http://e/3"),
        SnapshotError::UnknownElement {
            id: "Observation.colour".to_owned()
        }
    );
    assert!(matches!(refused(&set, "http://e/4"), SnapshotError::Type { .. }));
    assert!(
        refused(&set, "http://e/5")
            .to_string()
            .contains("depends on itself")
    );
}

#[test]
fn a_snapshot_is_bounded() {
    let mut lines = String::new();
    for at in 0..MAX_ELEMENTS / 2 {
        lines.push_str(&format!("Observation.component:s{at} 0..1\n"));
    }
    let mut set = types(FhirVersion::R4);
    let base = format!("{HL7}Observation");
    let text = lines.as_str();
    let mut definition = profile_of(
        FhirVersion::R4,
        "http://e/p",
        &base,
        "Observation",
        "Observation ..",
    );
    definition.differential = {
        let json = format!(
            r#"{{"resourceType": "StructureDefinition", "url": "u", "kind": "resource", "type": "Observation",
                "differential": {{"element": [{}]}}}}"#,
            elements(text)
        );
        read(FhirVersion::R4, &json).differential
    };
    set.add(definition);
    assert!(matches!(refused(&set, "http://e/p"), SnapshotError::Limit { .. }));

    let deep = format!("Observation{} 0..1", ".extension".repeat(40));
    set.add(profile_of(
        FhirVersion::R4,
        "http://e/q",
        &base,
        "Observation",
        &deep,
    ));
    assert!(matches!(refused(&set, "http://e/q"), SnapshotError::Limit { .. }));
}

#[test]
fn a_maximum_is_ordered_with_any_number_last() {
    assert!(Max::Count(7) < Max::Unbounded && Max::Count(1) < Max::Count(2));
}
