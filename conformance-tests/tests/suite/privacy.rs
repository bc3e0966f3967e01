//! Where a patient's number may be, and how long a session lasts. What the process itself says, keeps and exports is
//! tested on the binary, in `server/tests/cli`.

use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use samenhang_server::demo::DemoOptions;
use samenhang_testbed::{ServiceId, SimClock, TestbedConfig};

use crate::country::{Country, P1, P2, P3, P4, P5, P6, P7, P8, parameters, read};
use crate::visitor::Visitor;

const ALL: [&str; 8] = [P1, P2, P3, P4, P5, P6, P7, P8];
const FORMS: [&str; 3] = [
    "application/fhir+json",
    "application/fhir+ndjson",
    "text/event-stream",
];

/// A text, and what the runs of base64 in it say: tokens and assertions are no hiding place.
fn unfolded(text: &str) -> String {
    let mut all = text.to_owned();
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "-_+/".contains(c);
    for run in text.split(|c| !is_base64(c)).filter(|run| run.len() >= 12) {
        for engine in [&URL_SAFE_NO_PAD, &STANDARD_NO_PAD] {
            if let Ok(bytes) = engine.decode(run) {
                let inner = String::from_utf8_lossy(&bytes).into_owned();
                all.push('\n');
                // A presentation holds credentials, which are tokens themselves.
                all.push_str(&if inner.starts_with('{') {
                    unfolded(&inner)
                } else {
                    inner
                });
            }
        }
    }
    all
}

fn holds_a_number(text: &str) -> bool {
    let text = unfolded(text);
    ALL.iter().any(|bsn| text.contains(bsn))
}

#[tokio::test]
async fn a_number_is_in_no_other_body_than_those_that_ask_with_it() {
    let country = Country::start().await;
    for (index, bsn) in ALL.iter().enumerate() {
        let form = FORMS[index % FORMS.len()];
        let answer = country.ask_with(parameters(bsn, &[]), form, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        for (name, value) in &answer.headers {
            assert!(!holds_a_number(value), "the header {name}");
        }
    }
    // A search by GET of BgZ-MSZ has the number in its own address, and in no other.
    let search = format!("/fhir/STU3/Condition?patient.identifier=http://fhir.nl/fhir/NamingSystem/bsn|{P2}");
    let answer = read(country.client().get(country.url(&search))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.headers.values().all(|value| !holds_a_number(value)));
    // And when holders and services fail.
    for (service, fault) in [
        (ServiceId::Nvi, "status:500*1"),
        (ServiceId::Mitz, "malformed*1"),
        (ServiceId::Prs, "html-page*1"),
    ] {
        country.fault(service, fault);
        country.ask(P1).await;
    }
    country.audited(1).await;
    let entries = country.demo.testbed().journal().entries();
    assert!(entries.len() > 200);
    let mut asked = 0;
    for entry in entries {
        assert!(!holds_a_number(&entry.target()), "{entry:?}");
        for (name, value) in &entry.headers {
            assert!(!holds_a_number(value), "{entry:?}: the header {name}");
        }
        let may = match &entry.service {
            ServiceId::Mitz => true,
            ServiceId::Source(_) => {
                entry.method == "POST"
                    && (entry.path.ends_with("/_search") || entry.path.ends_with("/$match"))
            }
            _ => false,
        };
        let has = holds_a_number(&entry.text());
        assert!(may || !has, "{entry:?} has a number in its body");
        asked += usize::from(has);
    }
    assert!(asked > 8, "the scan finds the numbers that are there: {asked}");
    country.stop().await;
}

#[tokio::test]
async fn nothing_about_a_patient_is_on_disk() {
    let country = Country::start().await;
    for bsn in ALL {
        country.ask(bsn).await;
    }
    country.audited(1).await;
    let mut scanned = 0;
    for entry in std::fs::read_dir(std::env::temp_dir()).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        if name.is_some_and(|name| name.starts_with("samenhang")) {
            scanned += scan(&path);
        }
    }
    assert!(
        scanned >= 5,
        "the folder of the demonstration is there: {scanned} files"
    );
    country.stop().await;
}

/// Looks for numbers in every file below a folder; other tests may take theirs away meanwhile.
fn scan(folder: &Path) -> usize {
    let mut scanned = 0;
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            scanned += scan(&path);
            continue;
        }
        // The operator's own list of care teams is keyed by patient: it is read, never written, by the server.
        if path.ends_with("care-teams.json") {
            continue;
        }
        assert!(!holds_a_number(&path.display().to_string()), "a file name");
        if let Ok(bytes) = std::fs::read(&path) {
            let found = ALL
                .iter()
                .any(|bsn| bytes.windows(bsn.len()).any(|window| window == bsn.as_bytes()));
            assert!(!found, "a number in {}", path.display());
            scanned += 1;
        }
    }
    scanned
}

#[tokio::test]
async fn a_session_and_all_that_it_showed_are_gone_after_fifteen_minutes() {
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
    let shown = visitor.page(P1).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    assert_eq!(shown.headers["cache-control"], "no-store");
    assert!(shown.text.contains("Ziekenhuis Oost"));
    assert!(
        !holds_a_number(&shown.text),
        "the page does not repeat the number"
    );

    // After six minutes it still lasts; Dezi is asked whether the login was withdrawn.
    let dezi = || country.demo.testbed().journal().of(&ServiceId::Dezi).len();
    let before = dezi();
    clock.advance(Duration::from_secs(6 * 60));
    assert_eq!(visitor.page(P1).await.status, 200);
    assert!(dezi() > before, "the status of the login was asked again");

    // After fifteen it is gone, with all that was shown in it; nobody is asked about the patient.
    clock.advance(Duration::from_secs(9 * 60 + 1));
    let asked = || {
        let journal = country.demo.testbed().journal();
        journal.count(|entry| {
            matches!(
                entry.service,
                ServiceId::Source(_) | ServiceId::Mitz | ServiceId::Nvi
            )
        })
    };
    let before = asked();
    let gone = visitor.page(P1).await;
    assert_eq!(
        (gone.status, gone.headers["location"].as_str()),
        (303, "/auth/login"),
        "{}",
        gone.text
    );
    assert!(gone.text.is_empty());
    let gone = visitor.ask(P1).await;
    assert_eq!(
        (gone.status, gone.json["resourceType"].as_str()),
        (401, Some("OperationOutcome"))
    );
    assert_eq!(asked(), before);
    country.stop().await;
}

#[tokio::test]
async fn a_logged_out_session_is_no_session() {
    let country = Country::start().await;
    let visitor = Visitor::log_in(&country).await;
    assert_eq!(visitor.page(P6).await.status, 200);
    let out = visitor.log_out().await;
    assert!(out.status < 400, "{}", out.text);
    assert_eq!(visitor.page(P6).await.status, 303);
    country.stop().await;
}
