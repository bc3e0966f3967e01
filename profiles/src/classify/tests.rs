use bytes::Bytes;
use samenhang_terminology::Category;

use super::{classify, travels};
use crate::limits::Limits;
use crate::raw::RawResource;
use crate::version::FhirVersion::{self, R4, Stu3};

#[track_caller]
fn is(text: &str, version: FhirVersion, expected: Category) {
    let resource = RawResource::read(Bytes::copy_from_slice(text.as_bytes()), &Limits::default()).unwrap();
    assert_eq!(classify(&resource, version), expected, "{text}");
}

fn coded(kind: &str, element: &str, system: &str, code: &str) -> String {
    let concept = format!(r#"{{"coding":[{{"system":"{system}","code":"{code}"}}]}}"#);
    format!(r#"{{"resourceType":"{kind}","{element}":[{concept}]}}"#)
}

#[test]
fn the_type_says_most() {
    for (kind, expected) in [
        ("Patient", Category::Patient),
        ("RelatedPerson", Category::Patient),
        ("CareTeam", Category::Patient),
        ("Coverage", Category::Patient),
        ("Flag", Category::Alert),
        ("AllergyIntolerance", Category::AllergyIntolerance),
        ("Condition", Category::Condition),
        ("MedicationRequest", Category::MedicationRequest),
        ("MedicationDispense", Category::MedicationUse),
        ("MedicationAdministration", Category::MedicationUse),
        ("MedicationStatement", Category::MedicationUse),
        ("Immunization", Category::MedicationUse),
        ("Procedure", Category::Procedure),
        ("Encounter", Category::Encounter),
        ("Device", Category::Device),
        ("DeviceUseStatement", Category::Device),
        ("QuestionnaireResponse", Category::ObservationSurvey),
        ("NutritionOrder", Category::Nutrition),
        ("EpisodeOfCare", Category::Episode),
        ("CarePlan", Category::Episode),
        ("Task", Category::Request),
        ("Appointment", Category::Request),
        ("DeviceRequest", Category::Request),
        ("ImmunizationRecommendation", Category::Request),
        ("DiagnosticReport", Category::DiagnosticReport),
        ("ImagingStudy", Category::Imaging),
        ("Practitioner", Category::Other),
        ("PractitionerRole", Category::Other),
        ("Organization", Category::Other),
        ("Medication", Category::Other),
        ("Location", Category::Other),
        ("Specimen", Category::Other),
        ("Unheard", Category::Other),
    ] {
        let text = format!(r#"{{"resourceType":"{kind}"}}"#);
        is(&text, R4, expected);
        is(&text, Stu3, expected);
    }
    is(r#"{"resourceType":"ServiceRequest"}"#, R4, Category::Request);
    is(r#"{"resourceType":"ProcedureRequest"}"#, Stu3, Category::Request);
    is(r#"{"resourceType":"ProcedureRequest"}"#, R4, Category::Other);
}

#[test]
fn consent_is_a_treatment_directive_unless_it_says_otherwise() {
    let snomed = "http://snomed.info/sct";
    is(
        &coded("Consent", "category", snomed, "11291000146105"),
        Stu3,
        Category::Consent,
    );
    is(
        &coded("Consent", "category", snomed, "129125009"),
        R4,
        Category::Consent,
    );
    is(
        &coded("Consent", "category", snomed, "11341000146107"),
        Stu3,
        Category::AdvanceDirective,
    );
    let acd = "http://terminology.hl7.org/CodeSystem/consentcategorycodes";
    is(
        &coded("Consent", "category", acd, "acd"),
        R4,
        Category::AdvanceDirective,
    );
    is(
        &coded("Consent", "category", "urn:other", "acd"),
        R4,
        Category::Consent,
    );
}

#[test]
fn an_observation_is_told_by_category_then_code() {
    let snomed = "http://snomed.info/sct";
    let r4 = "http://terminology.hl7.org/CodeSystem/observation-category";
    let stu3 = "http://hl7.org/fhir/observation-category";
    for (code, expected) in [
        ("laboratory", Category::ObservationLaboratory),
        ("vital-signs", Category::ObservationVitalSigns),
        ("social-history", Category::ObservationSocialHistory),
        ("survey", Category::ObservationSurvey),
        ("exam", Category::Other),
    ] {
        is(&coded("Observation", "category", r4, code), R4, expected);
        is(&coded("Observation", "category", stu3, code), Stu3, expected);
        is(
            &coded("Observation", "category", "urn:other", code),
            R4,
            Category::Other,
        );
    }
    for code in [
        "49581000146104",
        "275711006",
        "252275004",
        "68793005",
        "19851009",
        "405825005",
    ] {
        is(
            &coded("Observation", "category", snomed, code),
            Stu3,
            Category::ObservationLaboratory,
        );
    }
    for code in ["118228005", "384821006"] {
        is(
            &coded("Observation", "category", snomed, code),
            Stu3,
            Category::ObservationSurvey,
        );
    }
    for code in ["85354-9", "29463-7", "8302-2", "8306-3", "8308-9"] {
        is(
            &coded("Observation", "code", "http://loinc.org", code),
            Stu3,
            Category::ObservationVitalSigns,
        );
    }
    for code in ["365508006", "228366006", "228273003", "365980008"] {
        is(
            &coded("Observation", "code", snomed, code),
            R4,
            Category::ObservationSocialHistory,
        );
    }
    is(r#"{"resourceType":"Observation"}"#, R4, Category::Other);
}

#[test]
fn only_supporting_types_travel() {
    assert!(travels("PractitionerRole"));
    assert!(!travels("Observation"));
    assert!(!travels("Patient"));
}
