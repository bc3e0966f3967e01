use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Json, body::Body};
use jiff::SignedDuration;
use samenhang_profiles::Ura;
use samenhang_terminology::Category;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{endpoint, organization, with};
use crate::address::{Readiness, Updater};
use crate::clock::Clock;
use crate::error::{GatherError, Service};
use crate::fixtures::Bench;

/// A directory that serves what it is told for each path, and an empty page for everything else.
#[derive(Clone, Default)]
struct Lrza(Arc<Mutex<Served>>);

#[derive(Default)]
struct Served {
    asked: Vec<String>,
    answers: Vec<(String, VecDeque<Answer>)>,
    time: String,
}

enum Answer {
    Page(Vec<Value>, Option<String>),
    Status(u16, Option<&'static str>),
}

impl Lrza {
    fn new() -> Self {
        let lrza = Lrza::default();
        lrza.time("2026-09-01T07:00:00Z");
        lrza
    }

    fn time(&self, time: &str) {
        self.0.lock().unwrap().time = time.to_owned();
    }

    /// Answers the next request whose path and query begin so.
    fn on(&self, path: &str, answer: Answer) -> &Self {
        let mut served = self.0.lock().unwrap();
        let path = format!("/lrza/{path}");
        match served.answers.iter_mut().find(|(known, _)| *known == path) {
            Some((_, queue)) => queue.push_back(answer),
            None => served.answers.push((path, VecDeque::from([answer]))),
        }
        drop(served);
        self
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().asked)
    }

    fn router(&self) -> Router {
        Router::new().fallback(serve).with_state(self.clone())
    }
}

async fn serve(State(lrza): State<Lrza>, uri: Uri) -> Response {
    let mut served = lrza.0.lock().unwrap();
    let path = uri.path_and_query().unwrap().as_str().to_owned();
    served.asked.push(path.trim_start_matches("/lrza/").to_owned());
    let mut matching: Vec<_> = served
        .answers
        .iter_mut()
        .filter(|(known, _)| path.starts_with(known.as_str()))
        .collect();
    matching.sort_by_key(|(known, _)| known.len());
    let answer = matching.pop().and_then(|(_, queue)| queue.pop_front());
    let time = served.time.clone();
    match answer {
        Some(Answer::Status(status, after)) => {
            let mut response = StatusCode::from_u16(status).unwrap().into_response();
            if let Some(after) = after {
                response
                    .headers_mut()
                    .insert("retry-after", after.parse().unwrap());
            }
            response
        }
        Some(Answer::Page(resources, next)) => page(&time, resources, next.as_deref()),
        None => page(&time, Vec::new(), None),
    }
}

fn page(time: &str, resources: Vec<Value>, next: Option<&str>) -> Response<Body> {
    let entries: Vec<Value> = resources
        .into_iter()
        .map(|resource| match resource.get("request") {
            Some(_) => resource,
            None => json!({"resource": resource}),
        })
        .collect();
    let links: Vec<Value> = next
        .iter()
        .map(|next| json!({"relation": "next", "url": next}))
        .collect();
    Json(
        json!({"resourceType": "Bundle", "type": "searchset", "meta": {"lastUpdated": time},
        "link": links, "entry": entries}),
    )
    .into_response()
}

fn at(resource: Value, version: u32, time: &str) -> Value {
    with(
        resource,
        "meta",
        json!({"versionId": version.to_string(), "lastUpdated": time}),
    )
}

fn off(resource: Value) -> Value {
    with(resource, "status", json!("off"))
}

fn oost() -> Value {
    at(
        organization("o", Some("00700700"), &["e"]),
        1,
        "2026-08-01T00:00:00Z",
    )
}

fn ep() -> Value {
    endpoint("e", "https://oost.example/r4", "4.0")
}

async fn bench(lrza: &Lrza) -> Bench {
    let mut bench = Bench::new(lrza.router()).await;
    bench.config.directory.backoff_ms = 1;
    bench
}

fn updater(bench: &Bench) -> Updater {
    Updater::new(
        bench.http.clone(),
        &bench.config.directory,
        bench.clock.clone(),
        bench.random.clone(),
    )
    .unwrap()
}

fn reachable(updater: &Updater, bench: &Bench) -> bool {
    let ura: Ura = "00700700".parse().unwrap();
    let selection = updater
        .directory()
        .select(&ura, Category::Condition, bench.clock.now());
    !selection.unwrap().is_empty()
}

