//! Keys and classification of published resources of zib2017 and zib2020.

use bytes::Bytes;
use samenhang_profiles::classify::classify;
use samenhang_profiles::{FhirVersion, Limits, RawResource};
use samenhang_terminology::Category;

use crate::files;

/// Types that other resources point to and that no query asks for by themselves.
const SUPPORTING: [&str; 7] = [
    "Location",
    "Medication",
    "Organization",
    "Practitioner",
    "PractitionerRole",
    "Provenance",
    "Specimen",
];

/// Last part of the profile, and the category that BgZ has it under.
const BY_PROFILE: [(&str, Category); 21] = [
    ("zib-AdvanceDirective", Category::AdvanceDirective),
    ("zib-TreatmentDirective", Category::Consent),
    (
        "zib-LaboratoryTestResult-Observation",
        Category::ObservationLaboratory,
    ),
    ("zib-BloodPressure", Category::ObservationVitalSigns),
    ("zib-BodyHeight", Category::ObservationVitalSigns),
    ("zib-BodyWeight", Category::ObservationVitalSigns),
    ("zib-LivingSituation", Category::ObservationSocialHistory),
    ("zib-TobaccoUse", Category::ObservationSocialHistory),
    ("zib-AlcoholUse", Category::ObservationSocialHistory),
    ("zib-DrugUse", Category::ObservationSocialHistory),
    ("zib-FunctionalOrMentalStatus", Category::ObservationSurvey),
    ("zib-Payer", Category::Patient),
    ("nl-core-AdvanceDirective", Category::AdvanceDirective),
    ("nl-core-TreatmentDirective2", Category::Consent),
    ("nl-core-LaboratoryTestResult", Category::ObservationLaboratory),
    ("nl-core-BloodPressure", Category::ObservationVitalSigns),
    ("nl-core-BodyHeight", Category::ObservationVitalSigns),
    ("nl-core-BodyWeight", Category::ObservationVitalSigns),
    ("nl-core-LivingSituation", Category::ObservationSocialHistory),
    ("nl-core-TobaccoUse", Category::ObservationSocialHistory),
    ("nl-core-FunctionalOrMentalStatus", Category::ObservationSurvey),
];

fn read(folder: &str, version: FhirVersion) -> Vec<(String, RawResource, Category)> {
    let read = |(name, body)| {
        let resource = RawResource::read(Bytes::from(body), &Limits::default());
        let resource = resource.unwrap_or_else(|error| panic!("{name}: {error}"));
        let category = classify(&resource, version);
        (name, resource, category)
    };
    files(folder, "json").into_iter().map(read).collect()
}

/// The classification agrees with what the profile says.
#[track_caller]
fn agrees_with_profiles(resources: &[(String, RawResource, Category)]) {
    for (name, resource, category) in resources {
        for profile in &resource.keys().profiles {
            let last = profile.rsplit('/').next().unwrap_or_default();
            for (_, expected) in BY_PROFILE.iter().filter(|(known, _)| *known == last) {
                assert_eq!(category, expected, "{name}: {last}");
            }
        }
    }
}

#[test]
fn every_resource_of_a_bgz_of_zib2017_has_a_category_and_a_patient() {
    let resources = read("bgz-stu3", FhirVersion::Stu3);
    agrees_with_profiles(&resources);
    for (name, resource, category) in &resources {
        let kind = resource.resource_type();
        assert_eq!(*category == Category::Other, SUPPORTING.contains(&kind), "{name}");
        let keys = resource.keys();
        let patient = keys.subject.is_some() || keys.subject_identifier.is_some();
        assert!(
            patient || kind == "Patient" || SUPPORTING.contains(&kind),
            "{name}: no patient"
        );
        assert!(resource.id().is_some(), "{name}: no id");
        let dated = matches!(
            kind,
            "Encounter" | "Immunization" | "MedicationRequest" | "MedicationStatement"
        );
        assert!(!dated || keys.date.is_some(), "{name}: no date");
    }
}

#[test]
fn resources_of_zib2020_are_classified_as_their_profiles_say() {
    let resources = read("nl-core-r4-examples", FhirVersion::R4);
    agrees_with_profiles(&resources);
}
