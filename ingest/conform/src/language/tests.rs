//! Reading packs: what the language has, and what is refused with its place.

use super::*;

const RULES: &str = r#"
pack: demo
source: { format: fhir, version: STU3 }
target: { version: R4 }
systems: { "http://hl7.org/fhir/v3/*": "http://terminology.hl7.org/CodeSystem/v3-*" }
profiles: { "http://a": "http://b", "http://c": null }
extensions:
  http://a: keep
  http://b: { ignore: "no use" }
  http://c: { to: http://d, parts: { A: a } }
codes:
  gender: { source: "http://s", unmapped: keep, table: { "1": "male", "2": { system: x, code: "01" }, "3": null } }
maps:
  - map: A
    from: Patient
    to: Patient
    when: active
    rest: report
    rules:
      - { from: name, to: name, many: { join: "; " } }
      - { to: active, const: true }
      - { to: category, assume: { coding: [ { code: a } ] }, because: "why" }
"#;

#[test]
fn the_sections_are_read() {
    let file = read("pack.yaml", RULES).unwrap();
    assert_eq!(file.pack.unwrap().value, "demo");
    assert_eq!(file.profiles["http://c"], None);
    assert_eq!(file.extensions["http://a"].value, ExtensionRule::Keep);
    let table = &file.codes["gender"].value;
    assert_eq!((table.unmapped, table.original), (Unmapped::Keep, Original::Keep));
    assert_eq!(table.table["2"].as_ref().unwrap().0.code, "01");
    assert_eq!(table.table["3"], None);
    let map = &file.maps[0].value;
    assert_eq!((map.map.as_str(), map.rest), ("A", Some(Rest::Report)));
    assert_eq!(map.rules[0].value.many, Some(Many::Join("; ".to_owned())));
    assert_eq!(map.rules[0].referenced.line(), 20);
    assert_eq!(
        map.rules[1].value.constant,
        Some(Template::Text("true".to_owned()))
    );
}

/// The message for a text, with its place.
fn refusal(text: &str) -> String {
    read("x.yaml", text).unwrap_err().to_string()
}

#[test]
fn what_is_not_of_the_language_is_refused_with_its_place() {
    let cases = [
        ("maps:\n  - map: A\n    form: B\n", "x.yaml:3:5"),
        ("maps: [\n", "x.yaml:"),
        ("codes: { a: { unmapped: perhaps } }\n", "x.yaml:1:"),
        ("codes: { a: { table: { x: 1 } } }\n", "x.yaml:1:"),
        ("extensions: { u: drop }\n", "x.yaml:1:"),
        ("extensions: { u: { to: a, ignore: b } }\n", "x.yaml:1:"),
        ("pack: a\npack: b\n", "x.yaml:2:1"),
        (
            "maps:\n  - map: A\n    from: B\n    rules: [ { to: a, const: 1.50 } ]\n",
            "x.yaml:4:",
        ),
    ];
    for (text, place) in cases {
        let refusal = refusal(text);
        assert!(refusal.starts_with(place), "{text}: {refusal}");
    }
}

#[test]
fn limits_hold() {
    let deep = format!("maps: {}{}", "[".repeat(200), "]".repeat(200));
    let bomb = "systems:\n  a: &a [x, x, x, x, x, x, x, x, x]\n  b: &b [*a, *a, *a, *a, *a, *a, *a]\n  c: &c [*b, *b, *b, *b]\n";
    for text in [deep.as_str(), bomb] {
        assert_eq!(read("x.yaml", text).unwrap_err().code(), "SAM-MAP-001");
    }
    let large = "#".repeat(3 << 20);
    assert!(refusal(&large).contains("bytes"));
}