#[tokio::test]
async fn the_first_load_is_sequential_and_followed_by_what_changed_meanwhile() {
    let lrza = Lrza::new();
    lrza.on(
        "Organization",
        Answer::Page(vec![], Some("Organization?_page=2".to_owned())),
    );
    lrza.on("Organization?_page=2", Answer::Page(vec![oost()], None));
    lrza.on(
        "Endpoint",
        Answer::Page(vec![at(ep(), 1, "2026-08-01T00:00:00Z")], None),
    );
    // It was switched off while the load ran.
    lrza.on(
        "Endpoint/_history",
        Answer::Page(vec![at(off(ep()), 2, "2026-09-01T07:00:01Z")], None),
    );
    let bench = bench(&lrza).await;
    let updater = updater(&bench);
    assert_eq!(updater.directory().readiness(), Readiness::Loading);
    let report = updater.update().await.unwrap();
    assert!(report.full);
    assert_eq!((report.pages, report.resources, report.unreadable), (11, 3, 0));
    assert_eq!(updater.directory().readiness(), Readiness::Ready);
    assert!(!reachable(&updater, &bench));
    let asked = lrza.asked();
    assert_eq!(
        asked[..6],
        [
            "Organization",
            "Organization?_page=2",
            "Location",
            "HealthcareService",
            "Endpoint",
            "OrganizationAffiliation"
        ]
    );
    assert_eq!(asked[6], "Organization/_history?_since=2026-09-01T07:00:00Z");
    assert_eq!(asked[9], "Endpoint/_history?_since=2026-09-01T07:00:00Z");
}

#[tokio::test]
async fn an_older_version_never_wins_and_the_same_may_come_again() {
    let lrza = Lrza::new();
    lrza.on("Organization", Answer::Page(vec![oost()], None));
    let (first, second) = (
        at(ep(), 1, "2026-08-01T00:00:00Z"),
        at(off(ep()), 2, "2026-08-02T00:00:00Z"),
    );
    lrza.on("Endpoint", Answer::Page(vec![second.clone()], None));
    // Newest first, as a history comes: the older one follows and must not win.
    lrza.on(
        "Endpoint/_history",
        Answer::Page(vec![second.clone(), second, first], None),
    );
    let bench = bench(&lrza).await;
    let updater = updater(&bench);
    updater.update().await.unwrap();
    assert!(!reachable(&updater, &bench));
    lrza.on(
        "Endpoint/_history",
        Answer::Page(vec![at(ep(), 3, "2026-08-03T00:00:00Z")], None),
    );
    let report = updater.update().await.unwrap();
    assert!(!report.full);
    assert!(reachable(&updater, &bench));
}

#[tokio::test]
async fn the_watermark_moves_only_when_everything_is_in() {
    let lrza = Lrza::new();
    lrza.on("Organization", Answer::Page(vec![oost()], None));
    lrza.on(
        "Endpoint",
        Answer::Page(vec![at(ep(), 1, "2026-08-01T00:00:00Z")], None),
    );
    let bench = bench(&lrza).await;
    let updater = updater(&bench);
    updater.update().await.unwrap();
    lrza.asked();
    lrza.time("2026-09-01T09:00:00Z");
    lrza.on(
        "Endpoint/_history",
        Answer::Page(vec![at(off(ep()), 2, "2026-09-01T08:30:00Z")], None),
    );
    lrza.on("OrganizationAffiliation/_history", Answer::Status(422, None));
    let error = updater.update().await.err();
    assert_eq!(
        error,
        Some(GatherError::Status {
            service: Service::Directory,
            status: 422
        })
    );
    assert!(reachable(&updater, &bench), "half an update is not seen");
    lrza.asked();
    lrza.on(
        "Endpoint/_history",
        Answer::Page(vec![at(off(ep()), 2, "2026-09-01T08:30:00Z")], None),
    );
    updater.update().await.unwrap();
    assert_eq!(
        lrza.asked()[0],
        "Organization/_history?_since=2026-09-01T07:00:00Z"
    );
    assert!(!reachable(&updater, &bench));
    updater.update().await.unwrap();
    assert_eq!(
        lrza.asked()[0],
        "Organization/_history?_since=2026-09-01T09:00:00Z"
    );
}

