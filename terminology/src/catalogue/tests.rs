//! Membership and expansion over made-up content.

mod algebra;
mod versions;

use super::{Builder, Catalogue, Page};
use crate::answer::{DisplayCheck, Licensed, Membership, NotMember, Subsumption, Unknown};
use crate::coding::Coding;
use crate::definition::{
    CodeSystem, Concept, Content, Designation, Filter, Include, Operator, Property, StoredExpansion, ValueSet,
};
use crate::error::TerminologyError;
use crate::naming::{LOINC, SNOMED};
use crate::service::Terminology;

const COLOURS: &str = "http://example.org/colours";
const NO: fn(NotMember) -> Membership = Membership::NotMember;
const UNKNOWN: fn(Unknown) -> Membership = Membership::Unknown;

/// colour > warm > red, orange; colour > cold > blue; orange is inactive.
pub(super) fn colours() -> CodeSystem {
    let concept = |code: &str, parents: &[&str]| Concept {
        code: code.to_owned(),
        parents: parents.iter().map(|&parent| parent.to_owned()).collect(),
        display: Some(format!("The colour {code}")),
        ..Concept::default()
    };
    let mut concepts = vec![
        concept("colour", &[]),
        concept("warm", &["colour"]),
        concept("cold", &["colour"]),
        concept("red", &["warm"]),
        concept("orange", &["warm"]),
        concept("blue", &["cold"]),
    ];
    concepts[4].inactive = true;
    concepts[3].properties.push(Property {
        name: "wavelength".to_owned(),
        value: "700".to_owned(),
    });
    concepts[3].designations.push(Designation {
        language: Some("nl-NL".to_owned()),
        value: "rood".to_owned(),
    });
    CodeSystem {
        url: COLOURS.to_owned(),
        version: Some("2.1".to_owned()),
        content: Content::Complete,
        case_sensitive: true,
        value_set: Some("http://example.org/vs/all-colours".to_owned()),
        concepts,
        ..CodeSystem::default()
    }
}

fn whole(system: &str) -> Include {
    Include {
        system: Some(system.to_owned()),
        ..Include::default()
    }
}

fn listed(system: &str, codes: &[&str]) -> Include {
    Include {
        concepts: codes.iter().map(|&code| code.to_owned()).collect(),
        ..whole(system)
    }
}

fn filtered(system: &str, property: &str, operator: Operator, value: &str) -> Include {
    Include {
        filters: vec![Filter {
            property: property.to_owned(),
            operator,
            value: value.to_owned(),
        }],
        ..whole(system)
    }
}

fn all_of(sets: &[&str]) -> Include {
    Include {
        value_sets: sets.iter().map(|&set| set.to_owned()).collect(),
        ..Include::default()
    }
}

fn set(url: &str, include: Vec<Include>, exclude: Vec<Include>) -> ValueSet {
    ValueSet {
        url: url.to_owned(),
        include,
        exclude,
        ..ValueSet::default()
    }
}

fn catalogue(sets: Vec<ValueSet>) -> Catalogue {
    let mut builder = Builder::new();
    builder.code_system(&colours()).unwrap();
    for set in sets {
        builder.value_set(set).unwrap();
    }
    builder.build()
}

/// Whether a code is in the one value set that these rules make.
fn ask(include: Vec<Include>, exclude: Vec<Include>, system: &str, code: &str) -> Membership {
    catalogue(vec![set("s", include, exclude)]).member("s", Coding::new(system, code))
}

