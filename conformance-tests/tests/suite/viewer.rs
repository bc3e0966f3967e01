//! The pages of the viewer as a browser gets them: behind a handle of one session, each the whole way of a question.

use std::time::Duration;

use samenhang_profiles::Bsn;
use samenhang_server::demo::DemoOptions;
use samenhang_testbed::mitz::{Decision, Rule};
use samenhang_testbed::{ServiceId, SimClock, TestbedConfig};

use crate::country::{Country, P1, read};
use crate::visitor::Visitor;

/// The pages behind a handle.
const PAGES: [&str; 7] = [
    "",
    "?view=acute",
    "/medication",
    "/results",
    "/timeline?period=all",
    "/section/results",
    "/section/medication?view=medication-check",
];

/// The handle that a page leads to.
fn handle(page: &str) -> String {
    let rest = page.split("/viewer/p/").nth(1).expect("a handle");
    rest.chars().take_while(char::is_ascii_lowercase).collect()
}

/// The first page of a record that a page leads to.
fn record(page: &str) -> String {
    let rest = page.split("/record/").nth(1).expect("a record");
    let key: String = rest.chars().take_while(char::is_ascii_lowercase).collect();
    format!("/record/{key}")
}

#[tokio::test]
async fn every_page_is_for_the_session_that_asked_and_nobody_else() {
    let country = Country::start().await;
    let (own, other) = (Visitor::log_in(&country).await, Visitor::log_in(&country).await);
    let first = own.page(P1).await;
    let handle = handle(&first.text);
    assert_eq!(handle.len(), 32, "letters only: no address looks like a number");
    let record = record(&first.text);
    let pages = PAGES.into_iter().chain([record.as_str()]);
    for page in pages {
        let url = country.url(&format!("/viewer/p/{handle}{page}"));
        let shown = own.get(&url).await;
        assert_eq!(shown.status, 200, "{page}: {}", shown.text);
        assert_eq!(shown.headers["cache-control"], "no-store", "{page}");
        assert!(
            shown.headers["content-security-policy"].starts_with("default-src 'none'"),
            "{page}"
        );
        assert!(!shown.text.contains(P1), "{page}: the number");
        for part in ["id=\"patient\"", "id=\"completeness\"", "class=\"paper\""] {
            assert!(shown.text.contains(part), "{page}: {part}");
        }
        let refused = other.get(&url).await;
        assert_eq!(refused.status, 410, "{page}");
        assert!(
            refused.text.contains("SAM-SRV-023") && !refused.text.contains("Ziekenhuis"),
            "{page}: {}",
            refused.text
        );
    }
    own.log_out().await;
    let gone = own.get(&country.url(&format!("/viewer/p/{handle}"))).await;
    assert_eq!((gone.status, gone.text.as_str()), (303, ""));
    country.stop().await;
}

#[tokio::test]
async fn a_page_asks_for_consent_again_and_leaves_a_record() {
    let clock = SimClock::real();
    let country = Country::with(DemoOptions {
        country: TestbedConfig {
            clock: clock.clone(),
            ..TestbedConfig::default()
        },
        ..DemoOptions::default()
    })
    .await;
    let visitor = Visitor::log_in(&country).await;
    let first = visitor.page(P1).await;
    let url = country.url(&format!("/viewer/p/{}/timeline", handle(&first.text)));
    let journal = country.demo.testbed().journal();
    let holders = || journal.count(|entry| matches!(entry.service, ServiceId::Source(_)));
    let (asked, audited) = (holders(), country.audited(0).await);
    let shown = visitor.get(&url).await;
    assert!(
        shown.text.contains("<table class=\"timeline\">"),
        "{}",
        shown.text
    );
    assert_eq!(holders(), asked, "the session remembers");
    assert!(
        country.audited(audited).await > audited,
        "what is shown is in the audit log"
    );
    // The patient says no: within a minute nothing is shown any more, whatever the session remembers.
    country.demo.testbed().services().mitz.rule(Rule {
        patient: Bsn::parse(P1).ok(),
        holder: None,
        category: None,
        decision: Decision::Deny,
    });
    clock.advance(Duration::from_secs(120));
    let denied = visitor.get(&url).await;
    assert_eq!(denied.status, 200);
    assert!(
        !denied.text.contains("<table class=\"timeline\">"),
        "{}",
        denied.text
    );
    country.stop().await;
}

