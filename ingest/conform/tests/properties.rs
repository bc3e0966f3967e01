//! Properties of lifting, on damaged copies of a resource that has most of what the language can do.
//!
//! Each damage is one leaf, item or element that is deleted, doubled or blanked; whatever it is, there is an answer, its
//! ledger balances, and it is the same when it is asked again.

#![expect(clippy::unwrap_used, reason = "helpers of tests, outside of a test function")]

use proptest::prelude::*;
use samenhang_conform::{Context, Lifted, Pack};
use samenhang_profiles::document::Document;
use samenhang_profiles::{FhirVersion, Limits};
use serde_json::{Value, json};

/// A patient and an observation with names, extensions, choices, contained resources and references.
fn sources() -> Vec<Value> {
    let qualifier = |code: &str| json!({ "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/iso21090-EN-qualifier", "valueCode": code }] });
    vec![
        json!({
            "resourceType": "Patient", "id": "p1", "meta": { "profile": ["http://fhir.nl/fhir/StructureDefinition/nl-core-patient"] },
            "contained": [{ "resourceType": "Organization", "id": "o", "name": "Huisartsenpraktijk" }],
            "identifier": [{ "system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "999900006" }],
            "name": [{ "family": "Voorbeeld", "_family": { "id": "f" }, "given": ["Anna", "A."], "_given": [qualifier("CL"), qualifier("IN")] }],
            "telecom": [{ "system": "phone", "value": "0600000000", "extension": [{
                "url": "http://nictiz.nl/fhir/StructureDefinition/zib-ContactInformation-TelecomType",
                "valueCodeableConcept": { "coding": [{ "system": "http://hl7.org/fhir/v3/AddressUse", "code": "MC" }] } }] }],
            "address": [{ "use": "home", "line": ["Straat 1"], "city": "Plaats", "extension": [{
                "url": "http://nictiz.nl/fhir/StructureDefinition/zib-AddressInformation-AddressType",
                "valueCodeableConcept": { "coding": [{ "system": "http://hl7.org/fhir/v3/AddressUse", "code": "HP" }] } }] }],
            "gender": "female", "birthDate": "1970-01", "multipleBirthBoolean": false,
            "managingOrganization": { "reference": "#o" }
        }),
        json!({
            "resourceType": "Observation", "id": "o1", "status": "final", "comment": "staand",
            "code": { "coding": [{ "system": "http://loinc.org", "code": "8302-2" }, { "system": "http://loinc.org", "code": "8308-9" }] },
            "subject": { "reference": "Patient/p1" }, "context": { "reference": "Encounter/e" },
            "performer": [{ "reference": "Practitioner/x", "display": "Dr. X", "extension": [{
                "url": "http://nictiz.nl/fhir/StructureDefinition/practitionerrole-reference", "valueReference": { "reference": "PractitionerRole/y" } }] }],
            "effectiveDateTime": "2020-01-01T10:00:00+01:00", "valueQuantity": { "value": 1.80, "unit": "m" },
            "related": [{ "type": "has-member", "target": { "reference": "Observation/o2" } }, { "type": "qualified-by", "target": { "reference": "Observation/o3" } }]
        }),
    ]
}

fn pack() -> std::sync::Arc<Pack> {
    samenhang_conform::shipped("stu3-zib2017-to-r4-zib2020").unwrap()
}

fn lift(value: &Value) -> Option<Lifted> {
    let body = serde_json::to_vec(value).unwrap();
    let document = Document::from_json(&body, FhirVersion::Stu3, &Limits::default()).ok()?;
    let context = Context {
        source: "s",
        ..Context::default()
    };
    let lifted = pack().lift(&document, &context);
    let ledger = &lifted.ledger;
    assert_eq!(
        ledger.mapped() + ledger.ignored() + ledger.unmapped(),
        ledger.total()
    );
    let mut ids: Vec<usize> = ledger.leaves().iter().map(|leaf| leaf.node).collect();
    ids.dedup();
    assert_eq!(ids.len(), ledger.total(), "each value once");
    for resource in &lifted.resources {
        let written: Value = serde_json::from_slice(&resource.json).unwrap();
        assert!(written.is_object());
    }
    Some(lifted)
}

/// The pointers to everything in a value.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut each = |key: String, inner: &Value| {
        found.push(format!("{at}/{key}"));
        pointers(inner, &format!("{at}/{key}"), found);
    };
    match value {
        Value::Object(entries) => entries.iter().for_each(|(key, inner)| each(key.clone(), inner)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(at, inner)| each(at.to_string(), inner)),
        _ => {}
    }
}

