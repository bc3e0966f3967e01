//! The fault catalogue, as far as it concerns a source (conformance-and-reliability notes, section 5.5).

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use samenhang_profiles::{RawResource, Ura};
use samenhang_terminology::{Category, Status};

use super::bench::{Act, Bench, First, LINDE, OOST, Told, of, ok, page, source, status};
use crate::fanout::{Detail, FanoutConfig, Notice};
use crate::http::HttpError;
use crate::ledger::Outcome;
use crate::query::Question;
use crate::source::{IdentityCheck, IdentityVerdict};

const CONDITION: Category = Category::Condition;
const ALERT: Category = Category::Alert;

fn conditions(act: impl Fn(usize) -> Act + Send + Sync + 'static) -> super::bench::Fake {
    source(move |ask, earlier| ask.starts_with("Condition?").then(|| act(earlier)))
}

fn condition(id: &str) -> String {
    of("Condition", id, "")
}

#[tokio::test(start_paused = true)]
async fn f01_f02_a_holder_that_hangs_harms_nobody_else() {
    let bench = Bench::new();
    let hanging = Arc::new(conditions(|_| Act::Hang));
    let healthy = Arc::new(conditions(|_| ok(page(&[condition("c1")], None))));
    let jobs = vec![
        bench
            .job(OOST, &[Arc::clone(&hanging)], &[CONDITION, ALERT])
            .await,
        bench.job(LINDE, &[healthy], &[CONDITION]).await,
    ];
    let told = bench.ask(jobs).await;
    assert_eq!(told.row(LINDE, CONDITION), (Status::Answered, 1, None));
    assert_eq!(told.status(CONDITION), (Status::TimedOut, Some(Detail::Deadline)));
    assert_eq!(told.status(ALERT), (Status::Empty, None));
    assert_eq!(told.took, Duration::from_secs(10), "the deadline and no later");
    assert_eq!(
        hanging.broken_off.load(Ordering::SeqCst),
        1,
        "the call was broken off"
    );
    assert_eq!(hanging.asked_for("Condition"), 1, "and not repeated");
}

#[tokio::test(start_paused = true)]
async fn nobody_listens_so_calls_are_broken_off_and_noted() {
    let bench = Bench::new();
    let hanging = Arc::new(conditions(|_| Act::Hang));
    let job = bench.job(OOST, &[Arc::clone(&hanging)], &[CONDITION]).await;
    let events = bench.events(vec![job], Arc::new(First));
    tokio::time::sleep(Duration::from_secs(1)).await;
    drop(events);
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(hanging.broken_off.load(Ordering::SeqCst), 1);
    let last = bench.ledger.facts().pop().unwrap();
    assert_eq!(
        (last.outcome, last.category),
        (Outcome::Failed("SAM-GAT-200"), Some(CONDITION))
    );
}

#[tokio::test(start_paused = true)]
async fn f04_a_broken_page_is_tried_again_once() {
    let source = conditions(|earlier| match earlier {
        0 => Act::Fail(HttpError::Truncated),
        _ => ok(page(&[condition("c1")], None)),
    });
    let (told, source) = Bench::new().ask_one(source, &[CONDITION]).await;
    assert_eq!(told.row(OOST, CONDITION), (Status::Answered, 1, None));
    assert_eq!(source.asked_for("Condition"), 2);
    let (told, source) = Bench::new()
        .ask_one(conditions(|_| Act::Fail(HttpError::Reset)), &[CONDITION])
        .await;
    assert_eq!(
        told.status(CONDITION),
        (Status::Failed, Some(Detail::Unreachable))
    );
    assert_eq!(
        source.asked_for("Condition"),
        2,
        "i5: no more tries than the budget"
    );
}

