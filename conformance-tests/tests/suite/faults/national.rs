//! National services that do not work: without localisation there is no answer, and never an empty one (F31, F33).

use std::time::Duration;

use jiff::Timestamp;
use samenhang_server::demo::DemoOptions;
use samenhang_testbed::journal::Entry;
use samenhang_testbed::{ServiceId, SimClock, TestbedConfig};

use super::scene::{Scene, tuned};
use crate::answer::Answer;
use crate::country::{Country, P1, P2};

/// Services that are not waited for long.
const SHORT: &str = "[national.oauth]\ntimeout_ms = 1000\n[national.prs]\ntimeout_ms = 1000\n\
                     [national.nvi]\ntimeout_ms = 1000\n[egress]\nthroughput_grace_ms = 500\n";

/// What can be wrong with any service.
const FAULTS: [&str; 12] = [
    "hang",
    "reset",
    "truncate",
    "malformed",
    "html-page",
    "empty-body",
    "gzip-bomb",
    "slow-loris",
    "status:400",
    "status:403",
    "status:503",
    "status:500",
];

/// The question fails visibly; nobody who could have data was asked, and the service was not pressed.
fn is_no_answer(answer: &Answer, entries: &[Entry], service: &ServiceId, fault: &str) {
    assert_eq!(answer.status, 503, "{service} {fault}: {}", answer.text);
    assert_eq!(
        answer.json["resourceType"], "OperationOutcome",
        "{service} {fault}"
    );
    assert!(
        answer.code().starts_with("SAM-GAT-"),
        "{service} {fault}: {}",
        answer.text
    );
    assert!(!answer.text.contains(P1), "a number in the error");
    let asked = entries
        .iter()
        .filter(|entry| matches!(entry.service, ServiceId::Source(_) | ServiceId::Mitz))
        .count();
    assert_eq!(asked, 0, "{service} {fault}: holders were asked");
    let calls = entries.iter().filter(|entry| entry.service == *service).count();
    assert!((1..=4).contains(&calls), "{service} {fault}: {calls} calls");
}

/// Every fault of a service gives 503, one after the other; without them the same country answers.
async fn never_empty(service: ServiceId, faults: &[&str]) {
    let country = tuned(SHORT).await;
    let (board, journal) = (country.demo.testbed().faults(), country.demo.testbed().journal());
    for fault in faults {
        journal.clear();
        country.fault(service.clone(), fault);
        let answer = country.ask(P1).await;
        is_no_answer(&answer, &journal.entries(), &service, fault);
        board.clear_all();
    }
    let answer = country.ask(P1).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.headers["samenhang-completeness"].starts_with("5/5"));
    country.stop().await;
}

#[tokio::test]
async fn fault_oauth() {
    never_empty(ServiceId::Oauth, &FAULTS).await;
}

#[tokio::test]
async fn fault_oauth_expired_token_and_clock_skew() {
    never_empty(
        ServiceId::Oauth,
        &["expired-token", "clock-skew:-7200", "clock-skew:7200"],
    )
    .await;
}

#[tokio::test]
async fn fault_prs() {
    never_empty(ServiceId::Prs, &FAULTS).await;
}

#[tokio::test]
async fn fault_nvi() {
    never_empty(ServiceId::Nvi, &FAULTS).await;
}

/// F31: for five minutes the index may be down for a patient who was localised before, and the answer says so; for
/// anybody else, and after that, there is no answer.
#[tokio::test]
async fn fault_f31_index_down_after_an_answer() {
    let clock = SimClock::starting_at(Timestamp::now());
    let options = DemoOptions {
        country: TestbedConfig {
            clock: clock.clone(),
            ..TestbedConfig::default()
        },
        ..DemoOptions::default()
    };
    let country = Country::with(options).await;
    let before = country.ask(P1).await;
    for service in [ServiceId::Nvi, ServiceId::Prs] {
        country.fault(service, "status:503");
        let answer = country.ask(P1).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.rows(), before.rows());
        assert!(answer.text.contains("\"localisation-kept\""), "{}", answer.text);
        assert!(!before.text.contains("\"localisation-kept\""));
        assert_eq!(country.ask(P2).await.status, 503, "nobody knows who has data");
        country.demo.testbed().faults().clear_all();
    }
    // What is refused is not down.
    country.fault(ServiceId::Nvi, "status:403");
    assert_eq!(country.ask(P1).await.status, 503);
    country.demo.testbed().faults().clear_all();
    country.fault(ServiceId::Nvi, "status:503");
    clock.advance(Duration::from_secs(5 * 60));
    assert_eq!(country.ask(P1).await.status, 503, "too long ago");
    country.stop().await;
}

/// The pseudonym service changes its secret between two questions: holders that registered under the older one are
/// still found, because an evaluation carries the older versions too.
#[tokio::test]
async fn national_key_rotation() {
    let country = Country::start().await;
    let before = country.ask(P1).await;
    assert_eq!(before.status, 200, "{}", before.text);
    let (prs, journal) = (
        &country.demo.testbed().services().prs,
        country.demo.testbed().journal(),
    );
    for version in [2, 3] {
        assert_eq!(prs.rotate(), version);
        journal.clear();
        let after = country.ask(P1).await;
        assert_eq!(after.status, 200, "{}", after.text);
        assert_eq!(after.rows(), before.rows(), "version {version}");
        let asked = |service| journal.count(|entry| entry.service == service);
        assert_eq!(
            (asked(ServiceId::Prs), asked(ServiceId::Nvi)),
            (1, 1),
            "asked anew"
        );
    }
    country.stop().await;
}

/// A redirect of a national service is not followed either: a pseudonym goes nowhere else.
#[tokio::test]
async fn fault_national_redirect() {
    let country = Country::start().await;
    let trap = format!("{}/trap", country.demo.testbed().addresses().audit_sink);
    for service in [ServiceId::Oauth, ServiceId::Prs, ServiceId::Nvi] {
        country.fault(service.clone(), &format!("redirect:{trap}"));
        let answer = country.ask(P1).await;
        assert_eq!(answer.status, 503, "{service}: {}", answer.text);
        country.demo.testbed().faults().clear_all();
    }
    let trapped = country
        .demo
        .testbed()
        .journal()
        .count(|entry| entry.path.ends_with("/trap"));
    assert_eq!(trapped, 0);
    country.stop().await;
}

/// One failure that passes is made good, and nobody notices.
#[tokio::test]
async fn fault_national_once() {
    let country = Country::start().await;
    for service in [ServiceId::Oauth, ServiceId::Prs, ServiceId::Nvi] {
        country.fault(service.clone(), "status:503*1");
        let answer = country.ask(P1).await;
        assert_eq!(answer.status, 200, "{service}: {}", answer.text);
        country.demo.testbed().faults().clear_all();
    }
    country.stop().await;
}

/// The receiver of audit events is down: the log here goes on, the question is answered, and the events come later.
#[tokio::test]
async fn fault_audit_sink() {
    let scene = Scene::start().await;
    for fault in ["status:503", "reset"] {
        scene.country.demo.testbed().faults().clear_all();
        scene.country.fault(ServiceId::AuditSink, fault);
        let answer = scene.ask().await;
        scene.rest_is_whole(&answer, &[]);
    }
    let sink = scene.country.demo.testbed().services().audit_sink.clone();
    let held = sink.events().len();
    scene.country.demo.testbed().faults().clear_all();
    assert!(
        scene.country.audited(held).await > held,
        "what was kept back is sent on"
    );
    scene.stop().await;
}
