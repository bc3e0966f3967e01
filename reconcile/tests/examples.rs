//! Published Dutch examples, found by `SAMENHANG_SHARED` and never copied: each is another fact, so as one source
//! nothing may be joined and nothing lost; and what a second holder has of each is joined with that one only.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests, outside of a test function"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use samenhang_profiles::classify::classify;
use samenhang_profiles::page::Page;
use samenhang_profiles::{Conformance, FhirVersion, Limits, Lineage, RawResource, Received, xml};
use samenhang_reconcile::{Reconciled, order};
use serde_json::{Value, json};

/// Files below a folder of the shared test data, or nothing when it is not there and not demanded.
fn files(folder: &str, extension: &str) -> Vec<(String, Vec<u8>)> {
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let folder = PathBuf::from(root).join(shared).join("testdata").join(folder);
    let mut found: Vec<(String, Vec<u8>)> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(&path).unwrap())
        })
        .collect();
    if found.is_empty() {
        let demanded = std::env::var("SAMENHANG_REQUIRE_SHARED").is_ok_and(|value| value == "1");
        assert!(!demanded, "no test data at {}", folder.display());
        eprintln!("skipped: no test data at {}", folder.display());
    }
    found.sort();
    found
}

fn at(holder: &str, resource: RawResource) -> Received {
    let endpoint = format!("https://{holder}.example/r4");
    Received {
        full_url: format!(
            "{endpoint}/{}/{}",
            resource.resource_type(),
            resource.id().unwrap_or("none")
        )
        .into(),
        category: classify(&resource, FhirVersion::R4),
        lineage: Arc::new(Lineage {
            holder: holder.parse().unwrap(),
            holder_name: holder.into(),
            endpoint: endpoint.into(),
            retrieved: "2026-11-20T09:00:00Z".parse().unwrap(),
            fhir: FhirVersion::R4,
            conformance: Conformance::Native,
        }),
        resource,
        conversion: None,
    }
}

fn read(json: &Value) -> RawResource {
    RawResource::read(Bytes::from(json.to_string()), &Limits::default()).unwrap()
}

/// The examples, each with an id of its own and about one patient.
fn examples() -> Vec<Value> {
    files("nl-core-r4-examples", "json")
        .iter()
        .map(|(_, body)| serde_json::from_slice(body).unwrap())
        .collect()
}

/// A bundle of building blocks of medication.
fn blocks() -> Vec<(String, Vec<RawResource>)> {
    files("mp9-consolidation", "xml")
        .into_iter()
        .map(|(name, body)| {
            let json = xml::to_json(&body, FhirVersion::R4, &Limits::default()).unwrap();
            let page = Page::read(json, &Limits::default()).unwrap();
            let resources = page
                .entries
                .into_iter()
                .filter_map(|entry| entry.resource)
                .collect();
            (name, resources)
        })
        .collect()
}

fn told(reconciled: &Reconciled) -> Vec<Vec<String>> {
    let name = |index: &usize| reconciled.items()[*index].full_url.to_string();
    let clusters = reconciled.clusters().iter();
    clusters
        .map(|cluster| cluster.members.iter().map(name).collect())
        .collect()
}

#[test]
fn each_example_is_another_fact() {
    let items: Vec<Received> = examples().iter().map(|json| at("00700700", read(json))).collect();
    let count = items.len();
    let reconciled = Reconciled::new(items);
    assert_eq!(reconciled.items().len(), count, "nothing is lost");
    assert_eq!(told(&reconciled), Vec::<Vec<String>>::new());
    eprintln!(
        "{count} examples as one source: no cluster, {} possible duplicates, {} contradictions",
        reconciled.possible().len(),
        reconciled.conflicts().len()
    );
}

#[test]
fn each_building_block_of_medication_is_another() {
    let mut blocks_seen = 0;
    for (name, resources) in blocks() {
        let items: Vec<Received> = resources
            .into_iter()
            .map(|resource| at("00700700", resource))
            .collect();
        let count = items.len();
        blocks_seen += items
            .iter()
            .filter(|item| {
                item.resource.resource_type().starts_with("Medication")
                    && !order::is_supporting(item.resource.resource_type())
            })
            .count();
        let reconciled = Reconciled::new(items);
        assert_eq!(reconciled.items().len(), count, "{name}: nothing is lost");
        let wrong: Vec<Vec<String>> = told(&reconciled)
            .into_iter()
            .filter(|members| {
                members
                    .iter()
                    .any(|member| !member.contains("/Practitioner") && !member.contains("/Organization"))
            })
            .collect();
        assert_eq!(wrong, Vec::<Vec<String>>::new(), "{name}");
    }
    eprintln!("{blocks_seen} building blocks, none joined with another");
}

/// What a second holder has of a fact: another id, no number of the first, another note.
fn elsewhere(mut json: Value) -> Value {
    let id = format!("{}-elders", json["id"].as_str().unwrap());
    json["id"] = json!(id);
    if let Some(object) = json.as_object_mut() {
        object.remove("identifier");
        object.remove("text");
        object.insert("language".to_owned(), json!("nl-NL"));
    }
    json
}

#[test]
fn what_a_second_holder_has_is_joined_with_its_own_only() {
    let examples = examples();
    let mut items: Vec<Received> = examples.iter().map(|json| at("00700700", read(json))).collect();
    // The second holder has its own ids, so references within it go to those.
    let ids: Vec<String> = examples
        .iter()
        .map(|json| {
            format!(
                "{}/{}",
                json["resourceType"].as_str().unwrap(),
                json["id"].as_str().unwrap()
            )
        })
        .collect();
    for json in &examples {
        let mut text = elsewhere(json.clone()).to_string();
        for id in &ids {
            text = text.replace(&format!("\"{id}\""), &format!("\"{id}-elders\""));
        }
        let json: Value = serde_json::from_str(&text).unwrap();
        items.push(at("00700701", read(&json)));
    }
    let count = items.len();
    let reconciled = Reconciled::new(items);
    assert_eq!(reconciled.items().len(), count, "nothing is lost");
    let mut joined: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for members in told(&reconciled) {
        let own: std::collections::BTreeSet<&str> = members
            .iter()
            .filter_map(|member| member.rsplit('/').next())
            .map(|id| id.trim_end_matches("-elders"))
            .collect();
        if own.len() == 1 {
            let kind = members[0].split('/').nth(4).unwrap_or_default();
            *joined.entry(kind.to_owned()).or_default() += 1;
        } else {
            wrong.push(members);
        }
    }
    assert_eq!(wrong, Vec::<Vec<String>>::new(), "two facts were joined");
    eprintln!("joined with its own: {joined:?}");
}
