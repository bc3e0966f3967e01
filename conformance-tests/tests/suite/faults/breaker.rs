//! The circuit breaker: F05, and what it must not do.

use super::scene::{Scene, details, source};
use crate::country::{Country, GP};

/// A breaker that opens soon and is tried again soon.
const QUICK: &str = "[fanout]\nbreaker_failures = 3\nbreaker_pause_seconds = 1\n";
/// A breaker that stays open for the rest of the test.
const SLOW: &str = "[fanout]\nbreaker_failures = 3\nbreaker_pause_seconds = 600\n";

/// After failures in a row a holder is spared: its rows say so and it gets no call at all.
#[tokio::test]
async fn fault_repeated_failures_open_the_breaker() {
    let scene = Scene::tuned(SLOW).await;
    scene.spoil(GP, "status:500");
    let mut calls = 0;
    for _ in 0..2 {
        let answer = scene.ask().await;
        scene.rest_is_whole(&answer, &[GP]);
        scene.nothing_of(&answer, GP, "failed", "source-error");
        calls += scene.calls(GP);
    }
    assert!(calls <= 4, "{calls} calls before it opened");
    for _ in 0..2 {
        let answer = scene.ask().await;
        scene.rest_is_whole(&answer, &[GP]);
        scene.nothing_of(&answer, GP, "skipped", "breaker-open");
        assert_eq!(scene.calls(GP), 0);
    }
    scene.stop().await;
}

/// One probe without a patient decides: while the holder is down nothing else is asked, and once it is back all is.
#[tokio::test]
async fn fault_breaker_is_tried_with_one_probe() {
    let scene = Scene::tuned(QUICK).await;
    scene.spoil(GP, "status:500");
    for _ in 0..2 {
        scene.ask().await;
    }
    let probed = until(&scene, |scene| scene.calls(GP) > 0).await;
    scene.nothing_of(&probed, GP, "skipped", "breaker-open");
    let requests = scene.journal().of(&source(GP));
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert!(requests[0].path.ends_with("/metadata"), "{requests:?}");

    scene.country.demo.testbed().faults().clear_all();
    let back = until(&scene, |scene| scene.calls(GP) > 1).await;
    scene.answered(&back, GP);
    scene.stop().await;
}

/// Asks until something is so; a minute's worth of questions at most.
async fn until(scene: &Scene, is_so: impl Fn(&Scene) -> bool) -> crate::answer::Answer {
    for _ in 0..200 {
        let answer = scene.ask().await;
        if is_so(scene) {
            return answer;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("it never came to that");
}

/// A refusal says that the holder works: it opens nothing.
#[tokio::test]
async fn fault_refusals_do_not_open_the_breaker() {
    let scene = Scene::tuned(SLOW).await;
    scene.spoil(GP, "status:403");
    for _ in 0..4 {
        let answer = scene.ask().await;
        scene.nothing_of(&answer, GP, "refused", "access-refused");
    }
    scene.country.demo.testbed().faults().clear_all();
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[]);
    scene.stop().await;
}

/// A holder that is down from the start: its statement, its patient and its data are asked for within the budget.
#[tokio::test]
async fn fault_holder_down_from_the_start() {
    let (scene, answer, entries) = Scene::first(Country::start().await, source(GP), "reset").await;
    scene.others_alike(&answer, &[GP]);
    // Without its statement nobody knows what more it offers.
    assert_eq!(
        answer.statuses(GP),
        ["failed", "unsupported"].map(str::to_owned).into()
    );
    assert_eq!(details(&answer, GP, "failed"), ["unreachable".to_owned()].into());
    assert_eq!(answer.of(GP).count(), 0);
    let calls = entries.iter().filter(|entry| entry.service == source(GP)).count();
    assert_eq!(calls, 3, "the statement, the patient, and that once more");
    scene.stop().await;
}
