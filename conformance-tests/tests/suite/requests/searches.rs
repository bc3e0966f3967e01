//! Searches: what is taken, what is refused, and that nothing partial looks whole.

use serde_json::Value;

use super::is_outcome;
use crate::answer::Answer;
use crate::country::{Country, HOSPITAL, P1, P2, read};

const BSN: &str = "http://fhir.nl/fhir/NamingSystem/bsn";

async fn get(country: &Country, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = country.client().get(country.url(path));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    read(request).await
}

async fn post(country: &Country, kind: &str, form: &[(&str, &str)]) -> Answer {
    read(
        country
            .client()
            .post(country.url(&format!("/fhir/R4/{kind}/_search")))
            .form(form),
    )
    .await
}

fn types<'a>(answer: &'a Answer, mode: &'a str) -> Vec<&'a str> {
    let shown = answer
        .entries()
        .iter()
        .filter(|entry| entry["search"]["mode"] == mode);
    shown
        .filter_map(|entry| entry["resource"]["resourceType"].as_str())
        .collect()
}

#[tokio::test]
async fn p9_a_number_stands_in_the_address_of_one_parameter_of_stu3_only() {
    let country = Country::start().await;
    let refused = [
        format!("/fhir/R4/Condition?patient.identifier={BSN}|{P1}"),
        format!("/fhir/STU3/Condition?patient.identifier={P1}"),
        format!("/fhir/STU3/Condition?code={P1}"),
        format!("/fhir/STU3/Condition?patient.identifier={BSN}|{P1}&x={P1}"),
        format!("/fhir/STU3/Condition/{P1}?patient.identifier={BSN}|{P1}"),
    ];
    for path in refused {
        let answer = get(&country, &path, &[]).await;
        is_outcome(&answer, 400, "a number in an address");
        assert!(!answer.text.contains(P1));
    }
    let answer = get(
        &country,
        &format!("/fhir/STU3/Condition?patient.identifier={BSN}|{P1}"),
        &[],
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let link = answer.json["link"][0]["url"].as_str().unwrap_or_default();
    assert!(
        link.contains("patient.identifier=") && !link.contains(P1),
        "{link}"
    );
    country.stop().await;
}

#[tokio::test]
async fn a_search_selects_from_what_the_holders_gave() {
    let country = Country::start().await;
    let patient = format!("{BSN}|{P1}");
    let answer = post(&country, "Condition", &[("patient.identifier", &patient)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(
        types(&answer, "match").iter().all(|kind| *kind == "Condition"),
        "{}",
        answer.text
    );
    assert!(!types(&answer, "match").is_empty());
    assert_eq!(types(&answer, "outcome")[0], "OperationOutcome");
    assert!(answer.data().all(|entry| {
        entry["fullUrl"]
            .as_str()
            .is_some_and(|url| url.starts_with("http"))
    }));
    let whole = country.ask_for(P1, &["Condition"]).await;
    let asked: Vec<_> = answer.rows();
    assert_eq!(
        asked.len(),
        whole.rows().len(),
        "no other categories are asked for"
    );

    let none = post(
        &country,
        "Condition",
        &[
            ("patient.identifier", &patient),
            ("code", "http://snomed.info/sct|1"),
        ],
    )
    .await;
    assert!(types(&none, "match").is_empty());
    country.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_search_is_told() {
    let country = Country::start().await;
    let patient = format!("{BSN}|{P1}");
    is_outcome(&post(&country, "Condition", &[]).await, 400, "no patient");
    is_outcome(
        &post(&country, "Practitioner", &[("patient.identifier", &patient)]).await,
        404,
        "a type",
    );
    is_outcome(
        &post(&country, "Condition", &[("patient.identifier", "canary")]).await,
        400,
        "no number",
    );
    let request = country.client().post(country.url("/fhir/R4/Condition/_search"));
    is_outcome(&read(request.body("canary")).await, 415, "no form");
    let path = "/fhir/STU3/Condition?canary=canary";
    is_outcome(
        &get(&country, path, &[("prefer", "handling=strict")]).await,
        400,
        "an unknown parameter",
    );

    let answer = post(
        &country,
        "Condition",
        &[("patient.identifier", &patient), ("_has", "canary")],
    )
    .await;
    assert_eq!(answer.status, 200);
    let outcomes: Vec<&Value> = answer
        .entries()
        .iter()
        .filter(|entry| entry["search"]["mode"] == "outcome")
        .collect();
    assert_eq!(
        outcomes[1]["resource"]["issue"][0]["severity"], "warning",
        "what was ignored is told"
    );
    assert!(!answer.text.contains("canary"));
    country.stop().await;
}

#[tokio::test]
async fn p3_an_answer_without_a_holder_has_no_total_and_says_so() {
    let country = Country::start().await;
    country.source_fault(HOSPITAL, "status:500");
    let patient = format!("{BSN}|{P2}");
    let answer = post(
        &country,
        "AllergyIntolerance",
        &[("patient.identifier", &patient)],
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.json.get("total").is_none(), "{}", answer.text);
    let rows = answer.rows();
    assert!(
        rows.iter()
            .any(|row| row.holder == HOSPITAL && row.status == "failed"),
        "{rows:?}"
    );
    country.stop().await;
}

#[tokio::test]
async fn a_holder_of_another_version_is_converted_or_told_of() {
    let country = Country::start().await;
    let patient = format!("{BSN}|{P1}");
    let path = format!("/fhir/STU3/Condition?patient.identifier={patient}");
    let (stu3, r4) = (
        get(&country, &path, &[]).await,
        post(&country, "Condition", &[("patient.identifier", &patient)]).await,
    );
    assert!(
        !stu3.holders().is_disjoint(&r4.holders()),
        "what a holder gives in one version is converted to the other"
    );
    for answer in [&stu3, &r4] {
        let is_told = answer.text.contains("SAM-SRV-022");
        assert_eq!(is_told, answer.json.get("total").is_none(), "{}", answer.text);
    }
    country.stop().await;
}
