//! What a session remembers of an answer: no refetch within five minutes, an earlier answer where a holder is silent,
//! and nothing at all after fifteen (generic functions, sections 5.3 and 7; promise P2). The clock is injected.

use std::time::Duration;

use samenhang_profiles::Bsn;
use samenhang_server::demo::DemoOptions;
use samenhang_testbed::mitz::{Decision, Rule};
use samenhang_testbed::{ServiceId, SimClock, TestbedConfig};

use crate::answer::{Answer, Row, rows};
use crate::country::{CLINIC, Country, GP, HOSPITAL, P1, P2, PHARMACY, read};
use crate::operations::metric;
use crate::visitor::Visitor;

const JSON: &str = "application/fhir+json";

/// A country whose clock the test moves.
struct Stage {
    country: Country,
    clock: SimClock,
}

impl Stage {
    async fn start() -> Self {
        Stage::tuned("").await
    }

    async fn tuned(settings: &str) -> Self {
        let clock = SimClock::real();
        let country = Country::with(DemoOptions {
            country: TestbedConfig {
                clock: clock.clone(),
                ..TestbedConfig::default()
            },
            overlay: settings.parse().expect("settings in TOML"),
            ..DemoOptions::default()
        })
        .await;
        Stage { country, clock }
    }

    fn minutes(&self, count: u64) {
        self.clock.advance(Duration::from_secs(60 * count));
    }

    /// Calls since the journal was cleared: holders with their authorization servers, and Mitz.
    fn calls(&self) -> (usize, usize) {
        let journal = self.country.demo.testbed().journal();
        let holders = journal
            .count(|entry| matches!(entry.service, ServiceId::Source(_) | ServiceId::Authorization(_)));
        (holders, journal.of(&ServiceId::Mitz).len())
    }

    /// Calls to holders since the journal was cleared that were answered as asked. A token that has expired, or the
    /// nonce of its proof, is found out by a call that is refused: calls that run at once are all refused, and one that
    /// comes a moment later is not, so the number of refusals is chance.
    fn answered(&self) -> usize {
        let journal = self.country.demo.testbed().journal();
        journal.count(|entry| matches!(entry.service, ServiceId::Source(_)) && entry.status == 200)
    }

    fn clear(&self) {
        self.country.demo.testbed().journal().clear();
    }

    /// How many answers the server keeps, and how many bytes.
    fn kept(&self) -> (usize, usize) {
        let sessions = self.country.demo.server().app().access().sessions();
        (sessions.answers(), sessions.bytes())
    }

    /// The same as `/metrics` tells it.
    async fn told(&self) -> (usize, usize) {
        let answers = metric(&self.country, "samenhang_session_answers ").await;
        let bytes = metric(&self.country, "samenhang_session_bytes ").await;
        (answers as usize, bytes as usize)
    }

    fn deny(&self, holder: Option<&str>) {
        self.country.demo.testbed().services().mitz.rule(Rule {
            patient: Some(patient(P1)),
            holder: holder.map(|ura| ura.parse().expect("a URA")),
            category: None,
            decision: Decision::Deny,
        });
    }

    async fn notify(&self, bsn: &str) {
        self.country.change_choices(bsn).await;
    }
}

fn patient(bsn: &str) -> Bsn {
    Bsn::parse(bsn).expect("a number")
}

fn of(rows: Vec<Row>, holder: &str) -> Vec<Row> {
    rows.into_iter().filter(|row| row.holder == holder).collect()
}

fn shows_nothing(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.data().count(), 0);
    for row in answer.rows() {
        assert_eq!((row.status.as_str(), row.detail), ("empty", None));
    }
}

#[tokio::test]
async fn within_five_minutes_no_holder_is_asked_again_but_consent_is() {
    let stage = Stage::start().await;
    let visitor = Visitor::log_in(&stage.country).await;
    let first = visitor.ask(P1).await;
    assert!(first.headers["samenhang-completeness"].starts_with("5/5"));
    assert!(!first.headers.contains_key("age"));
    let audited = stage.country.audited(0).await;

    stage.clear();
    stage.minutes(4);
    let again = visitor.ask(P1).await;
    let (holders, mitz) = stage.calls();
    assert_eq!(holders, 0, "no holder is asked");
    assert!(mitz >= 5, "consent is checked for every holder: {mitz}");
    let journal = stage.country.demo.testbed().journal();
    assert!(
        journal.of(&ServiceId::Nvi).is_empty(),
        "nor is the patient localised again"
    );
    assert_eq!(again.text, first.text, "byte for byte the same (P4, P8)");
    let age: u64 = again.headers["age"].parse().expect("seconds");
    assert!((240..300).contains(&age), "{age}");
    assert_eq!(again.headers["cache-control"], "no-store");
    assert!(
        stage.country.audited(audited).await > audited,
        "what is shown again is in the audit log"
    );
    stage.country.stop().await;
}

