//! The packs that the binary carries against the packages that they were made from.

use std::sync::Arc;

use samenhang_profiles::FhirVersion;
use samenhang_profiles::definition::{ElementDefinition, Library};
use samenhang_profiles::pack::{compile, embedded, select};

use crate::{MP9, NL_CORE, R3_CORE, R4_CORE, ZIB2017, definitions, packages};

/// What a pack keeps of an element.
fn kept(element: &ElementDefinition) -> ElementDefinition {
    let mut element = element.clone();
    for constraint in &mut element.constraints {
        Arc::make_mut(constraint).human = None;
    }
    element
        .concepts
        .retain(|concept| concept.zib.contains("2017") || concept.zib.contains("2020"));
    // A display is no constraint that anyone checks; what else a value has must be the same.
    for value in [&mut element.fixed, &mut element.pattern].into_iter().flatten() {
        value
            .type_name
            .push_str(&format!("{:?}", value.value.text("coding.0.code")));
        value.value = samenhang_profiles::tree::Tree::Null;
    }
    element
}

#[track_caller]
fn agrees(version: FhirVersion, names: &[&str], file: &[u8], profiles: usize) {
    let Some(packages) = packages(names) else {
        return;
    };
    let made = compile(version, &select(&packages).unwrap()).unwrap();
    assert!(
        made == file,
        "the pack is not what make-pack makes of the packages; make it again"
    );
    let set = definitions(&packages, version);
    let pack = embedded(version).unwrap();
    let dutch = definitions(&packages[1..], version);
    assert_eq!(dutch.urls().count(), profiles);
    for url in dutch.urls() {
        let (from_pack, from_package) = (pack.structure(url).unwrap(), set.structure(url).unwrap());
        let elements = |snapshot: &Option<Vec<ElementDefinition>>| -> Vec<_> {
            snapshot.iter().flatten().map(kept).collect()
        };
        assert_eq!(
            elements(&from_pack.snapshot),
            elements(&from_package.snapshot),
            "{url}"
        );
        assert_eq!(from_pack.without_elements(), from_package.without_elements());
    }
}

#[test]
fn the_pack_of_stu3_agrees_with_its_packages() {
    let file = include_bytes!("../../data/stu3.pack");
    agrees(FhirVersion::Stu3, &[R3_CORE, ZIB2017], file, 214);
}

#[test]
fn the_pack_of_r4_agrees_with_its_packages() {
    let file = include_bytes!("../../data/r4.pack");
    agrees(FhirVersion::R4, &[R4_CORE, NL_CORE, MP9], file, 401);
}
