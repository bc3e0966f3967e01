use std::collections::BTreeSet;

use samenhang_profiles::FhirVersion::{R4, Stu3};
use samenhang_terminology::Category;

use super::{Search, read};
use crate::fhir::prefer::Handling;
use crate::search::parameter;

fn pairs(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

fn search(kind: &str, query: &str) -> Search {
    read(Stu3, kind, false, &pairs(query), Handling::Strict).unwrap_or_else(|_| panic!("{kind}?{query}"))
}

#[test]
fn the_queries_of_medmij_and_msz_are_understood_to_the_letter() {
    for (kind, query) in [
        ("Patient", "_include=Patient:general-practitioner"),
        (
            "Coverage",
            "_include=Coverage:payor:Patient&_include=Coverage:payor:Organization",
        ),
        ("Consent", "category=http://snomed.info/sct|11291000146105"),
        ("NutritionOrder", ""),
        (
            "MedicationStatement",
            "category=urn:oid:2.16.840.1.113883.2.4.3.11.60.20.77.5.3|6&_include=MedicationStatement:medication",
        ),
        (
            "MedicationDispense",
            "category=http://snomed.info/sct|422037009&_include=MedicationDispense:medication",
        ),
        ("DeviceUseStatement", "_include=DeviceUseStatement:device"),
        ("Immunization", "status=completed&_revinclude=Provenance:target"),
        (
            "Procedure",
            "category=http://snomed.info/sct|387713003,http://snomed.info/sct|258174001&_include=Procedure:based-on",
        ),
        (
            "Encounter",
            "class=http://hl7.org/fhir/v3/ActCode|IMP,http://hl7.org/fhir/v3/ActCode|ACUTE",
        ),
        ("ImmunizationRecommendation", ""),
        ("DeviceRequest", "status=active&_include=DeviceRequest:device"),
        ("Appointment", "status=booked,pending,proposed"),
        ("CareTeam", "status=active&_include=CareTeam:participant"),
        (
            "Observation",
            "category=http://snomed.info/sct|275711006&_include=Observation:related-target&_include=Observation:specimen",
        ),
        (
            "Observation",
            "code=http://loinc.org|8302-2&_include:recurse=Observation:*",
        ),
        ("Condition", "onset-date=ge2020&onset-date=lt2021"),
    ] {
        let found = search(kind, query);
        assert!(found.ignored.is_empty(), "{kind}?{query}");
        assert_eq!(found.used, pairs(query), "{kind}?{query}");
    }
}

#[test]
fn p9_the_number_is_taken_out_of_what_is_told() {
    let found = search(
        "Condition",
        "patient.identifier=http://fhir.nl/fhir/NamingSystem/bsn|999990019",
    );
    assert!(found.patient.is_some());
    let (name, value) = &found.used[0];
    assert_eq!(
        (name.as_str(), value.as_str()),
        ("patient.identifier", "http://fhir.nl/fhir/NamingSystem/bsn|")
    );
}

#[test]
fn a_number_that_is_none_or_another_is_refused() {
    for query in [
        "patient.identifier=999990019",
        "patient.identifier=http://fhir.nl/fhir/NamingSystem/bsn|999990018",
        "patient.identifier=http://example.org|999990019",
        "patient.identifier=http://fhir.nl/fhir/NamingSystem/bsn|999990019&subject.identifier=http://fhir.nl/fhir/NamingSystem/bsn|999990020",
    ] {
        let problems = read(Stu3, "Condition", false, &pairs(query), Handling::Lenient)
            .err()
            .unwrap();
        assert_eq!(problems[0].code, "SAM-SRV-006", "{query}");
        assert!(
            problems
                .iter()
                .all(|problem| !problem.to_string().contains("99999"))
        );
    }
}

#[test]
fn what_is_not_known_is_refused_or_told() {
    for query in [
        "_has=x",
        "_sort:asc=onset-date",
        "code:text=x",
        "_include=Condition:nothing",
        "max=2",
        "_include:all=Condition:context",
    ] {
        let strict = read(Stu3, "Condition", false, &pairs(query), Handling::Strict)
            .err()
            .unwrap();
        assert_eq!(strict[0].code, "SAM-SRV-004", "{query}");
        let lenient = read(Stu3, "Condition", false, &pairs(query), Handling::Lenient)
            .ok()
            .unwrap();
        assert_eq!((lenient.ignored.len(), lenient.used.len()), (1, 0), "{query}");
    }
    for query in [
        "onset-date=soon",
        "code=",
        "code=|",
        "_sort=code",
        "_count=-1",
        "_summary=true",
    ] {
        let problems = read(Stu3, "Condition", false, &pairs(query), Handling::Lenient)
            .err()
            .unwrap();
        assert_eq!(problems[0].code, "SAM-SRV-006", "{query}");
    }
    assert!(read(R4, "Practitioner", false, &[], Handling::Lenient).is_err());
}

#[test]
fn no_more_is_asked_for_than_the_question_needs() {
    let of = |kind: &str, query: &str| search(kind, query).categories();
    let only = |category| BTreeSet::from([category]);
    assert_eq!(
        of("Observation", "code=http://loinc.org|85354-9"),
        only(Category::ObservationVitalSigns)
    );
    assert_eq!(
        of(
            "Observation",
            "category=http://snomed.info/sct|49581000146104&_include=Observation:specimen"
        ),
        only(Category::ObservationLaboratory)
    );
    assert_eq!(
        of("Consent", "category=http://snomed.info/sct|11341000146107"),
        only(Category::AdvanceDirective)
    );
    assert_eq!(
        of("Observation", "code=http://loinc.org|1-1"),
        parameter::categories(Stu3, "Observation")
    );
    assert!(of("Condition", "_revinclude=Provenance:target").contains(&Category::Other));
    assert!(of("Procedure", "_include=Procedure:based-on").contains(&Category::Request));
}
