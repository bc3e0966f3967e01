//! Properties of the readers, on generated and on damaged messages.

use std::borrow::Cow;

use bytes::Bytes;
use proptest::prelude::*;
use samenhang_profiles::content::content_hash;
use samenhang_profiles::json::{Reader, check};
use samenhang_profiles::page::Page;
use samenhang_profiles::tree::Tree;
use samenhang_profiles::write::JsonWriter;
use samenhang_profiles::xml::to_json;
use samenhang_profiles::{FhirVersion, Limits, RawResource, ReadError};

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("reference".to_owned()),
        Just("data".to_owned()),
        Just("id".to_owned()),
        Just("meta".to_owned()),
        Just("text".to_owned()),
        Just("code".to_owned()),
        Just("category".to_owned()),
        Just("identifier".to_owned()),
        Just("subject".to_owned()),
        Just("effectivePeriod".to_owned()),
        "[a-zé\"\\\\\n]{1,12}",
    ]
}

/// A value whose objects repeat no name.
fn value() -> impl Strategy<Value = Tree<'static>> {
    let number = "-?(0|[1-9][0-9]{0,12})(\\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?";
    let leaf = prop_oneof![
        Just(Tree::Null),
        any::<bool>().prop_map(Tree::Boolean),
        number
            .prop_filter("within the limit of exponents", |text| check(
                text.as_bytes(),
                &Limits::default()
            )
            .is_ok())
            .prop_map(|text| Tree::Number(Cow::Owned(text))),
        "\\PC{0,20}".prop_map(|text| Tree::String(Cow::Owned(text))),
        "[\\x00-\\x7f]{0,20}".prop_map(|text| Tree::String(Cow::Owned(text))),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Tree::Array),
            prop::collection::btree_map(name(), inner, 0..6)
                .prop_map(|map| Tree::Object(map.into_iter().map(|(k, v)| (Cow::Owned(k), v)).collect())),
        ]
    })
}

fn resource() -> impl Strategy<Value = Tree<'static>> {
    prop::collection::btree_map(name(), value(), 0..8).prop_map(|map| {
        let kind = (
            Cow::Borrowed("resourceType"),
            Tree::String(Cow::Borrowed("Observation")),
        );
        let fields = map.into_iter().map(|(name, value)| (Cow::Owned(name), value));
        Tree::Object(std::iter::once(kind).chain(fields).collect())
    })
}

fn text(tree: &Tree<'_>) -> Vec<u8> {
    let mut out = JsonWriter::new();
    tree.write(&mut out);
    out.finish().into()
}

/// Turns every object around, and every string into escapes.
fn disguised(tree: &Tree<'_>, out: &mut String) {
    match tree {
        Tree::Object(_) => {
            let mut fields: Vec<_> = tree.fields().collect();
            fields.reverse();
            out.push_str("{ ");
            for (index, (name, value)) in fields.into_iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "\n, " });
                escaped(name, out);
                out.push_str(" :\t");
                disguised(value, out);
            }
            out.push('}');
        }
        Tree::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { " " } else { " ,\r" });
                disguised(item, out);
            }
            out.push_str(" ]");
        }
        Tree::String(text) => escaped(text, out),
        other => out.push_str(&String::from_utf8_lossy(&text(other))),
    }
}

fn escaped(text: &str, out: &mut String) {
    out.push('"');
    text.encode_utf16()
        .for_each(|unit| out.push_str(&format!("\\u{unit:04X}")));
    out.push('"');
}

/// Whether the verdict is of a kind that the other parser does not share.
fn ours_alone(verdict: &Result<(), ReadError>) -> bool {
    matches!(
        verdict,
        Err(ReadError::DuplicateKey { .. } | ReadError::Limit { .. })
    )
}

fn agrees(body: &[u8]) -> Result<(), TestCaseError> {
    let ours = check(body, &Limits::default());
    let theirs = serde_json::from_slice::<serde_json::Value>(body);
    prop_assert!(
        ours_alone(&ours) || ours.is_ok() == theirs.is_ok(),
        "{:?} {:?} {:?}",
        ours,
        theirs.err(),
        String::from_utf8_lossy(body)
    );
    Ok(())
}