#[tokio::test]
async fn the_page_and_the_streams_come_from_the_same_memory_and_say_so() {
    let stage = Stage::start().await;
    let visitor = Visitor::log_in(&stage.country).await;
    // The page asks for every category, as does a question without any.
    let page = visitor.page(P1).await;
    assert!(page.text.contains("opgehaald om"), "per holder");
    assert!(!page.text.contains("niet opnieuw bevraagd"));
    stage.clear();
    stage.minutes(2);
    let whole = visitor.ask(P1).await;
    for form in ["application/fhir+ndjson", "text/event-stream"] {
        let stream = visitor.ask_with(P1, form, &[]).await;
        assert!(stream.headers.contains_key("age"), "{form}");
        for entry in whole.data() {
            let address = entry["fullUrl"].as_str().expect("an address");
            assert!(stream.text.contains(address), "{form}: {address}");
        }
    }
    let again = visitor.page(P1).await;
    assert!(again.text.contains("niet opnieuw bevraagd"), "{}", again.text);
    assert!(again.text.contains("Toestemming is nu wel opnieuw getoetst"));
    assert_eq!(stage.calls().0, 0);
    // The button of the page.
    let fresh = visitor.page_with(P1, "&refresh=1").await;
    assert!(!fresh.text.contains("niet opnieuw bevraagd"));
    assert!(stage.calls().0 > 0);
    stage.country.stop().await;
}

#[tokio::test]
async fn who_wants_it_fresh_gets_it_fresh() {
    let stage = Stage::start().await;
    let visitor = Visitor::log_in(&stage.country).await;
    let first = visitor.ask(P1).await;
    stage.clear();
    let fresh = visitor
        .ask_with(P1, JSON, &[("cache-control", "max-age=0, No-Cache")])
        .await;
    assert!(stage.calls().0 > 0);
    assert!(!fresh.headers.contains_key("age"));
    assert_eq!(fresh.data().count(), first.data().count());
    assert_eq!(stage.kept().0, 1, "it takes the place of the first");
    stage.country.stop().await;
}

#[tokio::test]
async fn consent_that_was_withdrawn_shows_nothing_again() {
    let stage = Stage::start().await;
    let visitor = Visitor::log_in(&stage.country).await;
    let first = visitor.ask(P1).await;
    let bytes = stage.kept().1;

    // One holder less: the others come from memory, and of that holder nothing stays.
    stage.clear();
    stage.minutes(2);
    stage.deny(Some(GP));
    let without = visitor.ask(P1).await;
    assert_eq!(stage.calls().0, 0);
    assert_eq!(without.of(GP).count(), 0);
    assert_eq!(without.statuses(GP), ["empty".to_owned()].into());
    assert!(of(without.rows(), GP).iter().all(|row| row.detail.is_none()));
    assert_eq!(without.of(HOSPITAL).count(), first.of(HOSPITAL).count());
    assert!(stage.kept().1 < bytes, "what is denied is forgotten");

    // Then all of them.
    stage.minutes(2);
    stage.deny(None);
    let closed = visitor.ask(P1).await;
    shows_nothing(&closed);
    assert_eq!(stage.calls().0, 0);
    assert_eq!(stage.kept().1, 0);
    stage.country.stop().await;
}

#[tokio::test]
async fn when_mitz_does_not_answer_nothing_is_shown_again() {
    let stage = Stage::start().await;
    let visitor = Visitor::log_in(&stage.country).await;
    let first = visitor.ask(P1).await;
    stage.clear();
    stage.minutes(2);
    stage.country.fault(ServiceId::Mitz, "status:503");
    let closed = visitor.ask(P1).await;
    shows_nothing(&closed);
    assert!(closed.notices().contains("consent-unavailable"));
    assert_eq!(stage.calls().0, 0);
    stage.country.demo.testbed().faults().clear_all();
    let again = visitor.ask(P1).await;
    assert_eq!(again.text, first.text, "it has not said no");
    assert_eq!(stage.calls().0, 0);
    stage.country.stop().await;
}

