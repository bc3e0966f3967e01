use super::{MAX_STRING, check, is_spaced};
use crate::FhirVersion::{R4, Stu3};

#[test]
fn what_the_types_allow_passes_and_nothing_else() {
    let good = [
        ("boolean", "true"),
        ("integer", "-2147483648"),
        ("unsignedInt", "0"),
        ("positiveInt", "1"),
        ("decimal", "-0.10"),
        ("decimal", "1e-7"),
        ("base64Binary", "YWJj\r\nZA=="),
        ("instant", "2024-02-29T23:59:60.123Z"),
        ("date", "2023"),
        ("date", "2023-12"),
        ("date", "2000-02-29"),
        ("dateTime", "2023-01-31T00:00:00+14:00"),
        ("dateTime", "2023-01"),
        ("time", "12:00:00.5"),
        ("id", "a-B.9"),
        ("code", "a b"),
        ("oid", "urn:oid:2.16.840.1.113883.2.4.6.3"),
        ("uuid", "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"),
        ("uri", "Patient/1"),
        ("uri", "urn:uuid:C757873D-ec9a-4326-a141-556f43239520"),
        ("uri", "urn:oid:1.3.6"),
        ("canonical", "urn:uuid:c757873d-ec9a-4326-a141-556f43239520|1"),
        ("string", " "),
        ("canonical", "#inner"),
        ("string", " x "),
    ];
    for (of, text) in good {
        assert_eq!(check(of, text, R4), Ok(()), "{of} {text}");
    }
    let bad = [
        ("boolean", "True"),
        ("integer", "01"),
        ("integer", "2147483648"),
        ("integer", ""),
        ("unsignedInt", "-1"),
        ("positiveInt", "0"),
        ("decimal", "1."),
        ("decimal", ".5"),
        ("decimal", "007"),
        ("decimal", "1e"),
        ("base64Binary", "YWJ"),
        ("base64Binary", "Y=Jj"),
        ("base64Binary", "%%%2"),
        ("instant", "2024-02-29"),
        ("instant", "2024-02T10:00:00Z"),
        ("date", "2023-02-29"),
        ("date", "2023-13"),
        ("date", "23-01-01"),
        ("date", "2023-01-01T00:00:00Z"),
        ("date", "2023-1-1"),
        ("dateTime", "2023-01-01T00:00:00"),
        ("dateTime", "2023-01-01T00:00Z"),
        ("dateTime", "2023-01-01 00:00:00Z"),
        ("dateTime", "2023-01-01T25:00:00Z"),
        ("dateTime", "2023-01-01T00:00:00+15:00"),
        ("dateTime", "2023-01-01T00:00:00+0"),
        ("dateTime", "ﬁfteen"),
        ("time", "12:00"),
        ("time", "12:00:00Z"),
        ("id", "a b"),
        ("id", ""),
        ("code", " a"),
        ("code", "a  b"),
        ("oid", "urn:oid:3.1"),
        ("oid", "urn:oid:2.01"),
        ("uuid", "urn:uuid:c757873d"),
        ("uri", "a b"),
        ("uri", "urn:oid:x"),
        ("canonical", "Patient"),
        ("string", ""),
        ("integer", "+1"),
        ("unsignedInt", "-0"),
        ("decimal", "+1"),
        ("oid", "urn:oid:2.16"),
        ("oid", "2.16.840.1"),
        ("uuid", "urn:uuid:C757873D-ec9a-4326-a141-556f43239520"),
        ("uri", "oid:2.16.840.1"),
        ("uri", "uuid:c757873d-ec9a-4326-a141-556f43239520"),
        ("canonical", "urn:uuid:c757873d|1"),
        ("string", "a\u{0}b"),
    ];
    for (of, text) in bad {
        assert!(check(of, text, R4).is_err(), "{of} {text}");
    }
}

#[test]
fn versions_limits_and_what_is_only_suspect() {
    assert!(check("decimal", "1e3", Stu3).is_err());
    assert_eq!(check("decimal", "1.0", Stu3), Ok(()));
    assert_eq!(check("string", &"é".repeat(MAX_STRING), R4), Ok(()));
    assert!(check("string", &"é".repeat(MAX_STRING + 1), R4).is_err());
    for (of, text, spaced) in [
        ("string", " a", true),
        ("string", "a\n", true),
        ("string", "a b", false),
        ("markdown", "a\n", false),
        ("base64Binary", "YW Jj", true),
        ("base64Binary", "YWJj", false),
    ] {
        assert_eq!(is_spaced(of, text), spaced, "{of} {text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_a_check_panic(text in "\\PC{0,24}", date in "[0-9TZ:+.-]{0,28}") {
        for of in ["integer", "decimal", "base64Binary", "instant", "date", "dateTime", "time", "id", "code", "oid", "uuid", "uri", "string"] {
            let _ = check(of, &text, R4);
            let _ = check(of, &date, R4);
        }
    }
}
