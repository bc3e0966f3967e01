use std::collections::BTreeSet;

use bytes::Bytes;
use samenhang_profiles::classify::classify;
use samenhang_profiles::{FhirVersion, Limits, RawResource};
use samenhang_terminology::Category;

use super::capability::{Capabilities, CapabilityError};
use super::{Group, Plan, table};

const VERSIONS: [FhirVersion; 2] = [FhirVersion::R4, FhirVersion::Stu3];

fn plan(version: FhirVersion, permitted: &BTreeSet<Category>, capabilities: Option<&Capabilities>) -> Plan {
    super::plan(version, version, permitted, capabilities)
}

fn all() -> BTreeSet<Category> {
    Category::ALL.into_iter().collect()
}

fn find<'a>(plan: &'a Plan, kind: &str) -> &'a Group {
    plan.groups.iter().find(|group| group.kind == kind).unwrap()
}

fn targets(plan: &Plan) -> Vec<String> {
    plan.groups
        .iter()
        .flat_map(|group| match &group.whole {
            Some(whole) => vec![whole.target("p1")],
            None => group
                .parts
                .iter()
                .map(|part| part.forms[0].target("p1"))
                .collect(),
        })
        .collect()
}

fn statement(resources: &str) -> Capabilities {
    let body = format!(
        r#"{{"resourceType":"CapabilityStatement","fhirVersion":"4.0.1","rest":[{{"mode":"server","resource":[{resources}]}}]}}"#
    );
    Capabilities::read(body.as_bytes()).unwrap()
}

#[test]
fn every_type_is_listed_once_and_covers_something() {
    for version in VERSIONS {
        let mut kinds: Vec<_> = table(version).iter().map(|row| row.kind).collect();
        let count = kinds.len();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), count);
        for row in table(version) {
            assert!(!row.covers.is_empty(), "{}", row.kind);
            for part in row.parts {
                assert!(
                    row.covers.contains(&part.category),
                    "{} {:?}",
                    row.kind,
                    part.category
                );
                assert!(
                    !part.values.contains(' ') && !part.official.contains(' '),
                    "{}",
                    row.kind
                );
            }
        }
    }
}

#[test]
fn what_a_type_covers_is_what_its_resources_are_classified_as() {
    for version in VERSIONS {
        for row in table(version) {
            let body = Bytes::from(format!(r#"{{"resourceType":"{}"}}"#, row.kind));
            let resource = RawResource::read(body, &Limits::default()).unwrap();
            let category = classify(&resource, version);
            assert!(row.covers.contains(&category), "{} is {category:?}", row.kind);
        }
    }
}

#[test]
fn without_a_statement_only_core_types_are_asked_whole_in_clinical_priority() {
    for version in VERSIONS {
        let plan = plan(version, &all(), None);
        assert!(plan.groups.iter().all(|group| group.whole.is_some()));
        assert!(plan.groups.is_sorted_by_key(Group::priority));
        assert!(plan.groups.iter().all(|group| group.kind != "DiagnosticReport"));
        assert!(plan.unsupported.contains(&Category::DiagnosticReport));
        assert!(targets(&plan).iter().all(|target| !target.contains("_include")));
    }
}

#[test]
fn a_type_is_asked_whole_only_when_all_its_categories_are_permitted() {
    let only = |category| plan(FhirVersion::R4, &BTreeSet::from([category]), None);

    let laboratory = only(Category::ObservationLaboratory);
    assert_eq!(
        targets(&laboratory),
        [
            "Observation?patient=p1&category=laboratory&_count=100",
            "Observation?patient=p1&category=http://snomed.info/sct%7C49581000146104,\
             http://snomed.info/sct%7C275711006&_count=100"
        ]
    );
    assert_eq!(
        targets(&only(Category::Condition)),
        ["Condition?patient=p1&_count=100"]
    );
    let whole = plan(FhirVersion::R4, &all(), None);
    assert_eq!(
        find(&whole, "Observation").whole.as_ref().unwrap().target("p1"),
        "Observation?patient=p1&_count=100"
    );
    assert_eq!(
        find(&whole, "Observation").parts.len(),
        8,
        "the parts stay as a fallback"
    );
}

#[test]
fn the_statement_prunes_types_includes_and_filters() {
    let capabilities = statement(
        r#"{"type":"Patient"},
           {"type":"Flag","interaction":[{"code":"read"}]},
           {"type":"Condition","interaction":[{"code":"search-type"}],"searchParam":[{"name":"patient"}]},
           {"type":"Immunization","interaction":[{"code":"search-type"}],"searchParam":[{"name":"identifier"}]},
           {"type":"MedicationRequest","interaction":[{"code":"search-type"}],
            "searchParam":[{"name":"patient"},{"name":"category"}],"searchInclude":["MedicationRequest.medication"]},
           {"type":"DiagnosticReport","interaction":[{"code":"search-type"}],"searchParam":[{"name":"patient"}]}"#,
    );
    let plan = plan(FhirVersion::R4, &all(), Some(&capabilities));
    assert_eq!(
        targets(&plan),
        [
            "Condition?patient=p1&_count=100",
            "MedicationRequest?patient=p1&_include=MedicationRequest:medication&_count=100",
            "DiagnosticReport?patient=p1&_count=100",
        ]
    );
    assert!(
        plan.unsupported.contains(&Category::Alert),
        "Flag can be read, not searched"
    );
    assert!(
        plan.unsupported.contains(&Category::MedicationUse),
        "Immunization cannot be searched by patient"
    );
    assert!(
        !plan.unsupported.contains(&Category::Patient),
        "comes with the lookup"
    );
}

#[test]
fn a_source_of_official_queries_only_gets_lastn() {
    let capabilities = statement(
        r#"{"type":"Observation","interaction":[{"code":"read"}],"searchParam":[{"name":"code"},{"name":"category"}],
            "operation":[{"name":"$lastn"}]}"#,
    );
    let plan = plan(
        FhirVersion::Stu3,
        &BTreeSet::from([Category::ObservationVitalSigns]),
        Some(&capabilities),
    );
    let targets = targets(&plan);
    assert_eq!(targets.len(), 1);
    assert!(
        targets[0].starts_with("Observation/$lastn?patient=p1&code=http://loinc.org%7C85354-9,"),
        "{targets:?}"
    );
}

#[test]
fn a_part_is_asked_widely_then_to_the_letter_then_by_lastn() {
    let capabilities = statement(
        r#"{"type":"Observation","searchParam":[{"name":"patient"},{"name":"code"},{"name":"category"}],
            "operation":[{"name":"lastn"}]}"#,
    );
    let permitted = BTreeSet::from([Category::ObservationVitalSigns]);
    let plan = plan(FhirVersion::R4, &permitted, Some(&capabilities));
    let parts = &find(&plan, "Observation").parts;
    let forms: Vec<_> = parts[1]
        .forms
        .iter()
        .map(|form| (form.target("p1").len() > 150, form.lastn))
        .collect();
    assert_eq!(forms, [(true, false), (false, false), (false, true)]);
    assert_eq!(parts[1].official, 1);
    assert_eq!(
        (parts[0].forms.len(), parts[0].official),
        (1, 1),
        "no official form"
    );
}

