//! Nothing is lost and nothing invented, whatever comes in (P5): any resources, of known and unknown types, with any
//! values, at any holders, repeated or contradicting each other, with anything kept apart. Each stands in the answer byte
//! for byte, once.

#![expect(clippy::unwrap_used, reason = "helpers of tests, outside of a test function")]

#[path = "shared/received.rs"]
mod from;

use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;
use samenhang_profiles::{Limits, RawResource, Received};
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::answer::{Assembly, write_records};
use samenhang_reconcile::apart::{Apart, Ground};
use samenhang_reconcile::view::Views;
use serde_json::{Map, Value, json};

use from::at;

const HOLDERS: [&str; 4] = ["00700700", "00700701", "00700702", "00700703"];

/// Types with rules of their own, without them, and one that FHIR does not have.
const TYPES: [&str; 14] = [
    "AllergyIntolerance",
    "Condition",
    "Consent",
    "Encounter",
    "Flag",
    "Immunization",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Patient",
    "Procedure",
    "Provenance",
    "Xyzzy",
];

/// Members that rules read, beside any other.
const NAMES: [&str; 24] = [
    "category",
    "clinicalStatus",
    "code",
    "coding",
    "component",
    "dosage",
    "effectiveDateTime",
    "entity",
    "extension",
    "hasMember",
    "identifier",
    "intent",
    "issued",
    "meta",
    "modifierExtension",
    "onsetDateTime",
    "reference",
    "replaces",
    "specimen",
    "status",
    "subject",
    "target",
    "valueQuantity",
    "verificationStatus",
];

/// Texts that rules understand, and others.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("2024-02-30T25:00:00Z".to_owned()),
        Just("2024-02-01".to_owned()),
        Just("2024-02-01T10:00:00+01:00".to_owned()),
        Just("http://snomed.info/sct".to_owned()),
        Just("http://nictiz.nl/fhir/StructureDefinition/ext-CopyIndicator".to_owned()),
        Just("Observation/r1".to_owned()),
        Just("#r0".to_owned()),
        Just("final".to_owned()),
        Just("laboratory".to_owned()),
        Just("entered-in-error".to_owned()),
        "[a-zA-Z0-9|#/:. \u{e9}\u{1f600}]{0,12}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        text().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1000i32..1000).prop_map(|number| json!(f64::from(number) / 8.0)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Value::from),
            object(inner),
        ]
    })
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let name = prop_oneof![4 => prop::sample::select(&NAMES[..]).prop_map(str::to_owned), 1 => "[a-z]{1,6}"];
    prop::collection::btree_map(name, value, 1..5).prop_map(|fields| fields.into_iter().collect())
}

/// A holder, and a resource of one of a few ids, so that records repeat.
fn resource() -> impl Strategy<Value = (usize, Value)> {
    let of = (
        0..HOLDERS.len(),
        prop::sample::select(&TYPES[..]),
        0u8..6,
        object(value()),
    );
    of.prop_map(|(holder, kind, id, fields)| {
        let mut json = Map::new();
        json.insert("resourceType".to_owned(), json!(kind));
        json.insert("id".to_owned(), json!(format!("r{id}")));
        if let Value::Object(fields) = fields {
            json.extend(fields);
        }
        (holder, Value::Object(json))
    })
}

/// What can be read of them; each body with the address that it has.
fn received(rows: &[(usize, Value)]) -> Vec<Received> {
    let read = rows.iter().filter_map(|(holder, json)| {
        let body = Bytes::from(json.to_string());
        Some((holder, RawResource::read(body, &Limits::default()).ok()?))
    });
    read.map(|(holder, resource)| at(HOLDERS[*holder], resource))
        .collect()
}

/// Each address with each body that came from it, once: a page that repeats a body tells nothing new.
fn bodies<'r>(items: impl Iterator<Item = (&'r str, &'r [u8])>) -> BTreeMap<(String, String), usize> {
    let mut counted = BTreeMap::new();
    for (address, body) in items {
        let body = String::from_utf8_lossy(body).into_owned();
        *counted.entry((address.to_owned(), body)).or_default() += 1;
    }
    counted
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_resource_stands_in_the_answer_once_byte_for_byte(
        rows in prop::collection::vec(resource(), 0..24),
        apart in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..3),
        turn in any::<prop::sample::Index>(),
    ) {
        let items = received(&rows);
        let said: Vec<Apart> = apart
            .iter()
            .filter(|_| !items.is_empty())
            .map(|(a, b)| Apart {
                a: items[a.index(items.len())].full_url.to_string(),
                b: items[b.index(items.len())].full_url.to_string(),
                at: None,
                ground: Ground::Other,
            })
            .collect();
        let sent = bodies(items.iter().map(|item| (&*item.full_url, &item.resource.body()[..])));
        let known = Reconciled::with(items.clone(), &said);
        let kept = bodies(known.items().iter().map(|item| (&*item.full_url, &item.resource.body()[..])));
        prop_assert_eq!(kept.keys().collect::<Vec<_>>(), sent.keys().collect::<Vec<_>>());
        prop_assert!(kept.values().all(|count| *count == 1), "told once");

        // No resource is in two clusters, and none is in one without another.
        let mut members: Vec<usize> =
            known.clusters().iter().flat_map(|cluster| cluster.members.iter().copied()).collect();
        let all = members.len();
        members.sort_unstable();
        members.dedup();
        prop_assert_eq!(members.len(), all);
        prop_assert!(known.clusters().iter().all(|cluster| cluster.members.len() > 1));

        // What is written has the very bytes, and is the same whatever came first.
        let assembly = Assembly {
            software: "Samenhang",
            version: "0",
            at: Some("2026-11-22T12:00:00Z".parse().unwrap()),
            view: &Views::shipped().views[0],
        };
        let written = write_records(&known, &assembly);
        let text = String::from_utf8(written.to_vec()).unwrap();
        for item in known.items() {
            let body = String::from_utf8_lossy(item.resource.body()).into_owned();
            prop_assert!(text.contains(&format!("\"resource\":{body}")), "{} is not written", item.full_url);
        }
        serde_json::from_str::<Value>(&text).unwrap();
        let mut turned = items;
        if !turned.is_empty() {
            let middle = turn.index(turned.len());
            turned.rotate_left(middle);
        }
        prop_assert_eq!(write_records(&Reconciled::with(turned, &said), &assembly), written);
    }

    #[test]
    fn bytes_that_are_no_resource_are_refused_and_never_a_panic(
        json in object(value()), cut in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut bytes = json.to_string().into_bytes();
        let place = cut.index(bytes.len());
        bytes[place] = byte;
        if let Ok(resource) = RawResource::read(Bytes::from(bytes.clone()), &Limits::default()) {
            // What is read after all goes through unchanged.
            prop_assert_eq!(&resource.body()[..], &bytes[..]);
            let known = Reconciled::new(vec![at(HOLDERS[0], resource)]);
            prop_assert_eq!(&known.items()[0].resource.body()[..], &bytes[..]);
        }
        bytes.truncate(place);
        prop_assert!(RawResource::read(Bytes::from(bytes), &Limits::default()).is_err());
    }
}
