//! What an operator sees of questions: how each ended, the state of circuit breakers, and the asker's own id.

use samenhang_testbed::ServiceId;
use serde_json::{Value, json};

use crate::country::{Country, P1, P2, parameters, read};

/// The value of a series of `/metrics`.
pub(crate) async fn metric(country: &Country, series: &str) -> f64 {
    let text = read(country.client().get(country.internal("/metrics")))
        .await
        .text;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(series))
        .expect("a series");
    line.trim().parse().expect("a number")
}

async fn ended(country: &Country, ending: &str) -> f64 {
    metric(
        country,
        &format!("samenhang_questions_total{{ending=\"{ending}\"}}"),
    )
    .await
}

#[tokio::test]
async fn every_question_is_counted_once_however_it_ends() {
    let country = Country::start().await;
    assert_eq!(country.ask(P1).await.status, 200);
    // Malformed: it never becomes a question.
    let answer = country
        .ask_with(json!({ "resourceType": "Patient" }), "application/fhir+json", &[])
        .await;
    assert_eq!(answer.status / 100, 4, "{}", answer.text);
    country.fault(ServiceId::Nvi, "status:503");
    // Of another patient: who has data on the first one is still known.
    assert_eq!(country.ask(P2).await.status, 503);
    let answered = ended(&country, "complete").await + ended(&country, "partial").await;
    let others = [
        ended(&country, "refused").await,
        ended(&country, "failed").await,
        ended(&country, "abandoned").await,
    ];
    assert_eq!((answered, others), (1.0, [1.0, 1.0, 0.0]));
    assert_eq!(
        metric(&country, "samenhang_circuit_breakers{state=\"closed\"}").await,
        5.0
    );
    country.stop().await;
}

/// Details of an audit event with a name.
fn details<'a>(event: &'a Value, name: &'a str) -> impl Iterator<Item = &'a str> {
    let entities = event["entity"].as_array().into_iter().flatten();
    entities
        .filter_map(|entity| entity["detail"].as_array())
        .flatten()
        .filter(move |detail| detail["type"] == name)
        .filter_map(|detail| detail["valueString"].as_str())
}

fn activity(event: &Value) -> &str {
    let subtypes = event["subtype"].as_array().map(Vec::as_slice).unwrap_or_default();
    subtypes
        .last()
        .and_then(|subtype| subtype["code"].as_str())
        .unwrap_or_default()
}

#[tokio::test]
async fn the_id_that_the_asker_gave_is_in_every_audit_event_of_its_question() {
    let country = Country::start().await;
    let answer = country
        .ask_with(
            parameters(P1, &[]),
            "application/fhir+json",
            &[("x-request-id", "order-42.a")],
        )
        .await;
    assert_eq!(answer.headers["x-request-id"], "order-42.a");
    let disclosures = |events: &[Value]| {
        let all = events.iter().filter(|event| activity(event) == "disclosure");
        all.count()
    };
    let sink = &country.demo.testbed().services().audit_sink;
    let (mut before, mut events) = (0, sink.events());
    while disclosures(&events) == 0 || events.len() != before {
        before = events.len();
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        events = sink.events();
    }
    let of_question: Vec<&Value> = events
        .iter()
        .filter(|event| details(event, "X-Request-Id").next().is_some())
        .collect();
    for event in &of_question {
        let given: Vec<_> = details(event, "asker-request-id").collect();
        assert_eq!(given, ["order-42.a"], "{}", activity(event));
    }
    let capabilities: Vec<_> = of_question
        .iter()
        .filter(|event| activity(event) == "capabilities")
        .collect();
    assert!(capabilities.len() >= 5, "each holder was asked what it offers");
    for event in capabilities {
        assert!(
            !event.to_string().contains("patient-pseudonym"),
            "it names no patient"
        );
    }
    country.stop().await;
}
