//! The terminology that the binary carries against the packages that it was made from.

use samenhang_profiles::pack::{compile_terminology, embedded_terminology};
use samenhang_profiles::package::Package;
use samenhang_profiles::terminology_reader::TerminologyResource;
use samenhang_profiles::{FhirVersion, Limits};
use samenhang_terminology::answer::Unknown;
use samenhang_terminology::definition::Concept;
use samenhang_terminology::known_system::licensed;
use samenhang_terminology::{Builder, Catalogue, Coding, Membership, Terminology};

use crate::{MP9, NL_CORE, R3_CORE, R4_CORE, ZIB2017, packages};

/// The catalogue of a validator with nothing installed.
fn embedded(version: FhirVersion) -> Catalogue {
    let mut builder = Builder::new();
    if version == FhirVersion::Stu3 {
        builder.stu3_names();
    }
    embedded_terminology(version)
        .unwrap()
        .add_to(&mut builder)
        .unwrap();
    builder.build()
}

/// The catalogue of a validator with the packages themselves.
fn installed(version: FhirVersion, packages: &[Package]) -> Catalogue {
    let limits = Limits {
        max_bytes: 64 << 20,
        max_nodes: 5_000_000,
        max_string: 8 << 20,
        ..Limits::default()
    };
    let mut builder = Builder::new();
    if version == FhirVersion::Stu3 {
        builder.stu3_names();
    }
    // What is lent goes first, so that a version's own goes before it.
    let (own, lent): (Vec<&Package>, Vec<&Package>) = packages
        .iter()
        .partition(|package| package.fhir_version() == version);
    for package in lent.into_iter().chain(own) {
        for kind in ["CodeSystem", "ValueSet"] {
            for resource in package.of_type(kind) {
                let read = TerminologyResource::from_json(&resource.body, &limits)
                    .unwrap()
                    .unwrap();
                if package.fhir_version() == version || read.is_shared_with_stu3() {
                    read.add_to(&mut builder).unwrap();
                }
            }
        }
    }
    builder.build()
}

/// Holds what the binary carries to the packages: the same bytes when it is made again, and the same answers, but
/// for as many value sets over systems with examples only as are expected.
#[track_caller]
fn agrees(version: FhirVersion, names: &[&str], file: &[u8], expected: usize) {
    let Some(packages) = packages(names) else {
        return;
    };
    assert!(
        compile_terminology(version, &packages).unwrap() == file,
        "the terminology is not what make-terminology makes of the packages; make it again"
    );
    let content = embedded_terminology(version).unwrap();
    let (carried, whole) = (embedded(version), installed(version, &packages));
    let defined = content.systems.iter().flat_map(|system| {
        let concepts = system.concepts.iter();
        concepts.map(|concept| Coding::new(&system.url, &concept.code))
    });
    let listed = content
        .value_sets
        .iter()
        .flat_map(|set| &set.include)
        .flat_map(|include| {
            include.concepts.iter().map(|code| Coding {
                system: include.system.as_deref(),
                ..Coding::bare(code)
            })
        });
    // Enough of the codes that any system has or any value set lists, each in every value set: also where it is not.
    let codes: Vec<Coding<'_>> = defined.chain(listed).step_by(23).collect();
    let (mut member, mut not, mut examples) = (0, 0, 0);
    for set in &content.value_sets {
        let settled = (carried.is_decidable(&set.url), whole.is_decidable(&set.url));
        // A system of which the package has examples only is not carried. Neither tells what is not in the set; what is
        // among the examples is a member there, and unknown here.
        if settled == (Err(Unknown::SystemContentAbsent), Err(Unknown::SystemFragment)) {
            examples += 1;
            continue;
        }
        assert_eq!(settled.0, settled.1, "{}", set.url);
        for code in &codes {
            let answer = carried.member(&set.url, *code);
            assert_eq!(answer, whole.member(&set.url, *code), "{code:?} in {}", set.url);
            member += usize::from(answer == Membership::Member);
            not += usize::from(matches!(answer, Membership::NotMember(_)));
        }
    }
    eprintln!(
        "{version:?}: {} value sets, {} systems, {} codes; {member} times a member, {not} times not",
        content.value_sets.len(),
        content.systems.len(),
        codes.len()
    );
    assert!(member > 500 && not > 100_000, "{member} {not}");
    assert_eq!(examples, expected);
}

#[test]
fn the_terminology_of_stu3_agrees_with_its_packages() {
    let file = include_bytes!("../../data/stu3.terms");
    agrees(FhirVersion::Stu3, &[R3_CORE, ZIB2017, R4_CORE], file, 2);
}

#[test]
fn the_terminology_of_r4_agrees_with_its_packages() {
    let file = include_bytes!("../../data/r4.terms");
    agrees(FhirVersion::R4, &[R4_CORE, NL_CORE, MP9], file, 5);
}

#[test]
fn no_licensed_system_and_no_prose_is_carried() {
    for version in [FhirVersion::Stu3, FhirVersion::R4] {
        let content = embedded_terminology(version).unwrap();
        assert!(content.systems.len() > 100 && content.value_sets.len() > 500);
        for system in &content.systems {
            assert!(licensed(&system.url).is_none(), "{}", system.url);
            let bare = |concept: &Concept| concept.display.is_none() && concept.designations.is_empty();
            assert!(system.concepts.iter().all(bare), "{}", system.url);
        }
    }
}

#[test]
fn codes_are_judged_with_nothing_installed() {
    let gender = "http://hl7.org/fhir/ValueSet/administrative-gender";
    let status = "http://hl7.org/fhir/ValueSet/marital-status";
    for (version, system) in [
        (FhirVersion::Stu3, "http://hl7.org/fhir/v3/MaritalStatus"),
        (
            FhirVersion::R4,
            "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus",
        ),
    ] {
        let catalogue = embedded(version);
        assert_eq!(
            catalogue.member(gender, Coding::bare("female")),
            Membership::Member
        );
        assert!(matches!(
            catalogue.member(gender, Coding::bare("vrouw")),
            Membership::NotMember(_)
        ));
        assert_eq!(
            catalogue.member(status, Coding::new(system, "M")),
            Membership::Member,
            "{version:?}"
        );
        assert!(matches!(
            catalogue.member(status, Coding::new(system, "vrijgezel")),
            Membership::NotMember(_)
        ));
    }
}
