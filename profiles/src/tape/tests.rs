use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Node, Tape};
use crate::json::Kind;

/// What a place on a tape says, as the reference implementation of JSON has it.
fn told(node: Node<'_>) -> Value {
    match node.kind() {
        Kind::Null => Value::Null,
        Kind::Boolean => node.as_bool().map_or(Value::Null, Value::Bool),
        Kind::Number => serde_json::from_str(node.as_number().unwrap_or_default()).unwrap_or(Value::Null),
        Kind::String => json!(node.as_str()),
        Kind::Array => Value::Array(node.items().map(told).collect()),
        Kind::Object => Value::Object(
            node.fields()
                .map(|(name, node)| (name.to_owned(), told(node)))
                .collect(),
        ),
    }
}

#[test]
fn names_items_and_scalars_are_found() {
    let body = br#"{"resourceType":"Flag","a":[{"b":1.50},{"b":"\u00e9\n","c":true}],"n":null}"#;
    let mut tape = Tape::default();
    let other = tape.add(br#"{"resourceType":"\u0041"}"#).unwrap();
    assert!(tape.add(b"[1,").is_err(), "nothing is kept of it");
    let place = tape.add(body).unwrap();
    assert_eq!(tape.root(other).text("resourceType"), Some("A"));
    assert_eq!(tape.root(other).fields().count(), 1);
    let root = tape.root(place);
    assert_eq!(root.text("resourceType"), Some("Flag"));
    let items: Vec<_> = root.get("a").unwrap().items().collect();
    assert_eq!(items[0].get("b").unwrap().as_number(), Some("1.50"));
    assert_eq!(items[1].text("b"), Some("\u{e9}\n"));
    assert_eq!(items[1].get("c").unwrap().as_bool(), Some(true));
    assert_eq!(root.get("n").unwrap().kind(), Kind::Null);
    assert!(root.get("absent").is_none());
    assert_eq!(root.items().count(), 0, "an object has no items");
    assert_eq!(root.many().count(), 1, "what is no array is itself");
    assert_eq!(root.get("a").unwrap().many().count(), 2);
    assert_eq!(
        root.get("a").unwrap().fields().count(),
        0,
        "an array has no names"
    );
    assert_eq!(root.get("n").unwrap().scalar(), Some("null"));
    assert_eq!(root.scalar(), None);
}

fn is_read(body: &[u8]) -> bool {
    Tape::default().add(body).is_ok()
}

#[test]
fn what_nests_too_deep_or_ends_early_is_refused() {
    let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    assert!(is_read(deep(256).as_bytes()));
    assert!(!is_read(deep(257).as_bytes()));
    for wrong in ["", "{", r#"{"a":}"#, "[1,]", "1 2", r#"{"a":1]"#] {
        assert!(!is_read(wrong.as_bytes()), "{wrong}");
    }
}

fn json_text() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(|number| json!(number)),
        any::<String>().prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    /// All that a text says is on its tape, and nothing else.
    #[test]
    fn a_tape_says_what_the_text_says(value in json_text()) {
        let text = value.to_string();
        let mut tape = Tape::default();
        let place = tape.add(text.as_bytes()).unwrap();
        prop_assert_eq!(told(tape.root(place)), value);
    }

    /// No text stops it.
    #[test]
    fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut tape = Tape::default();
        if let Ok(place) = tape.add(&body) {
            told(tape.root(place));
        }
    }
}
