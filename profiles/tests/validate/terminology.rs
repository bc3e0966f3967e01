//! The published terminology of the packages: that it loads, and how much of it is settled with nothing else.

use std::path::Path;

use samenhang_profiles::terminology_reader::TerminologyResource;
use samenhang_terminology::answer::{Relationship, Translation};
use samenhang_terminology::compact::Content;
use samenhang_terminology::{Builder, Catalogue, Coding, Membership, Terminology};

use crate::shared;

const R4: &str = "hl7.fhir.r4.core-4.0.1.tgz";
const STU3: &str = "hl7.fhir.r3.core-3.0.2.tgz";
const ZIB2020: &str = "nictiz.fhir.nl.r4.nl-core-0.12.1-beta.1.tgz";
const ZIB2017: &str = "nictiz.fhir.nl.stu3.zib2017-2.2.20.tgz";

/// The terminology of a package.
pub(crate) fn resources(folder: &Path, name: &str) -> Vec<TerminologyResource> {
    let mut found = Vec::new();
    shared::package(folder, name, |file, body| {
        let read = TerminologyResource::from_json(body, &shared::generous());
        found.extend(read.unwrap_or_else(|error| panic!("{file}: {error}")));
    });
    found
}

/// A catalogue of packages, and of what STU3 shares with one of R4.
pub(crate) fn catalogue(folder: &Path, packages: &[&str], shared: Option<&str>) -> Catalogue {
    let mut builder = Builder::new();
    if let Some(name) = shared {
        builder.stu3_names();
        for resource in resources(folder, name)
            .into_iter()
            .filter(TerminologyResource::is_shared_with_stu3)
        {
            resource.add_to(&mut builder).unwrap();
        }
    }
    for name in packages {
        for resource in resources(folder, name) {
            resource.add_to(&mut builder).unwrap();
        }
    }
    builder.build()
}

/// How many value sets of a package are settled for every code, and for each reason how many are not.
fn decidable(folder: &Path, catalogue: &Catalogue, name: &str) -> (usize, usize, Vec<(String, usize)>) {
    let mut reasons = std::collections::BTreeMap::<String, usize>::new();
    let (mut settled, mut all) = (0, 0);
    for resource in resources(folder, name) {
        let TerminologyResource::ValueSet(set) = resource else {
            continue;
        };
        all += 1;
        match catalogue.is_decidable(&set.url) {
            Ok(()) => settled += 1,
            Err(why) => *reasons.entry(format!("{why:?}")).or_default() += 1,
        }
    }
    (settled, all, reasons.into_iter().collect())
}

#[test]
fn most_value_sets_of_zib2020_are_settled_without_a_release() {
    let Some(folder) = shared::folder() else { return };
    let catalogue = catalogue(&folder, &[R4, ZIB2020], None);
    let (settled, all, reasons) = decidable(&folder, &catalogue, ZIB2020);
    eprintln!(
        "zib2020: {settled} of {all}; {reasons:?}; {:?}",
        catalogue.counts()
    );
    assert_eq!(all, 272);
    // 188 by their lists and complete systems; languages, and two of countries, by rule.
    assert_eq!(settled, 191);
    let gender = "http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1";
    assert_eq!(catalogue.member(gender, Coding::bare("male")), Membership::Member);
    assert!(matches!(
        catalogue.member(gender, Coding::bare("M")),
        Membership::NotMember(_)
    ));
}

#[test]
fn most_value_sets_of_zib2017_are_settled_without_a_release() {
    let Some(folder) = shared::folder() else { return };
    let catalogue = catalogue(&folder, &[STU3, ZIB2017], Some(R4));
    let (settled, all, reasons) = decidable(&folder, &catalogue, ZIB2017);
    eprintln!(
        "zib2017: {settled} of {all}; {reasons:?}; {:?}",
        catalogue.counts()
    );
    assert_eq!(all, 261);
    // 182 by their lists and complete systems; countries by rule.
    assert_eq!(settled, 183);
    let priority = "http://hl7.org/fhir/ValueSet/v3-ActPriority";
    assert_eq!(
        catalogue.member(priority, Coding::new("http://hl7.org/fhir/v3/ActPriority", "EL")),
        Membership::Member
    );
}

#[test]
fn the_compact_form_of_the_dutch_value_sets_answers_as_the_packages_do() {
    let Some(folder) = shared::folder() else { return };
    let mut content = Content::default();
    for resource in [R4, ZIB2020].iter().flat_map(|name| resources(&folder, name)) {
        match resource {
            TerminologyResource::CodeSystem(system) => content.systems.push(system),
            TerminologyResource::ValueSet(set) => content.value_sets.push(set),
            TerminologyResource::ConceptMap(_) => {}
        }
    }
    let dutch: Vec<String> = resources(&folder, ZIB2020)
        .into_iter()
        .filter_map(|resource| match resource {
            TerminologyResource::ValueSet(set) => Some(set.url),
            _ => None,
        })
        .collect();
    let selected = content.select(dutch.iter().map(String::as_str));
    let bytes = selected.encode();
    eprintln!(
        "compact: {} systems, {} value sets, {} bytes",
        selected.systems.len(),
        selected.value_sets.len(),
        bytes.len()
    );
    let mut builder = Builder::new();
    Content::decode(&bytes).unwrap().add_to(&mut builder).unwrap();
    let compact = builder.build();
    let full = catalogue(&folder, &[R4, ZIB2020], None);
    for set in &dutch {
        assert_eq!(compact.is_decidable(set), full.is_decidable(set), "{set}");
    }
    // Every code that any of them lists or any of their systems has, in each of them.
    let codes = selected.systems.iter().flat_map(|system| {
        system
            .concepts
            .iter()
            .map(|concept| Coding::new(&system.url, &concept.code))
    });
    let listed = selected
        .value_sets
        .iter()
        .flat_map(|set| &set.include)
        .flat_map(|include| {
            include.concepts.iter().map(|code| Coding {
                system: include.system.as_deref(),
                ..Coding::bare(code)
            })
        });
    for coding in codes.chain(listed).step_by(7) {
        for set in &dutch {
            assert_eq!(compact.member(set, coding), full.member(set, coding), "{set}");
        }
    }
}

#[test]
fn the_published_maps_of_gender_translate_both_ways() {
    let Some(folder) = shared::folder() else { return };
    let map = "http://nictiz.nl/fhir/ConceptMap/GeslachtCodelijst-to-AdministrativeGender";
    let gender = "http://hl7.org/fhir/administrative-gender";
    for (package, system) in [
        (
            ZIB2020,
            "http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender",
        ),
        (ZIB2017, "http://hl7.org/fhir/v3/AdministrativeGender"),
    ] {
        let catalogue = catalogue(&folder, &[package], None);
        let Translation::Matches(matches) = catalogue.translate(map, Coding::new(system, "F")) else {
            panic!("{package}: not mapped");
        };
        let short: Vec<_> = matches
            .iter()
            .map(|found| (found.system.as_deref(), found.code.as_deref(), found.relationship))
            .collect();
        assert_eq!(short, [(Some(gender), Some("female"), Relationship::Equal)]);
        let back = catalogue.translate_back(map, Coding::new(gender, "other"));
        assert_eq!(back[0].code.as_deref(), Some("UN"));
        assert_eq!(back[0].relationship, Relationship::Wider);
        assert_eq!(
            catalogue.translate(map, Coding::new(system, "?")),
            Translation::Unmapped
        );
    }
}
