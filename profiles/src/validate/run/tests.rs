//! Small profiles on small base definitions, one rule each; what is published is judged in `tests/validate`.

mod control;
mod extension;
mod structure;

use std::sync::Arc;

use proptest::prelude::*;
use samenhang_terminology::{NoTerminology, Terminology};
use serde_json::{Value, json};

use crate::definition::{DefinitionSet, StructureDefinition};
use crate::document::Document;
use crate::validate::{Budget, Outcome, Request, Settings, Validator, Verdict};
use crate::{FhirVersion, Limits};

const HL7: &str = "http://hl7.org/fhir/StructureDefinition/";

/// A definition of a type: its elements as path, least, most and types.
fn base(name: &str, kind: &str, elements: &[(&str, u32, &str, &str)]) -> Value {
    let element = |(path, min, max, types): &(&str, u32, &str, &str)| {
        let types: Vec<Value> = types
            .split_whitespace()
            .map(|code| json!({"code": code}))
            .collect();
        json!({"id": path, "path": path, "min": min, "max": max, "type": types})
    };
    let elements: Vec<Value> = elements.iter().map(element).collect();
    json!({
        "resourceType": "StructureDefinition", "url": format!("{HL7}{name}"), "name": name, "kind": kind,
        "abstract": false, "type": name, "derivation": "specialization", "snapshot": {"element": elements},
    })
}

fn profile(name: &str, on: &str, differential: &Value) -> Value {
    json!({
        "resourceType": "StructureDefinition", "url": format!("http://example.nl/{name}"), "name": name,
        "kind": "resource", "abstract": false, "type": on, "baseDefinition": format!("{HL7}{on}"),
        "derivation": "constraint", "differential": {"element": differential},
    })
}

fn validator(profiles: &[Value]) -> Validator {
    let patient = base(
        "Patient",
        "resource",
        &[
            ("Patient", 0, "*", ""),
            ("Patient.id", 0, "1", "id"),
            ("Patient.language", 0, "1", "code"),
            ("Patient.text", 0, "1", "Narrative"),
            ("Patient.contained", 0, "*", "Resource"),
            ("Patient.extension", 0, "*", "Extension"),
            ("Patient.active", 0, "1", "boolean"),
            ("Patient.identifier", 0, "*", "Identifier"),
            ("Patient.telecom", 0, "*", "ContactPoint"),
            ("Patient.gender", 0, "1", "code"),
            ("Patient.deceased[x]", 0, "1", "boolean dateTime"),
            ("Patient.generalPractitioner", 0, "*", "Reference"),
            ("Patient.link", 0, "*", "BackboneElement"),
            ("Patient.link.other", 1, "1", "Reference"),
            ("Patient.link.type", 1, "1", "code"),
        ],
    );
    let identifier = base(
        "Identifier",
        "complex-type",
        &[
            ("Identifier", 0, "*", ""),
            ("Identifier.use", 0, "1", "code"),
            ("Identifier.system", 0, "1", "uri"),
            ("Identifier.value", 0, "1", "string"),
        ],
    );
    let contact = base(
        "ContactPoint",
        "complex-type",
        &[
            ("ContactPoint", 0, "*", ""),
            ("ContactPoint.system", 0, "1", "code"),
            ("ContactPoint.value", 0, "1", "string"),
            ("ContactPoint.use", 0, "1", "code"),
        ],
    );
    let organization = base(
        "Organization",
        "resource",
        &[
            ("Organization", 0, "*", ""),
            ("Organization.id", 0, "1", "id"),
            ("Organization.contained", 0, "*", "Resource"),
            ("Organization.active", 0, "1", "boolean"),
            ("Organization.partOf", 0, "1", "Reference"),
        ],
    );
    let extension = base(
        "Extension",
        "complex-type",
        &[
            ("Extension", 0, "*", ""),
            ("Extension.extension", 0, "*", "Extension"),
            ("Extension.url", 1, "1", "uri"),
            ("Extension.value[x]", 0, "1", "string code boolean"),
        ],
    );
    let definition = base(
        "StructureDefinition",
        "resource",
        &[("StructureDefinition", 0, "*", "")],
    );
    let mut set = DefinitionSet::new(FhirVersion::R4);
    for definition in [patient, identifier, contact, organization, extension, definition]
        .iter()
        .chain(profiles)
    {
        let body = serde_json::to_vec(definition).unwrap();
        set.add(StructureDefinition::from_json(&body, FhirVersion::R4, &Limits::default()).unwrap());
    }
    let terminology: Arc<dyn Terminology> = Arc::new(NoTerminology);
    Validator::new(Arc::new(set), terminology, Settings::default())
}

