//! What the maps of the observations do beyond copying: one case for each rule that says something of its own.
//!
//! A case is a source of zib2017, what must stand where in the resources that come of it, and how many values nothing took.

#![expect(clippy::unwrap_used, reason = "helpers of tests, outside of a test function")]

use samenhang_conform::{Context, shipped};
use samenhang_profiles::document::Document;
use samenhang_profiles::{FhirVersion, Limits};
use serde_json::{Value, json};

const SCT: &str = "http://snomed.info/sct";
const LOINC: &str = "http://loinc.org";

fn concept(system: &str, code: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code }] })
}

/// An Observation with a code and other elements.
fn observation(code: &Value, others: &Value) -> Value {
    let mut whole = json!({
        "resourceType": "Observation", "id": "o", "status": "final", "code": code,
        "subject": { "reference": "Patient/p" }, "effectiveDateTime": "2020-01-01"
    });
    let into = whole.as_object_mut().unwrap();
    into.extend(others.as_object().unwrap().clone());
    whole
}

/// The resources that come of a source, and the number of values that nothing took.
fn lift(source: &Value) -> (Vec<Value>, usize) {
    let body = serde_json::to_vec(source).unwrap();
    let document = Document::from_json(&body, FhirVersion::Stu3, &Limits::default()).unwrap();
    let lifted = shipped("stu3-zib2017-to-r4-zib2020")
        .unwrap()
        .lift(&document, &Context::default());
    let read = |json: &[u8]| serde_json::from_slice(json).unwrap();
    let made = lifted
        .resources
        .iter()
        .map(|resource| read(&resource.json))
        .collect();
    (made, lifted.ledger.unmapped())
}

/// That these values stand at these pointers in the resources, that so many there are, and so many values were lost.
#[track_caller]
fn check(source: &Value, count: usize, lost: usize, expected: &[(usize, &str, Value)]) {
    let (made, unmapped) = lift(source);
    assert_eq!(made.len(), count, "{made:#?}");
    assert_eq!(unmapped, lost, "{made:#?}");
    for (number, pointer, value) in expected {
        assert_eq!(
            made[*number].pointer(pointer),
            Some(value).filter(|value| !value.is_null()),
            "{pointer} {made:#?}"
        );
    }
}

#[test]
fn the_regularity_of_the_heart_is_a_member() {
    let source = observation(
        &concept(LOINC, "8867-4"),
        &json!({ "valueQuantity": { "value": 80 }, "interpretation": concept(SCT, "271636001") }),
    );
    check(
        &source,
        2,
        0,
        &[
            (0, "/interpretation", Value::Null),
            (1, "/code/coding/0/code", json!("301112006")),
            (1, "/valueCodeableConcept/coding/0/code", json!("271636001")),
            (1, "/subject/reference", json!("Patient/p")),
            (1, "/status", json!("final")),
        ],
    );
}

#[test]
fn an_interpretation_of_hl7_stays_an_interpretation() {
    let high = concept("http://hl7.org/fhir/v2/0078", "H");
    let source = observation(&concept(LOINC, "8867-4"), &json!({ "interpretation": high }));
    let system = json!("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation");
    check(&source, 1, 0, &[(0, "/interpretation/0/coding/0/system", system)]);
}

#[test]
fn a_pulse_is_three_observations() {
    let regular =
        json!({ "code": concept(LOINC, "44969-4"), "valueCodeableConcept": concept(SCT, "271636001") });
    let source = observation(
        &concept(LOINC, "8893-0"),
        &json!({ "valueQuantity": { "value": 80, "code": "/min" }, "component": [regular] }),
    );
    check(
        &source,
        3,
        0,
        &[
            (0, "/code/coding", json!([{ "system": SCT, "code": "366199006" }])),
            (0, "/valueQuantity", Value::Null),
            (1, "/code/coding/0/code", json!("8893-0")),
            (1, "/valueQuantity/value", json!(80)),
            (2, "/code/coding/0/code", json!("44969-4")),
        ],
    );
}

#[test]
fn extra_oxygen_is_true_or_false() {
    for (code, truth) in [("Y", true), ("N", false)] {
        let given = concept("http://hl7.org/fhir/v2/0136", code);
        let component = json!({ "code": concept(LOINC, "74206-4"), "valueCodeableConcept": given });
        let source = observation(&concept(LOINC, "59408-5"), &json!({ "component": [component] }));
        check(
            &source,
            1,
            0,
            &[
                (0, "/component/0/code/coding/0/code", json!("266702001")),
                (0, "/component/0/valueBoolean", json!(truth)),
            ],
        );
    }
}

#[test]
fn a_length_lying_has_the_position_in_a_component() {
    let codes =
        json!({ "coding": [{ "system": LOINC, "code": "8306-3" }, { "system": LOINC, "code": "8302-2" }] });
    check(
        &observation(&codes, &json!({})),
        1,
        0,
        &[
            (0, "/code/coding/0/code", json!("8302-2")),
            (0, "/component/0/code/coding/0/code", json!("425260001")),
            (
                0,
                "/component/0/valueCodeableConcept/coding/0/code",
                json!("102538003"),
            ),
        ],
    );
}

