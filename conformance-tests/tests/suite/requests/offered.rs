//! What the server says of itself: its statements, its health and its numbers.

use std::collections::BTreeSet;

use super::{JSON, OVERVIEW};
use crate::country::{Country, P6, parameters, read};

#[tokio::test]
async fn what_the_server_offers_can_be_read_without_a_login() {
    let country = Country::start().await;
    for (path, version) in [("/fhir/R4/metadata", "4.0.1"), ("/fhir/STU3/metadata", "3.0.2")] {
        let answer = read(country.client().get(country.url(path))).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.headers["content-type"].starts_with(JSON), "{path}");
        assert_eq!(answer.json["resourceType"], "CapabilityStatement", "{path}");
        assert_eq!(answer.json["fhirVersion"], version, "{path}");
        let tag = answer.headers["etag"].clone();
        let again = read(
            country
                .client()
                .get(country.url(path))
                .header("if-none-match", tag),
        )
        .await;
        assert_eq!((again.status, again.text.len()), (304, 0), "{path}");
    }
    let statement = read(country.client().get(country.url("/fhir/R4/metadata"))).await;
    let operations = statement.text.matches("/OperationDefinition/").count();
    assert!(operations >= 1, "{}", statement.text);
    let definition = read(
        country
            .client()
            .get(country.url("/fhir/R4/OperationDefinition/Patient-overview")),
    )
    .await;
    assert_eq!(definition.json["resourceType"], "OperationDefinition");
    let named: BTreeSet<&str> = definition.json["parameter"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["name"].as_str())
        .collect();
    for name in [
        "identifier",
        "purpose",
        "category",
        "birthDate",
        "family",
        "confirm-identity",
    ] {
        assert!(named.contains(name), "{name} in {named:?}");
    }
    country.stop().await;
}

#[tokio::test]
async fn health_is_for_all_and_numbers_are_for_the_operator() {
    let country = Country::start().await;
    country.ask(P6).await;
    for path in ["/healthz", "/readyz"] {
        for url in [country.url(path), country.internal(path)] {
            let answer = read(country.client().get(&url)).await;
            assert_eq!(
                (answer.status, answer.json["status"].as_str()),
                (200, Some("ok")),
                "{url}: {}",
                answer.text
            );
        }
    }
    let numbers = read(country.client().get(country.internal("/metrics"))).await;
    assert_eq!(numbers.status, 200);
    assert!(numbers.headers["content-type"].starts_with("text/plain"));
    assert!(numbers.text.contains("# TYPE samenhang_"), "{}", numbers.text);
    assert_eq!(
        read(country.client().get(country.url("/metrics"))).await.status,
        404
    );
    // And the operator's side answers no question.
    let answer = read(
        country
            .client()
            .post(country.internal(OVERVIEW))
            .header("content-type", JSON)
            .body(parameters(P6, &[]).to_string()),
    )
    .await;
    assert_eq!(answer.status, 404);
    country.stop().await;
}
