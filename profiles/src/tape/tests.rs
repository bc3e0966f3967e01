use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Node, Taped};
use crate::json::Kind;
use crate::page::Page;
use crate::{Limits, RawResource};

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
    let other = Taped::read(br#"{"resourceType":"\u0041"}"#).unwrap();
    assert_eq!(other.root().text("resourceType"), Some("A"));
    assert_eq!(other.root().fields().count(), 1);
    let read = Taped::read(body).unwrap();
    let root = read.root();
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
    Taped::read(body).is_ok()
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

/// What a resource of a page says, read with the page and read by itself.
#[test]
fn the_tape_of_a_resource_of_a_page_is_its_own() {
    let flag = r#"{"resourceType":"Flag", "id":"f","code":{"text":"a\u00e9b"},"n":[-1.50e2,null,[]]}"#;
    let entry = |resource: &str| format!(r#"{{"search":{{"mode":"match"}},"resource": {resource} }}"#);
    let more = r#"{"resourceType":"Flag","id":"\u0067","extension":[{"url":"x","valueString":"\"y\""}]}"#;
    let page = format!(
        r#"{{"resourceType":"Bundle","type":"searchset","meta":{{"x":"\u0041"}},"entry":[{},{}]}}"#,
        entry(flag),
        entry(more)
    );
    let page = Page::read(Bytes::from(page), &Limits::default()).unwrap();
    for (entry, text) in page.entries.iter().zip([flag, more]) {
        let of_page = entry.resource.as_ref().unwrap();
        let own = RawResource::read(Bytes::from(format!(" {text} ")), &Limits::default()).unwrap();
        let wanted: Value = serde_json::from_str(text).unwrap();
        for resource in [of_page, &own, &own.over(Bytes::from(text.to_owned())).unwrap()] {
            assert_eq!(told(resource.taped().unwrap().root()), wanted);
        }
    }
}

proptest! {
    /// All that a text says is on its tape, and nothing else.
    #[test]
    fn a_tape_says_what_the_text_says(value in json_text()) {
        let text = value.to_string();
        let read = Taped::read(text.as_bytes()).unwrap();
        prop_assert_eq!(told(read.root()), value);
    }

    /// No text stops it.
    #[test]
    fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(read) = Taped::read(&body) {
            told(read.root());
        }
    }
}
