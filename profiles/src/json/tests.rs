use std::fmt::Write as _;

use super::{Kind, Reader, check};
use crate::limits::Limits;
use crate::raw::ReadError;

fn verdict(text: &str) -> Result<(), ReadError> {
    check(text.as_bytes(), &Limits::default())
}

#[track_caller]
fn refused(text: &str, what: &str) {
    match verdict(text) {
        Err(ReadError::Malformed { what: found, .. }) => assert_eq!(found, what, "{text}"),
        other => panic!("{text}: {other:?}"),
    }
}

#[track_caller]
fn limited(text: &str, limits: Limits, what: &str) {
    match check(text.as_bytes(), &limits) {
        Err(ReadError::Limit { what: found, .. }) => assert_eq!(found, what),
        other => panic!("{other:?}"),
    }
}

#[test]
fn accepts_what_the_grammar_allows() {
    for text in [
        "0",
        "-0.5e+10",
        " [ ] ",
        "{}",
        "\"\"",
        "true",
        "false",
        "null",
        "[1,2,{\"a\":[null,true]},\"\\u00e9\\ud83d\\ude00\\n\\/\"]",
        "{\"a\":1,\"b\":{\"a\":2}}",
        "\"é😀\"",
    ] {
        assert_eq!(verdict(text), Ok(()), "{text}");
    }
}

#[test]
fn refuses_what_is_not_json() {
    refused("", "the text ends early");
    refused("[", "the text ends early");
    refused("{\"a\":1", "the text ends early");
    refused("\"a", "the text ends early");
    refused("[1,]", "expected a value");
    refused("[,1]", "expected a value");
    refused("[1 2]", "expected a comma or the end");
    refused("{\"a\":1,}", "expected a property name");
    refused("{a:1}", "expected a property name");
    refused("{\"a\" 1}", "expected a colon");
    refused("[}", "expected a value");
    refused("{]", "expected a property name");
    refused("NaN", "expected a value");
    refused("-Infinity", "expected a digit");
    refused("nul", "expected a value");
    refused("01", "a leading zero");
    refused("1.", "expected a digit");
    refused(".5", "expected a value");
    refused("+1", "expected a value");
    refused("1e", "expected a digit");
    refused("1x", "text after the value");
    refused("{} {}", "text after the value");
    refused("{} // c", "text after the value");
    refused("/* c */ {}", "expected a value");
    refused("\"a\tb\"", "a control character in a string");
    refused("\"\\x\"", "an unknown escape");
    refused("\"\\u12g4\"", "four hexadecimal digits expected");
    refused("\"\\ud800\"", "a lone surrogate");
    refused("\"\\ud800\\u0041\"", "a lone surrogate");
    refused("\"\\udc00\"", "a lone surrogate");
    refused("\u{feff}{}", "a byte order mark");
    refused("\u{b}1", "expected a value");
}

#[test]
fn refuses_bytes_that_are_not_utf_8() {
    let found = check(b"[\"a\xff\"]", &Limits::default());
    assert_eq!(
        found,
        Err(ReadError::Malformed {
            at: 3,
            what: "not UTF-8"
        })
    );
}

#[test]
fn finds_a_repeated_property_however_it_is_written() {
    assert_eq!(
        verdict("{\"a\":1,\"a\":2}"),
        Err(ReadError::DuplicateKey { at: 8 })
    );
    assert_eq!(
        verdict("{\"a\":1,\"\\u0061\":2}"),
        Err(ReadError::DuplicateKey { at: 8 })
    );
    assert_eq!(verdict("{\"a\":{\"a\":1},\"b\":{\"a\":1}}"), Ok(()));
    // Names that agree in length and in the first and last eight bytes are still told apart.
    assert_eq!(
        verdict("{\"aaaaaaaa1bbbbbbbb\":1,\"aaaaaaaa2bbbbbbbb\":1}"),
        Ok(())
    );
    let mut many = String::from("{");
    for at in 0..1_000 {
        let _ = write!(many, "\"k{at}\":{{\"x\":{at}}},");
    }
    assert_eq!(verdict(&format!("{many}\"z\":0}}")), Ok(()));
    assert!(matches!(
        verdict(&format!("{many}\"k31\":0}}")),
        Err(ReadError::DuplicateKey { .. })
    ));
    assert!(matches!(
        verdict(&format!("{many}\"k999\":0}}")),
        Err(ReadError::DuplicateKey { .. })
    ));
}

