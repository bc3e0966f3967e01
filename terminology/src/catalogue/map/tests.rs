//! Translation over made-up maps.

use crate::answer::{Match, Relationship, Translation};
use crate::catalogue::{Builder, Catalogue};
use crate::coding::Coding;
use crate::definition::{ConceptMap, MapAttribute, MapElement, MapGroup, MapTarget, Unmapped};
use crate::service::Terminology;

fn target(relationship: Relationship, code: Option<&str>) -> MapTarget {
    MapTarget {
        relationship,
        code: code.map(str::to_owned),
        display: None,
        depends_on: Vec::new(),
        product: Vec::new(),
    }
}

fn map(url: &str, unmapped: Option<Unmapped>) -> ConceptMap {
    let mut narrow = target(Relationship::Narrower, Some("n"));
    narrow.depends_on.push(MapAttribute {
        property: "side".to_owned(),
        system: None,
        value: "left".to_owned(),
    });
    let elements = vec![
        MapElement {
            code: "a".to_owned(),
            targets: vec![target(Relationship::Equivalent, Some("x")), narrow],
        },
        MapElement {
            code: "none".to_owned(),
            targets: vec![target(Relationship::Unmatched, None)],
        },
        MapElement {
            code: "b".to_owned(),
            targets: vec![target(Relationship::Wider, Some("x"))],
        },
        MapElement {
            code: "empty".to_owned(),
            targets: vec![],
        },
    ];
    ConceptMap {
        url: url.to_owned(),
        version: Some("1.2.0".to_owned()),
        groups: vec![MapGroup {
            source: Some("from".to_owned()),
            target: Some("to".to_owned()),
            target_version: None,
            elements,
            unmapped,
        }],
        ..ConceptMap::default()
    }
}

fn catalogue() -> Catalogue {
    let mut builder = Builder::new();
    let fixed = Unmapped::Fixed {
        code: "other".to_owned(),
        display: None,
    };
    for map in [
        map("plain", None),
        map("same", Some(Unmapped::Provided)),
        map("fixed", Some(fixed)),
        map("refers", Some(Unmapped::OtherMap("fixed".to_owned()))),
        map("circle", Some(Unmapped::OtherMap("circle".to_owned()))),
        map("lost", Some(Unmapped::OtherMap("nowhere".to_owned()))),
    ] {
        builder.concept_map(map).unwrap();
    }
    builder.build()
}

fn found(map: &str, code: &str) -> Vec<(Relationship, Option<String>, bool)> {
    match catalogue().translate(map, Coding::new("from", code)) {
        Translation::Matches(matches) => {
            let short = |found: &Match| {
                (
                    found.relationship,
                    found.code.as_deref().map(str::to_owned),
                    found.by_default,
                )
            };
            matches.iter().map(short).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn targets_come_in_order_with_their_relationship() {
    let x = Some("x".to_owned());
    assert_eq!(
        found("plain", "a"),
        [
            (Relationship::Equivalent, x, false),
            (Relationship::Narrower, Some("n".to_owned()), false)
        ]
    );
    assert_eq!(found("plain", "none"), [(Relationship::Unmatched, None, false)]);
    let Translation::Matches(matches) = catalogue().translate("plain|1.2", Coding::new("from", "a")) else {
        panic!("no match");
    };
    assert_eq!(&*matches[1].depends_on[0].value, "left");
    assert_eq!(matches[0].system.as_deref(), Some("to"));
    assert!(matches[0].relationship.keeps_meaning() && !matches[1].relationship.keeps_meaning());
}

#[test]
fn what_is_not_mapped_follows_the_rule_of_the_map() {
    let by_default = |code: &str| vec![(Relationship::RelatedTo, Some(code.to_owned()), true)];
    assert_eq!(found("same", "q"), by_default("q"));
    assert_eq!(found("fixed", "q"), by_default("other"));
    assert_eq!(found("refers", "q"), by_default("other"));
    // An element without a target says that there is none; the rule is for codes that no element names.
    assert_eq!(found("same", "empty"), []);
    let catalogue = catalogue();
    assert_eq!(
        catalogue.translate("plain", Coding::new("from", "q")),
        Translation::Unmapped
    );
    assert_eq!(
        catalogue.translate("same", Coding::new("elsewhere", "a")),
        Translation::Unmapped
    );
    for map in ["circle", "lost", "nowhere", "plain|2"] {
        assert_eq!(
            catalogue.translate(map, Coding::new("from", "q")),
            Translation::Unknown,
            "{map}"
        );
    }
}

#[test]
fn a_map_is_read_backwards() {
    let back = catalogue().translate_back("plain", Coding::new("to", "x"));
    let short: Vec<_> = back
        .iter()
        .map(|found| (found.code.as_deref().unwrap(), found.relationship))
        .collect();
    assert_eq!(
        short,
        [("a", Relationship::Equivalent), ("b", Relationship::Narrower)]
    );
    for code in [
        "relatedto",
        "equivalent",
        "equal",
        "wider",
        "subsumes",
        "narrower",
        "specializes",
        "inexact",
        "unmatched",
        "disjoint",
    ] {
        let relationship = Relationship::from_code(code).unwrap();
        assert_eq!(relationship.code(), code);
        assert_eq!(relationship.reversed().reversed(), relationship);
    }
    assert_eq!(Relationship::from_code("same"), None);
}
