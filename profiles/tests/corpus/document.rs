//! The tree of published resources: regular, known to the definitions, and the same from both formats.

use samenhang_profiles::document::{Document, Node};
use samenhang_profiles::xml::to_json;
use samenhang_profiles::{FhirVersion, Limits};

use crate::files;

/// Every resource of a folder in JSON reads without a fault of shape, and holds nothing unknown.
#[track_caller]
fn regular(folder: &str, version: FhirVersion) {
    for (name, body) in files(folder, "json") {
        let document = Document::from_json(&body, version, &Limits::default());
        let document = document.unwrap_or_else(|error| panic!("{name}: {error}"));
        let faults: Vec<String> = document
            .irregularities()
            .iter()
            .map(|found| document.place(found))
            .collect();
        assert!(faults.is_empty(), "{name}: {faults:?}");
        let mut nodes = (0..document.len()).filter_map(|id| document.node(id));
        // What stood beside a primitive went into it, and has no place of its own.
        assert!(
            nodes.all(|node| node.is_known() || node.name().starts_with('_')),
            "{name}"
        );
    }
}

#[test]
fn resources_of_zib2017_are_regular() {
    regular("bgz-stu3", FhirVersion::Stu3);
}

#[test]
fn resources_of_zib2020_are_regular() {
    regular("nl-core-r4-examples", FhirVersion::R4);
}

/// Names, types and values in the order of JSON: what an element of XML repeats is gathered there.
fn leaves(node: Node<'_>, into: &mut Vec<String>) {
    into.push(format!(
        "{} {} {:?}",
        node.path(),
        node.fhir_type(),
        node.primitive()
    ));
    node.children().for_each(|child| leaves(child, into));
}

#[test]
fn resources_in_xml_are_the_same_tree_by_way_of_json() {
    let mut compared = 0;
    for (name, body) in files("fhir-test-cases-r4", "xml") {
        let limits = Limits::default();
        let Ok(json) = to_json(&body, FhirVersion::R4, &limits) else {
            continue;
        };
        let direct = Document::from_xml(&body, FhirVersion::R4, &limits).unwrap();
        let converted = Document::from_json(&json, FhirVersion::R4, &limits).unwrap();
        let both = [&direct, &converted].map(|document| {
            let mut all = Vec::new();
            leaves(document.root(), &mut all);
            all.sort();
            all
        });
        assert_eq!(both[0], both[1], "{name}");
        compared += 1;
    }
    eprintln!("{compared} resources compared");
}