#[test]
fn every_limit_holds_at_its_edge() {
    let limits = Limits {
        max_bytes: 100,
        max_depth: 3,
        max_nodes: 8,
        max_string: 10,
        max_base64: 20,
        max_name: 7,
        max_digits: 4,
        max_exponent: 9,
        max_entries: 1,
    };
    let fits = |text: &str| assert_eq!(check(text.as_bytes(), &limits), Ok(()), "{text}");
    fits(&format!("[{}]", " ".repeat(98)));
    limited(&format!("[{}]", " ".repeat(99)), limits, "bytes");
    fits("[[[]]]");
    limited("[[[[]]]]", limits, "levels of nesting");
    fits("[1,2,3,4,5,6,7]");
    limited("[1,2,3,4,5,6,7,8]", limits, "values");
    fits("\"0123456789\"");
    limited("\"0123456789a\"", limits, "bytes in a string");
    fits("{\"data\":\"0123456789ABCDEF0123\",\"content\":\"0123456789ABCDEF0123\"}");
    limited(
        "{\"data\":\"0123456789ABCDEF01234\"}",
        limits,
        "bytes of base64 data",
    );
    limited("{\"data\":[\"0123456789a\"]}", limits, "bytes in a string");
    fits("{\"1234567\":0}");
    limited("{\"12345678\":0}", limits, "bytes in a property name");
    fits("-12.34e-9");
    limited("12.345", limits, "digits in a number");
    limited("1e10", limits, "as an exponent");
    limited("1e-99999999999999999999", limits, "as an exponent");
}

#[test]
fn a_hundred_thousand_brackets_are_an_error_and_no_overflow() {
    for open in ["[", "{\"a\":"] {
        let deep = open.repeat(100_000);
        limited(&deep, Limits::default(), "levels of nesting");
        let all = Limits {
            max_depth: usize::MAX,
            ..Limits::default()
        };
        assert!(matches!(
            check(deep.as_bytes(), &all),
            Err(ReadError::Malformed { .. })
        ));
    }
    let all = Limits {
        max_depth: usize::MAX,
        ..Limits::default()
    };
    let closed = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(check(closed.as_bytes(), &all), Ok(()));
}

#[test]
fn a_cursor_takes_what_it_wants() {
    let text = br#" {"a\n": "x\u00e9\ud83d\ude00", "b": [1.50, true, null], "c": {"reference": "P/1"}} "#;
    let mut reader = Reader::new(text, &Limits::default()).unwrap();
    reader.collect_references();
    reader.enter_object().unwrap();
    assert_eq!(reader.next_key().unwrap().as_deref(), Some("a\n"));
    assert_eq!(reader.string().unwrap(), "xé😀");
    assert_eq!(reader.next_key().unwrap().as_deref(), Some("b"));
    reader.enter_array().unwrap();
    assert!(reader.next_item().unwrap());
    assert_eq!(reader.peek().unwrap(), Kind::Number);
    assert_eq!(reader.number().unwrap(), "1.50");
    assert!(reader.next_item().unwrap());
    assert_eq!(reader.literal().unwrap(), "true");
    assert!(reader.next_item().unwrap());
    assert_eq!(reader.literal().unwrap(), "null");
    assert!(!reader.next_item().unwrap());
    assert_eq!(reader.next_key().unwrap().as_deref(), Some("c"));
    assert_eq!(reader.raw().unwrap(), r#"{"reference": "P/1"}"#);
    assert!(reader.next_key().unwrap().is_none());
    assert_eq!(reader.take_references().collect::<Vec<_>>(), ["P/1"]);
    reader.finish().unwrap();
}

#[test]
fn comments_are_taken_out_where_that_is_asked() {
    for (given, expected) in [
        ("{\"a\":1} // b\n", "{\"a\":1}     \n"),
        ("{/*\né*/\"a\":1}", "{  \n    \"a\":1}"),
        (r#"{"a":"// \" /* b */"}"#, r#"{"a":"// \" /* b */"}"#),
        ("[1,/* open", "[1,/* open"),
        ("[1]/", "[1]/"),
    ] {
        assert_eq!(
            *super::without_comments(given.as_bytes()),
            *expected.as_bytes(),
            "{given}"
        );
    }
}
