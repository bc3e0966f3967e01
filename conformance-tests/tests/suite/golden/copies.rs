//! One fact at two holders, one of which speaks STU3 and the other R4: what is lifted belongs with what is native.

use std::path::Path;

use samenhang_server::demo::DemoOptions;
use samenhang_testbed::TestbedConfig;
use samenhang_testbed::source::{self, SourceOption};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::said;
use crate::answer::{Answer, lineage, part};
use crate::country::{Country, P1, parameters};

const OLD: &str = "00700711";
const NEW: &str = "00700712";
const SNOMED: &str = "http://snomed.info/sct";

/// Two holders of one patient, each with resources of its own; the folder lives as long as the country.
async fn country(old: &[Value], new: &[Value]) -> (Country, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let mut options: Vec<SourceOption> = Vec::new();
    for (ura, fhir, resources) in [(OLD, "stu3", old), (NEW, "r4", new)] {
        if resources.is_empty() {
            continue;
        }
        let own = folder.path().join(ura);
        fill(&own, resources);
        let option = format!("ura={ura},name=Bron {fhir},fhir={fhir},dir={}", own.display());
        options.push(option.parse().expect("an option"));
    }
    let country = Country::with(DemoOptions {
        country: TestbedConfig {
            holders: source::holders(&options).expect("options that go together"),
            own_patients: false,
            ..TestbedConfig::default()
        },
        ..DemoOptions::default()
    })
    .await;
    (country, folder)
}

fn fill(folder: &Path, resources: &[Value]) {
    std::fs::create_dir(folder).expect("a folder");
    let patient = json!({
        "resourceType": "Patient", "id": "p",
        "identifier": [{ "system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": P1 }],
        "name": [{ "family": "Voorbeeld", "given": ["Noor"] }], "gender": "female", "birthDate": "1980-02-03"
    });
    for resource in resources.iter().chain([&patient]) {
        let name = |key: &str| resource[key].as_str().expect("a name");
        let file = folder.join(format!("{}-{}.json", name("resourceType"), name("id")));
        std::fs::write(file, resource.to_string()).expect("a file");
    }
}

/// An allergy under one number, as each version has it.
fn allergy(version: &str, number: &str, verification: &str) -> Value {
    let mut resource = json!({
        "resourceType": "AllergyIntolerance", "id": format!("a{number}"),
        "identifier": [{ "system": "urn:oid:2.999.77.1", "value": format!("ALG-{number}") }],
        "code": { "coding": [{ "system": SNOMED, "code": "387458008", "display": "acetylsalicylzuur" }] },
        "patient": { "reference": "Patient/p" }
    });
    let system = |name: &str| format!("http://terminology.hl7.org/CodeSystem/allergyintolerance-{name}");
    if version == "stu3" {
        resource["meta"] =
            json!({ "profile": ["http://nictiz.nl/fhir/StructureDefinition/zib-AllergyIntolerance"] });
        resource["clinicalStatus"] = json!("active");
        resource["verificationStatus"] = json!(verification);
        resource["assertedDate"] = json!("2020-05-01");
    } else {
        resource["meta"] =
            json!({ "profile": ["http://nictiz.nl/fhir/StructureDefinition/nl-core-AllergyIntolerance"] });
        resource["clinicalStatus"] =
            json!({ "coding": [{ "system": system("clinical"), "code": "active" }] });
        resource["verificationStatus"] =
            json!({ "coding": [{ "system": system("verification"), "code": verification }] });
        resource["recordedDate"] = json!("2020-05-01");
    }
    resource
}

/// For the entry of an address: the version that the holder speaks, and how it is shown.
fn form(answer: &Answer, url: &Value) -> (String, String) {
    let entry = answer
        .data()
        .find(|entry| entry["fullUrl"] == *url)
        .unwrap_or_else(|| panic!("{url} is in the answer"));
    let told = |name: &str| said(entry, name).unwrap_or_default().to_owned();
    (told("fhirVersion"), told("status"))
}

