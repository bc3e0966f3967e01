//! Sizes that somebody might send to make it slow or wrong. What comes of them is asserted here, never how long it took:
//! that is measured by the benchmark `clusters`.

#![expect(clippy::unwrap_used, reason = "helpers of tests, outside of a test function")]

use std::sync::Arc;

use bytes::Bytes;
use samenhang_profiles::classify::classify;
use samenhang_profiles::{Conformance, FhirVersion, Limits, Lineage, RawResource, Received};
use samenhang_reconcile::Reconciled;

fn endpoint(number: usize) -> Arc<Lineage> {
    Arc::new(Lineage {
        holder: format!("{:08}", 700_000 + number).parse().unwrap(),
        holder_name: "".into(),
        endpoint: format!("https://zorg{number}.example/r4").into(),
        retrieved: "2026-11-20T09:00:00Z".parse().unwrap(),
        fhir: FhirVersion::R4,
        conformance: Conformance::Native,
    })
}

fn received(lineage: &Arc<Lineage>, json: String) -> Received {
    let resource = RawResource::read(Bytes::from(json), &Limits::default()).unwrap();
    Received {
        full_url: format!(
            "{}/{}/{}",
            lineage.endpoint,
            resource.resource_type(),
            resource.id().unwrap_or("none")
        )
        .into(),
        category: classify(&resource, FhirVersion::R4),
        lineage: Arc::clone(lineage),
        resource,
        conversion: None,
    }
}

fn condition(id: usize, code: usize, rest: &str) -> String {
    format!(
        r#"{{"resourceType":"Condition","id":"c{id}","clinicalStatus":{{"coding":[{{"code":"active"}}]}},"code":{{"coding":[{{"system":"http://snomed.info/sct","code":"{code}"}}]}},"onsetDateTime":"2024-03-01"{rest}}}"#
    )
}

const NUMBER: &str = r#","identifier":[{"system":"http://example.org/nummers","value":"17"}]"#;

#[test]
fn ten_thousand_members_of_one_cluster() {
    let holders: Vec<_> = (0..8).map(endpoint).collect();
    let items = (0..10_000)
        .map(|number| received(&holders[number % 8], condition(number, 1, NUMBER)))
        .collect();
    let found = Reconciled::new(items);
    assert_eq!(found.items().len(), 10_000);
    let [cluster] = found.clusters() else {
        panic!("one cluster, not {}", found.clusters().len());
    };
    assert_eq!(cluster.members.len(), 10_000);
    assert_eq!(cluster.relations.len(), 9_999);
    assert!(!cluster.conflict);
}

#[test]
fn twenty_thousand_that_are_all_distinct() {
    let holders: Vec<_> = (0..8).map(endpoint).collect();
    let items = (0..20_000)
        .map(|number| received(&holders[number % 8], condition(number, 1_000 + number, "")))
        .collect();
    let found = Reconciled::new(items);
    assert_eq!(found.items().len(), 20_000);
    assert!(found.clusters().is_empty());
    assert!(found.possible().is_empty());
    assert!(found.conflicts().is_empty());
}

#[test]
fn one_number_with_thousands_of_contents_joins_nothing() {
    let items = (0..5_000)
        .map(|number| {
            let note = format!(r#"{NUMBER},"note":[{{"text":"{number}"}}]"#);
            received(&endpoint(number), condition(number, 1_000 + number, &note))
        })
        .collect();
    let found = Reconciled::new(items);
    assert_eq!(found.items().len(), 5_000);
    assert!(found.clusters().is_empty());
}

#[test]
fn thousands_of_records_of_one_fact_are_left_to_a_person() {
    // More holders than anybody has: which of them are one fact cannot be compared pair by pair, so none is joined.
    let items = (0..3_000)
        .map(|number| {
            let note = format!(r#","note":[{{"text":"{number}"}}]"#);
            received(&endpoint(number), condition(number, 1, &note))
        })
        .collect();
    let found = Reconciled::new(items);
    assert_eq!(found.items().len(), 3_000);
    assert!(found.clusters().is_empty());
    assert_eq!(found.possible().len(), 3_000, "and none is silent about it");
}

#[test]
fn a_ring_of_claims_ends() {
    // Each says that it replaces the next, round.
    let holder = endpoint(1);
    let items: Vec<Received> = (0..2_000)
        .map(|number| {
            let next = (number + 1) % 2_000;
            received(
                &holder,
                format!(
                    r#"{{"resourceType":"DocumentReference","id":"d{number}","status":"current","description":"{number}","relatesTo":[{{"code":"replaces","target":{{"reference":"DocumentReference/d{next}"}}}}]}}"#
                ),
            )
        })
        .collect();
    let mut turned = items.clone();
    turned.reverse();
    let found = Reconciled::new(items);
    assert_eq!(found.items().len(), 2_000);
    assert_eq!(Reconciled::new(turned).clusters(), found.clusters());
}
