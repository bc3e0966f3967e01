//! The bombs: for every limit of the conformance and reliability notes, section 6.5, one message that passes it.

/// The format of a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// JSON.
    Json,
    /// XML.
    Xml,
}

/// One message.
pub(crate) struct Bomb {
    /// What it is.
    pub(crate) name: &'static str,
    /// Its format.
    pub(crate) format: Format,
    /// Its bytes.
    pub(crate) body: Vec<u8>,
    /// What the error must say; nothing when it is not refused.
    pub(crate) refusal: &'static str,
}

const MEBI: usize = 1 << 20;

fn json(name: &'static str, body: impl Into<Vec<u8>>, refusal: &'static str) -> Bomb {
    Bomb {
        name,
        format: Format::Json,
        body: body.into(),
        refusal,
    }
}

fn xml(name: &'static str, body: impl Into<Vec<u8>>, refusal: &'static str) -> Bomb {
    Bomb {
        name,
        format: Format::Xml,
        body: body.into(),
        refusal,
    }
}

/// A Patient in JSON with these properties.
fn patient(inner: &str) -> String {
    format!("{{\"resourceType\":\"Patient\",{inner}}}")
}

/// A Patient in XML with this content.
fn element(inner: &str) -> String {
    format!("<Patient xmlns=\"http://hl7.org/fhir\">{inner}</Patient>")
}

fn deep_extension(levels: usize) -> String {
    format!(
        "{}{}",
        "<extension url=\"u\">".repeat(levels),
        "</extension>".repeat(levels)
    )
}

fn entries(count: usize) -> String {
    let entries = vec!["{\"id\":\"x\"}"; count].join(",");
    format!("{{\"resourceType\":\"Bundle\",\"entry\":[{entries}]}}")
}

/// Attributes `a0`, `a1` and so on.
fn attributes(count: usize) -> String {
    (0..count).map(|number| format!(" a{number}=\"\"")).collect()
}

fn namespaces(count: usize) -> String {
    (0..count)
        .map(|number| format!(" xmlns:n{number}=\"u\""))
        .collect()
}

/// Properties `_a0`, `a0`, `_a1` and so on.
fn underscores(count: usize) -> String {
    let pairs = (0..count).map(|number| format!("\"_a{number}\":{{}},\"a{number}\":1"));
    pairs.collect::<Vec<_>>().join(",")
}

/// Messages that pass a limit.
pub(crate) fn all() -> Vec<Bomb> {
    let mut bombs = of_json();
    bombs.extend(of_xml());
    bombs
}

fn of_json() -> Vec<Bomb> {
    let digits = "9".repeat(41);
    vec![
        json(
            "bytes",
            patient(&format!("\"id\":\"{}\"", " ".repeat(10 * MEBI))),
            "10485760 bytes",
        ),
        json(
            "a hundred thousand arrays",
            format!("{{\"a\":{}", "[".repeat(100_000)),
            "64 levels of nesting",
        ),
        json(
            "a hundred thousand objects",
            "{\"a\":".repeat(100_000),
            "64 levels of nesting",
        ),
        json(
            "values",
            patient(&format!("\"a\":[{}0]", "0,".repeat(500_000))),
            "500000 values",
        ),
        json(
            "empty objects",
            patient(&format!("\"a\":[{}{{}}]", "{},".repeat(500_000))),
            "500000 values",
        ),
        json("entries", entries(10_001), "10000 entries"),
        json(
            "a long string",
            patient(&format!("\"id\":\"{}\"", "x".repeat(MEBI + 1))),
            "1048576 bytes in a string",
        ),
        json(
            "long data",
            patient(&format!("\"data\":\"{}\"", "x".repeat(8 * MEBI + 1))),
            "8388608 bytes of base64 data",
        ),
        json(
            "a long name",
            patient(&format!("\"{}\":1", "x".repeat(257))),
            "256 bytes in a property name",
        ),
        json(
            "digits",
            patient(&format!("\"a\":{digits}")),
            "40 digits in a number",
        ),
        json(
            "digits behind the point",
            patient(&format!("\"a\":0.{digits}")),
            "40 digits in a number",
        ),
        json("an exponent", patient("\"a\":1e65"), "64 as an exponent"),
        json("a negative exponent", patient("\"a\":1e-65"), "64 as an exponent"),
        json(
            "an exponent of many digits",
            patient(&format!("\"a\":1e{}", "9".repeat(100_000))),
            "64 as an exponent",
        ),
        json(
            "a repeated name",
            patient("\"id\":\"a\",\"\\u0069d\":\"b\""),
            "a property is repeated",
        ),
        json(
            "a comment",
            patient("/* x */\"id\":\"a\""),
            "expected a property name",
        ),
        json("not a number", patient("\"a\":NaN"), "expected a value"),
        json(
            "a lone surrogate",
            patient("\"a\":\"\\ud800\""),
            "a lone surrogate",
        ),
        json("not UTF-8", b"{\"a\":\"\xff\"}".as_slice(), "not UTF-8"),
        json("a byte order mark", "\u{feff}{}", "a byte order mark"),
        json(
            "text behind the value",
            patient("\"id\":\"a\"") + "x",
            "text after the value",
        ),
    ]
}

