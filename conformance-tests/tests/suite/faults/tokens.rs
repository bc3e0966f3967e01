//! Authorization servers of holders that do not work. Tokens are kept, so the fault is there in the first question.

use samenhang_testbed::journal::Entry;

use super::scene::{Scene, authorization, source, tuned};
use crate::answer::Answer;
use crate::country::{CLINIC, Country, GP, HOSPITAL, LABORATORY, P1, PHARMACY};

/// A question that does not wait long.
const SHORT: &str = "[fanout]\ninteractive_seconds = 4\n";

/// Requests about a patient that a holder got.
fn about_patient(entries: &[Entry], ura: &str) -> usize {
    let general = |path: &str| path.ends_with("/metadata") || path.contains("/.well-known/");
    entries
        .iter()
        .filter(|entry| entry.service == source(ura) && !general(&entry.path))
        .count()
}

/// Requests that its authorization server got.
fn at_server(entries: &[Entry], ura: &str) -> usize {
    entries
        .iter()
        .filter(|entry| entry.service == authorization(ura))
        .count()
}

/// Without a token nobody is asked about a patient, the rows say why, and the server is asked so often.
async fn none(country: Country, ura: &str, fault: &str, status: &str, detail: &str, calls: usize) {
    let (scene, answer, entries) = Scene::first(country, authorization(ura), fault).await;
    scene.others_alike(&answer, &[ura]);
    scene.nothing_of(&answer, ura, status, detail);
    assert_eq!(about_patient(&entries, ura), 0, "asked without a token");
    let asked = at_server(&entries, ura);
    assert!(
        (1..=calls).contains(&asked),
        "{asked} requests at the authorization server"
    );
    scene.stop().await;
}

/// What a fault that passes costs: nothing.
async fn passes(ura: &str, fault: &str) -> (Scene, Answer) {
    let (scene, answer, _) = Scene::first(Country::start().await, authorization(ura), fault).await;
    scene.others_alike(&answer, &[]);
    (scene, answer)
}

#[tokio::test]
async fn fault_authorization_hang() {
    none(tuned(SHORT).await, GP, "hang", "timed-out", "deadline", 1).await;
}

#[tokio::test]
async fn fault_authorization_reset() {
    none(Country::start().await, GP, "reset", "failed", "token-failed", 2).await;
}

#[tokio::test]
async fn fault_authorization_status_400() {
    none(
        Country::start().await,
        CLINIC,
        "status:400@/token",
        "refused",
        "token-refused",
        2,
    )
    .await;
}

#[tokio::test]
async fn fault_authorization_status_500() {
    none(
        Country::start().await,
        LABORATORY,
        "status:500",
        "failed",
        "token-failed",
        2,
    )
    .await;
}

#[tokio::test]
async fn fault_authorization_status_500_once() {
    passes(PHARMACY, "status:500*1").await.0.stop().await;
}

#[tokio::test]
async fn fault_authorization_malformed() {
    none(
        Country::start().await,
        GP,
        "malformed@/token",
        "failed",
        "token-failed",
        2,
    )
    .await;
}

#[tokio::test]
async fn fault_authorization_html_page() {
    none(
        Country::start().await,
        LABORATORY,
        "html-page",
        "failed",
        "token-failed",
        1,
    )
    .await;
}

#[tokio::test]
async fn fault_authorization_huge_body() {
    none(
        Country::start().await,
        GP,
        "huge-body",
        "failed",
        "token-failed",
        1,
    )
    .await;
}

/// What proves who we are is never sent on to another address.
#[tokio::test]
async fn fault_authorization_redirect() {
    let country = Country::start().await;
    let trap = format!("{}/trap", country.demo.testbed().addresses().audit_sink);
    let (scene, answer, entries) =
        Scene::first(country, authorization(GP), &format!("redirect:{trap}@/token")).await;
    scene.others_alike(&answer, &[GP]);
    scene.nothing_of(&answer, GP, "failed", "unsafe-link");
    assert_eq!(about_patient(&entries, GP), 0);
    assert!(
        entries.iter().all(|entry| !entry.path.ends_with("/trap")),
        "it was followed"
    );
    scene.stop().await;
}

/// A token that has expired when it is issued: renewed once, then refused.
#[tokio::test]
async fn fault_expired_token() {
    let (scene, answer, entries) =
        Scene::first(Country::start().await, authorization(GP), "expired-token").await;
    scene.others_alike(&answer, &[GP]);
    scene.nothing_of(&answer, GP, "refused", "access-refused");
    let tokens = entries
        .iter()
        .filter(|entry| entry.service == authorization(GP) && entry.method == "POST")
        .count();
    assert_eq!((tokens, about_patient(&entries, GP)), (2, 2));
    scene.stop().await;
}

#[tokio::test]
async fn fault_expired_token_once() {
    passes(HOSPITAL, "expired-token*1").await.0.stop().await;
}

/// An authorization server whose clock is far off refuses us; one that is a little off does not.
#[tokio::test]
async fn fault_clock_skew() {
    none(
        Country::start().await,
        GP,
        "clock-skew:600",
        "refused",
        "token-refused",
        2,
    )
    .await;
}

#[tokio::test]
async fn fault_clock_skew_within_tolerance() {
    for fault in ["clock-skew:3", "clock-skew:-3"] {
        let country = Country::start().await;
        for ura in [GP, LABORATORY] {
            country.fault(authorization(ura), fault);
        }
        let answer = country.ask(P1).await;
        assert!(
            answer.headers["samenhang-completeness"].starts_with("5/5"),
            "{fault}: {:?}",
            answer.rows()
        );
        country.stop().await;
    }
}
