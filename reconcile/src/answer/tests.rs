//! The Bundle: byte for byte what was received, the same in any order, and never complete when it is not.

use std::sync::Arc;

use proptest::prelude::*;
use samenhang_profiles::{FhirVersion, Received};
use samenhang_terminology::{Category, Status};

use super::{Assembly, write_answer, write_batch, write_closing};
use crate::Reconciled;
use crate::completeness::{Builder, Cell, Statement};
use crate::fixtures::{at, received, ura};
use crate::view::Views;

fn statement(status: Status) -> Statement {
    let mut builder = Builder::new(
        [(ura("00700701"), Arc::from("Huisartsenpraktijk De Linde"))],
        [Category::AllergyIntolerance].into(),
    );
    let cell = Cell {
        count: 2,
        ..Cell::of(status)
    };
    builder
        .set(&ura("00700701"), Category::AllergyIntolerance, cell)
        .unwrap_or_else(|e| panic!("{e}"));
    builder.finish().unwrap_or_else(|e| panic!("{e}"))
}

fn items() -> Vec<Received> {
    let allergy = |id: &str, status: &str| {
        format!(
            "{{ \"resourceType\" : \"AllergyIntolerance\",\n \"id\":\"{id}\", \"meta\":{{\"versionId\":\"7\"}},\"identifier\":[{{\"system\":\"urn:oid:2.999.1\",\"value\":\"A\"}}],\"verificationStatus\":{{\"coding\":[{{\"code\":\"{status}\"}}]}},\"patient\":{{\"reference\":\"Patient/x\"}},\"onsetDateTime\":\"1979\"}}"
        )
    };
    vec![
        received("00700701", &allergy("a", "confirmed")),
        received("00700700", &allergy("b", "refuted")),
        received(
            "00700701",
            r#"{"resourceType":"Practitioner","id":"w","name":[{"text":"L. \"Linde\" \u00e9"}]}"#,
        ),
        at(
            "00700704",
            FhirVersion::Stu3,
            r#"{"resourceType":"Observation","id":"o","status":"final","valueQuantity":{"value":81.40},"subject":{"reference":"Patient/z"}}"#,
        ),
    ]
}

fn assembly() -> Assembly<'static> {
    Assembly {
        software: "Samenhang",
        version: "1.2.3",
        at: "2026-11-22T10:00:00Z".parse().ok(),
        view: Views::shipped().whole(),
    }
}

fn json(bytes: &[u8]) -> serde_json::Value {
    serde_json::from_slice(bytes).unwrap_or_else(|e| panic!("{e}"))
}

fn answer(items: Vec<Received>) -> bytes::Bytes {
    write_answer(
        &Reconciled::new(items),
        &statement(Status::Answered),
        FhirVersion::R4,
        Some("https://samenhang.example/fhir/R4/Patient/$overview"),
        &assembly(),
    )
}

#[test]
fn a_small_answer() {
    let json: serde_json::Value = serde_json::from_slice(&answer(items())).unwrap_or_else(|e| panic!("{e}"));
    insta::assert_json_snapshot!(json);
}

#[test]
fn resources_stand_byte_for_byte_as_received() {
    let items = items();
    let text = answer(items.clone());
    for item in &items {
        let body = item.resource.body();
        assert!(
            text.windows(body.len()).any(|window| window == body),
            "{}",
            item.full_url
        );
    }
}

#[test]
fn there_is_a_total_only_when_nothing_is_missing() {
    let total = |status| {
        let text = write_answer(
            &Reconciled::new(items()),
            &statement(status),
            FhirVersion::R4,
            None,
            &assembly(),
        );
        let json: serde_json::Value = serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(
            json["entry"][0]["search"]["mode"], "outcome",
            "the statement comes first"
        );
        json["total"].as_u64()
    };
    assert_eq!(total(Status::Answered), Some(3));
    assert_eq!(total(Status::TimedOut), None);
    assert_eq!(total(Status::Stale), None);
}

#[test]
fn full_urls_are_unique_and_references_to_them_resolve() {
    let json: serde_json::Value = serde_json::from_slice(&answer(items())).unwrap_or_else(|e| panic!("{e}"));
    let entries = json["entry"].as_array().cloned().unwrap_or_default();
    let urls: std::collections::BTreeSet<_> = entries.iter().filter_map(|e| e["fullUrl"].as_str()).collect();
    assert_eq!(
        urls.len(),
        entries.len() - 1,
        "each but the statement has one of its own"
    );
    let mut targets = 0;
    for entry in &entries {
        let resource = &entry["resource"];
        let links = resource["target"]
            .as_array()
            .into_iter()
            .chain(resource["item"].as_array())
            .chain(resource["implicated"].as_array())
            .chain(resource["section"].as_array())
            .flatten()
            .flat_map(|link| match link["entry"].as_array() {
                Some(entries) => entries.clone(),
                None => vec![link.clone()],
            })
            .filter(|link| link.get("title").is_none());
        for link in links {
            let reference = link["reference"]
                .as_str()
                .or_else(|| link["resource"]["reference"].as_str());
            // A reference to a version is found by its address without it.
            let reference = reference.and_then(|reference| reference.split("/_history/").next());
            assert!(urls.contains(reference.unwrap_or_default()), "{reference:?}");
            targets += 1;
        }
    }
    assert_eq!(
        targets,
        4 + 2 + 3,
        "each resource has its provenance, each side of a contradiction its issue, each statement its section"
    );
}