fn outcome(profiles: &[Value], resource: &Value, asked: &[&str], budget: Budget) -> Outcome {
    let body = serde_json::to_vec(resource).unwrap();
    let document = Document::from_json(&body, FhirVersion::R4, &Limits::default()).unwrap();
    let request = Request {
        profiles: asked,
        budget,
        ..Request::default()
    };
    validator(profiles).validate(&document, &request)
}

/// Rule and place of what is found against the profile `p`, and a further profile `q`.
#[track_caller]
fn finds(differential: &Value, resource: &Value, expected: &[&str]) {
    let q = profile(
        "q",
        "Organization",
        &json!([{"id": "Organization.active", "path": "Organization.active", "min": 1}]),
    );
    let profiles = [profile("p", "Patient", differential), q];
    let outcome = outcome(&profiles, resource, &["http://example.nl/p"], Budget::default());
    let found: Vec<String> = outcome
        .findings
        .iter()
        .map(|finding| format!("{} {}", finding.rule.code, finding.expression))
        .collect();
    assert_eq!(found, expected);
}

fn patient(fields: &Value) -> Value {
    let mut patient = json!({"resourceType": "Patient"});
    let all = patient.as_object_mut().unwrap();
    all.extend(fields.as_object().unwrap().clone());
    patient
}

/// A slicing of `Patient.identifier` by `system`, with the slices a and b.
fn sliced(rules: &str, ordered: bool) -> Value {
    json!([
        {"id": "Patient.identifier", "path": "Patient.identifier", "slicing": {
            "discriminator": [{"type": "value", "path": "system"}], "rules": rules, "ordered": ordered}},
        {"id": "Patient.identifier:a", "path": "Patient.identifier", "sliceName": "a", "min": 1, "max": "1"},
        {"id": "Patient.identifier:a.system", "path": "Patient.identifier.system", "min": 1, "fixedUri": "urn:a"},
        {"id": "Patient.identifier:a.value", "path": "Patient.identifier.value", "min": 1},
        {"id": "Patient.identifier:b", "path": "Patient.identifier", "sliceName": "b"},
        {"id": "Patient.identifier:b.system", "path": "Patient.identifier.system", "min": 1, "fixedUri": "urn:b"},
    ])
}

fn identifiers(systems: &[&str]) -> Value {
    let identifiers: Vec<Value> = systems
        .iter()
        .map(|system| json!({"system": system, "value": "1"}))
        .collect();
    patient(&json!({"identifier": identifiers}))
}

#[test]
fn occurrences_are_counted() {
    let differential = json!([
        {"id": "Patient.active", "path": "Patient.active", "min": 1},
        {"id": "Patient.telecom", "path": "Patient.telecom", "max": "1"},
        {"id": "Patient.gender", "path": "Patient.gender", "max": "0"},
    ]);
    finds(&differential, &patient(&json!({"active": true})), &[]);
    let telecom = json!({"value": "1"});
    let broken = patient(&json!({"telecom": [telecom, telecom], "gender": "male"}));
    finds(
        &differential,
        &broken,
        &["minimum Patient", "maximum Patient", "maximum Patient"],
    );
}

#[test]
fn a_fixed_value_is_whole_and_a_pattern_is_a_part() {
    let value = json!({"system": "urn:a", "use": "usual"});
    let fixed = json!([{"id": "Patient.identifier", "path": "Patient.identifier", "fixedIdentifier": value}]);
    let pattern =
        json!([{"id": "Patient.identifier", "path": "Patient.identifier", "patternIdentifier": value}]);
    let whole = patient(&json!({"identifier": [value]}));
    let more = patient(&json!({"identifier": [{"system": "urn:a", "use": "usual", "value": "1"}]}));
    let other = patient(&json!({"identifier": [{"system": "urn:b", "use": "usual"}]}));
    finds(&fixed, &whole, &[]);
    finds(&fixed, &more, &["fixed-value-extra Patient.identifier[0].value"]);
    finds(&fixed, &other, &["fixed-value Patient.identifier[0].system"]);
    finds(&pattern, &more, &[]);
    finds(&pattern, &other, &["pattern Patient.identifier[0].system"]);
}

#[test]
fn slices_have_their_own_occurrences_and_rules() {
    let open = sliced("open", false);
    finds(&open, &identifiers(&["urn:b", "urn:a", "urn:c"]), &[]);
    finds(&open, &identifiers(&["urn:b"]), &["slice-minimum Patient"]);
    finds(
        &open,
        &identifiers(&["urn:a", "urn:a"]),
        &["slice-maximum Patient"],
    );
    let without_value = patient(&json!({"identifier": [{"system": "urn:a"}]}));
    finds(&open, &without_value, &["minimum Patient.identifier[0]"]);
}

