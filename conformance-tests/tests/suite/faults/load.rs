//! F44: many at once about one patient. F54: a handler that panics.

use std::collections::BTreeSet;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::get;
use samenhang_server::http::{correlation, layers};

use super::scene::{Scene, source};
use crate::country::{HOSPITAL, P1, parameters};

/// Questions at once.
const MANY: usize = 10_000;
/// Questions of one connection; the server lets it have 64 open.
const OF_ONE: usize = 50;

/// Room for three questions, and more of them from one asker than there are here.
const SETTINGS: &str = "[server]
max_questions = 3
[fanout]
interactive_seconds = 30
[access.rate]
per_minute = 100000
burst = 100000
";

/// Those that fit are answered whole, none of them cut short by the rest; the others hear at once that they must come back, and cost the holders nothing.
#[tokio::test]
async fn fault_f44_thundering_herd() {
    let scene = Scene::tuned(SETTINGS).await;
    scene.spoil(HOSPITAL, "latency:400");
    scene.journal().clear();
    let connections: Vec<reqwest::Client> = (0..MANY / OF_ONE).map(|_| connection()).collect();
    let country = &scene.country;
    let herd = connections.iter().flat_map(|client| {
        (0..OF_ONE).map(move |_| {
            let question = parameters(P1, &[]);
            country.ask_through(
                client,
                "/fhir/R4/Patient/$overview",
                question,
                "application/fhir+json",
                &[],
            )
        })
    });
    let answers = futures::future::join_all(herd).await;
    drop(connections);
    let (mut answered, mut shed) = (0, 0);
    for answer in &answers {
        match answer.status {
            200 => {
                answered += 1;
                scene.others_alike(answer, &[]);
            }
            503 => {
                shed += 1;
                let seconds: u32 = answer.headers["retry-after"]
                    .parse()
                    .expect("a number of seconds");
                assert!(seconds > 0);
                assert_eq!(answer.json["resourceType"], "OperationOutcome");
                assert!(
                    !answer.text.contains(P1),
                    "the number of the patient is in the refusal"
                );
            }
            other => panic!("status {other}"),
        }
    }
    assert_eq!((answered + shed, shed > 0, answered > 0), (MANY, true, true));
    let entries = scene.journal().of(&source(HOSPITAL));
    let questions: BTreeSet<_> = entries
        .iter()
        .filter_map(|entry| entry.header("x-correlation-id"))
        .collect();
    assert!(
        questions.len() <= answered,
        "{} questions reached the holder",
        questions.len()
    );
    assert!(entries.len() <= answered * scene.usual(HOSPITAL));
    // What was taken up is given back.
    scene.country.demo.testbed().faults().clear_all();
    let after = scene.ask().await;
    scene.rest_is_whole(&after, &[]);
    scene.stop().await;
}

/// A connection that carries many requests at once.
fn connection() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy().http2_prior_knowledge();
    builder.build().expect("a client")
}

/// The layers of every route around a handler that panics with a number in its text: the asker gets an error with the
/// id of the request and nothing of the text, and the next request is answered.
#[tokio::test]
async fn fault_f54_panic_in_a_handler() {
    let router = Router::new()
        .route(
            "/fhir/R4/broken",
            get(async || -> &'static str { panic!("about {P1}") }),
        )
        .route("/fhir/R4/whole", get(async || "whole"))
        .layer(from_fn(layers::survive))
        .layer(from_fn(correlation::correlate));
    // No country is started here, which would do it; another test of this process may have.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    for _ in 0..3 {
        let answer = client
            .get(format!("{base}/fhir/R4/broken"))
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 500);
        assert!(answer.headers().contains_key("x-request-id"));
        let text = answer.text().await.expect("a body");
        assert!(text.contains("OperationOutcome") && !text.contains(P1), "{text}");
        let next = client
            .get(format!("{base}/fhir/R4/whole"))
            .send()
            .await
            .expect("an answer");
        assert_eq!(next.text().await.expect("a body"), "whole");
    }
    serving.abort();
}