#[test]
fn pieces_hold_the_same_resources_and_no_total() {
    let items = items();
    let batch: serde_json::Value =
        serde_json::from_slice(&write_batch(&items)).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(batch["entry"].as_array().map(Vec::len), Some(4));
    assert!(batch.get("total").is_none());
    let whole = Reconciled::new(items);
    let closing = json(&write_closing(
        &whole,
        &statement(Status::Answered),
        FhirVersion::R4,
        &assembly(),
    ));
    let kinds: Vec<_> = closing["entry"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|entry| entry["resource"]["resourceType"].as_str())
        .collect();
    assert_eq!(
        kinds,
        [
            "Composition",
            "DetectedIssue",
            "Provenance",
            "Provenance",
            "Provenance"
        ]
    );
    let empty: serde_json::Value =
        serde_json::from_slice(&write_batch(&[])).unwrap_or_else(|e| panic!("{e}"));
    assert!(empty.get("entry").is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_arrival_leaves_no_trace(order in Just((0usize..4).collect::<Vec<_>>()).prop_shuffle()) {
        let all = items();
        let shuffled: Vec<Received> = order.into_iter().map(|index| all[index].clone()).collect();
        prop_assert_eq!(answer(shuffled), answer(all));
    }
}

#[test]
fn the_links_are_those_of_the_version() {
    let mut items = items();
    let copy = String::from_utf8_lossy(items[0].resource.body()).replace(r#""id":"a""#, r#""id":"c""#);
    items.push(received("00700702", &copy));
    let closing = json(&write_closing(
        &Reconciled::new(items),
        &statement(Status::TimedOut),
        FhirVersion::Stu3,
        &assembly(),
    ));
    let of_kind = |kind: &str| -> Vec<_> {
        let entries = closing["entry"].as_array().into_iter().flatten();
        let resources = entries.map(|entry| entry["resource"].clone());
        resources
            .filter(|resource| resource["resourceType"] == kind)
            .collect()
    };
    let provenances = of_kind("Provenance");
    assert_eq!(provenances.len(), 5, "of a cluster, and of four endpoints");
    let mut of_cluster = provenances[0].clone();
    of_cluster["policy"][0] = "[policy]".into();
    insta::assert_json_snapshot!("cluster-stu3", of_cluster);
    insta::assert_json_snapshot!("provenance-stu3", provenances[1]);
    insta::assert_json_snapshot!("composition-stu3", of_kind("Composition")[0]);
}

#[test]
fn another_version_tells_of_the_same_clusters() {
    let mut items = items();
    let copy = String::from_utf8_lossy(items[0].resource.body()).replace(r#""id":"a""#, r#""id":"c""#);
    items.push(received("00700702", &copy));
    let whole = Reconciled::new(items);
    let cluster = whole.clusters()[0].clone();
    let seen = |reconciled: &Reconciled, index: usize| reconciled.items()[index].full_url.to_string();
    // Something comes along with every resource, and the practitioner is part of another.
    let other = whole.in_version(|item| match item.resource.resource_type() {
        "Practitioner" => Vec::new(),
        _ => vec![
            item.clone(),
            received("00700701", r#"{"resourceType":"Basic","id":"b"}"#),
        ],
    });
    assert_eq!(other.items().len(), 8);
    assert_eq!(other.conflicts().len(), whole.conflicts().len());
    let same = &other.clusters()[0];
    assert_eq!((&same.id, same.conflict), (&cluster.id, cluster.conflict));
    assert_eq!(
        seen(&other, same.representative),
        seen(&whole, cluster.representative)
    );
    let members = |reconciled: &Reconciled, members: &[usize]| -> Vec<String> {
        members.iter().map(|index| seen(reconciled, *index)).collect()
    };
    assert_eq!(members(&other, &same.members), members(&whole, &cluster.members));
    assert_eq!(other.cluster_of(same.representative), Some(same));
    // One member is no cluster, nor is one whose representative stands in another resource.
    for gone in cluster.members {
        let gone = seen(&whole, gone);
        let rest = whole.in_version(|item| Vec::from_iter((*item.full_url != gone).then(|| item.clone())));
        assert!(rest.clusters().is_empty(), "{gone}");
    }
}
