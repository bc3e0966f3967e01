//! Forms of codes, case by case.

use proptest::prelude::*;

use super::{Form, form, is_oid, is_snomed_concept, is_uuid, snomed_namespace};
use crate::check_digit::verhoeff_digit;
use crate::naming::{LOINC, SNOMED};

#[test]
fn codes_that_fit_and_codes_that_do_not() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        (
            SNOMED,
            &["33633005", "11291000146105", "33633005"],
            // Wrong check digit, leading zero, too short, a description, a namespace without room.
            &[
                "33633006",
                "033633005",
                "12345",
                "",
                "11291000146106",
                "abc",
                "33633005 ",
                "3363300500000000000",
            ],
        ),
        (
            LOINC,
            &["85354-9", "8480-6", "LP7839-6", "LA6576-8", "LL715-4"],
            &[
                "85354-8",
                "85354",
                "85354-99",
                "-9",
                "LX1-1",
                "123456789012-3",
                "8480–6",
                "08480-6",
            ],
        ),
        (
            "http://www.whocc.no/atc",
            &["A", "A10", "A10B", "A10BA", "A10BA02"],
            &["", "a10", "A1", "A10BA0", "A10BA021"],
        ),
        (
            "http://hl7.org/fhir/sid/icpc-1-nl",
            &["T90", "T90.02"],
            &["t90", "T9", "T90.", "T90.2", "T90.021"],
        ),
        (
            "https://www.gs1.org/gtin",
            &["4006381333931"],
            &["4006381333930", "400638133393"],
        ),
        (
            "urn:oid:2.16.840.1.113883.2.4.4.10",
            &["1", "12345678"],
            &["", "123456789", "12a"],
        ),
        (
            "urn:oid:2.16.840.1.113883.2.4.6.7",
            &["0329"],
            &["329", "03290", "ABCD"],
        ),
        (
            "http://fhir.nl/fhir/NamingSystem/uzi-rolcode",
            &["01", "01.015"],
            &["1", "01.15", "01.", "01-015"],
        ),
        (
            "urn:ietf:rfc:3986",
            &[
                "urn:oid:1.2.3",
                "urn:uuid:00000000-0000-4000-8000-000000000000",
                "https://example.org/a",
            ],
            &[
                "urn:oid:1",
                "urn:oid:1.02",
                "urn:uuid:1",
                "no-scheme",
                "a b:c",
                "1a:b",
            ],
        ),
    ];
    for (system, good, bad) in cases {
        for code in *good {
            assert_eq!(form(system, code), Some(Form::Fits), "{system} {code}");
        }
        for code in *bad {
            assert_eq!(form(system, code), Some(Form::Malformed), "{system} {code}");
        }
    }
    assert_eq!(form("http://example.org/own", "anything"), None);
}

#[test]
fn expressions_are_told_from_codes() {
    let expression = "33633005 |any term 123456| : 404684003 = 33633005";
    assert_eq!(form(SNOMED, expression), Some(Form::Expression));
    assert_eq!(form(SNOMED, "33633005:404684004=33633005"), Some(Form::Malformed));
    assert_eq!(form(SNOMED, "a:b"), Some(Form::Malformed));
}

#[test]
fn an_extension_names_its_namespace() {
    assert_eq!(snomed_namespace("11291000146105"), Some("1000146"));
    assert_eq!(snomed_namespace("33633005"), None);
}

#[test]
fn identifiers_of_descriptions_are_no_concepts() {
    // Partition 01 with a check digit that fits.
    let mut description = b"123456701".to_vec();
    description.push(verhoeff_digit(&description).unwrap());
    assert!(!is_snomed_concept(std::str::from_utf8(&description).unwrap()));
}

proptest! {
    #[test]
    fn any_item_of_any_namespace_makes_a_concept(item in 1u32..99_999_999, namespace in 1_000_000u32..9_999_999) {
        let mut code = format!("{item}{namespace}10").into_bytes();
        code.push(verhoeff_digit(&code).unwrap());
        let code = String::from_utf8(code).unwrap();
        prop_assert!(is_snomed_concept(&code));
        let namespace = namespace.to_string();
        prop_assert_eq!(snomed_namespace(&code), Some(namespace.as_str()));
    }

    #[test]
    fn no_text_ends_a_judgement(text in ".*") {
        for system in [SNOMED, LOINC, "http://www.whocc.no/atc", "http://hl7.org/fhir/sid/icpc-1-nl", "urn:ietf:rfc:3986"] {
            let _ = form(system, &text);
        }
        let _ = (is_oid(&text), is_uuid(&text), snomed_namespace(&text));
    }
}
