//! An audit log that cannot be written any more while questions run: nothing is shown, nothing more goes out, and the
//! server says that it is not ready (P6, P7).

use std::path::{Path, PathBuf};

use samenhang_server::audit::{Key, verify_sealed};
use samenhang_testbed::ServiceId;

use super::scene::tuned;
use crate::answer::Answer;
use crate::country::{Country, HOSPITAL, P1, parameters, read};

/// The log of a country's server, which can be taken away and given back.
struct Disk {
    log: PathBuf,
    away: PathBuf,
}

impl Disk {
    fn of(country: &Country) -> Self {
        let log = country.demo.server().app().audit().path().to_owned();
        let away = log.with_extension("away");
        Disk { log, away }
    }

    fn take(&self) {
        std::fs::rename(&self.log, &self.away).expect("the log is there");
    }

    fn give_back(&self) {
        std::fs::rename(&self.away, &self.log).expect("the log is away");
    }
}

/// Holders that are slow enough for something to happen while they answer.
async fn slow() -> Country {
    let country = tuned("").await;
    for source in &country.demo.testbed().addresses().sources {
        country.source_fault(source.ura.as_str(), "latency:600");
    }
    country
}

fn source_calls(country: &Country) -> usize {
    let entries = country.demo.testbed().journal().entries();
    entries
        .iter()
        .filter(|entry| matches!(entry.service, ServiceId::Source(_)))
        .count()
}

/// Until a holder has been asked.
async fn under_way(country: &Country) {
    while source_calls(country) == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

async fn ready(country: &Country) -> Answer {
    read(country.client().get(country.internal("/readyz"))).await
}

fn is_not_recorded(answer: &Answer, code: &str) {
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert_eq!(answer.json["resourceType"], "OperationOutcome");
    assert_eq!(answer.code(), code);
    assert!(!answer.text.contains("fullUrl"), "no patient data");
    assert!(!answer.text.contains(HOSPITAL), "not even who knows the patient");
}

async fn is_whole(log: &Path) {
    let key = Key::read(&log.with_file_name("keys").join("audit.key")).expect("the key");
    let report = verify_sealed(log, &key).await.expect("a log");
    assert_eq!(report.broken, None);
}

#[tokio::test]
async fn fault_audit_log_gone_while_holders_answer() {
    let country = slow().await;
    let disk = Disk::of(&country);
    assert_eq!(ready(&country).await.status, 200);
    let (answer, ()) = tokio::join!(country.ask(P1), async {
        under_way(&country).await;
        disk.take();
    });
    is_not_recorded(&answer, "SAM-SRV-015");
    let not_ready = ready(&country).await;
    assert_eq!(not_ready.status, 503);
    assert!(not_ready.text.contains("\"audit\""), "{}", not_ready.text);
    // A question that comes now goes nowhere.
    country.demo.testbed().journal().clear();
    is_not_recorded(&country.ask(P1).await, "SAM-AUD-007");
    assert_eq!(country.demo.testbed().journal().entries().len(), 0);
    disk.give_back();
    while ready(&country).await.status != 200 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    country.demo.testbed().faults().clear_all();
    let answer = country.ask(P1).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.headers["samenhang-completeness"].starts_with("5/5"));
    is_whole(&disk.log).await;
    country.stop().await;
}

#[tokio::test]
async fn fault_audit_log_gone_before_a_question() {
    let country = tuned("").await;
    let disk = Disk::of(&country);
    country.demo.testbed().journal().clear();
    // Nobody knows of it yet: the question finds out.
    disk.take();
    is_not_recorded(&country.ask(P1).await, "SAM-GAT-005");
    // The pseudonym service and the index are not told which patient it is; who would be is not asked.
    for entry in country.demo.testbed().journal().entries() {
        let is_named = matches!(
            entry.service,
            ServiceId::Mitz | ServiceId::Source(_) | ServiceId::Authorization(_)
        );
        assert!(!is_named, "{:?}", entry.service);
    }
    disk.give_back();
    country.stop().await;
}

#[tokio::test]
async fn fault_audit_log_gone_while_a_stream_runs() {
    let country = slow().await;
    let disk = Disk::of(&country);
    let mut response = country
        .client()
        .post(country.url("/fhir/R4/Patient/$overview"))
        .header("content-type", "application/fhir+json")
        .header("accept", "text/event-stream")
        .body(parameters(P1, &[]).to_string())
        .send()
        .await
        .expect("an answer");
    under_way(&country).await;
    disk.take();
    let mut sent = Vec::new();
    let end = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => sent.extend_from_slice(&chunk),
            end => break end,
        }
    };
    assert!(end.is_err(), "the stream is broken off");
    let sent = String::from_utf8(sent).expect("text");
    let named: Vec<&str> = sent
        .lines()
        .filter_map(|line| line.strip_prefix("event: "))
        .collect();
    for event in ["entries", "category", "completeness", "done"] {
        assert!(!named.contains(&event), "{named:?}");
    }
    assert!(sent.contains("SAM-SRV-015"), "it says why: {named:?}");
    disk.give_back();
    country.stop().await;
}
