use samenhang_profiles::Limits;
use samenhang_profiles::tree::Tree;

use super::{Description, describe};
use crate::words::Language;

fn read(json: &str) -> Description {
    let tree = Tree::parse(json.as_bytes(), &Limits::default()).unwrap();
    describe(&tree, Language::Dutch)
}

#[test]
fn an_observation_keeps_its_digits() {
    let words = read(
        r#"{"resourceType":"Observation","code":{"coding":[{"code":"14682-9","display":"Kreatinine"}]},
        "valueQuantity":{"value":88.0,"unit":"umol/l"},"referenceRange":[{"low":{"value":60,"unit":"umol/l"},"high":{"value":110,"unit":"umol/l"}}],
        "interpretation":[{"text":"normaal"}]}"#,
    );
    assert_eq!(words.title.as_deref(), Some("Kreatinine"));
    assert_eq!(
        words.lines,
        ["88,0 umol/l", "normaal", "[60 umol/l – 110 umol/l]"]
    );
}

#[test]
fn a_blood_pressure_shows_its_components() {
    let words = read(
        r#"{"resourceType":"Observation","code":{"text":"Bloeddruk"},"component":[
        {"code":{"text":"systolisch"},"valueQuantity":{"value":142,"unit":"mmHg"}},
        {"code":{"text":"diastolisch"},"valueQuantity":{"value":86,"unit":"mmHg"}}]}"#,
    );
    assert_eq!(words.lines, ["systolisch: 142 mmHg; diastolisch: 86 mmHg"]);
}

#[test]
fn medication_by_reference_says_where_its_name_is() {
    let words = read(
        r#"{"resourceType":"MedicationRequest","medicationReference":{"reference":"Medication/m1"},
        "dosageInstruction":[{"text":"1 maal per dag 1 tablet"}]}"#,
    );
    assert_eq!(words.title, None);
    assert_eq!(words.title_reference.as_deref(), Some("Medication/m1"));
    assert_eq!(words.lines, ["1 maal per dag 1 tablet"]);
}

#[test]
fn an_allergy_shows_criticality_and_reactions() {
    let words = read(
        r#"{"resourceType":"AllergyIntolerance","code":{"text":"Penicilline"},"criticality":"high",
        "reaction":[{"manifestation":[{"text":"huiduitslag"},{"coding":[{"display":"jeuk"}]}]}]}"#,
    );
    assert_eq!(words.lines, ["high", "huiduitslag, jeuk"]);
}

#[test]
fn a_patient_is_a_name_and_a_date_and_never_a_number() {
    let words = read(
        r#"{"resourceType":"Patient","identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990019"}],
        "name":[{"family":"de Proef","given":["Pieter"]}],"gender":"male","birthDate":"1951-03-09"}"#,
    );
    assert_eq!(words.title.as_deref(), Some("Pieter de Proef"));
    assert!(!format!("{words:?}").contains("999990019"));
    assert!(words.lines.contains(&"09-03-1951".to_owned()));
}