/// The Linkage over what has a number: its first item, the second, how that relates, and whether they contradict.
fn linkage(answer: &Answer, id: &str) -> (Value, Value, Value, bool) {
    let of_kind = answer
        .entries()
        .iter()
        .filter(|entry| entry["resource"]["resourceType"] == "Linkage");
    let found = of_kind
        .filter(|entry| {
            let first = &entry["resource"]["item"][0]["resource"]["reference"];
            first.as_str().is_some_and(|url| url.ends_with(id))
        })
        .collect::<Vec<_>>();
    let [entry] = found[..] else {
        panic!("one cluster of {id}: {}", answer.text);
    };
    let resource = &entry["resource"];
    assert_eq!(resource["item"].as_array().map(Vec::len), Some(2));
    let [first, second] = [0, 1].map(|at| resource["item"][at].clone());
    assert_eq!(
        (&first["type"], &second["type"]),
        (&json!("source"), &json!("alternate"))
    );
    let conflict = part(&resource["extension"][0], "conflict").map(|part| part["valueBoolean"] == true);
    (
        first["resource"]["reference"].clone(),
        second["resource"]["reference"].clone(),
        second["extension"][0]["valueCode"].clone(),
        conflict.expect("whether they contradict"),
    )
}

/// Type and id of what each contradiction is between; `kind` is where the version has what an issue is.
fn contradictions(answer: &Answer, kind: &str) -> Vec<[String; 2]> {
    let id = |reference: &Value| {
        let text = reference["reference"].as_str().unwrap_or_default();
        text.rsplitn(3, '/')
            .take(2)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
            .join("/")
    };
    let issues = answer
        .entries()
        .iter()
        .filter(|entry| entry["resource"]["resourceType"] == "DetectedIssue");
    issues
        .map(|entry| &entry["resource"])
        .filter(|issue| issue[kind]["coding"][0]["code"] == "contradiction")
        .map(|issue| [id(&issue["implicated"][0]), id(&issue["implicated"][1])])
        .collect()
}

#[tokio::test]
async fn a_lifted_copy_and_a_native_one_of_a_fact_are_one_cluster() {
    let (country, _folder) = country(
        &[
            allergy("stu3", "1", "confirmed"),
            allergy("stu3", "2", "confirmed"),
        ],
        &[allergy("r4", "1", "confirmed"), allergy("r4", "2", "refuted")],
    )
    .await;
    let native = ("4.0.1".to_owned(), "native".to_owned());
    let lifted = ("3.0.2".to_owned(), "lifted".to_owned());
    let r4 = country.ask(P1).await;
    let id = "AllergyIntolerance/a1";
    let (source, alternate, told, is_conflict) = linkage(&r4, id);
    assert_eq!(
        form(&r4, &source),
        native,
        "what the holder sent like this stands for what was made"
    );
    assert_eq!(form(&r4, &alternate), lifted);
    assert_eq!((&told, is_conflict), (&json!("same-record"), false));
    // One number, confirmed and refuted: that is no one record, and it is told.
    let contradicting = ["AllergyIntolerance/a2", "AllergyIntolerance/a2"];
    assert!(contradictions(&r4, "code").contains(&contradicting.map(str::to_owned)));
    // In STU3 the forms change sides, and the cluster does not.
    let stu3 = country
        .ask_at(
            "/fhir/STU3/Patient/$overview",
            parameters(P1, &[]),
            "application/fhir+json",
            &[],
        )
        .await;
    let (source, alternate, told_stu3, is_conflict_stu3) = linkage(&stu3, id);
    assert_eq!(form(&stu3, &source), ("4.0.1".to_owned(), "lifted".to_owned()));
    assert_eq!(form(&stu3, &alternate), ("3.0.2".to_owned(), "native".to_owned()));
    assert_eq!((told_stu3, is_conflict_stu3), (told, is_conflict));
    assert_eq!(contradictions(&stu3, "category"), contradictions(&r4, "code"));
    country.stop().await;
}