#[tokio::test(start_paused = true)]
async fn f05_retry_after_is_honoured_within_the_deadline() {
    let busy = |after| {
        conditions(move |earlier| match earlier {
            0 => Act::Later(429, Duration::from_secs(after)),
            _ => ok(page(&[condition("c1")], None)),
        })
    };
    let (told, _) = Bench::new().ask_one(busy(3), &[CONDITION]).await;
    assert_eq!(told.row(OOST, CONDITION).0, Status::Answered);
    assert_eq!(told.took, Duration::from_secs(3));
    let (told, source) = Bench::new().ask_one(busy(60), &[CONDITION]).await;
    assert_eq!(
        told.status(CONDITION),
        (Status::Failed, Some(Detail::SourceError))
    );
    assert_eq!(source.asked_for("Condition"), 1);
    assert_eq!(
        told.took,
        Duration::ZERO,
        "nobody waits for what cannot come in time"
    );
}

#[tokio::test(start_paused = true)]
async fn f05_a_breaker_opens_and_a_probe_closes_it() {
    let bench = Bench::new();
    let down = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let is_down = Arc::clone(&down);
    let source = Arc::new(source(move |_, _| {
        is_down.load(Ordering::SeqCst).then(|| status(503))
    }));
    let ask = async || {
        let job = bench.job(OOST, &[Arc::clone(&source)], &[CONDITION]).await;
        bench.ask(vec![job]).await.status(CONDITION)
    };
    for _ in 0..3 {
        assert_eq!(ask().await, (Status::Failed, Some(Detail::SourceError)));
    }
    let asked = source.asked().len();
    assert_eq!(ask().await, (Status::Skipped, Some(Detail::BreakerOpen)));
    assert_eq!(source.asked().len(), asked, "spared");
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!(ask().await, (Status::Skipped, Some(Detail::BreakerOpen)));
    assert_eq!(source.asked().len(), asked + 1, "one probe");
    assert_eq!(source.asked().last().unwrap(), "metadata");
    down.store(false, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!(ask().await, (Status::Empty, None));
    assert_eq!(bench.fan_out.breakers()[0].1, "closed");
}

#[tokio::test(start_paused = true)]
async fn f06_a_token_is_renewed_once_and_never_in_a_loop() {
    let expired = conditions(|earlier| {
        if earlier == 0 {
            status(401)
        } else {
            ok(page(&[], None))
        }
    })
    .with_tokens();
    let (told, source) = Bench::new().ask_one(expired, &[CONDITION]).await;
    assert_eq!(told.status(CONDITION), (Status::Empty, None));
    assert_eq!(source.tokens.as_ref().unwrap().load(Ordering::SeqCst), 2);

    for code in [401, 403] {
        let refusing = conditions(move |_| status(code)).with_tokens();
        let (told, source) = Bench::new().ask_one(refusing, &[CONDITION]).await;
        assert_eq!(
            told.status(CONDITION),
            (Status::Refused, Some(Detail::AccessRefused))
        );
        assert!(source.asked_for("Condition") <= 2);
        assert!(source.tokens.as_ref().unwrap().load(Ordering::SeqCst) <= 2);
    }
}

#[tokio::test(start_paused = true)]
async fn f07_f22_a_link_elsewhere_is_a_security_event() {
    for error in [HttpError::Redirect(302), HttpError::OffPin("another origin")] {
        let source = conditions(move |_| Act::Fail(error));
        let (told, source) = Bench::new().ask_one(source, &[CONDITION]).await;
        assert_eq!(told.status(CONDITION), (Status::Failed, Some(Detail::UnsafeLink)));
        assert_eq!(told.notices, [Notice::UnsafeLink(OOST.parse().unwrap())]);
        assert_eq!(source.asked_for("Condition"), 1, "not tried again");
    }
}

#[tokio::test(start_paused = true)]
async fn f14_f15_what_cannot_be_read_is_not_no_data() {
    for body in ["<html>log in</html>", "", "[]", "{\"resourceType\":\"Bundle\""] {
        let (told, _) = Bench::new()
            .ask_one(conditions(move |_| ok(body)), &[CONDITION])
            .await;
        assert_eq!(
            told.status(CONDITION),
            (Status::Failed, Some(Detail::Unreadable)),
            "{body}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn f18_another_patients_data_drops_the_whole_holder() {
    let bench = Bench::new();
    let source = Arc::new(source(|ask, _| match ask {
        "?page=2" => {
            let other = r#"{"resourceType":"Condition","id":"x","subject":{"reference":"Patient/p2"}}"#;
            Some(ok(page(&[other.to_owned()], None)))
        }
        _ if ask.starts_with("Condition?") => Some(ok(page(&[condition("c1")], Some("?page=2")))),
        _ if ask.starts_with("Flag?") => Some(ok(page(&[of("Flag", "f1", "")], None))),
        _ => None,
    }));
    let ask = async || {
        let job = bench.job(OOST, &[Arc::clone(&source)], &[CONDITION, ALERT]).await;
        bench.ask(vec![job]).await
    };
    let told: Told = ask().await;
    for category in [CONDITION, ALERT] {
        assert_eq!(
            told.row(OOST, category),
            (Status::Failed, 0, Some(Detail::WrongPatient))
        );
    }
    assert_eq!(told.notices, [Notice::WrongPatient(OOST.parse().unwrap())]);
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(
        ask().await.status(ALERT),
        (Status::Skipped, Some(Detail::BreakerOpen)),
        "until a person releases it"
    );
    bench.fan_out.release(&OOST.parse().unwrap());
    assert_eq!(
        ask().await.status(ALERT),
        (Status::Failed, Some(Detail::WrongPatient))
    );
}

#[tokio::test(start_paused = true)]
async fn f19_an_identity_that_deviates_is_held_back() {
    struct Says(IdentityVerdict);
    impl IdentityCheck for Says {
        fn check(&self, _: &Question, _: &Ura, _: &[RawResource]) -> IdentityVerdict {
            self.0.clone()
        }
    }
    let cases = [
        (IdentityVerdict::Hold, Detail::IdentityHeld),
        (IdentityVerdict::Quarantine, Detail::IdentityDeviates),
        (IdentityVerdict::NotLinked, Detail::IdentityUnverified),
        (IdentityVerdict::Reject, Detail::WrongPatient),
    ];
    for (verdict, detail) in cases {
        let bench = Bench::new();
        let source = Arc::new(conditions(|_| ok(page(&[condition("c1")], None))));
        let job = bench.job(OOST, &[Arc::clone(&source)], &[CONDITION]).await;
        let told = Told::of(bench.events(vec![job], Arc::new(Says(verdict)))).await;
        assert_eq!(told.status(CONDITION), (Status::Failed, Some(detail)));
        assert_eq!(source.asked_for("Condition"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn f20_pages_in_circles_end_and_are_not_complete() {
    let source = source(|ask, _| match ask {
        "?page=2" => Some(ok(page(&[condition("c2")], Some("?page=2")))),
        _ if ask.starts_with("Condition?") => Some(ok(page(&[condition("c1")], Some("?page=2")))),
        _ => None,
    });
    let (told, source) = Bench::new().ask_one(source, &[CONDITION]).await;
    assert_eq!(
        told.row(OOST, CONDITION),
        (Status::Failed, 2, Some(Detail::PagingLoop))
    );
    assert_eq!(source.asked_for("?page=2"), 1);
}

#[tokio::test(start_paused = true)]
async fn f21_repetitions_between_pages_are_told_once_and_a_page_that_is_gone_restarts() {
    let source = source(|ask, earlier| match ask {
        "?page=2" if earlier == 0 => Some(status(410)),
        "?page=2" => Some(ok(page(&[condition("c1"), condition("c2")], None))),
        _ if ask.starts_with("Condition?") => Some(ok(page(&[condition("c1")], Some("?page=2")))),
        _ => None,
    });
    let (told, _) = Bench::new().ask_one(source, &[CONDITION]).await;
    assert_eq!(told.row(OOST, CONDITION), (Status::Answered, 2, None));
    assert_eq!(told.ids(), ["Condition/c1", "Condition/c2"]);
}

#[tokio::test(start_paused = true)]
async fn f32_more_holders_than_the_limit_are_told_as_skipped() {
    let bench = Bench::with(FanoutConfig {
        max_holders: 2,
        ..Default::default()
    });
    let source = Arc::new(source(|_, _| None));
    let mut jobs = Vec::new();
    for holder in ["00700703", OOST, LINDE] {
        jobs.push(bench.job(holder, &[Arc::clone(&source)], &[CONDITION]).await);
    }
    let told = bench.ask(jobs).await;
    assert_eq!(
        told.row("00700703", CONDITION),
        (Status::Skipped, 0, Some(Detail::FanoutLimit))
    );
    assert_eq!(told.row(OOST, CONDITION).0, Status::Empty);
    assert_eq!(told.notices, [Notice::FanoutLimit(1)]);
}

#[tokio::test(start_paused = true)]
async fn f13_a_holder_that_sends_too_much_is_cut_off() {
    let bench = Bench::with(FanoutConfig {
        max_holder_bytes: 1000,
        ..Default::default()
    });
    let source = source(|ask, _| match ask {
        _ if ask.starts_with("Condition?") || ask.starts_with("?page") => {
            let many: Vec<String> = (0..10)
                .map(|n| condition(&format!("c{n}-{}", ask.len())))
                .collect();
            Some(ok(page(&many, Some(&format!("?page={}", "x".repeat(ask.len()))))))
        }
        _ => None,
    });
    let (told, source) = bench.ask_one(source, &[CONDITION]).await;
    assert_eq!(told.status(CONDITION), (Status::Failed, Some(Detail::TooMuch)));
    assert_eq!(source.asked_for("?page"), 0);
}

#[tokio::test(start_paused = true)]
async fn f54_a_panic_in_one_holder_is_that_holders_failure() {
    struct Panics;
    impl IdentityCheck for Panics {
        fn check(&self, _: &Question, holder: &Ura, patients: &[RawResource]) -> IdentityVerdict {
            assert_ne!(holder.as_str(), OOST, "on purpose");
            First.check(&crate::fixtures::question(), holder, patients)
        }
    }
    let bench = Bench::new();
    let jobs = vec![
        bench
            .job(OOST, &[Arc::new(source(|_, _| None))], &[CONDITION])
            .await,
        bench
            .job(LINDE, &[Arc::new(source(|_, _| None))], &[CONDITION])
            .await,
    ];
    let told = Told::of(bench.events(jobs, Arc::new(Panics))).await;
    assert_eq!(told.status(CONDITION), (Status::Failed, Some(Detail::Internal)));
    assert_eq!(told.row(LINDE, CONDITION).0, Status::Empty);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_holds_up_holders_but_not_past_the_deadline() {
    let bench = Bench::with(FanoutConfig {
        event_buffer: 1,
        ..Default::default()
    });
    let source = source(|ask, _| {
        let kind = ask.split('?').next().unwrap().to_owned();
        ["Condition", "Flag", "Procedure"]
            .contains(&kind.as_str())
            .then(|| ok(page(&[of(&kind, "1", "")], None)))
    });
    let job = bench
        .job(
            OOST,
            &[Arc::new(source)],
            &[CONDITION, ALERT, Category::Procedure],
        )
        .await;
    let events = bench.events(vec![job], Arc::new(First));
    tokio::time::sleep(Duration::from_secs(20)).await;
    let told = Told::of(events).await;
    assert_eq!(told.rows.len(), 3);
    assert!(
        told.rows.values().any(|(status, ..)| *status == Status::TimedOut),
        "{:?}",
        told.rows
    );
}
