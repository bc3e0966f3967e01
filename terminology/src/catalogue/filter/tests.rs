//! Each operator over one made-up system.

use super::select;
use crate::answer::Unknown;
use crate::catalogue::System;
use crate::catalogue::tests::colours;
use crate::definition::{CodeSystem, Content, Filter, Operator};

fn passing(system: &System, property: &str, operator: Operator, value: &str) -> Result<Vec<String>, Unknown> {
    let filter = Filter {
        property: property.to_owned(),
        operator,
        value: value.to_owned(),
    };
    let kept = select(system, &[filter])?;
    Ok(kept
        .iter()
        .map(|concept| system.codes.get(concept).to_owned())
        .collect())
}

#[test]
fn operators_select_what_the_specification_says() {
    let system = System::try_from(&colours()).unwrap();
    let cases: &[(&str, &str, &str, &[&str])] = &[
        ("concept", "is-a", "warm", &["warm", "red", "orange"]),
        (
            "concept",
            "descendent-of",
            "colour",
            &["warm", "cold", "red", "orange", "blue"],
        ),
        ("concept", "is-not-a", "warm", &["colour", "cold", "blue"]),
        ("concept", "generalizes", "red", &["colour", "warm", "red"]),
        ("concept", "child-of", "colour", &["warm", "cold"]),
        ("concept", "descendent-leaf", "colour", &["red", "orange", "blue"]),
        ("concept", "is-a", "purple", &[]),
        ("code", "=", "red", &["red"]),
        ("code", "in", "red, blue,purple", &["red", "blue"]),
        (
            "code",
            "not-in",
            "red,blue",
            &["colour", "warm", "cold", "orange"],
        ),
        ("code", "regex", "[a-c].*", &["colour", "cold", "blue"]),
        ("code", "regex", "r", &[]),
        (
            "code",
            "exists",
            "true",
            &["colour", "warm", "cold", "red", "orange", "blue"],
        ),
        ("parent", "=", "warm", &["red", "orange"]),
        ("child", "=", "red", &["warm"]),
        ("inactive", "=", "true", &["orange"]),
        ("wavelength", "=", "700", &["red"]),
        ("wavelength", "exists", "true", &["red"]),
        (
            "wavelength",
            "exists",
            "false",
            &["colour", "warm", "cold", "orange", "blue"],
        ),
        ("wavelength", "in", "600,700", &["red"]),
        ("wavelength", "regex", "7.*", &["red"]),
        ("taste", "exists", "true", &[]),
    ];
    for (property, operator, value, expected) in cases {
        let got = passing(&system, property, Operator::from_code(operator), value).unwrap();
        assert_eq!(got, *expected, "{property} {operator} {value}");
        assert_eq!(Operator::from_code(operator).code(), *operator);
    }
}

#[test]
fn what_cannot_be_evaluated_says_why() {
    let complete = System::try_from(&colours()).unwrap();
    let fragment = CodeSystem {
        content: Content::Fragment,
        ..colours()
    };
    let fragment = System::try_from(&fragment).unwrap();
    let flat = CodeSystem {
        content: Content::Fragment,
        concepts: colours()
            .concepts
            .into_iter()
            .map(|mut concept| {
                concept.parents.clear();
                concept
            })
            .collect(),
        ..colours()
    };
    let flat = System::try_from(&flat).unwrap();
    for (system, property, operator, value, why) in [
        (&complete, "taste", "=", "sweet", Unknown::FilterUnsupported),
        (
            &complete,
            "concept",
            "unheard-of",
            "red",
            Unknown::FilterUnsupported,
        ),
        (&complete, "concept", "regex", "(", Unknown::FilterUnsupported),
        (
            &complete,
            "concept",
            "regex",
            "(a{1000}){1000}",
            Unknown::FilterUnsupported,
        ),
        (&fragment, "concept", "is-a", "purple", Unknown::SystemFragment),
        (&flat, "concept", "is-a", "red", Unknown::HierarchyAbsent),
        (&flat, "parent", "=", "red", Unknown::HierarchyAbsent),
    ] {
        let got = passing(system, property, Operator::from_code(operator), value);
        assert_eq!(got, Err(why), "{property} {operator} {value}");
    }
}

#[test]
fn a_circle_in_the_hierarchy_ends() {
    let mut circle = colours();
    circle.concepts[0].parents.push("red".to_owned());
    let system = System::try_from(&circle).unwrap();
    assert_eq!(
        passing(&system, "concept", Operator::IsA, "warm").unwrap().len(),
        6
    );
    assert!(system.links.above(0, 3) && system.links.above(3, 0));
}