fn of_xml() -> Vec<Bomb> {
    let div = |inner: &str| {
        element(&format!(
            "<text><div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div></text>"
        ))
    };
    vec![
        xml("bytes", element(&" ".repeat(10 * MEBI)), "10485760 bytes"),
        xml(
            "a hundred thousand elements",
            format!("<Patient xmlns=\"http://hl7.org/fhir\">{}", "<a>".repeat(100_000)),
            "64 levels of nesting",
        ),
        xml(
            "deep narrative",
            div(&"<b>".repeat(100_000)),
            "64 levels of nesting",
        ),
        xml("elements", element(&"<a/>".repeat(500_000)), "500000 values"),
        xml(
            "elements of a narrative",
            div(&"<b/>".repeat(500_000)),
            "500000 values",
        ),
        xml(
            "attributes",
            element(&format!("<a{}/>", attributes(257))),
            "256 attributes of an element",
        ),
        xml(
            "half a million attributes",
            element(&format!("<a{}/>", attributes(500_000))),
            "256 attributes of an element",
        ),
        xml(
            "namespaces",
            element(&format!("<a{}/>", namespaces(64))),
            "64 namespace declarations",
        ),
        xml(
            "a long value",
            element(&format!("<id value=\"{}\"/>", "x".repeat(MEBI + 1))),
            "1048576 bytes in a string",
        ),
        xml(
            "long data",
            element(&format!(
                "<photo><data value=\"{}\"/></photo>",
                "x".repeat(8 * MEBI + 1)
            )),
            "8388608 bytes of base64 data",
        ),
        xml(
            "a long narrative",
            div(&"x".repeat(MEBI)),
            "1048576 bytes in a string",
        ),
        xml(
            "a long name",
            element(&format!("<{}/>", "x".repeat(257))),
            "256 bytes in a property name",
        ),
        xml(
            "a long name of an attribute",
            element(&format!("<a {}=\"\"/>", "x".repeat(257))),
            "256 bytes in a property name",
        ),
        xml(
            "digits",
            element(&format!("<multipleBirthInteger value=\"{}\"/>", "9".repeat(41))),
            "40 digits in a number",
        ),
        xml(
            "an exponent",
            element("<multipleBirthInteger value=\"1e65\"/>"),
            "64 as an exponent",
        ),
        xml(
            "entries",
            format!(
                "<Bundle xmlns=\"http://hl7.org/fhir\">{}</Bundle>",
                "<entry><x/></entry>".repeat(10_001)
            ),
            "10000 entries",
        ),
        xml(
            "a billion laughs",
            "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><Patient xmlns=\"http://hl7.org/fhir\"><id value=\"&b;\"/></Patient>",
            "a document type",
        ),
        xml(
            "an external entity",
            "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><Patient xmlns=\"http://hl7.org/fhir\"/>",
            "a document type",
        ),
        xml(
            "an unknown entity",
            element("<id value=\"&nbsp;\"/>"),
            "an unknown entity",
        ),
        xml(
            "a style sheet",
            format!("<?xml-stylesheet href=\"x\"?>{}", element("")),
            "a processing instruction",
        ),
        xml(
            "another encoding",
            format!("<?xml version=\"1.0\" encoding=\"utf-7\"?>{}", element("")),
            "an encoding other than",
        ),
        xml(
            "not UTF-8",
            b"<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"\xff\"/></Patient>".as_slice(),
            "not UTF-8",
        ),
    ]
}

/// Messages that come as near to a limit as they may.
pub(crate) fn just_within() -> Vec<Bomb> {
    let nines = "9".repeat(40);
    vec![
        json(
            "62 arrays in an object",
            patient(&format!("\"a\":{}{}", "[".repeat(62), "]".repeat(62))),
            "",
        ),
        json(
            "values",
            patient(&format!("\"a\":[{}0]", "0,".repeat(499_000))),
            "",
        ),
        json("entries", entries(10_000), ""),
        json(
            "a long string",
            patient(&format!("\"id\":\"{}\"", "x".repeat(MEBI))),
            "",
        ),
        json(
            "long data",
            patient(&format!("\"data\":\"{}\"", "x".repeat(8 * MEBI))),
            "",
        ),
        json("a long name", patient(&format!("\"{}\":1", "x".repeat(256))), ""),
        json(
            "digits and an exponent",
            patient(&format!("\"a\":{nines}e-64")),
            "",
        ),
        xml("63 elements", element(&deep_extension(63)), ""),
        xml(
            "children out of order",
            element(&"<a><b/><c/><b/></a>".repeat(120_000)),
            "",
        ),
        json("underscores", patient(&underscores(160_000)), ""),
        xml("attributes", element(&format!("<a{}/>", attributes(256))), ""),
        xml(
            "a long value",
            element(&format!("<id value=\"{}\"/>", "x".repeat(MEBI))),
            "",
        ),
        xml(
            "long data",
            element(&format!(
                "<photo><data value=\"{}\"/></photo>",
                "x".repeat(8 * MEBI)
            )),
            "",
        ),
        xml("namespaces", element(&format!("<a{}/>", namespaces(63))), ""),
    ]
}