proptest! {
    #[test]
    fn what_is_json_is_for_both_parsers(tree in value()) {
        let body = text(&tree);
        prop_assert!(check(&body, &Limits::default()).is_ok());
        agrees(&body)?;
        let back = Tree::parse(&body, &Limits::default()).unwrap();
        prop_assert_eq!(back, tree);
    }

    #[test]
    fn damaged_json_has_the_same_verdict_from_both(
        tree in value(), at in any::<prop::sample::Index>(), byte in prop_oneof![any::<u8>(), prop::sample::select(b"\"\\{}[]:,0.eE+-u \n".to_vec())], cut in any::<bool>(),
    ) {
        let mut body = text(&tree);
        let at = at.index(body.len());
        if cut { body.truncate(at); } else { body[at] = byte; }
        agrees(&body)?;
    }

    #[test]
    fn soup_of_tokens_has_the_same_verdict_from_both(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"b\"", "1", "-", "0", ".5", "e9", "true", "null", " ", "\"\\ud83d\"", "\"\\ude00\"",
            "\"\\ud83d\\ude00\"", "\"", "\\", "/*", "é", "\u{feff}",
        ]), 0..12),
    ) {
        agrees(tokens.concat().as_bytes())?;
    }

    #[test]
    fn strings_are_decoded_as_by_the_other_parser(text in any::<String>()) {
        let mut plain = JsonWriter::new();
        plain.string(&text);
        let mut disguise = String::new();
        escaped(&text, &mut disguise);
        for body in [plain.finish(), Bytes::from(disguise)] {
            prop_assert_eq!(&serde_json::from_slice::<String>(&body).unwrap(), &text);
            let mut reader = Reader::new(&body, &Limits::default()).unwrap();
            prop_assert_eq!(&*reader.string().unwrap(), text.as_str());
        }
    }

    #[test]
    fn a_page_gives_every_resource_back_byte_for_byte(resources in prop::collection::vec(resource(), 0..6), space in "[ \n\t]{0,4}") {
        let texts: Vec<String> = resources.iter().enumerate().map(|(index, resource)| {
            let mut out = String::new();
            if index % 2 == 0 { disguised(resource, &mut out); } else { out = String::from_utf8(text(resource)).unwrap(); }
            out
        }).collect();
        let entries: Vec<_> = texts.iter().map(|text| format!("{{{space}\"resource\":{space}{text}{space}}}")).collect();
        let page = format!("{{\"entry\":[{}],\"resourceType\":\"Bundle\"}}", entries.join(","));
        let page = Page::read(Bytes::from(page), &Limits::default()).unwrap();
        let bodies: Vec<_> = page.entries.iter().map(|entry| entry.resource.as_ref().unwrap().body().to_vec()).collect();
        prop_assert_eq!(bodies, texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>());
        // Keys are the same alone and in a page.
        for (entry, text) in page.entries.iter().zip(&texts) {
            let alone = RawResource::read(Bytes::from(text.clone()), &Limits::default()).unwrap();
            let inside = entry.resource.as_ref().unwrap();
            prop_assert_eq!(&alone.keys().references, &inside.keys().references);
            prop_assert_eq!(&alone.keys().codes, &inside.keys().codes);
        }
    }

    #[test]
    fn the_content_hash_does_not_see_notation(tree in resource()) {
        let mut other = String::new();
        disguised(&tree, &mut other);
        let read = |body: Vec<u8>| RawResource::read(Bytes::from(body), &Limits::default()).unwrap();
        prop_assert_eq!(content_hash(&read(text(&tree))), content_hash(&read(other.into_bytes())));
    }

    #[test]
    fn soup_of_xml_never_panics(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "<Patient xmlns=\"http://hl7.org/fhir\">", "</Patient>", "<name>", "</name>", "<id value=\"1\"/>", "<id", "value=\"x\"", "/>", ">",
            "<text>", "</text>", "<div xmlns=\"http://www.w3.org/1999/xhtml\">", "</div>", "<b/>", "&amp;", "&#0;", "&x;", "<!--", "-->",
            "<![CDATA[", "]]>", "<?xml version=\"1.0\"?>", "<!DOCTYPE a>", "text", "<contained>", "</contained>", "é", "<given value=\"\">",
            "<extension url=\"u\">", "</extension>", "xmlns:a=\"b\"", "<", "\"",
        ]), 0..14),
        stu3 in any::<bool>(),
    ) {
        let version = if stu3 { FhirVersion::Stu3 } else { FhirVersion::R4 };
        if let Ok(json) = to_json(tokens.concat().as_bytes(), version, &Limits::default()) {
            prop_assert!(check(&json, &Limits::default()).is_ok());
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(body in prop::collection::vec(any::<u8>(), 0..64)) {
        agrees(&body)?;
        let _ = to_json(&body, FhirVersion::R4, &Limits::default());
        let _ = Page::read(Bytes::from(body), &Limits::default());
    }
}