#[tokio::test]
async fn what_no_map_takes_stays_as_received_with_the_reason() {
    let weight = json!({
        "resourceType": "Observation", "id": "w", "status": "final",
        "meta": { "profile": ["http://nictiz.nl/fhir/StructureDefinition/zib-BodyWeight"] },
        "category": [{ "coding": [{ "system": "http://hl7.org/fhir/observation-category", "code": "vital-signs" }] }],
        "code": { "coding": [{ "system": "http://loinc.org", "code": "29463-7" }] },
        "subject": { "reference": "Patient/p" }, "effectiveDateTime": "2024-05-01",
        "valueQuantity": { "value": 70.1, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg" },
        // It changes how all else is to be read, and nothing of R4 is known to say the same.
        "modifierExtension": [{ "url": "urn:oid:2.999.77.9", "valueBoolean": true }]
    });
    let (country, _folder) = country(std::slice::from_ref(&weight), &[]).await;
    let answer = country.ask(P1).await;
    let entry = answer
        .data()
        .find(|entry| entry["resource"]["resourceType"] == "Observation")
        .expect("it is in the answer");
    assert_eq!(said(entry, "status"), Some("as-received"));
    assert_eq!(said(entry, "fhirVersion"), Some("3.0.2"));
    assert_eq!(
        part(lineage(entry).expect("lineage"), "refused").map(|part| &part["valueCode"]),
        Some(&json!("SAM-CNF-122"))
    );
    assert_eq!(entry["resource"], weight, "as it was sent");
    let told = answer.statement()["issue"].as_array().expect("issues");
    let code = |issue: &&Value| issue["details"]["coding"][0]["code"] == "SAM-CNF-122";
    assert_eq!(told.iter().filter(code).count(), 1, "{told:?}");
    assert_eq!(
        answer.status_of(OLD, "ObservationVitalSigns").as_deref(),
        Some("answered")
    );
    // Who asks in the version of the holder gets it without a word.
    let stu3 = country
        .ask_at(
            "/fhir/STU3/Patient/$overview",
            parameters(P1, &[]),
            "application/fhir+json",
            &[],
        )
        .await;
    let entry = stu3
        .data()
        .find(|entry| entry["resource"]["resourceType"] == "Observation")
        .expect("it is in the answer");
    assert_eq!(
        (said(entry, "status"), &entry["resource"]),
        (Some("native"), &weight)
    );
    assert!(!stu3.text.contains("SAM-CNF-122"));
    country.stop().await;
}

/// A nursing intervention of zib2017 is a Procedure, and a plan of care in zib2020. What refers to it comes with another search,
/// so on another page.
#[tokio::test]
async fn references_follow_over_pages_what_becomes_another_type() {
    let intervention = json!({
        "resourceType": "Procedure", "id": "n",
        "meta": { "profile": ["http://nictiz.nl/fhir/StructureDefinition/zib-NursingIntervention"] },
        "status": "in-progress", "code": { "coding": [{ "system": SNOMED, "code": "225358003" }] },
        "category": { "coding": [{ "system": SNOMED, "code": "387713003" }] },
        "subject": { "reference": "Patient/p" }, "performedPeriod": { "start": "2024-01-01" }
    });
    let contact = json!({
        "resourceType": "Encounter", "id": "e",
        "meta": { "profile": ["http://nictiz.nl/fhir/StructureDefinition/zib-Encounter"] },
        "status": "finished", "class": { "system": "http://hl7.org/fhir/v3/ActCode", "code": "IMP" },
        "subject": { "reference": "Patient/p" }, "period": { "start": "2024-01-01" },
        "diagnosis": [{ "condition": { "reference": "Procedure/n" } }]
    });
    let (country, _folder) = country(&[intervention, contact], &[]).await;
    let reference = |answer: &Answer| {
        let mut encounters = answer
            .data()
            .filter(|entry| entry["resource"]["resourceType"] == "Encounter");
        let encounter = encounters.next().expect("the contact");
        encounter["resource"]["reasonReference"][0]["reference"].clone()
    };
    let r4 = country.ask(P1).await;
    assert_eq!(reference(&r4), json!("CarePlan/n"), "{}", r4.text);
    let kinds: Vec<_> = r4
        .data()
        .map(|entry| &entry["resource"]["resourceType"])
        .collect();
    assert!(kinds.contains(&&json!("CarePlan")), "{kinds:?}");
    country.stop().await;
}