/// Damages the value at a pointer.
fn damage(value: &mut Value, pointer: &str, how: u8) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match (value.pointer_mut(parent), how % 5) {
        (Some(Value::Object(entries)), 0) => drop(entries.remove(key)),
        (Some(Value::Array(items)), 0) => drop(items.remove(key.parse().unwrap())),
        (Some(Value::Array(items)), 1) => {
            let item = items[key.parse::<usize>().unwrap()].clone();
            items.push(item);
        }
        (Some(Value::Object(entries)), 1) => {
            let item = entries[key].clone();
            entries.insert(key.to_owned(), json!([item.clone(), item]));
        }
        (_, 2) => *value.pointer_mut(pointer).unwrap() = json!(""),
        (_, 3) => *value.pointer_mut(pointer).unwrap() = json!(17.50),
        _ => *value.pointer_mut(pointer).unwrap() = json!({ "a": [null, "b"], "url": "c" }),
    }
}

#[test]
fn every_single_damage_has_an_answer_that_balances() {
    for source in sources() {
        let mut places = Vec::new();
        pointers(&source, "", &mut places);
        assert!(places.len() > 30);
        for place in &places {
            for how in 0..5 {
                let mut damaged = source.clone();
                damage(&mut damaged, place, how);
                lift(&damaged);
            }
        }
    }
}

#[test]
fn an_extension_that_nobody_knows_changes_nothing_and_is_kept() {
    for source in sources() {
        let before = lift(&source).unwrap();
        let mut places = vec![String::new()];
        pointers(&source, "", &mut places);
        for place in places {
            let mut more = source.clone();
            let Some(Value::Object(entries)) = more.pointer_mut(&place) else {
                continue;
            };
            // An extension has a value or extensions, and a primitive's companion is no element of its own here.
            if entries.contains_key("url") || place.rsplit('/').any(|part| part.starts_with('_')) {
                continue;
            }
            let list = entries.entry("extension").or_insert(json!([]));
            list.as_array_mut()
                .unwrap()
                .push(json!({ "url": "https://example.org/unknown", "valueCode": "x" }));
            let after = lift(&more).unwrap();
            assert_eq!(after.resources.len(), before.resources.len());
            let mut kept = 0;
            for (one, other) in before.resources.iter().zip(&after.resources) {
                let mut made: Value = serde_json::from_slice(&other.json).unwrap();
                kept += without_unknown(&mut made);
                let before: Value = serde_json::from_slice(&one.json).unwrap();
                // Of an extension whose value goes elsewhere, one that stands in it is kept in what is left of it.
                if !place.contains("/extension/") {
                    assert_eq!(made, before, "at {place}");
                }
            }
            let more = after.ledger.unmapped() - before.ledger.unmapped();
            assert_eq!((kept, more), (1, 0), "at {place}");
        }
    }
}

/// Takes the extensions that nobody knows away, and counts them.
fn without_unknown(value: &mut Value) -> usize {
    match value {
        Value::Object(entries) => {
            let mut count = 0;
            entries.retain(|name, value| {
                let own = value.as_array_mut().filter(|_| name == "extension");
                own.is_none_or(|own| {
                    let all = own.len();
                    own.retain(|item| item["url"] != "https://example.org/unknown");
                    count += all - own.len();
                    !own.is_empty()
                })
            });
            count + entries.values_mut().map(without_unknown).sum::<usize>()
        }
        Value::Array(items) => items.iter_mut().map(without_unknown).sum(),
        _ => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn several_damages_have_an_answer_that_balances_and_is_the_same_again(
        which in 0..2_usize,
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut source = sources().swap_remove(which);
        for (place, how) in damages {
            let mut places = Vec::new();
            pointers(&source, "", &mut places);
            if places.is_empty() {
                break;
            }
            let place = place.get(&places).clone();
            damage(&mut source, &place, how);
        }
        if let (Some(one), Some(other)) = (lift(&source), lift(&source)) {
            prop_assert_eq!(one.resources, other.resources);
            prop_assert_eq!(one.findings, other.findings);
        }
    }
}