#[test]
fn an_endpoint_that_says_another_version_is_asked_for_the_types_of_both() {
    let capabilities = statement(r#"{"type":"ProcedureRequest"},{"type":"ServiceRequest"}"#);
    let kinds = |also| {
        let plan = super::plan(
            FhirVersion::R4,
            also,
            &BTreeSet::from([Category::Request]),
            Some(&capabilities),
        );
        plan.groups.iter().map(|group| group.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(FhirVersion::R4), ["ServiceRequest"]);
    assert_eq!(kinds(FhirVersion::Stu3), ["ServiceRequest", "ProcedureRequest"]);
}

#[test]
fn operations_of_the_whole_server_count() {
    let body = r#"{"resourceType":"CapabilityStatement","fhirVersion":"3.0.1","rest":[{"mode":"server",
        "resource":[{"type":"Patient","interaction":[{"code":"read"}]}],"operation":[{"name":"match"}]}]}"#;
    let capabilities = Capabilities::read(body.as_bytes()).unwrap();
    assert!(
        capabilities
            .offer("Patient")
            .is_some_and(|offer| offer.has_operation("match"))
    );
}

#[test]
fn an_empty_statement_says_nothing() {
    let capabilities = statement("");
    assert!(capabilities.says_nothing());
    assert_eq!(
        plan(FhirVersion::R4, &all(), Some(&capabilities)),
        plan(FhirVersion::R4, &all(), None)
    );
}

#[test]
fn a_patient_id_cannot_add_parameters() {
    let plan = plan(FhirVersion::Stu3, &BTreeSet::from([Category::Patient]), None);
    let target = find(&plan, "Coverage")
        .whole
        .as_ref()
        .unwrap()
        .target("1&patient=2#x/../..");
    assert_eq!(
        target,
        "Coverage?beneficiary=1%26patient%3D2%23x/../..&_count=100"
    );
}

#[test]
fn statements_of_other_versions_and_other_resources() {
    let read = |text: &str| Capabilities::read(text.as_bytes());
    assert!(
        read(r#"{"resourceType":"CapabilityStatement","fhirVersion":"5.0.0"}"#)
            .unwrap()
            .foreign_version
    );
    assert_eq!(
        read(r#"{"resourceType":"CapabilityStatement","fhirVersion":"3.0.1"}"#)
            .unwrap()
            .version,
        Some(FhirVersion::Stu3)
    );
    assert_eq!(
        read(r#"{"resourceType":"OperationOutcome"}"#),
        Err(CapabilityError::OtherResource)
    );
    assert_eq!(read("<html>"), Err(CapabilityError::Unreadable));
}

#[test]
fn metadata_comes_along_where_it_is_offered_and_may_be_asked() {
    let offered = statement(
        r#"{"type":"Condition","searchParam":[{"name":"patient"}],"searchRevInclude":["Provenance:target"]},{"type":"Flag"}"#,
    );
    let both = BTreeSet::from([Category::Condition, Category::Alert, Category::Other]);
    let target = |permitted: &BTreeSet<Category>, kind: &str| {
        let plan = plan(FhirVersion::Stu3, permitted, Some(&offered));
        find(&plan, kind).whole.as_ref().unwrap().target("p1")
    };
    assert_eq!(
        target(&both, "Condition"),
        "Condition?patient=p1&_revinclude=Provenance:target&_count=100"
    );
    assert_eq!(target(&both, "Flag"), "Flag?patient=p1&_count=100");
    let without = BTreeSet::from([Category::Condition]);
    assert_eq!(target(&without, "Condition"), "Condition?patient=p1&_count=100");
}
