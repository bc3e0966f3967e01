//! A configured map of codes: two holders that code in two systems, asked over HTTP with the map and without it.

use std::path::Path;

use samenhang_server::demo::DemoOptions;
use samenhang_testbed::TestbedConfig;
use samenhang_testbed::source::{self, SourceOption};
use serde_json::{Value, json};

use crate::answer::{Answer, lineage, part};
use crate::country::{Country, P1, parameters};

const SNOMED: &str = "http://snomed.info/sct";
const ICPC: &str = "http://hl7.org/fhir/sid/icpc-1-nl";
const MAP: &str = "https://example.org/fhir/ConceptMap/icpc-snomed";
const JSON: &str = "application/fhir+json";

fn diagnosis(id: &str, system: &str, code: &str) -> Value {
    let status = |name: &str, code: &str| {
        let system = format!("http://terminology.hl7.org/CodeSystem/condition-{name}");
        json!({ "coding": [{ "system": system, "code": code }] })
    };
    json!({
        "resourceType": "Condition", "id": id,
        "meta": { "profile": ["http://nictiz.nl/fhir/StructureDefinition/nl-core-Problem"] },
        "clinicalStatus": status("clinical", "active"), "verificationStatus": status("ver-status", "confirmed"),
        "category": [{ "coding": [{ "system": SNOMED, "code": "282291009" }] }],
        "code": { "coding": [{ "system": system, "code": code }] },
        "subject": { "reference": "Patient/p" }, "onsetDateTime": "2019-04-02"
    })
}

fn fill(folder: &Path, resources: &[Value]) {
    let patient = json!({
        "resourceType": "Patient", "id": "p",
        "identifier": [{ "system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": P1 }],
        "name": [{ "family": "Voorbeeld", "given": ["Noor"] }], "gender": "female", "birthDate": "1980-02-03"
    });
    std::fs::create_dir(folder).expect("a folder");
    for resource in resources.iter().chain([&patient]) {
        let name = |key: &str| resource[key].as_str().expect("a name");
        let file = folder.join(format!("{}-{}.json", name("resourceType"), name("id")));
        std::fs::write(file, resource.to_string()).expect("a file");
    }
}

/// A general practice that codes in ICPC, and a hospital that codes in SNOMED CT.
async fn country(folder: &Path, with_map: bool) -> Country {
    let map = json!({
        "resourceType": "ConceptMap", "url": MAP, "version": "2026-01", "status": "active",
        "group": [{ "source": ICPC, "target": SNOMED, "element": [{ "code": "T90.02", "target": [
            { "code": "44054006", "equivalence": "equivalent" },
            { "code": "73211009", "equivalence": "wider" },
        ] }] }]
    });
    let file = folder.join("map.json");
    std::fs::write(&file, map.to_string()).expect("a file");
    let overlay = if with_map {
        let path = file.display();
        format!("[[reconciliation.maps]]\ncanonical = \"{MAP}\"\nversion = \"2026-01\"\npath = \"{path}\"\n")
    } else {
        String::new()
    };
    let practice = [diagnosis("icpc", ICPC, "T90.02")];
    let hospital = [
        diagnosis("same", SNOMED, "44054006"),
        diagnosis("wider", SNOMED, "73211009"),
    ];
    let mut options: Vec<SourceOption> = Vec::new();
    for (ura, resources) in [("00700711", &practice[..]), ("00700712", &hospital[..])] {
        let own = folder.join(format!("{ura}-{with_map}"));
        fill(&own, resources);
        let option = format!("ura={ura},name=Bron {ura},fhir=r4,dir={}", own.display());
        options.push(option.parse().expect("an option"));
    }
    Country::with(DemoOptions {
        country: TestbedConfig {
            holders: source::holders(&options).expect("options that go together"),
            own_patients: false,
            ..TestbedConfig::default()
        },
        overlay: overlay.parse().expect("settings in TOML"),
        ..DemoOptions::default()
    })
    .await
}

/// The ids of the resources of each Linkage, ascending.
fn linked(answer: &Answer) -> Vec<Vec<&str>> {
    let of = |linkage: &'_ Value| -> Vec<String> {
        let items = linkage["item"].as_array().into_iter().flatten();
        let references = items.filter_map(|item| item["resource"]["reference"].as_str());
        references.map(str::to_owned).collect()
    };
    let resources = answer.entries().iter().map(|entry| &entry["resource"]);
    let linkages = resources.filter(|resource| resource["resourceType"] == "Linkage");
    linkages
        .map(|linkage| {
            let members = of(linkage);
            let entries = answer.entries().iter();
            let joined = entries
                .filter(|entry| members.iter().any(|url| entry["fullUrl"].as_str() == Some(url)))
                .filter(|entry| entry["resource"]["resourceType"] == "Condition");
            let mut ids: Vec<&str> = joined
                .filter_map(|entry| entry["resource"]["id"].as_str())
                .collect();
            ids.sort_unstable();
            ids
        })
        .filter(|ids: &Vec<&str>| !ids.is_empty())
        .collect()
}

#[tokio::test]
async fn two_code_systems_are_joined_only_with_the_map_that_is_configured() {
    let folder = tempfile::tempdir().expect("a folder");
    let without = country(folder.path(), false).await;
    let answer = without.ask_for(P1, &["Condition"]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(linked(&answer), Vec::<Vec<&str>>::new());
    assert!(!answer.text.contains("sameTopic"), "no map, no topic");
    without.stop().await;

    let with = country(folder.path(), true).await;
    let answer = with.ask_for(P1, &["Condition"]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(linked(&answer), [["icpc", "same"]]);
    assert!(
        answer.text.contains(&format!("{MAP}|2026-01")),
        "the Provenance names the map"
    );
    // What is wider is shown as one topic, and stands by itself.
    let topics: Vec<(&str, usize)> = answer
        .data()
        .filter(|entry| entry["resource"]["resourceType"] == "Condition")
        .map(|entry| {
            let of = lineage(entry).expect("a lineage");
            let topics = of["extension"].as_array().into_iter().flatten();
            let topics = topics.filter(|part| part["url"] == "sameTopic").count();
            assert_eq!(
                part(of, "cluster").is_some(),
                entry["resource"]["id"] != "wider",
                "{entry}"
            );
            (entry["resource"]["id"].as_str().unwrap_or_default(), topics)
        })
        .collect();
    assert_eq!(
        topics.iter().map(|(_, count)| count).sum::<usize>(),
        2,
        "{topics:?}"
    );
    assert!(topics.contains(&("wider", 1)), "{topics:?}");

    // The same in the explanation.
    let told = with
        .ask_at(
            "/fhir/R4/Patient/$reconcile",
            parameters(P1, &["Condition"]),
            JSON,
            &[],
        )
        .await;
    assert_eq!(told.status, 200, "{}", told.text);
    for said in [
        "\"same-fact-by-map\"",
        "\"equivalent\"",
        "\"same-topic\"",
        "\"T4\"",
    ] {
        assert!(told.text.contains(said), "{said} in {}", told.text);
    }
    with.stop().await;
}