#[test]
fn a_code_is_in_out_or_not_known_and_the_reason_is_told() {
    let cases = [
        (whole(COLOURS), COLOURS, "red", Membership::Member),
        (whole(COLOURS), COLOURS, "Red", NO(NotMember::NoSuchCode)),
        (
            whole(COLOURS),
            "http://example.org/shapes",
            "red",
            NO(NotMember::System),
        ),
        (
            whole("http://example.org/shapes"),
            "http://example.org/shapes",
            "x",
            UNKNOWN(Unknown::SystemContentAbsent),
        ),
        (listed(COLOURS, &["red"]), COLOURS, "blue", NO(NotMember::Code)),
        (
            listed("http://example.org/shapes", &["round"]),
            "http://example.org/shapes",
            "round",
            Membership::Member,
        ),
        (
            whole(SNOMED),
            SNOMED,
            "33633005",
            UNKNOWN(Unknown::ReleaseAbsent(Licensed::Snomed)),
        ),
        (whole(SNOMED), SNOMED, "33633006", NO(NotMember::Syntax)),
        (
            listed(SNOMED, &["33633005"]),
            SNOMED,
            "404684003",
            NO(NotMember::Code),
        ),
        (
            whole(LOINC),
            LOINC,
            "85354-9",
            UNKNOWN(Unknown::ReleaseAbsent(Licensed::Loinc)),
        ),
        (whole(LOINC), LOINC, "85354-1", NO(NotMember::Syntax)),
        (
            whole("urn:ietf:bcp:47"),
            "urn:ietf:bcp:47",
            "nl-NL",
            Membership::Member,
        ),
        (
            filtered("urn:iso:std:iso:3166", "code", Operator::Regex, "[A-Z]{2}"),
            "urn:iso:std:iso:3166",
            "NLD",
            NO(NotMember::Code),
        ),
        (
            filtered("http://unitsofmeasure.org", "canonical", Operator::Equal, "g"),
            "http://unitsofmeasure.org",
            "kg",
            Membership::Member,
        ),
        (
            filtered(SNOMED, "concept", Operator::IsA, "33633005"),
            SNOMED,
            "33633005",
            Membership::Member,
        ),
        (
            filtered(SNOMED, "concept", Operator::DescendentOf, "33633005"),
            SNOMED,
            "33633005",
            NO(NotMember::Code),
        ),
        (
            filtered(SNOMED, "concept", Operator::In, "1"),
            SNOMED,
            "404684003",
            UNKNOWN(Unknown::ReleaseAbsent(Licensed::Snomed)),
        ),
        (
            all_of(&["nowhere"]),
            COLOURS,
            "red",
            UNKNOWN(Unknown::ValueSetUnknown),
        ),
        (all_of(&["s"]), COLOURS, "red", UNKNOWN(Unknown::TooDeep)),
        (
            all_of(&["http://snomed.info/sct?fhir_vs=isa/33633005"]),
            SNOMED,
            "33633005",
            Membership::Member,
        ),
        (
            all_of(&["http://example.org/vs/all-colours"]),
            COLOURS,
            "red",
            Membership::Member,
        ),
    ];
    for (include, system, code, expected) in cases {
        let got = ask(vec![include.clone()], vec![], system, code);
        assert_eq!(got, expected, "{code} in {include:?}");
    }
}

#[test]
fn a_code_without_a_system_takes_that_of_the_value_set() {
    let catalogue = catalogue(vec![set("s", vec![listed(COLOURS, &["red"])], vec![])]);
    assert_eq!(catalogue.member("s", Coding::bare("red")), Membership::Member);
    assert_eq!(catalogue.member("s", Coding::bare("blue")), NO(NotMember::Code));
    assert_eq!(
        catalogue.code(Coding::bare("red")),
        UNKNOWN(Unknown::SystemUnclear)
    );
}

#[test]
fn exclusion_wins_and_inactive_codes_can_be_left_out() {
    let exclude = vec![listed(COLOURS, &["red"])];
    assert_eq!(
        ask(vec![whole(COLOURS)], exclude.clone(), COLOURS, "red"),
        NO(NotMember::Excluded)
    );
    assert_eq!(
        ask(vec![whole(COLOURS)], exclude, COLOURS, "blue"),
        Membership::Member
    );
    let active = ValueSet {
        active_only: true,
        ..set("s", vec![listed(COLOURS, &["red", "orange"])], vec![])
    };
    let through = ValueSet {
        active_only: true,
        ..set("through", vec![all_of(&["all"])], vec![])
    };
    let indirect = set("indirect", vec![all_of(&["s"])], vec![]);
    let all = set("all", vec![whole(COLOURS)], vec![]);
    let catalogue = catalogue(vec![active, all, through, indirect]);
    for set in ["s", "through", "indirect"] {
        let orange = catalogue.member(set, Coding::new(COLOURS, "orange"));
        assert_eq!(orange, NO(NotMember::Inactive), "{set}");
        assert!(
            catalogue.member(set, Coding::new(COLOURS, "red")).is_member(),
            "{set}"
        );
    }
    assert_eq!(
        catalogue.member("s", Coding::new(COLOURS, "red")),
        Membership::Member
    );
}

#[test]
fn case_matters_only_where_the_system_says_so() {
    let mut builder = Builder::new();
    let mut system = CodeSystem {
        case_sensitive: false,
        ..colours()
    };
    // Two codes that differ only in case stay two.
    system.concepts.push(Concept {
        code: "Blue".to_owned(),
        ..Concept::default()
    });
    builder.code_system(&system).unwrap();
    builder
        .value_set(set("listed", vec![listed(COLOURS, &["red"])], vec![]))
        .unwrap();
    builder
        .value_set(set("whole", vec![whole(COLOURS)], vec![]))
        .unwrap();
    let catalogue = builder.build();
    for set in ["listed", "whole"] {
        assert_eq!(
            catalogue.member(set, Coding::new(COLOURS, "RED")),
            Membership::Member
        );
    }
    let both: Vec<String> = catalogue
        .expand("whole", Page::default())
        .unwrap()
        .codes
        .iter()
        .map(|(_, code)| code.to_string())
        .filter(|code| code.eq_ignore_ascii_case("blue"))
        .collect();
    assert_eq!(both, ["blue", "Blue"]);
}

