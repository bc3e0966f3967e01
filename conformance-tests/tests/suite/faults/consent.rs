//! The consent register: whatever it does but permit, nobody is asked (F28 to F30).

use samenhang_profiles::Bsn;
use samenhang_testbed::ServiceId;
use samenhang_testbed::mitz::{Behaviour, Decision, Format, Notification, Rule};

use super::scene::{Scene, addresses, source, tuned};
use crate::answer::{Answer, rows};
use crate::country::{Country, Events, GP, P1, PHARMACY, parameters};

/// A register that is not waited for long.
const SHORT: &str = "[national.mitz]\ntimeout_ms = 700\n[egress]\nthroughput_grace_ms = 400\n";

fn patient() -> Bsn {
    Bsn::parse(P1).expect("a number")
}

/// Forgets the decisions that are kept.
fn forget(country: &Country) {
    let app = country.demo.server().app();
    app.register().revoke(&patient(), app.clock().now());
}

/// Nothing is shown, no holder was asked, and every cell reads as "no data".
fn is_closed(country: &Country, answer: &Answer, what: &str) {
    assert_eq!(answer.status, 200, "{what}: {}", answer.text);
    assert_eq!(answer.data().count(), 0, "{what}");
    let rows = answer.rows();
    assert!(!rows.is_empty(), "{what}: the holders are named");
    for row in &rows {
        assert_eq!(
            (row.status.as_str(), row.detail.as_deref()),
            ("empty", None),
            "{what}: {row:?}"
        );
    }
    let asked = country
        .demo
        .testbed()
        .journal()
        .find(|entry| matches!(entry.service, ServiceId::Source(_)));
    assert!(asked.is_empty(), "{what}: {asked:?}");
}

/// The register fails on the way: closed, and the answer says that it is incomplete for that.
#[tokio::test]
async fn fault_mitz() {
    let country = tuned(SHORT).await;
    let (board, journal) = (country.demo.testbed().faults(), country.demo.testbed().journal());
    for fault in [
        "status:400",
        "status:403",
        "status:500",
        "status:503",
        "hang",
        "reset",
        "truncate",
        "malformed",
        "html-page",
        "empty-body",
        "huge-body",
        "gzip-bomb",
        "slow-loris",
    ] {
        journal.clear();
        country.fault(ServiceId::Mitz, fault);
        let answer = country.ask(P1).await;
        is_closed(&country, &answer, fault);
        assert!(
            answer.notices().contains("consent-unavailable"),
            "{fault}: {:?}",
            answer.notices()
        );
        assert!(
            answer.json.get("total").is_none(),
            "{fault}: it looks like all there is"
        );
        let asked = journal.of(&ServiceId::Mitz).len();
        assert!(asked <= 2 * 5, "{fault}: {asked} questions for 5 holders");
        board.clear_all();
    }
    let answer = country.ask(P1).await;
    assert!(answer.headers["samenhang-completeness"].starts_with("5/5"));
    country.stop().await;
}

/// The register answers, but not this question.
#[tokio::test]
async fn fault_mitz_answers_another_question() {
    let country = Country::start().await;
    let mitz = &country.demo.testbed().services().mitz;
    for behaviour in [
        Behaviour::SoapFault,
        Behaviour::WrongRelatesTo,
        Behaviour::MissingResult,
    ] {
        mitz.behave(behaviour);
        let answer = country.ask(P1).await;
        is_closed(&country, &answer, &format!("{behaviour:?}"));
        assert!(answer.notices().contains("consent-unavailable"), "{behaviour:?}");
    }
    mitz.behave(Behaviour::Normal);
    assert_eq!(country.ask(P1).await.holders().len(), 5);
    country.stop().await;
}

/// Everything that is no permit is none, and all of it looks the same.
#[tokio::test]
async fn fault_mitz_decisions_other_than_permit() {
    let country = Country::start().await;
    let mitz = &country.demo.testbed().services().mitz;
    let mut answers = Vec::new();
    for decision in [Decision::Deny, Decision::Indeterminate, Decision::NotApplicable] {
        forget(&country);
        mitz.rule(Rule {
            patient: Some(patient()),
            holder: None,
            category: None,
            decision,
        });
        let answer = country.ask(P1).await;
        is_closed(&country, &answer, decision.text());
        assert!(
            answer.notices().is_empty(),
            "{decision:?}: {:?}",
            answer.notices()
        );
        answers.push(crate::answer::without_times(&answer.text));
    }
    assert!(
        answers.windows(2).all(|two| two[0] == two[1]),
        "they can be told apart"
    );
    country.stop().await;
}

