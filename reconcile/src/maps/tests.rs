use samenhang_terminology::answer::Relationship;
use samenhang_terminology::definition::{ConceptMap, MapAttribute, MapElement, MapGroup, MapTarget};

use serde_json::Value;

use super::{Allowed, Maps, MapsError};
use crate::Reconciled;
use crate::answer::{Assembly, Subject, write_explanation, write_records};
use crate::cluster::Relation;
use crate::fact::Bridge as _;
use crate::fixtures::received;
use crate::view::{Views, WHOLE};

const A: &str = "http://example.org/a";
const B: &str = "http://example.org/b";
const C: &str = "http://example.org/c";

type Row<'r> = (&'r str, &'r str, &'r str, &'r str, Relationship);

/// A map of rows: system and code, system and code, relationship.
fn map(name: &str, version: &str, rows: &[Row<'_>]) -> ConceptMap {
    ConceptMap {
        url: format!("http://example.org/ConceptMap/{name}"),
        version: Some(version.to_owned()),
        groups: rows
            .iter()
            .map(|(system, code, target, to, relationship)| MapGroup {
                source: Some((*system).to_owned()),
                target: Some((*target).to_owned()),
                elements: vec![MapElement {
                    code: (*code).to_owned(),
                    targets: vec![MapTarget {
                        relationship: *relationship,
                        code: Some((*to).to_owned()),
                        display: None,
                        depends_on: Vec::new(),
                        product: Vec::new(),
                    }],
                }],
                ..MapGroup::default()
            })
            .collect(),
        ..ConceptMap::default()
    }
}

fn allowed(names: &[&str]) -> Vec<Allowed> {
    names
        .iter()
        .map(|name| format!("http://example.org/ConceptMap/{name}").parse().unwrap())
        .collect()
}

/// Whether two codes are the same by the maps.
fn same(maps: &Maps, a: (&str, &str), b: (&str, &str)) -> bool {
    let stands = |(system, code)| maps.stands_for(system, code);
    stands(a).is_some() && stands(a) == stands(b)
}

#[test]
fn a_map_counts_only_by_its_canonical_and_version() {
    use Relationship::Equivalent;
    let given = [
        map("one", "1", &[(A, "1", B, "1", Equivalent)]),
        map("one", "2", &[(A, "2", B, "2", Equivalent)]),
        map("other", "1", &[(A, "3", B, "3", Equivalent)]),
    ];
    let maps = Maps::new(&given, &[]).unwrap();
    assert!(!same(&maps, (A, "1"), (B, "1")), "nothing is allowed by default");
    let maps = Maps::new(&given, &allowed(&["one|2"])).unwrap();
    assert!(same(&maps, (A, "2"), (B, "2")));
    assert!(!same(&maps, (A, "1"), (B, "1")), "another version");
    assert!(!same(&maps, (A, "3"), (B, "3")), "another map");
    assert_eq!(maps.names(), &["http://example.org/ConceptMap/one|2".into()]);
    let absent = Maps::new(&given, &allowed(&["one|3"])).unwrap_err();
    assert_eq!(absent.code(), "SAM-REC-007");
    for wrong in ["http://example.org/x", "|1", "http://example.org/x|", "a|b|c"] {
        let error = wrong.parse::<Allowed>().unwrap_err();
        assert_eq!(error, MapsError::NoVersion(wrong.to_owned()));
        assert_eq!(error.code(), "SAM-REC-006");
    }
}

#[test]
fn what_keeps_its_meaning_joins_and_the_rest_shares_a_topic_at_most() {
    use Relationship::{Disjoint, Equal, Inexact, Narrower, RelatedTo, Unmatched, Wider};
    for (relationship, is_same, is_topic) in [
        (Equal, true, false),
        (Relationship::Equivalent, true, false),
        (Wider, false, true),
        (Narrower, false, true),
        (Inexact, false, true),
        (RelatedTo, false, false),
        (Unmatched, false, false),
        (Disjoint, false, false),
    ] {
        let given = [map("one", "1", &[(A, "1", B, "1", relationship)])];
        let maps = Maps::new(&given, &allowed(&["one|1"])).unwrap();
        assert_eq!(same(&maps, (A, "1"), (B, "1")), is_same, "{relationship:?}");
        for code in [A, B] {
            assert_eq!(!maps.topics(code, "1").is_empty(), is_topic, "{relationship:?}");
        }
    }
}

#[test]
fn what_depends_on_something_else_says_nothing() {
    let mut given = map("one", "1", &[(A, "1", B, "1", Relationship::Equal)]);
    given.groups[0].elements[0].targets[0].depends_on = vec![MapAttribute {
        property: "http://example.org/property".to_owned(),
        system: None,
        value: "x".to_owned(),
    }];
    let maps = Maps::new(&[given], &allowed(&["one|1"])).unwrap();
    assert!(!same(&maps, (A, "1"), (B, "1")));
}

#[test]
fn equivalence_is_carried_over_as_long_as_it_is_unambiguous() {
    use Relationship::{Disjoint, Equal};
    // Over three systems, and within one.
    let given = [map(
        "one",
        "1",
        &[(A, "1", B, "1", Equal), (B, "1", C, "1", Equal)],
    )];
    let maps = Maps::new(&given, &allowed(&["one|1"])).unwrap();
    assert!(same(&maps, (A, "1"), (C, "1")));
    // Two codes of one system that become one code are not one fact.
    let given = [map(
        "one",
        "1",
        &[(A, "1", B, "1", Equal), (A, "2", B, "1", Equal)],
    )];
    let maps = Maps::new(&given, &allowed(&["one|1"])).unwrap();
    assert!(!same(&maps, (A, "1"), (A, "2")));
    assert!(!same(&maps, (A, "1"), (B, "1")), "which of the two is not known");
    assert_eq!(maps.ambiguous(), 1);
    // A code that was replaced within its system is one with its successor.
    let given = [map(
        "one",
        "1",
        &[
            (A, "1", B, "1", Equal),
            (A, "2", B, "1", Equal),
            (A, "1", A, "2", Equal),
        ],
    )];
    let maps = Maps::new(&given, &allowed(&["one|1"])).unwrap();
    assert!(same(&maps, (A, "1"), (A, "2")));
    assert!(same(&maps, (A, "2"), (B, "1")));
    // One map that tells apart goes before another that equates.
    let given = [
        map("one", "1", &[(A, "1", B, "1", Equal)]),
        map("two", "1", &[(A, "1", B, "1", Disjoint)]),
    ];
    let maps = Maps::new(&given, &allowed(&["one|1", "two|1"])).unwrap();
    assert!(!same(&maps, (A, "1"), (B, "1")));
}

/// A diagnosis at a holder, coded in one system.
fn diagnosis(holder: &str, id: &str, system: &str, code: &str) -> samenhang_profiles::Received {
    received(
        holder,
        &format!(
            r#"{{"resourceType":"Condition","id":"{id}","clinicalStatus":{{"coding":[{{"code":"active"}}]}},"code":{{"coding":[{{"system":"{system}","code":"{code}"}}]}},"onsetDateTime":"2024-03-01","note":[{{"text":"{id}"}}]}}"#
        ),
    )
}

#[test]
fn two_code_systems_are_joined_by_an_allowed_map_which_is_told() {
    let given = [map(
        "one",
        "1",
        &[
            (A, "1", B, "1", Relationship::Equivalent),
            (A, "1", B, "2", Relationship::Wider),
        ],
    )];
    let items = || {
        vec![
            diagnosis("00700700", "own", A, "1"),
            diagnosis("00700701", "same", B, "1"),
            diagnosis("00700702", "wider", B, "2"),
        ]
    };
    let without = Reconciled::new(items());
    assert!(without.clusters().is_empty());
    assert!(without.topics().is_empty());
    let maps = Maps::new(&given, &allowed(&["one|1"])).unwrap();
    let with = Reconciled::by(items(), &[], &maps);
    let [cluster] = with.clusters() else {
        panic!("one cluster");
    };
    let ids = |index: &usize| with.items()[*index].resource.id().unwrap_or_default();
    let members: Vec<&str> = cluster.members.iter().map(ids).collect();
    assert_eq!(members, ["own", "same"]);
    assert_eq!(cluster.relations[0].1, Relation::SameFact { translated: true });
    assert_eq!(cluster.maps, maps.names());
    let [topic] = with.topics() else {
        panic!("one topic");
    };
    assert_eq!((topic.a, topic.b), (cluster.representative, 2));
    assert_eq!(topic.map, maps.names()[0]);
    told(&with);
}

/// What the answer and the explanation say of it.
fn told(of: &Reconciled) {
    let assembly = Assembly {
        software: "Samenhang",
        version: "1",
        at: None,
        view: Views::shipped().named(WHOLE).unwrap(),
    };
    let answer: Value = serde_json::from_slice(&write_records(of, &assembly)).unwrap();
    let entries = answer["entry"].as_array().unwrap();
    let parts = |of: &Value, name: &str| -> Vec<Value> {
        let parts = of["extension"].as_array().into_iter().flatten();
        parts.filter(|part| part["url"] == name).cloned().collect()
    };
    let topics: Vec<Vec<Value>> = entries
        .iter()
        .filter(|entry| entry["resource"]["resourceType"] == "Condition")
        .map(|entry| parts(&entry["extension"][0], "sameTopic"))
        .collect();
    insta::assert_json_snapshot!("lineage", topics);
    let composition = entries
        .iter()
        .map(|entry| &entry["resource"])
        .find(|resource| resource["resourceType"] == "Composition")
        .unwrap();
    let url = "https://samenhang.example/fhir/StructureDefinition/same-topic";
    insta::assert_json_snapshot!("composition", parts(composition, url));
    // What is explained was compared with the same maps.
    let all = write_explanation(of, None, Subject::All).unwrap();
    let all: Value = serde_json::from_slice(&all).unwrap();
    insta::assert_json_snapshot!("explained", all["parameter"][1]["part"]);
}

#[test]
fn a_code_in_common_needs_no_map() {
    let maps = Maps::new(
        &[map("one", "1", &[(A, "1", B, "1", Relationship::Equal)])],
        &allowed(&["one|1"]),
    )
    .unwrap();
    let items = vec![
        diagnosis("00700700", "a", A, "1"),
        diagnosis("00700701", "b", A, "1"),
    ];
    let with = Reconciled::by(items, &[], &maps);
    assert_eq!(
        with.clusters()[0].relations[0].1,
        Relation::SameFact { translated: false }
    );
    assert!(with.clusters()[0].maps.is_empty());
}
