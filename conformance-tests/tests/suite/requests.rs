//! What a client sends and how it is told what is wrong with it.

mod offered;
mod pages;
mod searches;
mod validate;

use std::collections::BTreeSet;

use samenhang_testbed::ServiceId;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::country::{Country, P1, P6, parameters, read};

const JSON: &str = "application/fhir+json";
const OVERVIEW: &str = "/fhir/R4/Patient/$overview";

/// Sends a body as it is.
async fn post(country: &Country, body: impl Into<reqwest::Body>, headers: &[(&str, &str)]) -> Answer {
    let mut request = country.client().post(country.url(OVERVIEW)).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", JSON);
    }
    read(request).await
}

/// An outcome with a stable code, a text, what to do, and nothing of what was sent.
fn is_outcome(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text);
    assert!(answer.headers["content-type"].starts_with(JSON), "{what}");
    assert_eq!(answer.headers["cache-control"], "no-store", "{what}");
    assert_eq!(answer.json["resourceType"], "OperationOutcome", "{what}");
    let issues = answer.json["issue"].as_array().expect("issues");
    assert!(!issues.is_empty(), "{what}");
    for issue in issues {
        assert_eq!(issue["severity"], "error", "{what}");
        assert!(issue["code"].is_string(), "{what}");
        let code = issue["details"]["coding"][0]["code"].as_str().unwrap_or_default();
        assert!(code.starts_with("SAM-"), "{what}: {code}");
        for text in [&issue["details"]["text"], &issue["diagnostics"]] {
            assert!(
                text.as_str().is_some_and(|text| text.len() > 15),
                "{what}: {text}"
            );
        }
    }
    assert!(!answer.text.contains("canary"), "{what}: {}", answer.text);
}

fn with(change: impl FnOnce(&mut Vec<Value>)) -> String {
    let mut question = parameters(P1, &[]);
    change(question["parameter"].as_array_mut().expect("parameters"));
    question.to_string()
}

fn identifier(system: &str, value: &str) -> String {
    with(|all| all[0]["valueIdentifier"] = json!({ "system": system, "value": value }))
}

const BSN: &str = "http://fhir.nl/fhir/NamingSystem/bsn";