#[test]
fn a_stored_expansion_fills_what_the_rules_leave_open() {
    let with = |complete, include| ValueSet {
        expansion: Some(StoredExpansion {
            complete,
            codes: vec![(SNOMED.to_owned(), "33633005".to_owned())],
        }),
        ..set("s", include, vec![])
    };
    for (complete, code, expected) in [
        (true, "33633005", Membership::Member),
        (true, "404684003", NO(NotMember::Code)),
        (false, "33633005", Membership::Member),
        (
            false,
            "404684003",
            UNKNOWN(Unknown::ReleaseAbsent(Licensed::Snomed)),
        ),
    ] {
        let catalogue = catalogue(vec![with(complete, vec![whole(SNOMED)])]);
        assert_eq!(
            catalogue.member("s", Coding::new(SNOMED, code)),
            expected,
            "{complete} {code}"
        );
    }
    let alone = catalogue(vec![with(true, vec![])]);
    assert_eq!(
        alone.member("s", Coding::new(SNOMED, "404684003")),
        NO(NotMember::Code)
    );
    assert_eq!(alone.expand("s", Page::default()).unwrap().total, 1);
}

#[test]
fn hierarchy_and_names_are_answered() {
    let catalogue = catalogue(vec![]);
    assert_eq!(
        catalogue.subsumes(COLOURS, "colour", "red"),
        Subsumption::Subsumes
    );
    assert_eq!(
        catalogue.subsumes(COLOURS, "red", "colour"),
        Subsumption::SubsumedBy
    );
    assert_eq!(catalogue.subsumes(COLOURS, "red", "red"), Subsumption::Equivalent);
    assert_eq!(
        catalogue.subsumes(COLOURS, "red", "blue"),
        Subsumption::NotSubsumed
    );
    assert_eq!(
        catalogue.subsumes(SNOMED, "33633005", "404684003"),
        Subsumption::Unknown(Unknown::ReleaseAbsent(Licensed::Snomed))
    );
    let shown = |display| Coding {
        display: Some(display),
        ..Coding::new(COLOURS, "red")
    };
    assert_eq!(
        catalogue.display(shown("the  COLOUR red"), None),
        DisplayCheck::Fits
    );
    assert_eq!(catalogue.display(shown("Rood"), None), DisplayCheck::Fits);
    assert_eq!(
        catalogue.display(shown("green"), Some("nl")),
        DisplayCheck::Differs("rood".into())
    );
    assert_eq!(
        catalogue.display(shown("green"), Some("de")),
        DisplayCheck::Differs("The colour red".into())
    );
    assert_eq!(
        catalogue.display(Coding::new(COLOURS, "red"), None),
        DisplayCheck::Unknown
    );
}

#[test]
fn an_expansion_comes_in_pages_and_refuses_what_is_too_much_or_not_known() {
    let sets = vec![
        set(
            "warm",
            vec![filtered(COLOURS, "concept", Operator::IsA, "warm")],
            vec![listed(COLOURS, &["orange"])],
        ),
        set("twice", vec![listed(COLOURS, &["red"]), whole(COLOURS)], vec![]),
        set("both", vec![all_of(&["twice", "warm"])], vec![]),
        set("snomed", vec![whole(SNOMED)], vec![]),
        set("circle", vec![all_of(&["circle"])], vec![]),
        set("countries", vec![whole("urn:oid:1.0.639.1")], vec![]),
    ];
    let catalogue = catalogue(sets);
    let codes = |set: &str, page| -> Vec<String> {
        let expansion = catalogue.expand(set, page).unwrap();
        expansion.codes.iter().map(|(_, code)| code.to_string()).collect()
    };
    assert_eq!(codes("warm", Page::default()), ["warm", "red"]);
    assert_eq!(
        codes("twice", Page::default()),
        ["red", "colour", "warm", "cold", "orange", "blue"]
    );
    assert_eq!(codes("both", Page::default()), ["red", "warm"]);
    let second = Page {
        offset: 1,
        count: 2,
        limit: 6,
    };
    assert_eq!(codes("twice", second), ["colour", "warm"]);
    assert_eq!(
        catalogue.expand("countries", second),
        Err(TerminologyError::TooCostly { limit: 6 })
    );
    assert_eq!(catalogue.expand("countries", Page::default()).unwrap().total, 184);
    for (set, why) in [
        ("snomed", Unknown::ReleaseAbsent(Licensed::Snomed)),
        ("circle", Unknown::TooDeep),
        ("nowhere", Unknown::ValueSetUnknown),
    ] {
        assert_eq!(
            catalogue.expand(set, Page::default()),
            Err(TerminologyError::NotExpandable(why))
        );
    }
}