#[tokio::test]
async fn who_logs_out_leaves_nothing_and_is_told_so_in_both_languages() {
    let country = Country::start().await;
    let visitor = Visitor::log_in(&country).await;
    let shown = visitor.page(P1).await;
    assert_eq!(shown.headers["cache-control"], "no-store");
    let page = country.url(&format!("/viewer/p/{}", handle(&shown.text)));
    assert_eq!(visitor.get(&page).await.status, 200);
    let over = visitor.log_out().await;
    assert_eq!(
        (over.status, over.headers["cache-control"].as_str()),
        (200, "no-store")
    );
    assert!(over.text.contains("<h1>Afgemeld</h1>"), "{}", over.text);
    assert!(over.headers["content-security-policy"].contains("frame-ancestors 'none'"));
    // What the button "back" asks for is a page of a session that is gone, and what a browser kept empties itself.
    let back = visitor.get(&page).await;
    assert_eq!((back.status, back.text.as_str()), (303, ""));
    let script = visitor.get(&country.url("/viewer/assets/viewer.js")).await;
    assert!(script.text.contains("pageshow") && script.text.contains("event.persisted"));
    let english = read(
        country
            .client()
            .post(country.url("/auth/logout?lang=en"))
            .header("origin", country.demo.base()),
    )
    .await;
    assert!(english.text.contains("<h1>Logged out</h1>"), "{}", english.text);
    let failed = country.client().get(country.url("/auth/callback?state=x&code=y"));
    let failed = read(failed.header("accept-language", "nl")).await;
    assert_eq!(failed.status, 403);
    assert!(
        failed.text.contains("Aanmelden is niet gelukt") && failed.text.contains("SAM-ACC-009"),
        "{}",
        failed.text
    );
    country.stop().await;
}

#[tokio::test]
async fn the_patient_is_one_line_and_codes_are_words() {
    let country = Country::start().await;
    let visitor = Visitor::log_in(&country).await;
    let shown = visitor.page(P1).await;
    let section = country.url(&format!("/viewer/p/{}/section/patient", handle(&shown.text)));
    let lines = visitor.get(&section).await.text;
    let patients: Vec<&str> = lines
        .split("<li class=\"item")
        .skip(1)
        .filter(|line| line.contains(">Testpatiënt P. de Proef</a>"))
        .collect();
    let own: Vec<&&str> = patients
        .iter()
        .filter(|line| line.contains("14-03-1958"))
        .collect();
    assert_eq!(own.len(), 1, "{lines}");
    assert!(
        own[0].contains("gemeld door") && own[0].contains("vrouw"),
        "{}",
        own[0]
    );
    let record = visitor
        .get(&country.url(&format!("/viewer/p/{}{}", handle(&shown.text), record(own[0]))))
        .await;
    for holder in ["Ziekenhuis Oost", "Huisartsenpraktijk De Linde"] {
        assert!(record.text.contains(holder), "side by side: {holder}");
    }
    assert!(
        !record.text.contains("name=\"ground\""),
        "nobody takes it apart here"
    );
    for code in ["permit", "deny"] {
        for mark in [format!("<b>{code}</b>"), format!("\"line\">{code}")] {
            assert!(!shown.text.contains(&mark), "{mark}");
        }
    }
    assert!(shown.text.contains("<b>toegestaan</b>"), "{}", shown.text);
    country.stop().await;
}

#[tokio::test]
async fn the_number_is_shown_on_purpose_only_and_that_is_recorded() {
    let country = Country::start().await;
    let (own, other) = (Visitor::log_in(&country).await, Visitor::log_in(&country).await);
    let shown = own.page(P1).await;
    assert!(shown.text.contains("id=\"reveal\"") && !shown.text.contains(P1));
    let path = format!("/viewer/p/{}/number", handle(&shown.text));
    let before = country.audited(0).await;
    let revealed = own.search(&path, "").await;
    assert_eq!(revealed.status, 200, "{}", revealed.text);
    assert_eq!(revealed.headers["cache-control"], "no-store");
    assert!(
        revealed
            .text
            .contains(&format!("<strong id=\"number\">{P1}</strong>"))
    );
    assert!(country.audited(before).await > before, "it is in the audit log");
    let refused = other.search(&path, "").await;
    assert_eq!(refused.status, 410);
    assert!(!refused.text.contains(P1));
    let elsewhere = country
        .client()
        .post(country.url(&path))
        .header("origin", "https://elsewhere.example");
    assert_eq!(
        read(elsewhere).await.status,
        403,
        "not from a page of another site"
    );
    country.stop().await;
}
