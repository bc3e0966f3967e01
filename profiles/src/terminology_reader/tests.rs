//! Made-up definitions of both versions.

use proptest::prelude::*;
use samenhang_terminology::answer::Relationship;
use samenhang_terminology::definition::{Content, Operator, Unmapped};

use super::TerminologyResource;
use crate::limits::Limits;

fn read(text: &str) -> TerminologyResource {
    TerminologyResource::from_json(text.as_bytes(), &Limits::default())
        .unwrap()
        .unwrap()
}

#[test]
fn concepts_nest_and_name_their_parents_in_three_ways() {
    let TerminologyResource::CodeSystem(system) = read(
        r#"{"resourceType":"CodeSystem","url":"http://example.org/s","version":"1","content":"complete","caseSensitive":true,
        "concept":[
          {"code":"a","display":"A","concept":[{"code":"b","concept":[{"code":"c"}]}],
           "property":[{"code":"child","valueCode":"d"},{"code":"status","valueCode":"active"}]},
          {"code":"d","property":[{"code":"parent","valueCode":"b"},{"code":"inactive","valueBoolean":true}],
           "designation":[{"language":"nl","value":"D"},{"language":"en"}]},
          {"code":"e","property":[{"code":"status","valueCode":"retired"},{"code":"weight","valueDecimal":1.50},
           {"code":"like","valueCoding":{"code":"a"}}]}]}"#,
    ) else {
        panic!("no code system")
    };
    assert_eq!((system.content, system.case_sensitive), (Content::Complete, true));
    let short: Vec<(&str, Vec<&str>, bool)> = system
        .concepts
        .iter()
        .map(|concept| {
            (
                concept.code.as_str(),
                concept.parents.iter().map(String::as_str).collect(),
                concept.inactive,
            )
        })
        .collect();
    assert_eq!(
        short,
        [
            ("a", vec![], false),
            ("b", vec!["a"], false),
            ("c", vec!["b"], false),
            ("d", vec!["b", "a"], true),
            ("e", vec![], true)
        ]
    );
    assert_eq!(system.concepts[3].designations.len(), 1);
    let properties: Vec<(&str, &str)> = system.concepts[4]
        .properties
        .iter()
        .map(|property| (property.name.as_str(), property.value.as_str()))
        .collect();
    assert_eq!(
        properties,
        [("status", "retired"), ("weight", "1.50"), ("like", "a")]
    );
}

#[test]
fn a_value_set_keeps_its_rules_and_what_its_expansion_says_of_itself() {
    let TerminologyResource::ValueSet(set) = read(
        r#"{"resourceType":"ValueSet","url":"http://example.org/v","compose":{"inactive":false,
        "include":[{"system":"s","concept":[{"code":"x","display":"X"}]},{"valueSet":["v1","v2|2"]}],
        "exclude":[{"system":"s","version":"3","filter":[{"property":"concept","op":"is-a","value":"y"},{}]}]},
        "expansion":{"total":3,"contains":[{"abstract":true,"contains":[{"system":"s","code":"x"}]},{"system":"s","code":"z"}]}}"#,
    ) else {
        panic!("no value set")
    };
    assert!(set.active_only);
    assert_eq!(set.include[0].concepts, ["x"]);
    assert_eq!(set.include[1].value_sets, ["v1", "v2|2"]);
    assert_eq!(set.exclude[0].filters[0].operator, Operator::IsA);
    assert_eq!(set.exclude[0].filters[1].operator, Operator::Other(String::new()));
    let expansion = set.expansion.unwrap();
    assert!(expansion.complete);
    assert_eq!(expansion.codes.len(), 2);
    for part in [
        r#""total":9"#,
        r#""offset":1"#,
        r#""parameter":[{"name":"limitedExpansion","valueBoolean":true}]"#,
        r#""extension":[{"url":"http://hl7.org/fhir/StructureDefinition/valueset-unclosed","valueBoolean":true}]"#,
    ] {
        let text = format!(r#"{{"resourceType":"ValueSet","url":"v","expansion":{{{part},"contains":[]}}}}"#);
        let TerminologyResource::ValueSet(set) = read(&text) else {
            panic!("no value set")
        };
        assert!(!set.expansion.unwrap().complete, "{part}");
    }
}

#[test]
fn maps_of_both_versions_read_alike() {
    let r4 = r#"{"resourceType":"ConceptMap","url":"m","sourceCanonical":"from","targetUri":"to","group":[{"source":"s","target":"t",
        "element":[{"code":"a","target":[{"code":"x","equivalence":"wider","dependsOn":[{"property":"p","value":"1"}]},
          {"equivalence":"unmatched"},{"code":"y","equivalence":"unheard"}]},{"display":"no code"}],
        "unmapped":{"mode":"fixed","code":"z"}}]}"#;
    let stu3 = r4
        .replace(
            r#""sourceCanonical":"from""#,
            r#""sourceReference":{"reference":"from"}"#,
        )
        .replace(r#""value":"1""#, r#""code":"1""#);
    assert_eq!(read(r4), read(&stu3));
    let TerminologyResource::ConceptMap(map) = read(r4) else {
        panic!("no map")
    };
    assert_eq!(
        (map.source.as_deref(), map.target.as_deref()),
        (Some("from"), Some("to"))
    );
    let targets = &map.groups[0].elements[0].targets;
    assert_eq!(map.groups[0].elements.len(), 1);
    assert_eq!(
        targets
            .iter()
            .map(|target| target.relationship)
            .collect::<Vec<_>>(),
        [Relationship::Wider, Relationship::Unmatched]
    );
    assert_eq!(targets[0].depends_on[0].value, "1");
    let fixed = Unmapped::Fixed {
        code: "z".to_owned(),
        display: None,
    };
    assert_eq!(map.groups[0].unmapped, Some(fixed));
}

#[test]
fn other_resources_are_none_and_what_has_no_canonical_is_refused() {
    let limits = Limits::default();
    assert_eq!(
        TerminologyResource::from_json(br#"{"resourceType":"Patient"}"#, &limits),
        Ok(None)
    );
    for text in [
        r#"{"resourceType":"ValueSet"}"#,
        r#"{"resourceType":"CodeSystem","url":1}"#,
        "[",
        "",
    ] {
        assert!(
            TerminologyResource::from_json(text.as_bytes(), &limits).is_err(),
            "{text}"
        );
    }
}

proptest! {
    /// Any tree of the names that the readers look for.
    #[test]
    fn no_json_ends_the_reading(kind in "CodeSystem|ValueSet|ConceptMap", body in json(4)) {
        let text = format!(r#"{{"resourceType":"{kind}","url":"u","concept":{body},"compose":{body},"expansion":{body},"group":{body}}}"#);
        let _ = TerminologyResource::from_json(text.as_bytes(), &Limits::default());
    }
}

fn json(depth: u32) -> impl Strategy<Value = String> {
    let names = "concept|code|property|valueCode|include|filter|contains|element|target|equivalence|unmapped|mode|value";
    let leaf = prop_oneof![
        Just("1".to_owned()),
        Just("true".to_owned()),
        Just("null".to_owned()),
        Just(r#""x""#.to_owned())
    ];
    leaf.prop_recursive(depth, 32, 4, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            proptest::collection::btree_map(names, inner, 0..4).prop_map(|fields| {
                let fields: Vec<String> = fields
                    .into_iter()
                    .map(|(name, value)| format!(r#""{name}":{value}"#))
                    .collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}
