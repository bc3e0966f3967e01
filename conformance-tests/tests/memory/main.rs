//! The memory of one question whose answer is lifted whole: thousands of results of a holder that speaks STU3.
//!
//! A program of its own, so that the peak of the process is of this question: with the server in it are the simulated holder,
//! which has the resources too, and a client that lets go of what it has read.

#![expect(
    clippy::expect_used,
    reason = "a helper of a test that cannot go on says why and ends it"
)]

use samenhang_server::demo::{Demo, DemoOptions};
use samenhang_server::telemetry::Metrics;
use samenhang_testbed::TestbedConfig;
use samenhang_testbed::source::{self, SourceOption};
use serde_json::json;
use tempfile::TempDir;

/// Results of the patient.
const RESULTS: usize = 5_000;
/// Peak of memory for each byte that the holder sends, in bytes: what was sent stays (P4), what is made of it, what puts it
/// in order, the Bundle, and what the simulated holder and the client have of their own.
const OF_A_BYTE: u64 = 32;
/// From the public test range.
const PATIENT: &str = "999990019";
/// Time enough for a debug build on a busy machine; the limits on bytes are those of every server.
const SETTINGS: &str = "[fanout]
interactive_seconds = 30
whole_seconds = 30
";

/// Writes the resources of the holder, and gives how many bytes.
fn fill(folder: &TempDir) -> u64 {
    let patient = json!({
        "resourceType": "Patient", "id": "p",
        "identifier": [{ "system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": PATIENT }],
        "name": [{ "family": "Voorbeeld", "given": ["Noor"] }], "gender": "female", "birthDate": "1980-02-03"
    });
    let mut lines = vec![patient.to_string()];
    lines.extend((0..RESULTS).map(|number| {
        let (day, month, year) = (number % 28 + 1, number / 28 % 12 + 1, 1990 + number / 336);
        json!({
            "resourceType": "Observation", "id": format!("o{number}"),
            "meta": { "profile": ["http://nictiz.nl/fhir/StructureDefinition/zib-LaboratoryTestResult-Observation"] },
            "identifier": [{ "system": "urn:oid:2.999.77.1", "value": format!("LAB-{number}") }],
            "status": "final",
            "category": [{ "coding": [{ "system": "http://snomed.info/sct", "code": "49581000146104", "display": "Laboratory test finding" }] }],
            // A code for each: `$lastn` gives the last of each code.
            "code": { "coding": [{ "system": "urn:oid:2.999.77.2", "code": format!("T{number}"), "display": "Een bepaling van het laboratorium" }] },
            "subject": { "reference": "Patient/p" },
            "effectiveDateTime": format!("{year}-{month:02}-{day:02}T08:30:00+01:00"),
            "valueQuantity": { "value": 60 + number % 90, "unit": "umol/L", "system": "http://unitsofmeasure.org", "code": "umol/L" }
        })
        .to_string()
    }));
    let text = lines.join("\n");
    std::fs::write(folder.path().join("all.ndjson"), &text).expect("a file");
    text.len() as u64
}

/// A line of the state of the process, in bytes; none where the system does not tell it.
fn told(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line
        .trim_start_matches(':')
        .split_whitespace()
        .next()?
        .parse()
        .ok()?;
    Some(kibibytes << 10)
}

/// Asks for everything, and gives how many resources were lifted; nothing of the answer is kept.
async fn ask(client: &reqwest::Client, demo: &Demo) -> usize {
    const LIFTED: &[u8] = b"\"valueCode\":\"lifted\"";
    let question = json!({ "resourceType": "Parameters", "parameter": [
        { "name": "identifier", "valueIdentifier": { "system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": PATIENT } },
        { "name": "purpose", "valueCode": "TREAT" }
    ] });
    let mut answer = client
        .post(format!("{}/fhir/R4/Patient/$overview", demo.base()))
        .header("content-type", "application/fhir+json")
        .header("accept", "application/fhir+json")
        .body(question.to_string())
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
    let complete = answer.headers()["samenhang-completeness"]
        .to_str()
        .expect("a text");
    assert!(complete.starts_with("1/1"), "{complete}");
    let (mut found, mut rest) = (0, Vec::new());
    while let Some(chunk) = answer.chunk().await.expect("a part of the answer") {
        rest.extend_from_slice(&chunk);
        found += rest.windows(LIFTED.len()).filter(|part| *part == LIFTED).count();
        let cut = rest.len().saturating_sub(LIFTED.len() - 1);
        rest.drain(..cut);
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_that_are_lifted_take_memory_in_proportion_and_give_it_back() {
    if told("VmHWM").is_none() {
        println!("not measured: the system does not tell the peak of memory");
        return;
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = TempDir::new().expect("a folder");
    let sent = fill(&folder);
    let option = format!("ura=00700711,name=Bron,fhir=stu3,dir={}", folder.path().display());
    let option: SourceOption = option.parse().expect("an option");
    let demo = Demo::start(
        DemoOptions {
            country: TestbedConfig {
                holders: source::holders(&[option]).expect("a holder"),
                own_patients: false,
                ..TestbedConfig::default()
            },
            overlay: SETTINGS.parse().expect("settings in TOML"),
            ..DemoOptions::default()
        },
        Metrics::default(),
    )
    .await
    .expect("a country");
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let mut peaks = Vec::new();
    let before = told("VmRSS").expect("the memory in use");
    for _ in 0..3 {
        // The patient is lifted as well.
        assert_eq!(ask(&client, &demo).await, RESULTS + 1);
        peaks.push(told("VmHWM").expect("the peak").saturating_sub(before));
    }
    demo.stop().await;
    println!(
        "{RESULTS} results of {} bytes: {} MB sent, peak {:?} MB, {:.1} bytes for each",
        sent / RESULTS as u64,
        sent >> 20,
        peaks.iter().map(|peak| peak >> 20).collect::<Vec<_>>(),
        peaks[0] as f64 / sent as f64
    );
    assert!(
        peaks[0] <= OF_A_BYTE * sent,
        "{} bytes of memory for {sent} that were sent",
        peaks[0]
    );
    // What the first question took serves the next ones.
    assert!(peaks[2] <= peaks[0] + peaks[0] / 2, "{peaks:?}");
}
