//! What a holder answers instead of data: F05 and F06.

use samenhang_testbed::ServiceId;

use super::scene::{Scene, authorization, details, fails, recovers};
use crate::country::GP;

/// A status on every request: nothing is shown, every cell says why, and it was asked so often.
async fn always(code: &str, status: &str, detail: &str, calls: usize) {
    let answer = fails(GP, &format!("status:{code}"), status, detail, calls).await;
    assert!(
        !answer.text.contains("fault of the testbed"),
        "the holder's words are not passed on"
    );
}

/// A status on one request only: it is made good.
async fn once(code: &str) {
    recovers(GP, &format!("status:{code}*1")).await;
}

/// How often the holder's authorization server gave a token since the journal was emptied.
fn tokens(scene: &Scene) -> usize {
    let issued = |entry: &samenhang_testbed::journal::Entry| {
        entry.service == authorization(GP) && entry.path.ends_with("/token")
    };
    scene.journal().count(issued)
}

#[tokio::test]
async fn fault_status_500_once() {
    once("500").await;
}

#[tokio::test]
async fn fault_status_503_once() {
    once("503").await;
}

/// The holder says when: that is when it is asked again.
#[tokio::test]
async fn fault_status_429_with_retry_after() {
    once("429:1").await;
}

#[tokio::test]
async fn fault_status_503_with_retry_after() {
    once("503:1").await;
}

#[tokio::test]
async fn fault_status_500_always() {
    always("500", "failed", "source-error", 2).await;
}

#[tokio::test]
async fn fault_status_503_always() {
    always("503", "failed", "source-error", 2).await;
}

/// A holder that wants rest until after the deadline is not asked again.
#[tokio::test]
async fn fault_status_429_beyond_the_deadline() {
    always("429:3600", "failed", "source-error", 1).await;
}

#[tokio::test]
async fn fault_status_403_always() {
    always("403", "refused", "access-refused", 1).await;
}

#[tokio::test]
async fn fault_status_404_always() {
    always("404", "failed", "rejected", 1).await;
}

/// The token is renewed once, and then a refusal is a refusal.
#[tokio::test]
async fn fault_status_401_always() {
    let scene = Scene::start().await;
    scene.spoil(GP, "status:401");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[GP]);
    scene.nothing_of(&answer, GP, "refused", "access-refused");
    assert_eq!(scene.calls(GP), 2);
    assert_eq!(tokens(&scene), 1);
    scene.stop().await;
}

#[tokio::test]
async fn fault_status_401_once() {
    let scene = Scene::start().await;
    scene.spoil(GP, "status:401*1");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[GP]);
    scene.answered(&answer, GP);
    assert_eq!(tokens(&scene), 1, "a new token");
    scene.stop().await;
}

/// A holder that knows the patient but lets nothing be searched: tokens do not pour out.
#[tokio::test]
async fn fault_status_401_on_searches() {
    let scene = Scene::start().await;
    for kind in ["Condition", "Observation", "Procedure", "Encounter", "Flag"] {
        scene.spoil(GP, &format!("status:401@/{kind}"));
    }
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[GP]);
    assert_eq!(answer.status_of(GP, "Condition").as_deref(), Some("refused"));
    assert!(details(&answer, GP, "refused").contains("access-refused"));
    assert!(tokens(&scene) <= 2, "{} tokens", tokens(&scene));
    scene.stop().await;
}

/// One kind of data fails: the row says so, and the rest of the holder is there.
#[tokio::test]
async fn fault_status_500_on_one_search() {
    let scene = Scene::start().await;
    scene
        .loses_one_search(GP, "status:500@/AllergyIntolerance", "failed")
        .await;
}

/// A holder that refuses one kind of data: refused, not "no data".
#[tokio::test]
async fn fault_status_403_on_one_search() {
    let scene = Scene::start().await;
    scene
        .loses_one_search(GP, "status:403@/AllergyIntolerance", "refused")
        .await;
}

/// A holder in trouble does not hold the national services to account.
#[tokio::test]
async fn fault_status_of_a_holder_costs_no_extra_national_call() {
    let scene = Scene::start().await;
    scene.ask().await;
    let count = |service: ServiceId| scene.journal().of(&service).len();
    let usual = [
        count(ServiceId::Nvi),
        count(ServiceId::Prs),
        count(ServiceId::Mitz),
    ];
    scene.spoil(GP, "status:500");
    scene.ask().await;
    assert_eq!(
        [
            count(ServiceId::Nvi),
            count(ServiceId::Prs),
            count(ServiceId::Mitz)
        ],
        usual
    );
    scene.stop().await;
}
