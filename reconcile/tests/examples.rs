//! Published Dutch examples, found by `SAMENHANG_SHARED` and never copied: each is another fact, so as one source
//! nothing may be joined and nothing lost; and what a second holder has of each is joined with that one only.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests, outside of a test function"
)]

mod shared;

use std::collections::BTreeMap;

use bytes::Bytes;
use samenhang_profiles::{Limits, RawResource, Received};
use samenhang_reconcile::{Reconciled, order};
use serde_json::{Value, json};

use shared::{at, blocks, files};

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