#[tokio::test]
async fn a_restart_goes_on_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("directory.json");
    let lrza = Lrza::new();
    lrza.on("Organization", Answer::Page(vec![oost()], None));
    lrza.on(
        "Endpoint",
        Answer::Page(vec![at(ep(), 1, "2026-08-01T00:00:00Z")], None),
    );
    let mut bench = bench(&lrza).await;
    bench.config.directory.replica_file = Some(file.clone());
    updater(&bench).update().await.unwrap();
    lrza.asked();
    let again = updater(&bench);
    assert_eq!(again.directory().readiness(), Readiness::Ready);
    assert!(reachable(&again, &bench));
    assert!(!again.update().await.unwrap().full);
    assert_eq!(
        lrza.asked()[0],
        "Organization/_history?_since=2026-09-01T07:00:00Z"
    );
    bench.clock.advance(SignedDuration::from_hours(25));
    assert_eq!(again.directory().readiness(), Readiness::TooOld);
    // A broken file is as good as none.
    std::fs::write(&file, "{").unwrap();
    assert_eq!(updater(&bench).directory().readiness(), Readiness::Loading);
    std::fs::write(&file, r#"{"schema":1,"source":"https://other.example","replica":{"watermark":null,"updated_at":"2026-09-01T08:00:00Z","organizations":{},"services":{},"endpoints":{},"others":{}}}"#).unwrap();
    assert_eq!(updater(&bench).directory().readiness(), Readiness::Loading);
}

#[tokio::test]
async fn f05_a_busy_or_failing_directory_is_asked_again() {
    let lrza = Lrza::new();
    lrza.on("Organization", Answer::Status(429, Some("0")));
    lrza.on("Organization", Answer::Status(503, None));
    lrza.on("Organization", Answer::Page(vec![oost()], None));
    let bench = bench(&lrza).await;
    let updater = updater(&bench);
    updater.update().await.unwrap();
    assert_eq!(
        lrza.asked()[..3],
        ["Organization", "Organization", "Organization"]
    );
    for _ in 0..5 {
        lrza.on("Organization", Answer::Status(500, None));
    }
    let error = updater.update().await.err();
    assert_eq!(
        error,
        Some(GatherError::Status {
            service: Service::Directory,
            status: 500
        })
    );
}

#[tokio::test]
async fn hostile_pages_end_the_update() {
    for next in [
        "Organization?_page=1",
        "https://evil.example/Organization?_page=2",
        "/other/Organization",
        "../x",
    ] {
        let lrza = Lrza::new();
        for _ in 0..3 {
            lrza.on("Organization", Answer::Page(vec![], Some(next.to_owned())));
        }
        let bench = bench(&lrza).await;
        let updater = updater(&bench);
        assert!(updater.update().await.is_err(), "{next}");
        assert_eq!(updater.directory().readiness(), Readiness::Loading);
    }
}

#[tokio::test]
async fn a_resource_that_cannot_be_read_does_not_live_on() {
    let lrza = Lrza::new();
    lrza.on("Organization", Answer::Page(vec![oost()], None));
    lrza.on(
        "Endpoint",
        Answer::Page(vec![at(ep(), 1, "2026-08-01T00:00:00Z")], None),
    );
    let bench = bench(&lrza).await;
    let updater = updater(&bench);
    updater.update().await.unwrap();
    assert!(reachable(&updater, &bench));
    let broken = with(at(ep(), 2, "2026-09-01T07:30:00Z"), "payloadType", json!("x"));
    lrza.on(
        "Endpoint/_history",
        Answer::Page(vec![broken, json!("x"), json!({})], None),
    );
    assert_eq!(updater.update().await.unwrap().unreadable, 3);
    assert!(!reachable(&updater, &bench));
    lrza.on(
        "Endpoint/_history",
        Answer::Page(vec![at(ep(), 3, "2026-09-01T07:40:00Z")], None),
    );
    updater.update().await.unwrap();
    assert!(reachable(&updater, &bench));
    let deletion =
        json!({"request": {"method": "DELETE", "url": "Endpoint/e"}, "response": {"status": "204"}});
    lrza.on("Endpoint/_history", Answer::Page(vec![deletion], None));
    updater.update().await.unwrap();
    assert!(!reachable(&updater, &bench));
}

#[tokio::test]
async fn the_updater_runs_until_it_is_stopped() {
    let lrza = Lrza::new();
    let bench = bench(&lrza).await;
    let updater = Arc::new(updater(&bench));
    let stop = CancellationToken::new();
    let task = tokio::spawn({
        let (updater, stop) = (updater.clone(), stop.clone());
        async move { updater.run(stop).await }
    });
    while updater.directory().readiness() != Readiness::Ready {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    task.await.unwrap();
}
