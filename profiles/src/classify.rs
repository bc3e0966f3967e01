//! Which data category a resource belongs to, by what it says: its type, category and code.
//!
//! The answer of a holder is classified by content and not by the query that fetched it, because consent is per
//! category and a source may answer more than it was asked. What cannot be told falls under [`Category::Other`].
//! Source: section 1.5 of the generic functions, the BgZ queries of zib2017 and zib2020, and the patterns of the
//! published profiles.

#[cfg(test)]
mod tests;

use samenhang_terminology::Category;
use samenhang_terminology::naming::{LOINC, SNOMED};

use crate::raw::{CodingKey, RawResource};
use crate::version::FhirVersion;

/// Types that say who, where or with which product, and are sent along with what refers to them.
const TRAVELLING: [&str; 9] = [
    "Device",
    "HealthcareService",
    "Location",
    "Medication",
    "Organization",
    "Practitioner",
    "PractitionerRole",
    "RelatedPerson",
    "Specimen",
];

/// Whether resources of a type travel with what refers to them: read because of it, and of its category.
#[must_use]
pub fn travels(kind: &str) -> bool {
    TRAVELLING.contains(&kind)
}

/// Observation categories of R4 and STU3.
const OBSERVATION_CATEGORY: [&str; 2] = [
    "http://terminology.hl7.org/CodeSystem/observation-category",
    "http://hl7.org/fhir/observation-category",
];

/// Consent categories of R4 and STU3.
const CONSENT_CATEGORY: [&str; 2] = [
    "http://terminology.hl7.org/CodeSystem/consentcategorycodes",
    "http://hl7.org/fhir/consentcategorycodes",
];

/// Laboratory test finding, and the result types that zib2017 sources put in `category`.
const LABORATORY: [&str; 8] = [
    "49581000146104",
    "275711006",
    "252275004",
    "68793005",
    "395124008",
    "314076009",
    "19851009",
    "405825005",
];

/// Blood pressure, weight, height (three codes in zib2017), temperature, heart rate, respiratory rate, oxygen
/// saturation (two), head circumference, BMI, pulse.
const VITAL_SIGNS: [&str; 13] = [
    "85354-9", "29463-7", "8302-2", "8306-3", "8308-9", "8310-5", "8867-4", "9279-1", "2708-6", "59408-5",
    "9843-4", "39156-5", "8893-0",
];

/// Living situation and its parts (zib2020), drug, alcohol and tobacco use.
const SOCIAL_HISTORY: [&str; 7] = [
    "365508006",
    "272497004",
    "118871000146108",
    "224249004",
    "228366006",
    "228273003",
    "365980008",
];

/// Functional finding and mental state finding.
const SURVEY: [&str; 2] = ["118228005", "384821006"];

/// Advance directive.
const ADVANCE_DIRECTIVE: &str = "11341000146107";

/// The category of a resource.
///
/// The type names and codes of STU3 and R4 do not clash, so one table serves both: `version` says only which types
/// a holder may use, and a type of the other version is not believed.
#[must_use]
pub fn classify(resource: &RawResource, version: FhirVersion) -> Category {
    let keys = resource.keys();
    match (resource.resource_type(), version) {
        ("Patient" | "RelatedPerson" | "CareTeam" | "Coverage", _) => Category::Patient,
        ("Flag", _) => Category::Alert,
        ("AllergyIntolerance", _) => Category::AllergyIntolerance,
        ("Consent", _) => consent(&keys.categories),
        ("Condition", _) => Category::Condition,
        ("MedicationRequest", _) => Category::MedicationRequest,
        ("MedicationDispense" | "MedicationAdministration" | "MedicationStatement" | "Immunization", _) => {
            Category::MedicationUse
        }
        ("Observation", _) => observation(&keys.categories, &keys.codes),
        ("QuestionnaireResponse", _) => Category::ObservationSurvey,
        ("Procedure", _) => Category::Procedure,
        ("Encounter", _) => Category::Encounter,
        ("Device" | "DeviceUseStatement", _) => Category::Device,
        ("NutritionOrder", _) => Category::Nutrition,
        ("EpisodeOfCare" | "CarePlan", _) => Category::Episode,
        ("Task" | "Appointment" | "DeviceRequest" | "ImmunizationRecommendation", _) => Category::Request,
        ("ServiceRequest", FhirVersion::R4) | ("ProcedureRequest" | "ReferralRequest", FhirVersion::Stu3) => {
            Category::Request
        }
        ("DiagnosticReport", _) => Category::DiagnosticReport,
        ("ImagingStudy", _) | ("ImagingManifest", FhirVersion::Stu3) => Category::Imaging,
        _ => Category::Other,
    }
}

fn consent(categories: &[CodingKey]) -> Category {
    let advance = categories.iter().any(|coding| {
        coding.is(SNOMED, ADVANCE_DIRECTIVE) || CONSENT_CATEGORY.iter().any(|system| coding.is(system, "acd"))
    });
    if advance {
        Category::AdvanceDirective
    } else {
        Category::Consent
    }
}

/// The category says it, else the code does. Laboratory goes first: it is the one with a consent of its own.
fn observation(categories: &[CodingKey], codes: &[CodingKey]) -> Category {
    let said = |code: &str| {
        categories
            .iter()
            .any(|coding| OBSERVATION_CATEGORY.iter().any(|system| coding.is(system, code)))
    };
    let snomed = |among: &[CodingKey], list: &[&str]| {
        among
            .iter()
            .any(|coding| list.iter().any(|code| coding.is(SNOMED, code)))
    };
    if said("laboratory") || snomed(categories, &LABORATORY) {
        Category::ObservationLaboratory
    } else if said("vital-signs")
        || codes
            .iter()
            .any(|c| VITAL_SIGNS.iter().any(|code| c.is(LOINC, code)))
    {
        Category::ObservationVitalSigns
    } else if said("social-history") || snomed(codes, &SOCIAL_HISTORY) {
        Category::ObservationSocialHistory
    } else if said("survey") || snomed(categories, &SURVEY) {
        Category::ObservationSurvey
    } else {
        Category::Other
    }
}
