//! What goes in comes out, without its prose; anything else is refused.

use proptest::prelude::*;

use super::Content;
use crate::answer::Relationship;
use crate::catalogue::Builder;
use crate::coding::Coding;
use crate::definition::{
    CodeSystem, Concept, ConceptMap, Content as Coverage, Designation, Filter, Include, MapElement, MapGroup,
    MapTarget, Operator, Property, StoredExpansion, Unmapped, ValueSet,
};
use crate::naming::SNOMED;
use crate::service::Terminology;

fn text(value: &str) -> String {
    value.to_owned()
}

fn property(name: &str) -> Property {
    Property {
        name: text(name),
        value: text("1"),
    }
}

fn content() -> Content {
    let concept = |code: &str, parents: &[&str]| Concept {
        code: text(code),
        parents: parents.iter().map(|&parent| text(parent)).collect(),
        display: Some(text("a display")),
        designations: vec![Designation {
            language: Some(text("nl")),
            value: text("een naam"),
        }],
        properties: vec![property("weight"), property("other")],
        inactive: code == "b",
    };
    let system = |url: &str, content| CodeSystem {
        url: text(url),
        version: Some(text("1.0")),
        content,
        case_sensitive: true,
        value_set: Some(format!("{url}/all")),
        concepts: vec![concept("a", &[]), concept("b", &["a"]), concept("ü", &["a"])],
        ..CodeSystem::default()
    };
    let include = |system: &str| Include {
        system: Some(text(system)),
        ..Include::default()
    };
    let set = |url: &str, include: Vec<Include>| ValueSet {
        url: text(url),
        include,
        ..ValueSet::default()
    };
    let filtered = Include {
        filters: vec![Filter {
            property: text("weight"),
            operator: Operator::Exists,
            value: text("true"),
        }],
        ..include("http://s/2")
    };
    let listed = Include {
        concepts: vec![text("33633005")],
        ..include(SNOMED)
    };
    let expanded = ValueSet {
        version: Some(text("2")),
        active_only: true,
        exclude: vec![filtered.clone()],
        expansion: Some(StoredExpansion {
            complete: true,
            codes: vec![(text("http://s/1"), text("a"))],
        }),
        ..set("expanded", vec![filtered])
    };
    let importing = Include {
        value_sets: vec![text("listed|1"), text("http://s/3/all")],
        ..Include::default()
    };
    let target = MapTarget {
        relationship: Relationship::Wider,
        code: Some(text("x")),
        display: Some(text("a display")),
        depends_on: Vec::new(),
        product: Vec::new(),
    };
    let group = |unmapped| MapGroup {
        source: Some(text("http://s/1")),
        elements: vec![MapElement {
            code: text("a"),
            targets: vec![target.clone()],
        }],
        unmapped,
        ..MapGroup::default()
    };
    Content {
        systems: vec![
            system("http://s/2", Coverage::Complete),
            system("http://s/1", Coverage::Complete),
            system("http://s/3", Coverage::Complete),
            system("http://s/4", Coverage::Fragment),
            system(SNOMED, Coverage::Complete),
        ],
        value_sets: vec![
            set("whole", vec![include("http://s/1"), include("http://s/4")]),
            set("listed", vec![listed]),
            expanded,
            set("importing", vec![importing]),
        ],
        concept_maps: vec![ConceptMap {
            url: text("m"),
            groups: vec![
                group(None),
                group(Some(Unmapped::Provided)),
                group(Some(Unmapped::Fixed {
                    code: text("y"),
                    display: None,
                })),
                group(Some(Unmapped::OtherMap(text("n")))),
            ],
            ..ConceptMap::default()
        }],
    }
}

#[test]
fn the_same_content_in_any_order_gives_the_same_bytes_and_reads_back() {
    let content = content();
    let bytes = content.encode();
    let mut turned = content.clone();
    turned.systems.reverse();
    turned.value_sets.reverse();
    assert_eq!(turned.encode(), bytes);
    let back = Content::decode(&bytes).unwrap();
    assert_eq!(back.encode(), bytes);
    assert_eq!(back.systems.len(), content.systems.len());
    assert_eq!(
        back.value_sets.iter().find(|set| set.url == "expanded"),
        Some(&content.value_sets[2])
    );
}

#[test]
fn prose_and_properties_that_nothing_filters_by_stay_out() {
    let bytes = content().encode();
    for prose in ["a display", "een naam", "other"] {
        assert!(
            !bytes.windows(prose.len()).any(|part| part == prose.as_bytes()),
            "{prose}"
        );
    }
    let back = Content::decode(&bytes).unwrap();
    assert_eq!(back.systems[0].concepts[0].properties, [property("weight")]);
}

#[test]
fn a_selection_is_closed_and_leaves_licensed_systems_out() {
    let selected = content().select(["whole", "importing|3"]);
    let urls = |content: &Content| -> (Vec<String>, Vec<String>) {
        let systems = content.systems.iter().map(|system| system.url.clone()).collect();
        (
            systems,
            content.value_sets.iter().map(|set| set.url.clone()).collect(),
        )
    };
    let (systems, sets) = urls(&selected);
    assert_eq!(systems, ["http://s/1", "http://s/3"]);
    assert_eq!(sets, ["whole", "listed", "importing"]);
    // The pack answers as the definitions do.
    let mut from_pack = Builder::new();
    Content::decode(&selected.encode())
        .unwrap()
        .add_to(&mut from_pack)
        .unwrap();
    let mut from_definitions = Builder::new();
    selected.add_to(&mut from_definitions).unwrap();
    let (from_pack, from_definitions) = (from_pack.build(), from_definitions.build());
    for set in ["whole", "listed", "importing", "expanded"] {
        for system in ["http://s/1", "http://s/3", SNOMED] {
            for code in ["a", "b", "c", "33633005"] {
                let coding = Coding::new(system, code);
                assert_eq!(
                    from_pack.member(set, coding),
                    from_definitions.member(set, coding)
                );
            }
        }
    }
}

#[test]
fn what_is_cut_off_or_changed_is_refused() {
    let bytes = content().encode();
    for end in 0..bytes.len() {
        assert_eq!(Content::decode(&bytes[..end]).unwrap_err().code(), "SAM-TRM-004");
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(Content::decode(&longer).is_err());
}

proptest! {
    #[test]
    fn no_bytes_end_the_reading(at in any::<prop::sample::Index>(), byte in any::<u8>(), tail in proptest::collection::vec(any::<u8>(), 0..40)) {
        let mut bytes = content().encode();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = Content::decode(&bytes);
        let _ = Content::decode(&[b"SHT\x01".as_slice(), &tail].concat());
    }
}
