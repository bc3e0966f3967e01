//! What is read of a request.

use std::sync::Arc;

use samenhang_profiles::FhirVersion;

use super::Service;
use super::request::{Asked, Refusal, read};
use crate::fhir::prefer::Handling;
use crate::validation::{Engine, Form, Opened, Sources, ValidationConfig};

const PATIENT: &str = r#"{"resourceType":"Patient","id":"é"}"#;

fn ask(body: &str, form: Form, kind: &str, query: &[(&str, &str)]) -> Result<Asked, Refusal> {
    let query: Vec<(String, String)> = query
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    read(
        body.as_bytes(),
        form,
        FhirVersion::R4,
        kind,
        Handling::Strict,
        &query,
    )
}

/// The place that the first problem points at.
fn place(asked: Result<Asked, Refusal>) -> String {
    match asked {
        Err(Refusal::Problems(problems)) => problems[0].expression.clone().unwrap_or_default().into_owned(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_resource_in_parameters_keeps_its_place() {
    let head = "{\"resourceType\":\"Parameters\",\n \"parameter\":[{\"name\":\"é\",\"name\":\"x\"}";
    assert!(matches!(
        ask(&format!("{head}]}}"), Form::Json, "Patient", &[]),
        Err(Refusal::Fault(_))
    ));
    let head = "{\"parameter\":[{\"name\":\"profile\",\"valueUri\":\"http://x/é\"},\n{\"name\":\"resource\",\"resource\": ";
    let body = format!("{head}{PATIENT}}}],\"resourceType\":\"Parameters\"}}");
    let asked = ask(&body, Form::Json, "Patient", &[]).unwrap();
    assert_eq!(asked.profiles, ["http://x/é"]);
    let text = String::from_utf8(asked.body).unwrap();
    assert_eq!(text.trim_start(), PATIENT);
    let before = text.find('{').unwrap();
    let (line, last) = (
        text[..before].matches('\n').count(),
        text[..before].rfind('\n').unwrap(),
    );
    // The é in the line before counts once.
    assert_eq!((line, last), (1, head.chars().position(|c| c == '\n').unwrap()));
    assert_eq!(before, head.chars().count());
}

#[test]
fn a_resource_in_xml_parameters_keeps_its_place_and_namespace() {
    let head = "<Parameters xmlns=\"http://hl7.org/fhir\">\n<parameter><name value=\"resource\"/><resource>";
    let inner = "<Patient><contained><Patient><id value=\"a\"/></Patient></contained><active value=\"true\"/></Patient>";
    let body = format!("{head}{inner}</resource></parameter></Parameters>");
    let asked = ask(
        &body,
        Form::Xml,
        "Patient",
        &[("profile", "http://x/y"), ("_format", "json")],
    )
    .unwrap();
    assert_eq!(asked.profiles, ["http://x/y"]);
    let text = String::from_utf8(asked.body).unwrap();
    assert_eq!(text.find('<'), Some(head.len()));
    let expected = inner.replacen("<Patient", "<Patient xmlns=\"http://hl7.org/fhir\"", 1);
    assert_eq!(text.trim_start(), expected);
}

#[test]
fn a_resource_as_it_is_may_be_of_the_type_of_the_address_only() {
    let asked = ask(PATIENT, Form::Json, "Patient", &[]).unwrap();
    assert_eq!(asked.body, PATIENT.as_bytes());
    assert_eq!(
        place(ask(PATIENT, Form::Json, "Observation", &[])),
        "resourceType"
    );
    let own = r#"{"resourceType":"Parameters","parameter":[{"name":"x","valueString":"y"}]}"#;
    assert!(ask(own, Form::Json, "Parameters", &[]).is_ok());
}

#[test]
fn what_is_wrong_is_pointed_at() {
    let parameters = |inner: &str| format!(r#"{{"resourceType":"Parameters","parameter":[{inner}]}}"#);
    let resource = format!(r#"{{"name":"resource","resource":{PATIENT}}}"#);
    let cases = [
        (String::new(), "Parameters.parameter.where(name='resource')"),
        (
            r#"{"name":"resource","valueString":"x"}"#.to_owned(),
            "Parameters.parameter[0]",
        ),
        (format!("{resource},{resource}"), "Parameters.parameter[1]"),
        (
            format!(r#"{resource},{{"name":"mode","valueCode":"delete"}}"#),
            "Parameters.parameter[1]",
        ),
        (
            format!(r#"{resource},{{"name":"mode","valueCode":"profile"}}"#),
            "Parameters.parameter.where(name='profile')",
        ),
        (
            format!(r#"{resource},{{"name":"profile","valueUri":"x"}}"#),
            "Parameters.parameter[1]",
        ),
        (
            format!(r#"{resource},{{"name":"colour","valueCode":"red"}}"#),
            "Parameters.parameter[1]",
        ),
    ];
    for (inner, at) in cases {
        assert_eq!(
            place(ask(&parameters(&inner), Form::Json, "Patient", &[])),
            at,
            "{inner}"
        );
    }
    let query = |name| ask(PATIENT, Form::Json, "Patient", &[(name, "x")]);
    assert_eq!(place(query("profile")), "http.query.profile");
    assert_eq!(place(query("colour")), "http.query");
}

#[tokio::test]
async fn when_too_many_wait_the_asker_is_told_to_come_back() {
    let config = ValidationConfig {
        max_running: 1,
        max_waiting: 1,
        ..ValidationConfig::default()
    };
    let opened = Opened {
        engine: Engine::new(&Sources::default()).unwrap(),
        consultant: None,
        told: Vec::new(),
    };
    let service = Service::new(opened, &config);
    let asked = Arc::new(ask(PATIENT, Form::Json, "Patient", &[]).unwrap());
    let judge = || service.judge(Arc::clone(&asked), FhirVersion::R4, jiff::Timestamp::UNIX_EPOCH);
    assert!(judge().await.is_ok());
    let running = Arc::clone(&service.running).acquire_owned().await.unwrap();
    // One waits for its turn; there is no place for another.
    let mut waits = Box::pin(judge());
    assert!(futures::poll!(&mut waits).is_pending());
    let problem = judge().await.unwrap_err();
    assert_eq!((problem.code, problem.status.as_u16()), ("SAM-SRV-012", 503));
    assert!(problem.retry_after.is_some());
    drop(running);
    assert!(waits.await.is_ok());
    assert!(judge().await.is_ok());
}
