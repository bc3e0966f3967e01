use bytes::Bytes;

use super::{CodingKey, RawResource, ReadError};
use crate::limits::Limits;

fn read(text: &str) -> RawResource {
    RawResource::read(Bytes::copy_from_slice(text.as_bytes()), &Limits::default()).unwrap()
}

fn coding(system: &str, code: &str) -> CodingKey {
    CodingKey {
        system: (!system.is_empty()).then(|| system.into()),
        code: Some(code.into()),
    }
}

fn date(text: &str) -> Option<String> {
    read(text).keys().date.as_deref().map(str::to_owned)
}

#[test]
fn keys_of_an_r4_observation() {
    let resource = read(
        r#" {"resourceType":"Observation","id":"o1",
        "meta":{"versionId":"2","lastUpdated":"2026-01-02T00:00:00Z","profile":["p1","p2"],
                "security":[{"system":"s","code":"R"}]},
        "identifier":[{"system":"urn:oid:1","value":"v","assigner":{"identifier":{"system":"u","value":"00700700"}}}],
        "status":"final",
        "category":[{"coding":[{"system":"c1","code":"laboratory"}]},{"coding":[{"code":"x"},{"system":"c3","code":"y"}]}],
        "code":{"coding":[{"system":"http://loinc.org","code":"718-7","display":"d"}],"text":"t"},
        "subject":{"reference":"Patient/1","type":"Patient","identifier":{"system":"b","value":"w"}},
        "encounter":{"reference":"Encounter/1"}, "performer":[{"reference":"Patient/1"}],
        "issued":"2026-02-01","effectivePeriod":{"end":"2026-01-31","start":"2026-01-30"},
        "valueQuantity":{"value":1.50}} "#,
    );
    let keys = resource.keys();
    assert_eq!(resource.resource_type(), "Observation");
    assert_eq!(resource.id(), Some("o1"));
    assert_eq!(keys.version_id.as_deref(), Some("2"));
    assert_eq!(keys.last_updated.as_deref(), Some("2026-01-02T00:00:00Z"));
    assert_eq!(*keys.profiles, [Box::from("p1"), Box::from("p2")]);
    assert_eq!(keys.security, [coding("s", "R")]);
    assert_eq!(keys.identifiers.len(), 1);
    assert_eq!(keys.identifiers[0].value.as_deref(), Some("v"));
    assert_eq!(keys.identifiers[0].assigner.as_deref(), Some("00700700"));
    assert_eq!(keys.status.as_deref(), Some("final"));
    assert_eq!(
        keys.categories,
        [coding("c1", "laboratory"), coding("", "x"), coding("c3", "y")]
    );
    assert_eq!(keys.codes, [coding("http://loinc.org", "718-7")]);
    assert_eq!(keys.subject.as_deref(), Some("Patient/1"));
    assert_eq!(keys.subject_type.as_deref(), Some("Patient"));
    assert_eq!(
        keys.subject_identifier.as_ref().and_then(|i| i.value.as_deref()),
        Some("w")
    );
    assert_eq!(keys.date.as_deref(), Some("2026-01-30"));
    assert_eq!(
        *keys.references,
        [Box::from("Patient/1"), Box::from("Encounter/1")]
    );
    assert!(
        resource.body().starts_with(b"{") && resource.body().ends_with(b"}"),
        "no space around it"
    );
}

