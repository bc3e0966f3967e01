//! The data is what it says it is: it parses, its references resolve, and it names nobody but P1 to P8.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use samenhang_profiles::FhirVersion;
use serde_json::Value;

use super::{ALL, Letters, OwnEndpoint, P1, P4, P6, holders};
use crate::document::{MOST_COLUMNS, MOST_LINES};

const BSN: &str = "http://fhir.nl/fhir/NamingSystem/bsn";

fn resources(endpoint: &OwnEndpoint) -> Vec<Value> {
    endpoint
        .files
        .iter()
        .flat_map(|(name, body)| {
            let bundle: Value = serde_json::from_slice(body).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(bundle["resourceType"], "Bundle", "{name}");
            bundle["entry"]
                .as_array()
                .unwrap_or_else(|| panic!("{name}: no entry"))
                .clone()
        })
        .map(|entry| entry["resource"].clone())
        .collect()
}

fn walk<'a>(value: &'a Value, visit: &mut dyn FnMut(&'a serde_json::Map<String, Value>)) {
    match value {
        Value::Object(fields) => {
            visit(fields);
            fields.values().for_each(|v| walk(v, visit));
        }
        Value::Array(items) => items.iter().for_each(|v| walk(v, visit)),
        _ => {}
    }
}

fn name(resource: &Value) -> String {
    format!(
        "{}/{}",
        resource["resourceType"].as_str().unwrap_or("?"),
        resource["id"].as_str().unwrap_or("?")
    )
}

fn bsns(resource: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(resource, &mut |fields| {
        if fields.get("system").and_then(Value::as_str) == Some(BSN) {
            found.extend(fields.get("value").and_then(Value::as_str).map(str::to_owned));
        }
    });
    found
}

#[test]
fn every_reference_resolves_at_its_own_endpoint_and_has_a_display() {
    for holder in holders() {
        for endpoint in &holder.endpoints {
            let all = resources(endpoint);
            let names: BTreeSet<String> = all.iter().map(name).collect();
            assert_eq!(
                names.len(),
                all.len(),
                "{}: a resource is there twice",
                holder.name
            );
            for resource in &all {
                walk(resource, &mut |fields| {
                    let Some(reference) = fields.get("reference").and_then(Value::as_str) else {
                        return;
                    };
                    assert!(names.contains(reference), "{}: {reference}", holder.name);
                    assert!(fields.contains_key("display"), "{}: {reference}", holder.name);
                });
            }
        }
    }
}

#[test]
fn every_resource_has_a_version_a_date_and_profiles_of_its_own_fhir() {
    for holder in holders() {
        for endpoint in &holder.endpoints {
            for resource in resources(endpoint) {
                let name = name(&resource);
                let meta = &resource["meta"];
                assert!(meta["versionId"].is_string(), "{name}");
                let updated = meta["lastUpdated"].as_str().unwrap_or_default();
                assert!(updated.parse::<jiff::Timestamp>().is_ok(), "{name}: {updated}");
                let profiles = meta["profile"].as_array().cloned().unwrap_or_default();
                assert!(!profiles.is_empty(), "{name}");
                for profile in profiles.iter().filter_map(Value::as_str) {
                    let leaf = profile.rsplit('/').next().unwrap_or_default();
                    let old = leaf.starts_with("zib-")
                        || leaf.starts_with("eAfspraak-")
                        || profile.starts_with("http://fhir.nl/");
                    assert_eq!(old, endpoint.fhir == FhirVersion::Stu3, "{name}: {profile}");
                }
            }
        }
    }
}

#[test]
fn only_the_numbers_of_the_test_patients_occur() {
    let mut found: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for holder in holders() {
        for endpoint in &holder.endpoints {
            for resource in resources(endpoint) {
                for bsn in bsns(&resource) {
                    assert!(ALL.contains(&bsn.as_str()), "{}", name(&resource));
                    found.entry(bsn).or_default().insert(holder.name);
                }
                assert!(resource["resourceType"] == "Patient" || bsns(&resource).is_empty());
            }
        }
    }
    assert!(!found.contains_key(P6), "nobody has data about P6");
    assert_eq!(found[P1].len(), 5, "P1 is known to five holders");
    assert_eq!(found.len(), 7);
}

#[test]
fn one_holder_has_two_records_of_p4() {
    let records: Vec<String> = holders()
        .iter()
        .flat_map(|holder| &holder.endpoints)
        .flat_map(resources)
        .filter(|resource| resource["resourceType"] == "Patient" && bsns(resource) == [P4])
        .map(|resource| name(&resource))
        .filter(|name| name.contains("oost"))
        .collect();
    assert_eq!(records.len(), 2, "{records:?}");
}

#[test]
fn every_document_that_a_record_points_at_is_a_letter_that_fits_its_page() {
    let (mut wanted, mut there) = (BTreeSet::new(), BTreeSet::new());
    for holder in holders() {
        for resource in holder.endpoints.iter().flat_map(resources) {
            walk(&resource, &mut |fields| {
                if fields.get("contentType").is_some() {
                    wanted.extend(fields.get("url").and_then(Value::as_str).map(str::to_owned));
                }
            });
            if resource["resourceType"] == "Binary" {
                let pdf = STANDARD.decode(resource["data"].as_str().unwrap()).unwrap();
                assert!(pdf.starts_with(b"%PDF-1.4"));
                there.insert(name(&resource));
            }
        }
    }
    assert_eq!(wanted, there);
    assert_eq!(wanted.len(), 3, "{wanted:?}");
    for path in Letters::iter() {
        let text = Letters::get(&path).unwrap().data;
        let text = std::str::from_utf8(&text).unwrap();
        assert!(text.lines().count() <= MOST_LINES, "{path}");
        for line in text.lines() {
            assert!(line.chars().count() <= MOST_COLUMNS, "{path}: {line}");
            assert!(line.chars().all(|c| u32::from(c) <= 0xff), "{path}: {line}");
        }
    }
}

#[test]
fn the_set_is_large_enough_for_a_demo() {
    let all: Vec<Value> = holders()
        .iter()
        .flat_map(|h| &h.endpoints)
        .flat_map(resources)
        .collect();
    assert!(all.len() > 300, "{} resources", all.len());
    let kinds: BTreeSet<&str> = all.iter().filter_map(|r| r["resourceType"].as_str()).collect();
    assert!(kinds.len() >= 25, "{kinds:?}");
}
