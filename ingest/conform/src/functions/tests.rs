//! What each function makes of a text.

use super::*;

#[test]
fn each_function_gives_what_it_says() {
    let cases = [
        ("trim", " a ", Some("a")),
        ("number", " +05.0", Some("5.0")),
        ("number", "-.5", Some("-0.5")),
        ("number", "00", Some("0")),
        ("number", "5.", None),
        ("number", "<5", None),
        ("number", "", None),
        ("ucum-code", "mmol/L", Some("mmol/L")),
        ("ucum-code", "micromol/l", Some("{micromol/l}")),
        ("ucum-code", "{a} b", None),
        ("dutch-postcode", "1234 ab", Some("1234AB")),
        ("dutch-postcode", "SW1A 2AA", Some("SW1A 2AA")),
        ("dutch-postcode", " ", None),
        ("trim", "  ", None),
        ("lower", "Ab", Some("ab")),
        ("upper", "Ab", Some("AB")),
        (
            "oid-uri",
            "2.16.840.1.113883.2.4.6.3",
            Some("http://fhir.nl/fhir/NamingSystem/bsn"),
        ),
        ("oid-uri", "1.2.30", Some("urn:oid:1.2.30")),
        ("oid-uri", "1.02", None),
        ("oid-uri", "3.2", None),
        (
            "uuid-uri",
            "67E55044-10B1-426F-9247-BB680E5FE0C8",
            Some("urn:uuid:67e55044-10b1-426f-9247-bb680e5fe0c8"),
        ),
        ("uuid-uri", "x", None),
        ("hl7-date", "2020", Some("2020")),
        ("hl7-date", "20200229", Some("2020-02-29")),
        ("hl7-date", "20210229", None),
        ("hl7-date", "202002291200", None),
        ("hl7-timestamp", "202007", Some("2020-07")),
        ("hl7-timestamp", "202007011230", Some("2020-07-01T12:30:00+02:00")),
        (
            "hl7-timestamp",
            "20200101123005.250+0100",
            Some("2020-01-01T12:30:05.250+01:00"),
        ),
        (
            "hl7-timestamp",
            "20200101123005",
            Some("2020-01-01T12:30:05+01:00"),
        ),
        ("hl7-timestamp", "20201025023000", None),
        ("hl7-timestamp", "20200329023000", None),
        ("hl7-timestamp", "2020010", None),
        ("dutch-date", "1-2-2020", Some("2020-02-01")),
        ("dutch-date", "31-02-2020", None),
        ("date-of", "2020-02-01T10:00:00Z", Some("2020-02-01")),
        ("date-of", "2020", Some("2020")),
        ("integer", "10.00", Some("10")),
        ("integer", "10.5", None),
        ("decimal-comma", "-1,50", Some("-1.50")),
        ("decimal-comma", "1.5,0", None),
    ];
    for (name, text, expected) in cases {
        let function = named(name).unwrap();
        assert_eq!(function(text).as_deref(), expected, "{name} of {text}");
    }
}

#[test]
fn no_function_panics_on_other_texts() {
    for (_, function) in FUNCTIONS {
        for text in [
            "",
            "é",
            "-",
            "+",
            "2020é101",
            "..",
            "9".repeat(40).as_str(),
            "T",
            "2020-",
            "20200101+",
        ] {
            let _ = function(text);
        }
    }
}
