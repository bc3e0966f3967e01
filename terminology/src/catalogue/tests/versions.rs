//! Versions of systems and value sets, and the names that they had earlier.

use super::{COLOURS, NO, UNKNOWN, colours, listed, set, whole};
use crate::answer::{Membership, NotMember, Unknown};
use crate::catalogue::Builder;
use crate::coding::Coding;
use crate::definition::{CodeSystem, Include, ValueSet};
use crate::service::Terminology;

#[test]
fn versions_are_told_apart() {
    let mut builder = Builder::new();
    builder.code_system(&colours()).unwrap();
    let later = CodeSystem {
        version: Some("2.10".to_owned()),
        concepts: colours()
            .concepts
            .into_iter()
            .filter(|concept| concept.code != "red")
            .collect(),
        ..colours()
    };
    builder.code_system(&later).unwrap();
    for (url, version) in [("old", "2.1"), ("new", "2.10"), ("none", "3")] {
        let include = Include {
            version: Some(version.to_owned()),
            ..whole(COLOURS)
        };
        builder.value_set(set(url, vec![include], vec![])).unwrap();
    }
    for version in ["1.0.0", "1.0.1"] {
        let versioned = ValueSet {
            version: Some(version.to_owned()),
            ..set("v", vec![listed(COLOURS, &[version])], vec![])
        };
        builder.value_set(versioned).unwrap();
    }
    let catalogue = builder.build();
    let red = Coding::new(COLOURS, "red");
    assert_eq!(catalogue.member("old", red), Membership::Member);
    assert_eq!(catalogue.member("new", red), NO(NotMember::NoSuchCode));
    assert_eq!(catalogue.member("none", red), UNKNOWN(Unknown::VersionUnknown));
    // The newest stands for a system without a version, and an instance may name another one.
    assert_eq!(catalogue.code(red), NO(NotMember::NoSuchCode));
    let older = Coding {
        version: Some("2.1"),
        ..red
    };
    assert_eq!(catalogue.code(older), Membership::Member);
    let unheard = Coding {
        version: Some("9"),
        ..red
    };
    assert_eq!(catalogue.code(unheard), UNKNOWN(Unknown::VersionUnknown));
    for (canonical, expected) in [
        ("v", NO(NotMember::Code)),
        ("v|1.0.0", Membership::Member),
        ("v|1.0.1", NO(NotMember::Code)),
        ("v|2", UNKNOWN(Unknown::VersionUnknown)),
        ("w|2", UNKNOWN(Unknown::ValueSetUnknown)),
    ] {
        assert_eq!(
            catalogue.member(canonical, Coding::new(COLOURS, "1.0.0")),
            expected,
            "{canonical}"
        );
    }
}

#[test]
fn systems_of_version_2_and_3_go_by_their_earlier_names_in_stu3() {
    let v3 = "http://terminology.hl7.org/CodeSystem/v3-Colour";
    let earlier = "http://hl7.org/fhir/v3/Colour";
    let build = |stu3| {
        let mut builder = Builder::new();
        let system = CodeSystem {
            url: v3.to_owned(),
            ..colours()
        };
        builder.code_system(&system).unwrap();
        builder
            .value_set(set(
                "http://terminology.hl7.org/ValueSet/v3-Colour",
                vec![whole(v3)],
                vec![],
            ))
            .unwrap();
        if stu3 {
            builder.stu3_names();
        }
        builder.build()
    };
    let name = "http://hl7.org/fhir/ValueSet/v3-Colour";
    assert_eq!(
        build(true).member(name, Coding::new(earlier, "red")),
        Membership::Member
    );
    // Each version has its own names, and does not take the other's.
    assert_eq!(
        build(true).member(name, Coding::new(v3, "red")),
        NO(NotMember::System)
    );
    assert_eq!(
        build(false).member(name, Coding::new(earlier, "red")),
        UNKNOWN(Unknown::ValueSetUnknown)
    );
    assert_eq!(
        build(false).code(Coding::new(earlier, "red")),
        UNKNOWN(Unknown::SystemContentAbsent)
    );
}

#[test]
fn a_table_with_its_version_in_the_uri_is_meant_without_it_too() {
    let mut builder = Builder::new();
    let table = "http://terminology.hl7.org/CodeSystem/v2-0360";
    let with_version = format!("{table}|2.7");
    let system = CodeSystem {
        url: with_version.clone(),
        ..colours()
    };
    builder.code_system(&system).unwrap();
    builder
        .value_set(set("s", vec![whole(&with_version)], vec![]))
        .unwrap();
    let catalogue = builder.build();
    for (system, expected) in [
        (table, Membership::Member),
        (with_version.as_str(), Membership::Member),
        (
            "http://terminology.hl7.org/CodeSystem/v2-03",
            NO(NotMember::System),
        ),
    ] {
        assert_eq!(
            catalogue.member("s", Coding::new(system, "red")),
            expected,
            "{system}"
        );
    }
}
