use super::JsonWriter;

#[test]
fn commas_and_escapes_are_set() {
    let mut out = JsonWriter::with_capacity(64);
    out.begin_object();
    out.field("a\"", "line\nquote\" back\\ tab\t bell\u{7} é");
    out.optional("none", None);
    out.optional("some", Some(""));
    out.key("list");
    out.begin_array();
    out.number(1);
    out.boolean(true);
    out.null();
    out.begin_object();
    out.end_object();
    out.raw(b"{\"x\":1.0}");
    out.end_array();
    out.key("last");
    out.boolean(false);
    out.end_object();
    let text = out.finish();
    assert_eq!(
        text,
        "{\"a\\\"\":\"line\\nquote\\\" back\\\\ tab\\t bell\\u0007 é\",\"some\":\"\",\
         \"list\":[1,true,null,{},{\"x\":1.0}],\"last\":false}"
    );
    assert!(serde_json::from_slice::<serde_json::Value>(&text).is_ok());
}

#[test]
fn a_text_can_leave_in_pieces() {
    let mut out = JsonWriter::new();
    out.begin_array();
    out.number(1);
    let first = out.take();
    assert!(out.is_empty());
    out.number(2);
    assert_eq!(out.len(), 2);
    out.end_array();
    assert_eq!([first, out.finish()].concat(), b"[1,2]");
}
