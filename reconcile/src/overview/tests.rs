//! Texts as sent, in both versions of FHIR; nothing hidden.

use samenhang_profiles::FhirVersion;
use samenhang_terminology::Category;

use super::{Overview, items};
use crate::Reconciled;
use crate::fixtures::{at, received};

#[test]
fn every_kind_says_what_a_person_needs() {
    // Version, resource without its type and subject, title, detail and status.
    let cases = [
        (
            FhirVersion::R4,
            r#""resourceType":"Observation","status":"final","code":{"coding":[{"code":"x"},{"code":"y","display":"HbA1c"}]},"valueQuantity":{"value":61.0,"unit":"mmol/mol"}"#,
            "HbA1c",
            "61.0 mmol/mol",
            "final",
        ),
        (
            FhirVersion::R4,
            r#""resourceType":"Observation","status":"final","code":{"text":"Bloeddruk"},"component":[{"code":{"text":"systolisch"},"valueQuantity":{"value":138,"unit":"mm[Hg]"}},{"code":{"text":"diastolisch"},"valueQuantity":{"value":82,"unit":"mm[Hg]"}}]"#,
            "Bloeddruk",
            "systolisch 138 mm[Hg]; diastolisch 82 mm[Hg]",
            "final",
        ),
        (
            FhirVersion::R4,
            r#""resourceType":"Observation","status":"final","code":{"text":"CRP"},"valueQuantity":{"comparator":"<","value":5,"code":"mg/L"}"#,
            "CRP",
            "<5 mg/L",
            "final",
        ),
        (
            FhirVersion::R4,
            r#""resourceType":"Observation","status":"final","code":{"text":"Kweek"},"dataAbsentReason":{"text":"monster ongeschikt"}"#,
            "Kweek",
            "monster ongeschikt",
            "final",
        ),
        (
            FhirVersion::R4,
            r#""resourceType":"AllergyIntolerance","verificationStatus":{"coding":[{"code":"confirmed"}]},"clinicalStatus":{"coding":[{"code":"active"}]},"criticality":"high","code":{"coding":[{"display":"Penicilline"}]},"reaction":[{"manifestation":[{"coding":[{"display":"Huiduitslag"}]}],"severity":"severe"}]"#,
            "Penicilline",
            "high; Huiduitslag; severe",
            "active, confirmed",
        ),
        (
            FhirVersion::Stu3,
            r#""resourceType":"AllergyIntolerance","verificationStatus":"refuted","clinicalStatus":"inactive","code":{"text":"Penicilline"}"#,
            "Penicilline",
            "",
            "inactive, refuted",
        ),
        (
            FhirVersion::R4,
            r#""resourceType":"MedicationRequest","status":"active","medicationReference":{"reference":"Medication/m","display":"Metformine"},"dosageInstruction":[{"text":"2 maal per dag 1 stuk"}],"note":[{"text":"met water"}]"#,
            "Metformine",
            "2 maal per dag 1 stuk; met water",
            "active",
        ),
        (
            FhirVersion::R4,
            r#""resourceType":"MedicationStatement","status":"active","medicationReference":{"reference":"Medication/m"},"dosage":[{"text":"zo nodig"}]"#,
            "Lisinopril",
            "zo nodig",
            "active",
        ),
        (
            FhirVersion::Stu3,
            r#""resourceType":"Consent","status":"active","extension":[{"url":"http://nictiz.nl/fhir/StructureDefinition/zib-TreatmentDirective-Treatment","valueCodeableConcept":{"text":"Reanimatie"}}],"modifierExtension":[{"url":"x","valueCodeableConcept":{"coding":[{"display":"Nee"}]}}]"#,
            "Reanimatie",
            "Nee",
            "active",
        ),
        (
            FhirVersion::R4,
            r#""resourceType":"Encounter","status":"finished","class":{"code":"AMB","display":"ambulatory"},"reasonCode":[{"text":"Controle"}]"#,
            "Controle",
            "ambulatory",
            "finished",
        ),
        (
            FhirVersion::Stu3,
            r#""resourceType":"ProcedureRequest","status":"active","code":{"text":"Oefentherapie"}"#,
            "Oefentherapie",
            "",
            "active",
        ),
        (
            FhirVersion::R4,
            r#""resourceType":"Basic","code":{"text":"iets"}"#,
            "iets",
            "",
            "",
        ),
        (
            FhirVersion::R4,
            r#""resourceType":"ClinicalImpression","status":"completed""#,
            "ClinicalImpression",
            "",
            "completed",
        ),
    ];
    let product = r#"{"resourceType":"Medication","id":"m","code":{"text":"Lisinopril"}}"#;
    for (fhir, fields, title, detail, status) in cases {
        let json = format!(r#"{{{fields},"id":"x","subject":{{"reference":"Patient/p"}}}}"#);
        let shown: Vec<_> = items(&[at("00700701", fhir, &json), at("00700701", fhir, product)])
            .into_iter()
            .map(|(_, item)| item)
            .collect();
        let [item] = shown.as_slice() else {
            panic!("one item for {fields}")
        };
        assert_eq!(item.title, title, "{fields}");
        assert_eq!(item.detail, detail, "{fields}");
        assert_eq!(item.status.as_deref().unwrap_or_default(), status, "{fields}");
        assert_eq!(item.as_received, fhir == FhirVersion::Stu3);
    }
}

#[test]
fn both_sides_of_a_conflict_are_items() {
    let json = |id: &str, dose: &str| {
        format!(
            r#"{{"resourceType":"MedicationRequest","id":"{id}","identifier":[{{"system":"urn:oid:2.999.1","value":"MA"}}],"status":"active","subject":{{"reference":"Patient/p"}},"medicationReference":{{"display":"Metformine"}},"dosageInstruction":[{{"text":"{dose}"}}]}}"#
        )
    };
    let overview = Overview::new(&Reconciled::new(vec![
        received("00700701", &json("a", "2 maal per dag")),
        received("00700702", &json("b", "3 maal per dag")),
        received(
            "00700702",
            r#"{"resourceType":"Flag","id":"f","status":"active","code":{"text":"Let op"},"subject":{"reference":"Patient/p"}}"#,
        ),
    ]));
    let categories: Vec<_> = overview.sections.iter().map(|section| section.category).collect();
    assert_eq!(categories, [Category::Alert, Category::MedicationRequest]);
    let medication = overview.section(Category::MedicationRequest);
    assert_eq!(medication.len(), 2);
    assert!(
        medication
            .iter()
            .all(|item| item.conflict && item.cluster.is_none())
    );
    assert_eq!(medication.iter().filter(|item| item.representative).count(), 2);
    assert!(overview.section(Category::Procedure).is_empty());
}