#[tokio::test]
async fn a_notification_ends_what_is_kept_of_that_patient_only() {
    let stage = Stage::start().await;
    let visitor = Visitor::log_in(&stage.country).await;
    visitor.ask(P1).await;
    visitor.ask(P2).await;
    assert_eq!(stage.kept().0, 2);
    stage.notify(P1).await;
    assert_eq!(stage.kept().0, 1);
    stage.clear();
    assert!(visitor.ask(P2).await.headers.contains_key("age"));
    assert_eq!(stage.calls().0, 0);
    stage.country.stop().await;
}

#[tokio::test]
async fn without_an_audit_record_nothing_is_shown_again() {
    let stage = Stage::start().await;
    let visitor = Visitor::log_in(&stage.country).await;
    let first = visitor.ask(P1).await;
    assert!(first.data().count() > 0);
    let log = stage.country.demo.server().app().audit().path().to_owned();
    let away = log.with_extension("away");
    std::fs::rename(&log, &away).expect("the log is there");
    let refused = visitor.ask(P1).await;
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert_eq!(refused.json["resourceType"], "OperationOutcome");
    std::fs::rename(&away, &log).expect("the log is away");
    stage.country.stop().await;
}

#[tokio::test]
async fn after_five_minutes_an_earlier_answer_stands_in_for_a_dead_holder() {
    let stage = Stage::start().await;
    let visitor = Visitor::log_in(&stage.country).await;
    let first = visitor.ask(P1).await;
    let before = of(first.rows(), PHARMACY);
    let was_answered = |row: &&Row| row.status == "answered";
    assert!(before.iter().any(|row| was_answered(&row)));

    stage.clear();
    stage.minutes(6);
    stage.country.source_fault(PHARMACY, "reset");
    let later = visitor.ask(P1).await;
    assert!(stage.calls().0 > 0, "the holders are asked again");
    assert!(!later.headers.contains_key("age"));
    assert!(
        later.headers["samenhang-completeness"].starts_with("4/5"),
        "it is not complete"
    );
    assert!(later.json.get("total").is_none());
    for row in of(later.rows(), PHARMACY) {
        let earlier = before.iter().find(|other| other.category == row.category);
        let earlier = earlier.expect("the same categories");
        if was_answered(&earlier) {
            assert_eq!(row.status, "stale", "{row:?}");
            assert!(row.detail.is_some(), "and why it is not fresh: {row:?}");
            assert_eq!(row.count, earlier.count);
            assert_eq!(row.retrieved, earlier.retrieved, "with the time of retrieval");
            assert!(row.retrieved.is_some());
        }
    }
    let text = |answer: &Answer| -> Vec<String> {
        let mut texts: Vec<_> = answer
            .of(PHARMACY)
            .map(|entry| entry["resource"].to_string())
            .collect();
        texts.sort();
        texts
    };
    assert_eq!(text(&later), text(&first), "as it was received");
    let page = visitor.page_with(P1, "&refresh=1").await;
    assert!(page.text.contains("eerder antwoord getoond"));

    // It stays as old as it is: shown again it is still stale.
    let again = visitor.ask(P1).await;
    assert!(again.statuses(PHARMACY).contains("stale"));

    // A fresh session knows nothing of it, and a refusal is never replaced.
    let other = Visitor::log_in(&stage.country).await;
    let bare = other.ask(P1).await;
    assert!(
        !bare.statuses(PHARMACY).contains("stale"),
        "{:?}",
        bare.statuses(PHARMACY)
    );
    assert_eq!(bare.of(PHARMACY).count(), 0);
    stage.country.demo.testbed().faults().clear_all();
    stage.country.source_fault(CLINIC, "status:403");
    let refused = visitor.ask_with(P1, JSON, &[("cache-control", "no-cache")]).await;
    assert!(
        !refused.statuses(CLINIC).contains("stale"),
        "{:?}",
        refused.statuses(CLINIC)
    );
    assert_eq!(refused.of(CLINIC).count(), 0);
    stage.country.stop().await;
}

