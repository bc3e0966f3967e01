//! The names of concepts that the binary carries are those of the published definitions.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;

use samenhang_conform::skeleton;
use samenhang_profiles::package::{ArchiveLimits, Package};
use serde_json::Value;

/// The packages that the table was made from.
const PACKAGES: [&str; 2] = [
    "nictiz.fhir.nl.r4.nl-core-0.12.1-beta.1.tgz",
    "nictiz.fhir.nl.stu3.zib2017-2.2.20.tgz",
];

#[test]
fn names_of_concepts_are_those_of_the_definitions() {
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .join(shared)
        .join("fhir");
    let mut english: BTreeSet<(String, String)> = BTreeSet::new();
    let mut aliases: BTreeSet<String> = BTreeSet::new();
    for name in PACKAGES {
        let Ok(file) = File::open(folder.join(name)) else {
            eprintln!("skipped: no package {name} at {}", folder.display());
            return;
        };
        let package = Package::read(file, &ArchiveLimits::default()).unwrap();
        for resource in package.of_type("StructureDefinition") {
            let definition: Value = serde_json::from_slice(&resource.body).unwrap();
            let elements = definition["differential"]["element"].as_array();
            for element in elements.into_iter().flatten() {
                for map in element["mapping"].as_array().into_iter().flatten() {
                    if let (Some(id), Some(name)) = (map["map"].as_str(), map["comment"].as_str()) {
                        english.insert((id.trim().to_owned(), name.trim().to_owned()));
                    }
                }
                let alias = element["alias"][0].as_str();
                aliases.extend(alias.map(str::trim).map(str::to_owned));
            }
        }
    }
    let ids: BTreeSet<&str> = english
        .iter()
        .map(|(id, _)| &**id)
        .filter(|id| id.starts_with("NL-CM:"))
        .collect();
    let known: Vec<_> = ids
        .iter()
        .filter_map(|id| Some((*id, skeleton::concept(id)?)))
        .collect();
    assert!(
        known.len() > 900 && known.len() * 100 >= ids.len() * 97,
        "{} of {}",
        known.len(),
        ids.len()
    );
    for (id, names) in known {
        assert!(
            english.contains(&(id.to_owned(), names.english.to_owned())),
            "{id} {names:?}"
        );
        assert!(
            names.dutch.is_empty() || aliases.contains(names.dutch),
            "{id} {names:?}"
        );
    }
}