/// A mean blood pressure by SNOMED CT, and one by LOINC.
fn means(sct: i32, loinc: i32) -> Value {
    let mean = |system, code, value: i32| json!({ "code": concept(system, code), "valueQuantity": { "value": value } });
    let components = json!({ "component": [mean(SCT, "6797001", sct), mean(LOINC, "8478-0", loinc)] });
    observation(&concept(LOINC, "85354-9"), &components)
}

#[test]
fn the_same_mean_in_two_codes_is_one_component() {
    check(
        &means(93, 93),
        1,
        0,
        &[
            (0, "/component/0/code/coding/1/code", json!("8478-0")),
            (0, "/component/1", Value::Null),
        ],
    );
}

#[test]
fn different_means_are_not_mixed() {
    check(
        &means(93, 94),
        1,
        0,
        &[
            (0, "/component/0/valueQuantity/value", json!(93)),
            (0, "/component/0/code/coding/1", Value::Null),
            (0, "/component/1/valueQuantity/value", json!(94)),
        ],
    );
}

#[test]
fn a_panel_with_components_is_an_observation_for_each_test() {
    let status = json!({ "extension": [{
        "url": "http://nictiz.nl/fhir/StructureDefinition/code-specification",
        "valueCodeableConcept": concept("urn:oid:2.16.840.1.113883.2.4.3.11.60.40.4.16.1", "final") }] });
    let category = json!({ "coding": [{ "system": SCT, "code": "49581000146104" }, { "system": SCT, "code": "275711006" }] });
    let test = json!({ "code": concept(LOINC, "2951-2"), "valueQuantity": { "value": 140 }, "referenceRange": [{ "text": "t" }] });
    let source = observation(
        &concept(LOINC, "24321-2"),
        &json!({ "_status": status, "category": [category], "component": [test] }),
    );
    check(
        &source,
        2,
        0,
        &[
            (0, "/_status", Value::Null),
            (0, "/category/0/coding/0/code", json!("laboratory")),
            (0, "/category/1/coding/0/code", json!("275711006")),
            (1, "/category/0/coding/0/code", json!("laboratory")),
            (1, "/referenceRange/0/text", json!("t")),
        ],
    );
}

#[test]
fn a_status_of_the_zib_that_says_something_else_is_kept() {
    let status = json!({ "extension": [{
        "url": "http://nictiz.nl/fhir/StructureDefinition/code-specification",
        "valueCodeableConcept": concept("urn:oid:2.16.840.1.113883.2.4.3.11.60.40.4.16.1", "pending") }] });
    let source = observation(&concept(LOINC, "1988-5"), &json!({ "_status": status }));
    let url = json!("http://nictiz.nl/fhir/StructureDefinition/ext-CodeSpecification");
    check(&source, 1, 0, &[(0, "/_status/extension/0/url", url)]);
}

#[test]
fn amounts_of_a_drug_are_one_text() {
    let amount = |text| json!({ "code": concept(SCT, "228390007"), "valueString": text });
    let source = observation(
        &concept(SCT, "228366006"),
        &json!({ "component": [amount("2"), amount("3")] }),
    );
    check(
        &source,
        1,
        0,
        &[
            (0, "/component/0/code/coding/0/code", json!("363908000")),
            (0, "/component/0/valueString", json!("2; 3")),
            (0, "/component/1", Value::Null),
        ],
    );
}

#[test]
fn pack_years_are_whole_or_reported() {
    let years = |value: f64| {
        let component = json!({ "code": concept(SCT, "401201003"), "valueQuantity": { "value": value, "unit": "a", "code": "a" } });
        observation(&concept(SCT, "365980008"), &json!({ "component": [component] }))
    };
    check(&years(12.0), 1, 0, &[(0, "/component/0/valueInteger", json!(12))]);
    check(
        &years(12.5),
        1,
        0,
        &[(0, "/component/0/valueInteger", Value::Null)],
    );
}

#[test]
fn a_stoma_is_a_condition() {
    let source = observation(
        &concept(SCT, "245857005"),
        &json!({ "valueCodeableConcept": concept(SCT, "302112009") }),
    );
    check(
        &source,
        1,
        0,
        &[
            (0, "/resourceType", json!("Condition")),
            (0, "/category/0/coding/0/code", json!("245857005")),
            (0, "/code/coding/0/code", json!("302112009")),
            (0, "/onsetDateTime", json!("2020-01-01")),
        ],
    );
}

#[test]
fn what_r4_has_no_element_for_is_in_the_extensions_of_hl7() {
    let source = observation(
        &concept(LOINC, "72170-4"),
        &json!({ "valueAttachment": { "title": "t" }, "related": [{ "type": "qualified-by", "target": { "display": "d" } }] }),
    );
    let (made, lost) = lift(&source);
    assert_eq!(lost, 0);
    let urls: Vec<&Value> = made[0]["extension"]
        .as_array()
        .unwrap()
        .iter()
        .map(|extension| &extension["url"])
        .collect();
    assert_eq!(
        urls,
        [
            "http://hl7.org/fhir/3.0/StructureDefinition/extension-Observation.related",
            "http://hl7.org/fhir/3.0/StructureDefinition/extension-Observation.value",
        ]
    );
}