#[tokio::test]
async fn after_fifteen_minutes_and_after_a_logout_nothing_is_left() {
    let stage = Stage::start().await;
    let visitor = Visitor::log_in(&stage.country).await;
    visitor.ask(P1).await;
    assert!(stage.kept().1 > 10_000, "{:?}", stage.kept());
    assert_eq!(stage.told().await, stage.kept(), "the operator sees what is kept");
    stage.minutes(15);
    assert_eq!(visitor.ask(P1).await.status, 401);
    assert_eq!(stage.kept(), (0, 0));

    // And whoever comes back finds nothing to fall back on.
    stage.country.source_fault(PHARMACY, "reset");
    let back = Visitor::log_in(&stage.country).await;
    let answer = back.ask(P1).await;
    assert_eq!(answer.of(PHARMACY).count(), 0);
    assert_eq!(stage.kept().0, 1);
    assert!(back.log_out().await.status < 400);
    assert_eq!(stage.kept(), (0, 0));
    assert_eq!(stage.told().await, (0, 0));
    stage.country.stop().await;
}

#[tokio::test]
async fn nothing_is_shared_between_sessions_nor_kept_for_who_has_none() {
    let stage = Stage::start().await;
    let visitor = Visitor::log_in(&stage.country).await;
    visitor.ask(P1).await;
    let one = stage.calls().0;
    for other in [
        Visitor::log_in(&stage.country).await,
        Visitor::log_in(&stage.country).await,
    ] {
        stage.clear();
        let answer = other.ask(P1).await;
        assert!(!answer.headers.contains_key("age"));
        assert!(stage.calls().0 > one / 2, "the holders are asked for it");
    }
    assert_eq!(stage.kept().0, 3);
    // Another purpose, another patient.
    stage.clear();
    visitor.page_with(P1, "&purpose=COC").await;
    visitor.ask(P2).await;
    assert!(stage.calls().0 > 0);
    let kept = stage.kept();
    // Who comes without a session is answered afresh each time.
    for _ in 0..2 {
        stage.clear();
        assert!(!stage.country.ask(P1).await.headers.contains_key("age"));
        assert!(stage.calls().0 > one / 2);
    }
    assert_eq!(stage.kept(), kept);
    stage.country.stop().await;
}

#[tokio::test]
async fn two_same_questions_at_once_ask_the_holders_once() {
    let stage = Stage::start().await;
    let visitor = Visitor::log_in(&stage.country).await;
    // What is known of the endpoints is known, so that both kinds of question make the same calls.
    visitor.ask(P1).await;
    stage.minutes(6);
    stage.clear();
    let alone = visitor.ask(P1).await;
    let answered = stage.answered();
    stage.minutes(6);
    stage.clear();
    let (one, other) = tokio::join!(visitor.ask(P1), visitor.ask(P1));
    assert_eq!(stage.answered(), answered, "one of them waited for the other");
    assert_eq!(one.text, other.text);
    assert_eq!(one.data().count(), alone.data().count());
    stage.country.stop().await;
}

#[tokio::test]
async fn an_operator_may_forbid_it() {
    let stage = Stage::tuned("[session]\nreuse_seconds = 0\nkeep_seconds = 0\n").await;
    let visitor = Visitor::log_in(&stage.country).await;
    visitor.ask(P1).await;
    assert_eq!(stage.kept(), (0, 0));
    stage.clear();
    let again = visitor.ask_with(P1, "application/fhir+ndjson", &[]).await;
    assert!(stage.calls().0 > 0);
    let last = again.text.lines().last().expect("a statement");
    let statement = serde_json::from_str(last).expect("JSON");
    assert!(rows(&statement).iter().all(|row| row.status != "stale"));
    stage.country.stop().await;
}

#[tokio::test]
async fn p2_the_next_page_of_a_search_lasts_as_long_as_the_consent() {
    let stage = Stage::start().await;
    let form = [
        (
            "patient.identifier",
            format!("http://fhir.nl/fhir/NamingSystem/bsn|{P1}"),
        ),
        ("_count", "1".to_owned()),
    ];
    let path = stage.country.url("/fhir/STU3/Condition/_search");
    let first = read(stage.country.client().post(path).form(&form)).await;
    let links = first.json["link"].as_array().into_iter().flatten();
    let next = links
        .filter(|link| link["relation"] == "next")
        .find_map(|link| link["url"].as_str())
        .expect("a next page");
    let page = read(stage.country.client().get(next)).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let age: u64 = page.headers["age"].parse().expect("seconds");
    assert!(age < 60, "{age}");
    stage.clock.advance(Duration::from_secs(60));
    let gone = read(stage.country.client().get(next)).await;
    assert_eq!((gone.status, gone.code()), (410, "SAM-SRV-023"), "{}", gone.text);
    stage.country.stop().await;
}
