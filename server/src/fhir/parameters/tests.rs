use samenhang_gather::query::Purpose;
use samenhang_terminology::Category;

use super::read;
use crate::error::Kind;
use crate::fhir::prefer::Handling::{Lenient, Strict};

const PATIENT: &str = r#"{"name":"identifier","valueIdentifier":{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990019"}}"#;
const PURPOSE: &str = r#"{"name":"purpose","valueCode":"TREAT"}"#;

fn body(parameters: &[&str]) -> Vec<u8> {
    format!(
        r#"{{"resourceType":"Parameters","parameter":[{}]}}"#,
        parameters.join(",")
    )
    .into_bytes()
}

/// Code and expression of each problem.
fn problems(parameters: &[&str]) -> Vec<(&'static str, String)> {
    let problems = read(&body(parameters), Strict).err().unwrap();
    problems
        .into_iter()
        .map(|p| (p.code, p.expression.clone().unwrap_or_default().into_owned()))
        .collect()
}

#[test]
fn reads_a_whole_question() {
    let asked = read(
        &body(&[
            PATIENT,
            PURPOSE,
            r#"{"name":"category","valueCode":"Condition"}"#,
            r#"{"name":"category","valueCoding":{"system":"http://minvws.nl/CodeSystem/nl-gf-data-categories-cs","code":"Alert"}}"#,
            r#"{"name":"birthDate","valueDate":"1951-03-09"}"#,
            r#"{"name":"family","valueString":"Voorbeeld"}"#,
            r#"{"name":"confirm-identity","valueString":"700700"}"#,
        ]),
        Strict,
    )
    .ok()
    .unwrap();
    assert_eq!(asked.patient.expose(), "999990019");
    assert_eq!(asked.purpose, Purpose::Treatment);
    assert_eq!(
        asked.categories.into_iter().collect::<Vec<_>>(),
        [Category::Alert, Category::Condition]
    );
    assert_eq!(asked.birth_date.as_deref(), Some("1951-03-09"));
    assert_eq!(asked.family.as_deref(), Some("Voorbeeld"));
    assert_eq!(asked.confirmed_identity.len(), 1);
    assert!(asked.ignored.is_empty());
}

#[test]
fn asks_for_every_category_when_none_is_named() {
    let asked = read(&body(&[PATIENT, PURPOSE]), Strict).ok().unwrap();
    assert_eq!(asked.categories.len(), Category::ALL.len());
}

#[test]
fn tells_everything_that_is_wrong_at_once() {
    assert_eq!(
        problems(&[
            r#"{"name":"purpose","valueCode":"HMARKT"}"#,
            r#"{"name":"category","valueCode":"Everything"}"#,
            r#"{"name":"_include","valueString":"*"}"#,
            r#"{"name":"birthDate","valueDate":"1951-03"}"#,
            r#"{"name":"confirm-identity","valueString":"x"}"#,
        ]),
        [
            ("SAM-SRV-006", "Parameters.parameter[0]".to_owned()),
            ("SAM-SRV-006", "Parameters.parameter[1]".to_owned()),
            ("SAM-SRV-004", "Parameters.parameter[2]".to_owned()),
            ("SAM-SRV-006", "Parameters.parameter[3]".to_owned()),
            ("SAM-SRV-006", "Parameters.parameter[4]".to_owned()),
            (
                "SAM-SRV-005",
                "Parameters.parameter.where(name='identifier')".to_owned()
            ),
        ]
    );
}

#[test]
fn an_unknown_parameter_is_reported_under_lenient_and_never_repeated() {
    let unknown = r#"{"name":"since-999990019","valueString":"999990019"}"#;
    let asked = read(&body(&[PATIENT, PURPOSE, unknown]), Lenient).ok().unwrap();
    assert_eq!(asked.ignored.len(), 1);
    assert_eq!(asked.ignored[0].problem.code, Kind::UnknownParameter.entry().code);
    assert_eq!(
        asked.ignored[0].problem.expression.as_deref(),
        Some("Parameters.parameter[2]")
    );
    assert!(!format!("{:?}", asked.ignored).contains("999990019"));
}

#[test]
fn a_wrong_value_is_refused_under_lenient_too() {
    let category = r#"{"name":"category","valueCode":"Everything"}"#;
    assert!(read(&body(&[PATIENT, PURPOSE, category]), Lenient).is_err());
    assert!(read(&body(&[PATIENT, PATIENT, PURPOSE]), Lenient).is_err());
    let wrong = r#"{"name":"identifier","valueIdentifier":{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990018"}}"#;
    let problems = read(&body(&[wrong, PURPOSE]), Lenient).err().unwrap();
    assert!(problems[0].hint.en.contains("11-proef") && !format!("{problems:?}").contains("999990018"));
}

#[test]
fn what_is_not_parameters_in_json_is_refused() {
    for text in [
        "",
        "[]",
        "{",
        r#"{"resourceType":"Bundle"}"#,
        r#"{"resourceType":"Parameters","parameter":{}}"#,
        r#"{"resourceType":"Parameters","resourceType":"Parameters"}"#,
    ] {
        let problems = read(text.as_bytes(), Strict).err().unwrap();
        assert_eq!(problems[0].code, "SAM-SRV-001", "{text}");
    }
    let large = format!(r#"{{"resourceType":"Parameters","id":"{}"}}"#, "a".repeat(70_000));
    assert_eq!(
        read(large.as_bytes(), Strict).err().unwrap()[0].code,
        "SAM-SRV-007"
    );
}