/// One holder without consent: it is not asked, and the others answer as before.
#[tokio::test]
async fn fault_mitz_denies_one_holder() {
    let scene = Scene::start().await;
    let mitz = &scene.country.demo.testbed().services().mitz;
    for decision in [Decision::Deny, Decision::Indeterminate, Decision::NotApplicable] {
        forget(&scene.country);
        let holder = Some(GP.parse().expect("a URA"));
        mitz.rule(Rule {
            patient: Some(patient()),
            holder,
            category: None,
            decision,
        });
        let answer = scene.ask().await;
        scene.rest_is_whole(&answer, &[GP]);
        assert_eq!(answer.statuses(GP), ["empty".to_owned()].into());
        assert_eq!((answer.of(GP).count(), scene.calls(GP)), (0, 0));
    }
    scene.stop().await;
}

/// One category without consent: the holder is not asked for it, and nothing of it comes along with the rest.
#[tokio::test]
async fn fault_mitz_is_undecided_about_one_category() {
    let scene = Scene::start().await;
    let mitz = &scene.country.demo.testbed().services().mitz;
    for decision in [Decision::Indeterminate, Decision::NotApplicable] {
        forget(&scene.country);
        let category = Some("GGC013".to_owned());
        mitz.rule(Rule {
            patient: Some(patient()),
            holder: None,
            category,
            decision,
        });
        let answer = scene.ask().await;
        assert!(
            answer.types().iter().all(|kind| !kind.starts_with("Medication")),
            "{:?}",
            answer.types()
        );
        for row in answer
            .rows()
            .iter()
            .filter(|row| row.category.starts_with("Medication"))
        {
            assert_eq!(row.status, "empty", "{row:?}");
        }
        let asked = scene.journal().find(|entry| {
            matches!(entry.service, ServiceId::Source(_)) && entry.target().contains("/Medication")
        });
        assert!(asked.is_empty(), "{asked:?}");
        assert!(answer.types().contains("Condition"));
    }
    scene.stop().await;
}

fn withdrawal(country: &Country) -> Notification {
    Notification {
        patient: patient(),
        holder: None,
        category: None,
        permitted: false,
        format: Format::Json,
        endpoint: Some(country.internal("/mitz/notification")),
    }
}

/// Consent is withdrawn while holders are being asked: nothing that was fetched under it is shown any more.
#[tokio::test]
async fn fault_consent_withdrawn_before_the_answer() {
    let scene = Scene::start().await;
    scene.spoil(PHARMACY, "latency:2500");
    let country = &scene.country;
    country.demo.testbed().journal().clear();
    let (answer, ()) = tokio::join!(country.ask(P1), async {
        // Everyone else was asked; the pharmacy keeps the question open.
        while country.demo.testbed().journal().of(&source(PHARMACY)).is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let told = country
            .demo
            .testbed()
            .services()
            .mitz
            .notify(&withdrawal(country))
            .await;
        assert_eq!(told.expect("the notification arrives"), [204]);
    });
    assert_eq!(answer.status, 200);
    assert_eq!(answer.data().count(), 0, "{:?}", answer.holders());
    assert!(
        answer.rows().iter().all(|row| row.status != "answered"),
        "{:?}",
        answer.rows()
    );
    // And from then on nobody is asked.
    country.demo.testbed().journal().clear();
    let next = country.ask(P1).await;
    is_closed(country, &next, "after the withdrawal");
    scene.stop().await;
}

/// In a stream: what was shown was shown, and after the notification is taken nothing follows.
#[tokio::test]
async fn fault_consent_withdrawn_during_a_stream() {
    let scene = Scene::start().await;
    scene.spoil(PHARMACY, "latency:2500");
    let country = &scene.country;
    let mut events = Events::open(country, parameters(P1, &[])).await;
    while events.next().await.expect("something is shown").0 != "entries" {}
    let told = country
        .demo
        .testbed()
        .services()
        .mitz
        .notify(&withdrawal(country))
        .await;
    assert_eq!(told.expect("the notification arrives"), [204]);
    let later = events.rest().await;
    let late = addresses(&scene.before, PHARMACY);
    assert!(!late.is_empty(), "it would have had something");
    for address in late {
        assert!(
            later.iter().all(|(_, data)| !data.to_string().contains(&address)),
            "shown after the withdrawal"
        );
    }
    let statement = later
        .iter()
        .find(|(name, _)| name == "completeness")
        .map(|(_, data)| rows(data));
    let statement = statement.expect("a statement");
    assert!(
        statement.iter().all(|row| row.status != "answered"),
        "{statement:?}"
    );
    assert_eq!(
        later.last().map(|(name, _)| name.as_str()),
        Some("done"),
        "the stream ends as it should"
    );
    scene.stop().await;
}
