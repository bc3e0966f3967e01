use samenhang_profiles::FhirVersion;

use super::{apply, other_version};
use crate::source::json::Json;
use crate::source::quirk::Quirk;
use crate::source::store::{Resource, Store};

const BASE: &str = "https://127.0.0.1:1/fhir/r4";

fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap()
}

fn store() -> Store {
    let mut store = Store::default();
    for text in [
        r#"{"resourceType":"Patient","id":"p","identifier":[{"system":"b","value":"1"}]}"#,
        r#"{"resourceType":"Condition","id":"c","meta":{"profile":["x"]},"identifier":[{"value":"7"}],"clinicalStatus":{"coding":[{"system":"right","code":"active"}]},"code":{"coding":[{"system":"s","code":"1","display":"Koorts"}]},"subject":{"reference":"Patient/p"},"onsetDateTime":"2020-02"}"#,
        r#"{"resourceType":"Observation","id":"o","category":[{"coding":[{"system":"http://snomed.info/sct","code":"49581000146104"}]}],"subject":{"reference":"Patient/p"},"valueQuantity":{"value":7.20}}"#,
    ] {
        store.add(
            Resource::new(json(text), Some(text.to_owned().into())).unwrap(),
            None,
        );
    }
    store
}

fn shaped(quirk: Quirk) -> Store {
    apply(quirk, FhirVersion::R4, &store(), BASE)
}

fn text(store: &Store, at: usize) -> String {
    String::from_utf8(store.get(at).unwrap().bytes().to_vec()).unwrap()
}

#[test]
fn clean_serves_the_bytes_as_loaded() {
    let (before, after) = (store(), shaped(Quirk::Clean));
    for at in 0..before.len() {
        assert_eq!(text(&before, at), text(&after, at));
    }
}

#[test]
fn epic_has_texts_absolute_references_and_periods() {
    let store = shaped(Quirk::Epic);
    let condition = store.get(1).unwrap().json();
    assert!(condition.at("code.coding").is_empty());
    assert_eq!(condition.at("code.text")[0].as_str(), Some("Koorts"));
    assert_eq!(
        condition.at("subject.reference")[0].as_str(),
        Some("https://127.0.0.1:1/fhir/r4/Patient/p")
    );
    assert_eq!(condition.at("onsetPeriod.start")[0].as_str(), Some("2020-02-01"));
    assert_eq!(condition.at("onsetPeriod.end")[0].as_str(), Some("2020-02-29"));
    assert!(text(&store, 2).contains("7.20"));
}

#[test]
fn ids_follow_the_vendor_and_references_follow_the_ids() {
    for (quirk, id) in [
        (Quirk::Chipsoft, "2.999.17.1"),
        (Quirk::Nexus, "100001"),
        (Quirk::Nedap, "client-1.patient-1"),
    ] {
        let store = shaped(quirk);
        assert_eq!(store.get(0).unwrap().id(), id);
        let subject = store.get(1).unwrap().json().at("subject.reference")[0]
            .as_str()
            .map(str::to_owned);
        assert_eq!(subject, Some(format!("Patient/{id}")));
    }
    let nexus = shaped(Quirk::Nexus);
    assert!(nexus.get(0).unwrap().json().get("identifier").is_some());
    assert!(nexus.get(1).unwrap().json().get("identifier").is_none());
}

#[test]
fn sanday_has_wrong_systems_and_bare_no_profiles() {
    let sanday = shaped(Quirk::Sanday);
    let system = sanday.get(1).unwrap().json().at("clinicalStatus.coding.system")[0]
        .as_str()
        .map(str::to_owned);
    assert_eq!(system.as_deref(), Some("urn:oid:2.16.840.1.113883.4.642.3.1372"));
    assert!(text(&sanday, 2).contains("http://hl7.org/fhir/observation-category"));
    assert!(shaped(Quirk::Bare).get(1).unwrap().json().get("meta").is_none());
}

#[test]
fn the_other_version_has_its_own_shapes() {
    let condition = store().get(1).unwrap().json().clone();
    let stu3 = other_version(&condition, FhirVersion::R4);
    assert_eq!(stu3.str("clinicalStatus"), Some("active"));
    assert!(stu3.get("meta").is_none());
    let r4 = other_version(&stu3, FhirVersion::Stu3);
    assert_eq!(r4.at("clinicalStatus.coding.code")[0].as_str(), Some("active"));
}
