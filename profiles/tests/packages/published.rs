//! Generated snapshots against those that their publishers made.

use std::borrow::Cow;
use std::fmt::Write as _;

use samenhang_profiles::FhirVersion;
use samenhang_profiles::definition::{DefinitionSet, ElementDefinition, Library, StructureDefinition};
use samenhang_profiles::snapshot::settle;

use crate::{R3_CORE, R4_CORE, ZIB2017, definitions, packages};

/// Snapshots of zib2017 that differ from the published ones, and why.
const ZIB2017_DIFFERS: [(&str, &str); 2] = [
    (
        "http://nictiz.nl/fhir/StructureDefinition/zib-FamilySituation",
        "the profile slices `coding` once without slicing it; the publisher lost the sliced element",
    ),
    (
        "http://nictiz.nl/fhir/StructureDefinition/zib-Product",
        "the ids below six slices are misspelt in the profile, and the publisher copied them",
    ),
];

/// Snapshots of the profiles of R4 that differ from the published ones, and why.
const R4_DIFFERS: [(&str, &str); 5] = [
    (
        "http://hl7.org/fhir/StructureDefinition/bp",
        "the publisher made slices of choices named by one type, but not of those within slices",
    ),
    (
        "http://hl7.org/fhir/StructureDefinition/catalog",
        "the profile slices `date` once without slicing it; the publisher lost the sliced element",
    ),
    (
        "http://hl7.org/fhir/StructureDefinition/clinicaldocument",
        "the definition of the extension allows it once",
    ),
    (
        "http://hl7.org/fhir/StructureDefinition/elementdefinition-de",
        "the publisher unfolded extensions that the profile does not go into",
    ),
    (
        "http://hl7.org/fhir/StructureDefinition/familymemberhistory-genetic",
        "the publisher lost elements of the base",
    ),
];

/// Id and cardinality of every element.
fn outline(elements: &[ElementDefinition]) -> Vec<String> {
    let line = |element: &ElementDefinition| {
        let max = element.max.map(|max| max.to_string()).unwrap_or_default();
        format!("{} {}..{max}", element.id, element.min.unwrap_or_default())
    };
    elements.iter().map(line).collect()
}

/// What differs between the generated and the published snapshot, if anything.
fn difference(set: &DefinitionSet, definition: &StructureDefinition) -> Option<String> {
    let published = settle(definition, definition.snapshot.as_deref().unwrap_or_default()).unwrap();
    let published = outline(&published);
    let generated = match set.structure(&definition.url) {
        Ok(generated) => outline(generated.snapshot.as_deref().unwrap_or_default()),
        Err(error) => return Some(format!("    {error}\n")),
    };
    if generated == published {
        return None;
    }
    let mut told = String::new();
    for line in generated.iter().filter(|line| !published.contains(line)) {
        let _ = writeln!(told, "    + {line}");
    }
    for line in published.iter().filter(|line| !generated.contains(line)) {
        let _ = writeln!(told, "    - {line}");
    }
    if told.is_empty() {
        told.push_str("    the order differs\n");
    }
    Some(told)
}

/// Prints how many snapshots are as published and what differs in the others; gives the URLs of those.
fn differing(name: &str, set: &DefinitionSet, mut all: Vec<Cow<'_, StructureDefinition>>) -> Vec<String> {
    all.sort_by(|a, b| a.url.cmp(&b.url));
    let mut different = Vec::new();
    for definition in &all {
        if let Some(told) = difference(set, definition) {
            eprint!("{}\n{told}", definition.url);
            different.push(definition.url.clone());
        }
    }
    eprintln!(
        "{name}: {} of {} snapshots equal the published ones in id and cardinality",
        all.len() - different.len(),
        all.len()
    );
    different
}

#[test]
fn snapshots_of_zib2017_are_as_published() {
    let Some(packages) = packages(&[R3_CORE, ZIB2017]) else {
        return;
    };
    let set = definitions(&packages, FhirVersion::Stu3);
    let zibs = definitions(&packages[1..], FhirVersion::Stu3);
    let different = differing("zib2017", &set, zibs.definitions().collect());
    for (url, reason) in ZIB2017_DIFFERS {
        eprintln!("{url}: {reason}");
    }
    assert_eq!(different, ZIB2017_DIFFERS.map(|(url, _)| url));
}

#[test]
fn snapshots_of_the_profiles_of_r4_are_as_published() {
    let Some(packages) = packages(&[R4_CORE]) else {
        return;
    };
    let set = definitions(&packages, FhirVersion::R4);
    let profiles = set
        .definitions()
        .filter(|definition| definition.is_profile() && definition.snapshot.is_some())
        .collect();
    let different = differing("R4 core", &set, profiles);
    for (url, reason) in R4_DIFFERS {
        eprintln!("{url}: {reason}");
    }
    assert_eq!(different, R4_DIFFERS.map(|(url, _)| url));
}
