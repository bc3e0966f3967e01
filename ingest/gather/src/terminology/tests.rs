//! A small terminology server, and what goes to it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::post;
use samenhang_terminology::answer::{NotMember, Unknown};
use samenhang_terminology::deferred::{Answers, Deferring, Question};
use samenhang_terminology::naming::SNOMED;
use samenhang_terminology::{Coding, Membership, NoTerminology, Terminology};

use super::{SILENT, TerminologyServer, TerminologyServerConfig};
use crate::config::EgressConfig;
use crate::error::GatherError;
use crate::fixtures::serve;
use crate::http::{Http, TlsMaterial};

fn server(base: &str, batch: usize) -> TerminologyServer {
    let http = Http::new(&EgressConfig::loopback(), &TlsMaterial::default()).unwrap();
    let config = TerminologyServerConfig {
        timeout_ms: 2_000,
        max_batch: batch,
        max_questions: 5,
        ..TerminologyServerConfig::at(format!("{base}/fhir"))
    };
    TerminologyServer::new(http, &config).unwrap()
}

/// Answers each code by a word in it, and keeps what it was asked.
async fn responder(seen: Arc<Mutex<Vec<serde_json::Value>>>) -> String {
    let answer = move |body: String| {
        let asked: serde_json::Value = serde_json::from_str(&body).unwrap();
        let entries: Vec<serde_json::Value> = asked["entry"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| {
                let parameters = entry["resource"]["parameter"].as_array().unwrap();
                let code = parameters.iter().find(|p| p["name"] == "code").unwrap()["valueCode"].as_str().unwrap();
                let result = |value: bool, more: &[serde_json::Value]| {
                    let mut parameter = vec![serde_json::json!({"name": "result", "valueBoolean": value})];
                    parameter.extend_from_slice(more);
                    serde_json::json!({"response": {"status": "200 OK"},
                        "resource": {"resourceType": "Parameters", "parameter": parameter}})
                };
                match code {
                    "in" => result(true, &[]),
                    "out" => result(false, &[]),
                    "unknown-system" => result(false, &[serde_json::json!({"name": "x-caused-by-unknown-system"})]),
                    "not-found" => result(false, &[serde_json::json!({"name": "issues", "resource":
                        {"issue": [{"details": {"coding": [{"code": "not-found"}]}}]}})]),
                    _ => serde_json::json!({"response": {"status": "404"}, "resource": {"resourceType": "OperationOutcome"}}),
                }
            })
            .collect();
        seen.lock().unwrap().push(asked);
        async move {
            serde_json::json!({"resourceType": "Bundle", "type": "batch-response", "entry": entries})
                .to_string()
        }
    };
    serve(Router::new().route("/fhir", post(answer))).await
}

fn question(code: &str) -> Question {
    Question {
        value_set: "http://example.org/vs|1.0".to_owned(),
        system: SNOMED.to_owned(),
        code: code.to_owned(),
    }
}

#[tokio::test]
async fn many_questions_go_in_few_calls_and_are_answered_in_order() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let base = responder(Arc::clone(&seen)).await;
    let codes = ["in", "out", "unknown-system", "not-found", "missing", "in"];
    let questions: Vec<Question> = codes.into_iter().map(question).collect();
    let answers = server(&base, 2).ask(&questions).await.unwrap();
    let out = Membership::NotMember(NotMember::Code);
    // The sixth is more than is asked in one run.
    assert_eq!(answers, [Membership::Member, out, SILENT, SILENT, SILENT, SILENT]);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
    // Nothing but these four goes along.
    let sent: serde_json::Value = serde_json::json!({
        "resource": {"resourceType": "Parameters", "parameter": [
            {"name": "url", "valueUri": "http://example.org/vs"},
            {"name": "valueSetVersion", "valueString": "1.0"},
            {"name": "system", "valueUri": SNOMED},
            {"name": "code", "valueCode": "in"}]},
        "request": {"method": "POST", "url": "ValueSet/$validate-code"}});
    assert_eq!(seen[0]["entry"][0], sent);
}

#[tokio::test]
async fn a_run_defers_is_answered_and_knows() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let base = responder(Arc::clone(&seen)).await;
    let server = server(&base, 100);
    let mut run = Deferring::new(NoTerminology, Arc::new(Answers::new(100)));
    let shown = Coding {
        display: Some("a display that stays here"),
        ..Coding::new(SNOMED, "in")
    };
    assert_eq!(
        run.member("http://example.org/vs", shown),
        Membership::Unknown(Unknown::Deferred)
    );
    let questions = run.take_questions();
    let answers = server.ask(&questions).await.unwrap();
    for (question, answer) in questions.into_iter().zip(answers) {
        run.settle(question, answer);
    }
    assert_eq!(run.member("http://example.org/vs", shown), Membership::Member);
    assert!(!seen.lock().unwrap()[0].to_string().contains("display"));
}

#[tokio::test]
async fn a_server_that_fails_says_so() {
    let routes = Router::new()
        .route(
            "/error/fhir",
            post(|| async { axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response() }),
        )
        .route(
            "/other/fhir",
            post(|| async { "{\"resourceType\":\"OperationOutcome\"}" }),
        )
        .route(
            "/short/fhir",
            post(|| async { "{\"resourceType\":\"Bundle\",\"type\":\"batch-response\"}" }),
        )
        .route("/text/fhir", post(|| async { "hello" }));
    let base = serve(routes).await;
    for (path, code) in [
        ("error", "status"),
        ("other", "answer"),
        ("short", "answer"),
        ("text", "answer"),
    ] {
        let error = server(&format!("{base}/{path}"), 10)
            .ask(&[question("in")])
            .await
            .unwrap_err();
        match (code, &error) {
            ("status", GatherError::Status { status: 500, .. }) | ("answer", GatherError::Answer { .. }) => {}
            _ => panic!("{path}: {error}"),
        }
    }
    let nowhere = server("http://127.0.0.1:1", 10).ask(&[question("in")]).await;
    assert!(matches!(nowhere, Err(GatherError::Unreachable { .. })));
    assert_eq!(server("http://127.0.0.1:1", 10).ask(&[]).await, Ok(Vec::new()));
}