#[tokio::test]
async fn a_bad_question_gets_an_outcome_that_tells_what_to_do() {
    let country = Country::start().await;
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let cases: Vec<(&str, u16, &str, &str, String)> = vec![
        ("no body", 400, "SAM-SRV-001", "", String::new()),
        ("not JSON", 400, "SAM-SRV-001", "", "canary".to_owned()),
        (
            "half of JSON",
            400,
            "SAM-SRV-001",
            "",
            r#"{"resourceType":"Parameters","#.to_owned(),
        ),
        ("a list", 400, "SAM-SRV-001", "", "[]".to_owned()),
        (
            "another resource",
            400,
            "SAM-SRV-001",
            "resourceType",
            r#"{"resourceType":"Patient","id":"canary"}"#.to_owned(),
        ),
        (
            "parameter is no list",
            400,
            "SAM-SRV-001",
            "Parameters.parameter",
            r#"{"resourceType":"Parameters","parameter":{}}"#.to_owned(),
        ),
        (
            "no identifier",
            400,
            "SAM-SRV-005",
            "Parameters.parameter.where(name='identifier')",
            with(|all| drop(all.remove(0))),
        ),
        (
            "no purpose",
            400,
            "SAM-SRV-005",
            "Parameters.parameter.where(name='purpose')",
            with(|all| drop(all.remove(1))),
        ),
        (
            "11-proef",
            400,
            "SAM-SRV-006",
            "Parameters.parameter[0].value",
            identifier(BSN, "999990018"),
        ),
        (
            "letters",
            400,
            "SAM-SRV-006",
            "Parameters.parameter[0].value",
            identifier(BSN, "canary"),
        ),
        (
            "another system",
            400,
            "SAM-SRV-006",
            "Parameters.parameter[0].value",
            identifier("http://example.org/canary", P1),
        ),
        (
            "no system",
            400,
            "SAM-SRV-006",
            "Parameters.parameter[0].value",
            with(|all| all[0]["valueIdentifier"] = json!({ "value": P1 })),
        ),
        (
            "identifier as a string",
            400,
            "SAM-SRV-006",
            "Parameters.parameter[0].value",
            with(|all| all[0] = json!({ "name": "identifier", "valueString": P1 })),
        ),
        (
            "two identifiers",
            400,
            "SAM-SRV-006",
            "Parameters.parameter[2]",
            with(|all| {
                let again = all[0].clone();
                all.push(again);
            }),
        ),
        (
            "unknown purpose",
            400,
            "SAM-SRV-006",
            "Parameters.parameter[1]",
            with(|all| all[1]["valueCode"] = json!("canary")),
        ),
        (
            "unknown category",
            400,
            "SAM-SRV-006",
            "Parameters.parameter[2]",
            with(|all| all.push(json!({ "name": "category", "valueCode": "canary" }))),
        ),
        (
            "half a date",
            400,
            "SAM-SRV-006",
            "Parameters.parameter[2]",
            with(|all| all.push(json!({ "name": "birthDate", "valueDate": "1950" }))),
        ),
        (
            "too deep",
            400,
            "SAM-SRV-001",
            "",
            format!(r#"{{"resourceType":"Parameters","parameter":{deep}}}"#),
        ),
        (
            "a key twice",
            400,
            "SAM-SRV-001",
            "",
            parameters(P1, &[])
                .to_string()
                .replacen('{', r#"{"resourceType":"Parameters","#, 1),
        ),
        (
            "too many parameters",
            400,
            "SAM-SRV-001",
            "Parameters.parameter",
            with(|all| all.extend((0..100).map(|_| json!({ "name": "category", "valueCode": "Alert" })))),
        ),
        (
            "too large",
            413,
            "SAM-SRV-007",
            "",
            with(|all| all.push(json!({ "name": "family", "valueString": "canary".repeat(20_000) }))),
        ),
    ];
    for (what, status, code, at, body) in cases {
        let answer = post(&country, body, &[]).await;
        is_outcome(&answer, status, what);
        assert_eq!(answer.code(), code, "{what}: {}", answer.text);
        assert_eq!(
            answer.json["issue"][0]["expression"][0]
                .as_str()
                .unwrap_or_default(),
            at,
            "{what}"
        );
        assert!(!answer.text.contains(P1), "{what}: the number is repeated");
    }
    // Bytes that are no text at all.
    is_outcome(&post(&country, vec![0xff, 0xfe, 0x00], &[]).await, 400, "bytes");
    // Nobody was asked anything about all this.
    let asked = country
        .demo
        .testbed()
        .journal()
        .count(|entry| matches!(entry.service, ServiceId::Nvi | ServiceId::Prs | ServiceId::Mitz));
    assert_eq!(asked, 0);
    country.stop().await;
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once() {
    let country = Country::start().await;
    let body = json!({ "resourceType": "Parameters", "parameter": [
        { "name": "purpose", "valueCode": "canary" },
        { "name": "category", "valueCode": "canary" },
        { "name": "canary", "valueString": "canary" }
    ] });
    let answer = country
        .ask_with(body, JSON, &[("prefer", "handling=strict")])
        .await;
    is_outcome(&answer, 400, "all");
    let at: BTreeSet<&str> = answer.json["issue"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|issue| issue["expression"][0].as_str())
        .collect();
    let expected = [
        "Parameters.parameter[0]",
        "Parameters.parameter[1]",
        "Parameters.parameter[2]",
        "Parameters.parameter.where(name='identifier')",
    ];
    assert_eq!(at, expected.into());
    country.stop().await;
}

#[tokio::test]
async fn forms_and_methods_that_are_not_offered_are_named() {
    let country = Country::start().await;
    let question = || parameters(P1, &[]).to_string();
    let answer = post(&country, question(), &[("accept", "application/fhir+xml")]).await;
    is_outcome(&answer, 406, "xml");
    let answer = post(
        &country,
        question(),
        &[("accept", "application/fhir+json; fhirVersion=3.0")],
    )
    .await;
    is_outcome(&answer, 406, "another version");
    for media in [
        "application/fhir+xml",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/fhir+json; fhirVersion=3.0",
    ] {
        is_outcome(
            &post(&country, question(), &[("content-type", media)]).await,
            415,
            media,
        );
    }
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let method: reqwest::Method = method.parse().expect("a method");
        let answer = read(country.client().request(method.clone(), country.url(OVERVIEW))).await;
        is_outcome(&answer, 405, method.as_str());
        assert_eq!(answer.headers["allow"], "POST", "{method}");
    }
    country.stop().await;
}

#[tokio::test]
async fn an_address_that_does_not_exist_is_told_in_the_form_of_its_side() {
    let country = Country::start().await;
    for path in [
        "/fhir/R4/canary",
        "/fhir/R4/",
        "/fhir/R5/metadata",
        "/fhir/canary",
        "/fhir",
    ] {
        let answer = read(country.client().get(country.url(path))).await;
        is_outcome(&answer, 404, path);
    }
    for path in ["/canary", "/metrics", "/admin/journal", "/fhirx"] {
        let answer = read(country.client().get(country.url(path))).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(
            answer.headers["content-type"].starts_with("application/problem+json"),
            "{path}"
        );
        assert_eq!(answer.json["status"], 404, "{path}");
        assert_eq!(answer.json["code"], "SAM-SRV-008", "{path}");
        for member in ["type", "title", "detail"] {
            assert!(answer.json[member].is_string(), "{path} {member}");
        }
        assert!(!answer.text.contains("canary"));
    }
    country.stop().await;
}

#[tokio::test]
async fn an_unknown_parameter_is_refused_or_reported_as_the_client_prefers() {
    let country = Country::start().await;
    let mut question = parameters(P6, &["Alert"]);
    question["parameter"]
        .as_array_mut()
        .expect("parameters")
        .push(json!({ "name": "canary", "valueString": "canary" }));
    let strict = country
        .ask_with(question.clone(), JSON, &[("prefer", "handling=strict")])
        .await;
    is_outcome(&strict, 400, "strict");
    assert_eq!(strict.json["issue"][0]["code"], "not-supported");
    assert_eq!(
        strict.json["issue"][0]["expression"][0],
        "Parameters.parameter[3]"
    );
    for prefer in ["handling=lenient", "return=representation"] {
        let lenient = country
            .ask_with(question.clone(), JSON, &[("prefer", prefer)])
            .await;
        assert_eq!(lenient.status, 200, "{}", lenient.text);
        let outcome = lenient.entries().last().expect("an entry");
        assert_eq!(outcome["search"]["mode"], "outcome");
        let issue = &outcome["resource"]["issue"][0];
        assert_eq!(
            (issue["severity"].as_str(), issue["code"].as_str()),
            (Some("warning"), Some("not-supported"))
        );
        assert_eq!(issue["expression"][0], "Parameters.parameter[3]");
        assert!(!lenient.text.contains("canary"));
    }
    // In the address as well.
    let ask = |prefer: &'static str| {
        let body = parameters(P6, &["Alert"]).to_string();
        let url = country.url(&format!("{OVERVIEW}?canary=canary"));
        read(
            country
                .client()
                .post(url)
                .header("content-type", JSON)
                .header("prefer", prefer)
                .body(body),
        )
    };
    is_outcome(&ask("handling=strict").await, 400, "strict, in the address");
    let lenient = ask("handling=lenient").await;
    assert_eq!(lenient.status, 200);
    let issue = &lenient.entries().last().expect("an entry")["resource"]["issue"][0];
    assert_eq!(
        (issue["severity"].as_str(), issue["expression"][0].as_str()),
        (Some("warning"), Some("http.query"))
    );
    country.stop().await;
}

#[tokio::test]
async fn a_number_in_an_address_is_refused_and_not_repeated() {
    let country = Country::start().await;
    let spread = "9".to_owned() + "%39" + &P1[2..];
    for path in [
        format!("{OVERVIEW}?identifier={P1}"),
        format!("{OVERVIEW}?identifier={spread}"),
        format!("/fhir/R4/Patient/{P1}"),
        format!("/fhir/R4/Patient?identifier={BSN}%7C{P1}"),
        format!("/viewer?bsn={P1}"),
        format!("/{P1}"),
    ] {
        for method in [reqwest::Method::GET, reqwest::Method::POST] {
            let answer = read(
                country
                    .client()
                    .request(method, country.url(&path))
                    .header("content-type", JSON),
            )
            .await;
            assert_eq!((answer.status, answer.code()), (400, "SAM-SRV-017"), "{path}");
            let head = format!("{:?}", answer.headers);
            for number in [P1, spread.as_str()] {
                assert!(!answer.text.contains(number) && !head.contains(number), "{path}");
            }
        }
    }
    country.stop().await;
}

#[tokio::test]
async fn the_asker_is_answered_in_their_language() {
    let country = Country::start().await;
    let body = r#"{"resourceType":"Parameters"}"#;
    for (accepted, spoken, word) in [
        ("nl", "nl", "ontbreekt"),
        ("nl-NL,nl;q=0.9,en;q=0.5", "nl", "ontbreekt"),
        ("en", "en", "missing"),
        ("de", "en", "missing"),
        ("en;q=0.2, nl;q=0.8", "nl", "ontbreekt"),
    ] {
        let answer = post(&country, body, &[("accept-language", accepted)]).await;
        is_outcome(&answer, 400, accepted);
        assert_eq!(answer.headers["content-language"], spoken, "{accepted}");
        assert_eq!(answer.json["language"], spoken, "{accepted}");
        assert!(
            answer.json["issue"][0]["details"]["text"]
                .as_str()
                .is_some_and(|text| text.contains(word)),
            "{accepted}"
        );
    }
    // The two outcomes as an integrator sees them.
    for (language, name) in [("nl", "outcome_nl"), ("en", "outcome_en")] {
        let answer = post(&country, body, &[("accept-language", language)]).await;
        insta::assert_snapshot!(name, serde_json::to_string_pretty(&answer.json).expect("JSON"));
    }
    country.stop().await;
}

#[tokio::test]
async fn only_the_categories_that_are_asked_for_are_asked_at_the_holders() {
    let country = Country::start().await;
    let answer = country.ask_for(P1, &["AllergyIntolerance", "Procedure"]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let told: BTreeSet<String> = answer.rows().into_iter().map(|row| row.category).collect();
    assert_eq!(
        told,
        ["AllergyIntolerance".to_owned(), "Procedure".to_owned()].into()
    );
    let asked: BTreeSet<String> = country
        .demo
        .testbed()
        .journal()
        .find(|entry| matches!(entry.service, ServiceId::Source(_)))
        .into_iter()
        .filter_map(|entry| {
            let path = entry.path.trim_end_matches("/_search").to_owned();
            path.rsplit('/').next().map(str::to_owned)
        })
        .filter(|kind| kind.starts_with(|c: char| c.is_ascii_uppercase()))
        .collect();
    for kind in ["AllergyIntolerance", "Procedure"] {
        assert!(asked.contains(kind), "{asked:?}");
    }
    for kind in [
        "Condition",
        "MedicationRequest",
        "MedicationStatement",
        "Observation",
        "Encounter",
        "Flag",
        "Consent",
        "Immunization",
        "CarePlan",
        "DiagnosticReport",
    ] {
        assert!(!asked.contains(kind), "{kind} was asked: {asked:?}");
    }
    // Only what was asked for, and what that refers to, is shown as an answer.
    let matched: BTreeSet<&str> = answer
        .data()
        .filter(|entry| entry["search"]["mode"] == "match")
        .filter_map(|entry| entry["resource"]["resourceType"].as_str())
        .collect();
    assert_eq!(matched, ["AllergyIntolerance", "Procedure"].into());
    country.stop().await;
}
