//! How long an answer takes does not tell whether a holder was asked (control C21). Time is virtual.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use samenhang_terminology::{Category, Status};
use tokio::time::Instant;

use super::bench::{Act, Bench, LINDE, OOST, patient, source};
use crate::fanout::HolderJob;

/// A holder that may not be asked.
fn denied(holder: &str) -> HolderJob {
    HolderJob {
        holder: holder.parse().unwrap(),
        name: Arc::from("Ziekenhuis Oost"),
        endpoints: Vec::new(),
        permits: BTreeMap::new(),
        settled: BTreeMap::from([(Category::Condition, None)]),
    }
}

/// Asks, and says how long it took until everything was told.
async fn time(bench: &Bench, job: HolderJob) -> Duration {
    let holder = job.holder.to_string();
    let began = Instant::now();
    let told = bench.ask(vec![job]).await;
    assert_eq!(told.row(&holder, Category::Condition), (Status::Empty, 0, None));
    began.elapsed()
}

/// What a holder without data takes that answers the lookup after so long.
async fn honest(bench: &Bench, holder: &str, after: Duration) -> Duration {
    let source = Arc::new(source(move |ask, _| {
        (ask == "find").then(|| Act::Wait(after, 200, patient()))
    }));
    let job = bench.job(holder, &[source], &[Category::Condition]).await;
    time(bench, job).await
}

fn near(time: Duration, expected: Duration) -> bool {
    time >= expected.mul_f64(0.89) && time <= expected.mul_f64(1.11)
}

#[tokio::test(start_paused = true)]
async fn c21_a_denied_holder_takes_what_its_empty_answers_took() {
    let bench = Bench::new();
    let slow = honest(&bench, OOST, Duration::from_millis(2_000)).await;
    let quick = honest(&bench, LINDE, Duration::from_millis(100)).await;
    for _ in 0..20 {
        assert!(near(time(&bench, denied(OOST)).await, slow));
        assert!(near(time(&bench, denied(LINDE)).await, quick));
        let other = time(&bench, denied("00700709")).await;
        assert!(near(other, slow) || near(other, quick), "{other:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn c21_before_any_answer_was_seen_it_takes_a_time_within_bounds() {
    let bench = Bench::new();
    let mut times = Vec::new();
    for _ in 0..50 {
        times.push(time(&bench, denied(OOST)).await);
    }
    let (least, most) = (Duration::from_millis(200), Duration::from_millis(802));
    assert!(
        times.iter().all(|time| (least..=most).contains(time)),
        "{times:?}"
    );
    times.sort();
    times.dedup();
    assert!(times.len() > 10, "it differs from time to time");
}

#[tokio::test(start_paused = true)]
async fn c21_no_wait_outlasts_the_deadline_of_the_question() {
    let bench = Bench::new();
    honest(&bench, OOST, Duration::from_secs(3)).await;
    let began = Instant::now();
    let deadline = began + Duration::from_secs(1);
    let told = bench.ask_until(vec![denied(OOST)], deadline).await;
    assert_eq!(told.status(Category::Condition), (Status::Empty, None));
    assert!(Instant::now() <= deadline);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_offered_waits_for_nobody() {
    let bench = Bench::new();
    let mut job = denied(OOST);
    job.settled.insert(
        Category::Condition,
        Some((Status::Unsupported, crate::fanout::Detail::NoEndpoint)),
    );
    let began = Instant::now();
    let told = bench.ask(vec![job]).await;
    assert_eq!(told.status(Category::Condition).0, Status::Unsupported);
    assert_eq!(began.elapsed(), Duration::ZERO);
}
