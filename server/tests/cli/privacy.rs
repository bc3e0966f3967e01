//! What the process says, keeps and exports about patients: nothing (P9).

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use samenhang_testbed::patients;
use serde_json::Value;

use crate::process::files;
use crate::serve::{Pair, question};

const ALL: [&str; 8] = [
    "999990019",
    "999990020",
    "999990032",
    "999990044",
    "999990056",
    "999990068",
    "999990081",
    "999990093",
];

/// Family names of our synthetic patients.
fn names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let files = patients::holders()
        .into_iter()
        .flat_map(|holder| holder.endpoints)
        .flat_map(|endpoint| endpoint.files);
    for (_, bytes) in files {
        let json: Value = serde_json::from_slice(&bytes).unwrap();
        let entries = json["entry"].as_array().cloned().unwrap_or_default();
        let resources = entries
            .into_iter()
            .map(|entry| entry["resource"].clone())
            .chain([json]);
        for patient in resources.filter(|resource| resource["resourceType"] == "Patient") {
            let of = |list: &str, key: &str| -> Vec<String> {
                let items = patient[list].as_array().cloned().unwrap_or_default();
                items
                    .iter()
                    .filter_map(|item| item[key].as_str())
                    .map(str::to_owned)
                    .collect()
            };
            names.extend(of("name", "family"));
        }
    }
    assert!(!names.is_empty());
    names
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// A collector of telemetry that keeps what it is sent.
async fn collector() -> (String, Arc<Mutex<Vec<u8>>>) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keep = |State(kept): State<Arc<Mutex<Vec<u8>>>>, body: Bytes| async move {
        kept.lock().unwrap().extend_from_slice(&body);
    };
    let router = Router::new()
        .route("/v1/{signal}", post(keep))
        .with_state(Arc::clone(&kept));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, kept)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_number_and_no_name_stays_behind_or_goes_out() {
    let (address, exported) = collector().await;
    let mut pair = Pair::start(&[
        ("SAMENHANG__TELEMETRY__FILTER", "trace"),
        ("SAMENHANG__TELEMETRY__OTLP_ENDPOINT", &address),
        ("SAMENHANG__TELEMETRY__METRICS_INTERVAL_S", "1"),
        ("SAMENHANG__ACCESS__RATE__BURST", "200"),
        ("SAMENHANG__FANOUT__INTERACTIVE_SECONDS", "4"),
        ("SAMENHANG__FANOUT__WHOLE_SECONDS", "4"),
    ])
    .await;
    let cookie = pair.login().await;
    let who = [("cookie", cookie.as_str()), ("origin", pair.base.as_str())];
    let (mut heads, mut shown) = (String::new(), 0);
    let forms = [
        "application/fhir+json",
        "application/fhir+ndjson",
        "text/event-stream",
    ];
    for (index, bsn) in ALL.iter().enumerate() {
        let answer = pair.ask(bsn, &who, forms[index % forms.len()]).await;
        assert_eq!(answer.status(), 200, "{}", pair.server.err().len());
        heads.push_str(&format!("{:?}", answer.headers()));
        shown += answer.text().await.unwrap().len();
    }
    assert!(shown > 500_000, "patient data was given: {shown}");
    // BgZ-MSZ names the patient in the address.
    let search = format!(
        "{}/fhir/STU3/Condition?patient.identifier=http://fhir.nl/fhir/NamingSystem/bsn|{}",
        pair.base, ALL[1]
    );
    let asked = pair
        .http
        .get(search)
        .header("cookie", &cookie)
        .header("origin", &pair.base);
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    heads.push_str(&format!("{:?}", answer.headers()));
    // Some that fail, each with a number in it.
    let bsn = ALL[0];
    let overview = format!("{}/fhir/R4/Patient/$overview", pair.base);
    let mut errors = String::new();
    for (url, body, media) in [
        (overview.clone(), question(bsn), "text/plain"),
        (
            overview.clone(),
            question(bsn)[..120].to_owned(),
            "application/fhir+json",
        ),
        (
            overview.clone(),
            question(bsn).replace("TREAT", bsn),
            "application/fhir+json",
        ),
        (
            overview.clone(),
            question(bsn).replace("\"purpose\"", &format!("\"{bsn}\"")),
            "application/fhir+json",
        ),
        (
            format!("{overview}?bsn={bsn}"),
            question(bsn),
            "application/fhir+json",
        ),
        (
            format!("{}/nothing/{bsn}", pair.base),
            question(bsn),
            "application/fhir+json",
        ),
    ] {
        let request = pair
            .http
            .post(url)
            .header("cookie", &cookie)
            .header("origin", &pair.base)
            .header("content-type", media);
        let request = request
            .header("x-request-id", bsn)
            .header("traceparent", bsn)
            .header("user-agent", bsn);
        let answer = request.body(body).send().await.unwrap();
        assert!(answer.status().is_client_error(), "{}", answer.status());
        heads.extend(
            answer
                .headers()
                .iter()
                .filter(|(name, _)| *name != "x-request-id")
                .map(|(_, value)| format!("{value:?}")),
        );
        errors.push_str(&answer.text().await.unwrap());
    }
    let metrics = pair
        .http
        .get(format!("{}/metrics", pair.internal))
        .send()
        .await
        .unwrap();
    let metrics = metrics.text().await.unwrap();
    assert_eq!(pair.server.terminate().code(), Some(0));
    let log = pair.server.err();
    let lines = log
        .lines()
        .filter(|line| line.starts_with('{') || line.contains("TRACE") || line.contains("DEBUG"));
    assert!(lines.count() > 100, "a log in full: {log}");
    let exported = exported.lock().unwrap().clone();
    assert!(holds(&exported, "samenhang"), "telemetry was exported");

    let mut seen: Vec<(String, Vec<u8>)> = vec![
        ("log".to_owned(), log.into_bytes()),
        ("metrics".to_owned(), metrics.into_bytes()),
        ("headers".to_owned(), heads.into_bytes()),
        ("errors".to_owned(), errors.into_bytes()),
        ("telemetry".to_owned(), exported),
    ];
    let kept = files(pair.folder.path());
    assert!(kept.iter().any(|(name, _)| name.ends_with("audit.sqlite")));
    // The operator's own list of care teams is keyed by patient: it is read, never written, by the server.
    seen.extend(
        kept.into_iter()
            .filter(|(name, _)| !name.ends_with("care-teams.json")),
    );
    let names = names();
    for (place, bytes) in &seen {
        for bsn in ALL {
            assert!(!holds(bytes, bsn), "a number in {place}");
        }
        for name in &names {
            assert!(!holds(bytes, name), "the name {name} in {place}");
        }
    }
}
