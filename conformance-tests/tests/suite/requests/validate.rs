//! `$validate`: what is sent is judged, in both versions, and never repeated.

use serde_json::{Value, json};

use super::{JSON, is_outcome};
use crate::answer::Answer;
use crate::country::{Country, read};

const XML: &str = "application/fhir+xml";
const GOOD: &str = r#"{"resourceType":"Patient","birthDate":"1980"}"#;
const BAD: &str = "{\"resourceType\":\"Patient\",\n \"birthDate\":\"canary\"}";

async fn post(country: &Country, path: &str, media: &str, body: &str, prefer: &str) -> Answer {
    let request = country
        .client()
        .post(country.url(path))
        .header("content-type", media)
        .header("prefer", prefer);
    read(request.body(body.to_owned())).await
}

/// Code, place in FHIRPath and line of the errors.
fn errors(answer: &Answer) -> Vec<(String, String, u64)> {
    let issues = answer.json["issue"].as_array().expect("issues");
    let errors = issues.iter().filter(|issue| issue["severity"] == "error");
    errors
        .map(|issue| {
            let code = issue["details"]["coding"][0]["code"].as_str().unwrap_or_default();
            let expression = issue["expression"][0].as_str().unwrap_or_default();
            let line = issue["extension"][0]["valueInteger"].as_u64().unwrap_or_default();
            (code.to_owned(), expression.to_owned(), line)
        })
        .collect()
}

fn in_parameters(resource: &str, more: &[Value]) -> String {
    let resource: Value = serde_json::from_str(resource).expect("JSON");
    let mut all = vec![json!({ "name": "resource", "resource": resource })];
    all.extend(more.iter().cloned());
    json!({ "resourceType": "Parameters", "parameter": all }).to_string()
}

#[tokio::test]
async fn a_resource_is_judged_with_places_and_without_its_values() {
    let country = Country::start().await;
    for version in ["R4", "STU3"] {
        let path = format!("/fhir/{version}/Patient/$validate");
        for body in [GOOD.to_owned(), in_parameters(GOOD, &[])] {
            let good = post(&country, &path, JSON, &body, "").await;
            assert_eq!(good.status, 200, "{}", good.text);
            assert_eq!(good.headers["samenhang-validation"], "valid", "{}", good.text);
            assert_eq!(good.json["resourceType"], "OperationOutcome");
            assert_eq!(good.json["issue"][0]["details"]["coding"][0]["code"], "valid");
        }
        let bad = post(&country, &path, JSON, BAD, "").await;
        assert_eq!((bad.status, errors(&bad).len()), (200, 1), "{}", bad.text);
        let (_, expression, line) = errors(&bad).remove(0);
        assert_eq!((expression.as_str(), line), ("Patient.birthDate", 2));
        assert_eq!(bad.headers["samenhang-validation"], "invalid");
        assert_eq!(bad.headers["cache-control"], "no-store");
        assert!(!bad.text.contains("canary"), "{}", bad.text);
        let xml = "<Patient xmlns=\"http://hl7.org/fhir\">\n\n<birthDate value=\"canary\"/></Patient>";
        let bad = post(&country, &path, XML, xml, "").await;
        assert_eq!(errors(&bad).remove(0).2, 3, "{}", bad.text);
        assert!(!bad.text.contains("canary"), "{}", bad.text);
    }
    country.stop().await;
}

#[tokio::test]
async fn a_profile_that_is_not_known_is_unchecked_and_never_valid() {
    let country = Country::start().await;
    let profile = json!({ "name": "profile", "valueUri": "http://nowhere.invalid/x" });
    let body = in_parameters(
        GOOD,
        &[profile, json!({ "name": "mode", "valueCode": "profile" })],
    );
    let answer = post(
        &country,
        "/fhir/R4/Patient/$validate",
        JSON,
        &body,
        "handling=strict",
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_ne!(answer.headers["samenhang-validation"], "valid", "{}", answer.text);
    country.stop().await;
}

#[tokio::test]
async fn a_bad_request_gets_an_outcome_that_tells_what_to_do() {
    let country = Country::start().await;
    let path = "/fhir/R4/Patient/$validate";
    let unknown = in_parameters(GOOD, &[json!({ "name": "colour", "valueCode": "canary" })]);
    let large = format!(
        "{{\"resourceType\":\"Patient\",\"x\":\"{}\"}}",
        "a".repeat(11 << 20)
    );
    let cases = [
        (
            "another type",
            JSON,
            r#"{"resourceType":"Basic"}"#,
            400,
            "SAM-SRV-006",
        ),
        (
            "no resource",
            JSON,
            r#"{"resourceType":"Parameters"}"#,
            400,
            "SAM-SRV-005",
        ),
        ("unknown parameter", JSON, &unknown, 400, "SAM-SRV-004"),
        ("media type", "text/csv", GOOD, 415, "SAM-SRV-002"),
        (
            "version",
            "application/fhir+json; fhirVersion=3.0",
            GOOD,
            415,
            "SAM-SRV-002",
        ),
        ("too large", JSON, &large, 413, "SAM-SRV-007"),
    ];
    for (what, media, body, status, code) in cases {
        let answer = post(&country, path, media, body, "handling=strict").await;
        is_outcome(&answer, status, what);
        assert_eq!(errors(&answer)[0].0, code, "{what}: {}", answer.text);
    }
    let lenient = post(&country, path, JSON, &unknown, "").await;
    assert_eq!(lenient.status, 200, "{}", lenient.text);
    assert!(lenient.text.contains("SAM-SRV-004"), "{}", lenient.text);
    assert!(!lenient.text.contains("canary"), "{}", lenient.text);
    for (what, media, body, code) in [
        ("no body", JSON, "", "SAM-VAL-004"),
        ("not JSON", JSON, "canary", "SAM-PRO-001"),
        ("half of JSON", JSON, "{\"resourceType\":", "SAM-PRO-001"),
        ("no type", JSON, "{}", "SAM-PRO-004"),
        (
            "XML with a document type",
            XML,
            "<!DOCTYPE x><Patient xmlns=\"http://hl7.org/fhir\"/>",
            "SAM-PRO-005",
        ),
    ] {
        let answer = post(&country, path, media, body, "").await;
        assert_eq!(answer.status, 400, "{what}: {}", answer.text);
        assert_eq!(errors(&answer)[0].0, code, "{what}: {}", answer.text);
        assert!(!answer.text.contains("canary"), "{what}: {}", answer.text);
    }
    country.stop().await;
}

#[tokio::test]
async fn the_statements_name_the_operation() {
    let country = Country::start().await;
    for version in ["R4", "STU3"] {
        let answer = read(
            country
                .client()
                .get(country.url(&format!("/fhir/{version}/metadata"))),
        )
        .await;
        assert!(
            answer.text.contains("OperationDefinition/Resource-validate"),
            "{version}: {}",
            answer.text
        );
    }
    country.stop().await;
}