#[test]
fn what_is_in_no_slice_is_allowed_as_the_slicing_says() {
    finds(
        &sliced("closed", false),
        &identifiers(&["urn:a", "urn:c"]),
        &["slicing-closed Patient.identifier[1]"],
    );
    let at_end = sliced("openAtEnd", false);
    finds(&at_end, &identifiers(&["urn:a", "urn:c"]), &[]);
    finds(
        &at_end,
        &identifiers(&["urn:c", "urn:a"]),
        &["slicing-open-at-end Patient.identifier[1]"],
    );
    finds(
        &sliced("open", true),
        &identifiers(&["urn:b", "urn:a"]),
        &["slicing-order Patient.identifier[1]"],
    );
}

#[test]
fn what_may_be_in_a_slice_that_nothing_tells_apart_is_not_in_none() {
    let differential = json!([
        {"id": "Patient.identifier", "path": "Patient.identifier", "slicing": {
            "discriminator": [{"type": "value", "path": "system"}], "rules": "closed"}},
        {"id": "Patient.identifier:a", "path": "Patient.identifier", "sliceName": "a"},
    ]);
    finds(
        &differential,
        &identifiers(&["urn:a"]),
        &["definition-unchecked Patient"],
    );
}

#[test]
fn the_discriminators_of_a_profile_lead_to_elements() {
    let discriminators = [
        "system",
        "$this",
        "kind",
        "system.kind",
        "extension('urn:a').value",
    ];
    let discriminators = discriminators.map(|path| json!({"type": "value", "path": path}));
    let differential = json!([{"id": "Patient.identifier", "path": "Patient.identifier", "slicing": {
        "discriminator": discriminators, "rules": "open"}}]);
    let resource = profile("p", "Patient", &differential);
    let itself = base(
        "StructureDefinition",
        "resource",
        &[("StructureDefinition", 0, "*", "")],
    );
    let outcome = outcome(&[itself], &resource, &[], Budget::default());
    let found: Vec<&str> = outcome
        .findings
        .iter()
        .filter(|finding| finding.rule.code == "discriminator-path")
        .map(|finding| finding.expression.as_str())
        .collect();
    let first = "StructureDefinition.differential.element[0].slicing.discriminator[2]";
    assert_eq!(found, [first]);
}

#[test]
fn a_choice_is_narrowed_to_a_type() {
    let differential =
        json!([{"id": "Patient.deceased[x]", "path": "Patient.deceased[x]", "type": [{"code": "boolean"}]}]);
    finds(&differential, &patient(&json!({"deceasedBoolean": false})), &[]);
    let dated = patient(&json!({"deceasedDateTime": "2020"}));
    finds(&differential, &dated, &["type Patient.deceased.ofType(dateTime)"]);
}

#[test]
fn a_slice_can_be_told_by_what_is_absent() {
    let differential = json!([
        {"id": "Patient.telecom", "path": "Patient.telecom", "slicing": {
            "discriminator": [{"type": "exists", "path": "use"}], "rules": "open"}},
        {"id": "Patient.telecom:with", "path": "Patient.telecom", "sliceName": "with", "max": "1"},
        {"id": "Patient.telecom:with.use", "path": "Patient.telecom.use", "min": 1},
        {"id": "Patient.telecom:without", "path": "Patient.telecom", "sliceName": "without", "max": "0"},
        {"id": "Patient.telecom:without.use", "path": "Patient.telecom.use", "max": "0"},
    ]);
    finds(
        &differential,
        &patient(&json!({"telecom": [{"value": "1", "use": "home"}]})),
        &[],
    );
    finds(
        &differential,
        &patient(&json!({"telecom": [{"value": "1"}]})),
        &["slice-maximum Patient"],
    );
}

#[test]
fn a_reference_is_held_to_the_profile_of_its_target() {
    let differential = json!([{"id": "Patient.generalPractitioner", "path": "Patient.generalPractitioner",
        "type": [{"code": "Reference", "targetProfile": ["http://example.nl/q"]}]}]);
    let to = |target: &Value| {
        patient(&json!({"contained": [target], "generalPractitioner": [{"reference": "#o"}]}))
    };
    finds(
        &differential,
        &to(&json!({"resourceType": "Organization", "id": "o", "active": true})),
        &[],
    );
    let place = "Patient.generalPractitioner[0]";
    let unfit = to(&json!({"resourceType": "Organization", "id": "o"}));
    finds(
        &differential,
        &unfit,
        &[&format!("reference-target-profile {place}")],
    );
    let other = to(&json!({"resourceType": "Patient", "id": "o"}));
    finds(
        &differential,
        &other,
        &[&format!("reference-target-type {place}")],
    );
    let outside = patient(&json!({"generalPractitioner": [{"reference": "Organization/1"}]}));
    finds(
        &differential,
        &outside,
        &[&format!("reference-unchecked {place}")],
    );
    let elsewhere = patient(&json!({"generalPractitioner": [{"reference": "Patient/1"}]}));
    finds(
        &differential,
        &elsewhere,
        &[&format!("reference-target-type {place}")],
    );
}

