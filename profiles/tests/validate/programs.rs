//! Every published Dutch profile compiles: what of it could not be checked is known, and does not grow.

use std::collections::BTreeMap;

use samenhang_profiles::definition::{Kind, StructureDefinition};
use samenhang_profiles::document::Document;
use samenhang_profiles::validate::Request;
use samenhang_profiles::{FhirVersion, Limits};
use serde_json::{Value, json};

use crate::shared::{self, Definitions};

/// Parts of profiles that cannot be compiled, and why, by profile.
fn faults(definitions: &Definitions) -> (usize, BTreeMap<String, Vec<String>>) {
    let validator = definitions.validator();
    let mut faults = BTreeMap::new();
    let mut count = 0;
    let defined = definitions.library.definitions();
    for definition in defined.filter(|definition| definition.is_profile() && definition.kind != Kind::Logical)
    {
        count += 1;
        match validator.faults(&definition.url) {
            None => drop(faults.insert(definition.url.clone(), vec!["no program".to_owned()])),
            Some(found) if !found.is_empty() => drop(faults.insert(definition.url.clone(), found)),
            Some(_) => {}
        }
    }
    (count, faults)
}

#[track_caller]
fn hold(definitions: &Definitions, most: usize) {
    let (count, faults) = faults(definitions);
    for (url, found) in &faults {
        eprintln!("{url}: {found:?}");
    }
    eprintln!(
        "{} of {count} profiles have a part that is not compiled",
        faults.len()
    );
    assert!(faults.len() <= most, "{} profiles", faults.len());
}

#[test]
fn every_profile_of_nl_core_compiles() {
    let Some(definitions) = shared::nl_core() else {
        return;
    };
    // Three of HL7's own: slices without a discriminator, or with nothing at its place.
    hold(definitions, 3);
}

#[test]
fn every_profile_of_zib2017_compiles() {
    let Some(definitions) = shared::zib2017() else {
        return;
    };
    // One of HL7's own; and a slice of zib-FamilySituation without a discriminator.
    hold(definitions, 2);
}

/// A profile as a resource with its slicings alone.
fn slicings(definition: &StructureDefinition) -> Value {
    let elements = definition.differential.iter().filter_map(|element| {
        let discriminators = element.slicing.as_ref()?.discriminators.iter();
        let paths: Vec<Value> = discriminators
            .map(|discriminator| json!({"type": "value", "path": discriminator.path}))
            .collect();
        Some(json!({"path": element.path, "slicing": {"discriminator": paths, "rules": "open"}}))
    });
    json!({"resourceType": "StructureDefinition", "derivation": "constraint", "baseDefinition": definition.base,
        "differential": {"element": elements.collect::<Vec<Value>>()}})
}

#[test]
fn every_discriminator_of_nl_core_leads_to_an_element() {
    let Some(definitions) = shared::nl_core() else {
        return;
    };
    let validator = definitions.validator();
    let mut slicings_seen = 0;
    for definition in definitions.library.definitions() {
        let resource = slicings(&definition);
        slicings_seen += resource["differential"]["element"].as_array().unwrap().len();
        let body = serde_json::to_vec(&resource).unwrap();
        let document = Document::from_json(&body, FhirVersion::R4, &Limits::default()).unwrap();
        let outcome = validator.validate(&document, &Request::default());
        for finding in &outcome.findings {
            assert!(
                finding.rule.code != "discriminator-path",
                "{}: {:?}",
                definition.url,
                finding.arguments
            );
        }
    }
    assert!(slicings_seen > 100, "only {slicings_seen}");
}