#[test]
fn a_category_has_many_shapes() {
    let of = |category: &str| {
        read(&format!(r#"{{"resourceType":"X","category":{category}}}"#))
            .keys()
            .categories
            .clone()
    };
    assert_eq!(of(r#""food""#), [coding("", "food")]);
    assert_eq!(of(r#"["food","drug"]"#), [coding("", "food"), coding("", "drug")]);
    assert_eq!(of(r#"{"system":"s","code":"c"}"#), [coding("s", "c")]);
    assert_eq!(
        of(r#"{"coding":[{"system":"s","code":"c"}]}"#),
        [coding("s", "c")]
    );
    assert_eq!(of(r#"[{"system":"s","code":"c"}]"#), [coding("s", "c")]);
    assert_eq!(of(r#"{"text":"only text"}"#), []);
    assert_eq!(of("[null,5,[]]"), []);
}

#[test]
fn the_date_is_when_it_happened_else_when_it_was_recorded() {
    assert_eq!(
        date(r#"{"resourceType":"Condition","recordedDate":"2020","onsetDateTime":"2019-05"}"#).as_deref(),
        Some("2019-05")
    );
    assert_eq!(
        date(r#"{"resourceType":"Condition","assertedDate":"2020"}"#).as_deref(),
        Some("2020")
    );
    assert_eq!(
        date(r#"{"resourceType":"MedicationDispense","whenHandedOver":"2021","whenPrepared":"2020"}"#)
            .as_deref(),
        Some("2021")
    );
    assert_eq!(
        date(r#"{"resourceType":"Encounter","period":{"start":"2018"}}"#).as_deref(),
        Some("2018")
    );
    assert_eq!(
        date(r#"{"resourceType":"Encounter","period":{"end":"2018"}}"#).as_deref(),
        Some("2018")
    );
    assert_eq!(
        date(r#"{"resourceType":"Specimen","collection":{"collectedDateTime":"2017"}}"#).as_deref(),
        Some("2017")
    );
    assert_eq!(
        date(r#"{"resourceType":"MedicationStatement","effectiveTiming":{"event":["2016","2017"]}}"#)
            .as_deref(),
        Some("2016")
    );
    assert_eq!(date(r#"{"resourceType":"Patient","birthDate":"1950"}"#), None);
}

#[test]
fn the_patient_is_found_under_its_many_names() {
    for (kind, name) in [
        ("Observation", "subject"),
        ("Immunization", "patient"),
        ("Coverage", "beneficiary"),
        ("Task", "for"),
    ] {
        let resource = read(&format!(
            r#"{{"{name}":{{"reference":"Patient/7"}},"resourceType":"{kind}"}}"#
        ));
        assert_eq!(resource.keys().subject.as_deref(), Some("Patient/7"), "{name}");
    }
    let appointment = read(
        r#"{"participant":[{"actor":{"reference":"Practitioner/1"}},
        {"actor":{"reference":"https://h.example/Patient/2"}},{"actor":{"reference":"Patient/3"}}],
        "resourceType":"Appointment"}"#,
    );
    assert_eq!(
        appointment.keys().subject.as_deref(),
        Some("https://h.example/Patient/2")
    );
}

#[test]
fn two_different_patients_are_refused() {
    for (one, other) in [
        (
            r#""subject":{"reference":"Patient/1"}"#,
            r#""patient":{"reference":"Patient/2"}"#,
        ),
        (r#""subject":{"reference":"Patient/1"}"#, r#""patient":{}"#),
        (
            r#""patient":{"identifier":{"value":"1"}}"#,
            r#""subject":{"identifier":{"value":"2"}}"#,
        ),
    ] {
        let text = format!(r#"{{"resourceType":"Observation",{one},{other}}}"#);
        let error = RawResource::read(Bytes::from(text), &Limits::default()).err();
        assert_eq!(error, Some(ReadError::Unexpected("two patients in one resource")));
    }
    let same = read(
        r#"{"resourceType":"X","subject":{"reference":"Patient/1"},"patient":{"reference":"Patient/1"}}"#,
    );
    assert_eq!(same.keys().subject.as_deref(), Some("Patient/1"));
}

#[test]
fn many_references_are_still_listed_once() {
    let list: Vec<_> = (0..100)
        .map(|n| format!(r#"{{"reference":"X/{}"}}"#, n % 40))
        .collect();
    let text = format!(r#"{{"resourceType":"List","entry":[{}]}}"#, list.join(","));
    let expected: Vec<Box<str>> = (0..40).map(|n| format!("X/{n}").into()).collect();
    assert_eq!(read(&text).keys().references, expected);
}

#[test]
fn the_naming_element_goes_before_the_type() {
    let device =
        read(r#"{"resourceType":"X","type":{"coding":[{"code":"t"}]},"code":{"coding":[{"code":"c"}]}}"#);
    assert_eq!(device.keys().codes, [coding("", "c")]);
    let encounter = read(r#"{"resourceType":"Encounter","type":[{"coding":[{"code":"t"}]}]}"#);
    assert_eq!(encounter.keys().codes, [coding("", "t")]);
}

#[test]
fn status_may_be_clinical() {
    let r4 = read(
        r#"{"resourceType":"Condition","clinicalStatus":{"coding":[{"system":"s","code":"active"}]},
        "verificationStatus":{"coding":[{"code":"confirmed"}]}}"#,
    );
    assert_eq!(r4.keys().status.as_deref(), Some("active"));
    assert_eq!(r4.keys().verification_status.as_deref(), Some("confirmed"));
    let stu3 =
        read(r#"{"resourceType":"Condition","clinicalStatus":"resolved","verificationStatus":"refuted"}"#);
    assert_eq!(stu3.keys().status.as_deref(), Some("resolved"));
    assert_eq!(stu3.keys().verification_status.as_deref(), Some("refuted"));
}

#[test]
fn keys_of_an_unexpected_shape_are_passed_over() {
    let odd = read(
        r#"{"resourceType":"Observation","id":5,"meta":[],"subject":"x","identifier":"y","status":{},
        "effectiveDateTime":7,"code":[[{"coding":3}]],"category":null,"participant":[{"actor":[]}]}"#,
    );
    assert_eq!(odd.id(), None);
    assert!(odd.keys().identifiers.is_empty() && odd.keys().codes.is_empty());
    assert_eq!(odd.keys().date, None);
}

#[test]
fn a_resource_names_its_type() {
    for text in [
        "{}",
        r#"{"resourceType":"obs"}"#,
        r#"{"resourceType":"../x"}"#,
        r#"{"resourceType":5}"#,
        r#"{"resourceType":""}"#,
    ] {
        let error = RawResource::read(Bytes::copy_from_slice(text.as_bytes()), &Limits::default()).err();
        assert_eq!(
            error,
            Some(ReadError::Unexpected("a resource without a resourceType")),
            "{text}"
        );
    }
}

#[test]
fn errors_have_stable_codes_and_no_content() {
    let secret = r#"{"resourceType":"Patient","identifier":[{"value":"999990019"}],"x":}"#;
    let error = RawResource::read(Bytes::from_static(secret.as_bytes()), &Limits::default())
        .err()
        .unwrap();
    assert_eq!(error.code(), "SAM-PRO-001");
    assert!(!format!("{error} {error:?}").contains("999990019"));
}