#[test]
fn what_cannot_be_checked_is_never_valid() {
    let bound = json!([{"id": "Patient.gender", "path": "Patient.gender",
        "binding": {"strength": "required", "valueSet": "http://example.nl/set"}}]);
    finds(
        &bound,
        &patient(&json!({"gender": "male"})),
        &["binding-unchecked Patient.gender"],
    );
    let claims = patient(&json!({"meta": {"profile": ["http://example.nl/none"]}}));
    let outcome = outcome(&[], &claims, &[], Budget::default());
    assert_eq!(outcome.verdict(), Verdict::Unchecked(1));
}

#[test]
fn a_run_ends_with_its_budget_and_says_so() {
    let small = Budget {
        steps: 3,
        ..Budget::default()
    };
    let outcome = outcome(&[], &identifiers(&["urn:a", "urn:b", "urn:c"]), &[], small);
    assert_eq!(outcome.verdict(), Verdict::Unchecked(1));
    assert_eq!(outcome.findings[0].rule.code, "budget-used-up");
}

#[test]
fn a_flood_of_warnings_hides_no_error() {
    let codings: Vec<Value> = (0..50)
        .map(|_| json!({"system": "urn:a", "value": " "}))
        .collect();
    let mut flood = patient(&json!({"identifier": codings, "birthDate": "1066"}));
    flood["active"] = json!("yes");
    let few = Budget {
        findings: 5,
        ..Budget::default()
    };
    let outcome = outcome(&[], &flood, &[], few);
    assert_eq!(outcome.verdict(), Verdict::Invalid);
    assert!(outcome.findings.len() <= 16, "{}", outcome.findings.len());
    assert!(
        outcome
            .findings
            .iter()
            .any(|finding| finding.rule.code == "findings-left-out")
    );
}

#[test]
fn nesting_up_to_the_limit_of_the_reader_is_walked() {
    let extension = base(
        "Extension",
        "complex-type",
        &[
            ("Extension", 0, "*", ""),
            ("Extension.extension", 0, "*", "Extension"),
            ("Extension.url", 1, "1", "uri"),
        ],
    );
    let open = r#"{"url": "urn:x:y", "extension": ["#.repeat(30);
    let body = format!(
        r#"{{"resourceType": "Patient", "extension": [{open}{{"url": "urn:x:y"}}{}]}}"#,
        "]}".repeat(30)
    );
    let resource: Value = serde_json::from_str(&body).unwrap();
    let outcome = outcome(&[extension], &resource, &[], Budget::default());
    assert!(
        outcome
            .findings
            .iter()
            .all(|finding| finding.rule.code == "extension-unchecked"),
        "{:?}",
        outcome.findings
    );
    assert_eq!(outcome.verdict(), Verdict::Unchecked(31));
}

#[test]
fn resources_that_refer_to_each_other_in_a_circle_are_judged_once() {
    let q = json!([{"id": "Organization.partOf", "path": "Organization.partOf", "min": 1,
        "type": [{"code": "Reference", "targetProfile": ["http://example.nl/circle"]}]}]);
    let circle = profile("circle", "Organization", &q);
    let organization = json!({
        "resourceType": "Organization",
        "contained": [
            {"resourceType": "Organization", "id": "a", "partOf": {"reference": "#b"}},
            {"resourceType": "Organization", "id": "b", "partOf": {"reference": "#a"}},
        ],
        "partOf": {"reference": "#a"},
    });
    let outcome = outcome(
        &[circle],
        &organization,
        &["http://example.nl/circle"],
        Budget::default(),
    );
    assert_eq!(outcome.verdict(), Verdict::Valid, "{:?}", outcome.findings);
}

proptest! {
    /// Whatever the order of the properties, the same is found.
    #[test]
    fn the_order_of_properties_does_not_matter(order in Just(vec![0, 1, 2, 3]).prop_shuffle()) {
        let fields = [
            r#""active": "yes""#,
            r#""identifier": [{"system": "urn:c"}]"#,
            r#""gender": " x""#,
            r#""resourceType": "Patient""#,
        ];
        let validator = validator(&[profile("p", "Patient", &sliced("closed", false))]);
        let find = |order: &[usize]| {
            let text: Vec<&str> = order.iter().map(|at| fields[*at]).collect();
            let body = format!("{{{}}}", text.join(", "));
            let document = Document::from_json(body.as_bytes(), FhirVersion::R4, &Limits::default()).unwrap();
            let request = Request { profiles: &["http://example.nl/p"], ..Request::default() };
            let outcome = validator.validate(&document, &request);
            let mut found: Vec<String> = outcome.findings.into_iter().map(|finding| format!("{} {}", finding.rule.code, finding.expression)).collect();
            found.sort();
            found
        };
        prop_assert_eq!(find(&order), find(&[3, 0, 1, 2]));
    }
}
