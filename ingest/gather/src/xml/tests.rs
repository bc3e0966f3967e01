use proptest::prelude::*;
use uuid::Uuid;

use super::soap::{Opened, envelope};
use super::{Element, XmlError, escape};

#[test]
fn a_message_is_read_with_its_namespaces() {
    let root = Element::parse(
        br#"<?xml version="1.0" encoding="utf-8"?><!-- x --><a:r xmlns:a="urn:a" b="1 &amp; 2"><c xmlns="urn:c">x&lt;<![CDATA[<y>]]>&#65;</c><a:d/></a:r>"#,
    )
    .unwrap();
    assert!(root.is("urn:a", "r"));
    assert_eq!(root.attribute("b"), Some("1 & 2"));
    assert_eq!(root.only("urn:c", "c").map(Element::text), Some("x<<y>A"));
    assert_eq!(root.all("urn:a", "d").count(), 1);
    let mut names = Vec::new();
    root.visit(&mut |element| names.push(element.name()));
    assert_eq!(names, ["r", "c", "d"]);
}

#[test]
fn hostile_messages_are_refused() {
    let deep = format!("{}{}", "<a>".repeat(100), "</a>".repeat(100));
    let wide = format!("<a>{}</a>", "<b/>".repeat(20_001));
    let numbered = |name: &str| -> String { (0..65).map(|n| format!(" {name}{n}=\"u\"")).collect() };
    let (named, declared) = (numbered("b"), numbered("xmlns:b"));
    let (named, declared) = (format!("<a{named}/>"), format!("<a{declared}/>"));
    for (text, why) in [
        ("<!DOCTYPE a><a/>", "document type"),
        (
            r#"<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>"#,
            "document type",
        ),
        ("<a>&x;</a>", "entity"),
        (r#"<a b="&x;"/>"#, "entity"),
        ("<?php x?><a/>", "processing"),
        ("<a><b></a>", "well-formed"),
        ("<a>", "end"),
        ("", "end"),
        ("<a/><b/>", "elements"),
        ("<a/>x", "outside"),
        (r#"<a b="1" b="2"/>"#, ""),
        ("<x:a/>", "prefix"),
        (r#"<?xml version="1.0" encoding="utf-16"?><a/>"#, "utf-8"),
        (&deep, "elements"),
        (&wide, "elements"),
        (&named, "attributes"),
        (&declared, "attributes"),
    ] {
        let error = Element::parse(text.as_bytes()).err();
        assert!(
            error.is_some_and(|error| error.to_string().contains(why)),
            "{:.60}: {error:?}",
            text
        );
    }
    assert!(Element::parse(b"<a>\xff</a>").is_err());
}

#[test]
fn an_answer_must_answer_this_request() {
    let (ours, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let answer = |relates_to: Uuid, body: &str| {
        format!(
            r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header><a:RelatesTo>urn:uuid:{relates_to}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"#
        )
    };
    let open = |text: String| Opened::open(text.as_bytes(), ours);
    assert!(open(answer(ours, "<x/>")).is_ok_and(|opened| opened.body().children().len() == 1));
    assert_eq!(
        open(answer(other, "<x/>")).err(),
        Some(XmlError("it answers another request"))
    );
    assert_eq!(
        open(answer(ours, "<s:Fault/>")).err(),
        Some(XmlError("it is a fault"))
    );
    assert_eq!(
        open(answer(ours, "<x/>").replace("RelatesTo", "Relates")).err(),
        Some(XmlError("it does not say what it answers"))
    );
    assert!(open(answer(ours, "<x/></s:Body><s:Body>")).is_err());
}

#[test]
fn what_is_written_can_be_read() {
    let text = envelope(
        "a&b",
        Uuid::nil(),
        "https://x/?a=\"<",
        "",
        &format!("<b t=\"{}\"/>", escape("<'\">&\u{1}\n")),
    );
    let root = Element::parse(text.as_bytes()).unwrap();
    let mut seen = None;
    root.visit(&mut |element| seen = seen.or(element.attribute("t")));
    assert_eq!(seen, Some("<'\">& "));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn f14_no_text_makes_the_reader_panic(text in "[<>/a-c:=\"'&;!\\-\\[\\]? #x0-9]{0,80}") {
        let _ = Element::parse(text.as_bytes());
    }

    #[test]
    fn any_text_survives_being_written(text in "[ -~\u{e9}\u{20ac}]{0,40}") {
        let written = format!("<a b=\"{}\">{}</a>", escape(&text), escape(&text));
        let read = Element::parse(written.as_bytes()).unwrap();
        prop_assert_eq!(read.attribute("b"), Some(text.as_str()));
        prop_assert_eq!(read.text(), text.trim());
    }
}
