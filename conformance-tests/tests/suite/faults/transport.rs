//! What goes wrong on the way to a holder: F01 to F04, F07, F12 to F15.

use samenhang_testbed::ServiceId;

use super::scene::{Scene, fails, recovers};
use crate::answer::{Answer, without_times};
use crate::country::{CLINIC, GP, HOSPITAL, LABORATORY, PHARMACY};

/// A question that does not wait long, for holders that never answer.
const SHORT: &str = "[fanout]\ninteractive_seconds = 4\n";

#[tokio::test]
async fn fault_latency_within_the_deadline() {
    let scene = Scene::start().await;
    scene.spoil(GP, "latency:300");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[]);
    scene.stop().await;
}

/// The answers are the same to the letter, apart from moments of retrieval.
fn is_same(one: &Answer, other: &Answer) {
    let (one, other) = (without_times(&one.text), without_times(&other.text));
    let at = one.bytes().zip(other.bytes()).position(|(a, b)| a != b);
    let around = |text: &str| {
        text.get(at.unwrap_or(0).saturating_sub(200)..at.unwrap_or(0) + 200)
            .map(str::to_owned)
    };
    assert!(
        one == other,
        "they differ at {at:?}:\n{:?}\n{:?}",
        around(&one),
        around(&other)
    );
}

/// The order in which the searches of one holder come in changes nothing, not even a count.
#[tokio::test]
async fn fault_latency_of_some_searches_changes_no_answer() {
    let scene = Scene::start().await;
    for (ura, kind) in [
        (LABORATORY, "Observation"),
        (HOSPITAL, "Condition"),
        (GP, "Specimen"),
    ] {
        scene.spoil(ura, &format!("latency:300@/{kind}"));
    }
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[]);
    is_same(&answer, &scene.before);
    scene.stop().await;
}

#[tokio::test]
async fn fault_latency_beyond_the_deadline() {
    let scene = Scene::tuned(SHORT).await;
    scene.spoil(GP, "latency:20000");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[GP]);
    scene.nothing_of(&answer, GP, "timed-out", "deadline");
    assert_eq!(scene.calls(GP), 1, "no second request beside or after the first");
    scene.stop().await;
}

/// What came before the deadline is shown, and what did not is told.
#[tokio::test]
async fn fault_latency_of_one_search() {
    let scene = Scene::tuned(SHORT).await;
    scene
        .loses_one_search(GP, "latency:20000@/AllergyIntolerance", "timed-out")
        .await;
}

#[tokio::test]
async fn fault_hang() {
    let scene = Scene::tuned(SHORT).await;
    scene.spoil(HOSPITAL, "hang");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[HOSPITAL]);
    scene.nothing_of(&answer, HOSPITAL, "timed-out", "deadline");
    assert_eq!(scene.calls(HOSPITAL), 1);
    // The next question is not in the way of the one before.
    scene.country.demo.testbed().faults().clear_all();
    let next = scene.ask().await;
    scene.rest_is_whole(&next, &[]);
    scene.stop().await;
}

#[tokio::test]
async fn fault_slow_loris() {
    let scene = Scene::tuned("[egress]\nthroughput_grace_ms = 1000\n").await;
    scene.spoil(PHARMACY, "slow-loris");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[PHARMACY]);
    scene.nothing_of(&answer, PHARMACY, "timed-out", "deadline");
    assert_eq!(scene.calls(PHARMACY), 1);
    scene.stop().await;
}

#[tokio::test]
async fn fault_reset_once() {
    recovers(GP, "reset*1").await;
}

#[tokio::test]
async fn fault_reset_always() {
    fails(GP, "reset", "failed", "unreachable", 2).await;
}

#[tokio::test]
async fn fault_truncate_once() {
    recovers(GP, "truncate*1").await;
}

#[tokio::test]
async fn fault_truncate_always() {
    fails(GP, "truncate", "failed", "unreadable", 2).await;
}

/// Half a page is no page: nothing of it is shown, and what else the holder gave is.
#[tokio::test]
async fn fault_truncate_of_one_search() {
    let scene = Scene::start().await;
    scene.spoil(GP, "truncate@/Condition");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[GP]);
    assert_eq!(answer.status_of(GP, "Condition").as_deref(), Some("failed"));
    assert!(
        answer
            .of(GP)
            .all(|entry| entry["resource"]["resourceType"] != "Condition")
    );
    assert_eq!(
        answer.status_of(GP, "AllergyIntolerance").as_deref(),
        Some("answered")
    );
    scene.stop().await;
}

#[tokio::test]
async fn fault_malformed() {
    fails(LABORATORY, "malformed", "failed", "unreadable", 1).await;
}

#[tokio::test]
async fn fault_html_page() {
    fails(CLINIC, "html-page", "failed", "unreadable", 1).await;
}

#[tokio::test]
async fn fault_empty_body() {
    fails(GP, "empty-body", "failed", "unreadable", 1).await;
}

#[tokio::test]
async fn fault_huge_body() {
    fails(GP, "huge-body", "failed", "too-much", 1).await;
}

#[tokio::test]
async fn fault_gzip_bomb() {
    let scene = Scene::start().await;
    scene.spoil(GP, "gzip-bomb");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[GP]);
    scene.nothing_of(&answer, GP, "failed", "too-much");
    assert_eq!(scene.calls(GP), 1);
    scene.stop().await;
}

/// A redirect is never followed, not even to an address that we know.
#[tokio::test]
async fn fault_redirect() {
    let scene = Scene::start().await;
    let trap = format!("{}/trap", scene.country.demo.testbed().addresses().audit_sink);
    scene.spoil(GP, &format!("redirect:{trap}"));
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[GP]);
    scene.nothing_of(&answer, GP, "failed", "unsafe-link");
    assert!(answer.notices().contains("unsafe-link"), "{:?}", answer.notices());
    assert_eq!(scene.calls(GP), 1);
    let trapped = scene
        .journal()
        .find(|entry| entry.service == ServiceId::AuditSink && entry.path.contains("trap"));
    assert!(trapped.is_empty(), "{trapped:?}");
    scene.stop().await;
}
