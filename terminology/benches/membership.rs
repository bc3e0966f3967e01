//! How long one question about a code takes, warm: `cargo bench -p samenhang-terminology --bench membership`.
//!
//! The content is made up: 300,000 concepts in a hierarchy, as large as SNOMED CT, and value sets of each kind.

#![expect(clippy::unwrap_used, reason = "a bench may stop")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::{Arc, LazyLock};

use divan::Bencher;
use samenhang_terminology::catalogue::System;
use samenhang_terminology::check_digit::verhoeff_digit;
use samenhang_terminology::definition::{CodeSystem, Concept, Content, Filter, Include, Operator, ValueSet};
use samenhang_terminology::naming::SNOMED;
use samenhang_terminology::release::rf2::{File, Reader};
use samenhang_terminology::{Builder, Catalogue, Coding, Terminology, code_form, ucum};

const CONCEPTS: u32 = 300_000;
const STATUS: &str = "http://example.org/CodeSystem/request-status";

fn main() {
    divan::main();
}

/// The concept with a number, in a namespace that is no one's.
fn concept(item: u32) -> String {
    let mut digits = format!("{item}999999910");
    digits.push(char::from(verhoeff_digit(digits.as_bytes()).unwrap()));
    digits
}

/// A release in which each concept stands under the one of half its number, and some under another one too.
fn release() -> System {
    let mut concepts = "id\tactive\n".to_owned();
    let mut links = "active\tsourceId\tdestinationId\ttypeId\tcharacteristicTypeId\n".to_owned();
    for item in 1..=CONCEPTS {
        writeln!(concepts, "{}\t1", concept(item)).unwrap();
        for parent in [Some(item / 2), (item % 3 == 0).then_some(item / 3)]
            .into_iter()
            .flatten()
        {
            if parent > 0 {
                writeln!(
                    links,
                    "1\t{}\t{}\t116680003\t900000000000011006",
                    concept(item),
                    concept(parent)
                )
                .unwrap();
            }
        }
    }
    let mut reader = Reader::new(None);
    reader.read(File::Concept, concepts.as_bytes()).unwrap();
    reader.read(File::Relationship, links.as_bytes()).unwrap();
    reader.finish()
}

fn include(system: &str) -> Include {
    Include {
        system: Some(system.to_owned()),
        ..Include::default()
    }
}

fn set(url: &str, include: Vec<Include>) -> ValueSet {
    ValueSet {
        url: format!("http://example.org/fhir/ValueSet/{url}"),
        version: Some("4.0.1".to_owned()),
        include,
        ..ValueSet::default()
    }
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let statuses = [
        "draft",
        "active",
        "on-hold",
        "revoked",
        "completed",
        "entered-in-error",
        "unknown",
    ];
    let status = CodeSystem {
        url: STATUS.to_owned(),
        content: Content::Complete,
        case_sensitive: true,
        concepts: statuses
            .map(|code| Concept {
                code: code.to_owned(),
                ..Concept::default()
            })
            .into(),
        ..CodeSystem::default()
    };
    let listed = |from: u32| Include {
        concepts: (from..from + 20).map(concept).collect(),
        ..include(SNOMED)
    };
    let filter = Filter {
        property: "concept".to_owned(),
        operator: Operator::IsA,
        value: concept(2),
    };
    let filtered = Include {
        filters: vec![filter],
        ..include(SNOMED)
    };
    let imports = |at: u32| Include {
        value_sets: vec![format!("http://example.org/fhir/ValueSet/listed-{at}")],
        ..Include::default()
    };
    let mut builder = Builder::new();
    builder.system(Arc::new(release()));
    builder.code_system(&status).unwrap();
    for set in [
        set("status", vec![include(STATUS)]),
        set("listed-0", vec![listed(0)]),
        set("listed-1", vec![listed(100)]),
        set("listed-2", vec![listed(200)]),
        set("filtered", vec![filtered]),
        set("imports", (0..3).map(imports).collect()),
    ] {
        builder.value_set(set).unwrap();
    }
    builder.build()
});

/// A value set, a system (none for an element of type `code`), a code, and whether it is in.
const QUESTIONS: [(&str, Option<&str>, u32, bool); 7] = [
    ("status", None, 0, true),
    ("status", Some(STATUS), 0, true),
    ("listed-0", Some(SNOMED), 7, true),
    ("listed-0", Some(SNOMED), 70, false),
    ("filtered", Some(SNOMED), 262_144, true),
    ("filtered", Some(SNOMED), 3, false),
    ("imports", Some(SNOMED), 207, true),
];

#[divan::bench(args = 0..QUESTIONS.len())]
fn member(bencher: Bencher<'_, '_>, question: usize) {
    let (set, system, item, expected) = QUESTIONS[question];
    let canonical = format!("http://example.org/fhir/ValueSet/{set}|4.0.1");
    let code = if item == 0 {
        "completed".to_owned()
    } else {
        concept(item)
    };
    let coding = Coding {
        system,
        ..Coding::bare(&code)
    };
    let catalogue = &*CATALOGUE;
    assert_eq!(catalogue.member(&canonical, coding).is_member(), expected);
    bencher.bench(|| catalogue.member(black_box(&canonical), black_box(coding)));
}

#[divan::bench]
fn code_of_a_large_system(bencher: Bencher<'_, '_>) {
    let code = concept(123_456);
    let catalogue = &*CATALOGUE;
    bencher.bench(|| catalogue.code(black_box(Coding::new(SNOMED, &code))));
}

#[divan::bench]
fn subsumption(bencher: Bencher<'_, '_>) {
    let (general, specific) = (concept(2), concept(262_144));
    let catalogue = &*CATALOGUE;
    bencher.bench(|| catalogue.subsumes(SNOMED, black_box(&general), black_box(&specific)));
}

#[divan::bench]
fn snomed_check_digit(bencher: Bencher<'_, '_>) {
    let code = concept(123_456);
    bencher.bench(|| code_form::is_snomed_concept(black_box(&code)));
}

#[divan::bench(args = ["kg", "mm[Hg]", "mL/min/{1.73_m2}"])]
fn unit(unit: &str) -> bool {
    ucum::is_unit(black_box(unit))
}

#[divan::bench]
fn conversion() -> bool {
    ucum::convert(black_box("120"), "mm[Hg]", "kPa").is_ok()
}
