//! What the server adds to the time that the holders take: one question to 8 holders of 100 results each, every answer
//! of a source 50 ms late, against a plain concurrent client that only fetches the same pages.
//!
//! `cargo bench -p samenhang-conformance-tests --bench overview`. Prints ratios of medians taken in one run, so that
//! they hold when the machine is slow; a benchmark measures, it never fails on a time.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints what it measures and stops when it cannot measure"
)]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::join_all;
use reqwest::{Certificate, Client, Identity, Method};
use samenhang_profiles::{Bsn, FhirVersion, Ura};
use samenhang_server::demo::{Demo, DemoOptions};
use samenhang_server::telemetry::Metrics;
use samenhang_testbed::holder::{HolderAuthorization, HolderData, HolderSpec, TestbedConfig};
use samenhang_testbed::journal::Entry;
use samenhang_testbed::{FaultSpec, ServiceId};

const HOLDERS: usize = 8;
const RESULTS: usize = 100;
const LATENCY_MS: u64 = 50;
const ROUNDS: usize = 40;
const PATIENT: &str = "999990019";

#[tokio::main]
async fn main() {
    // `cargo bench` passes `--bench`; anything else, such as `--test`, only shows that it runs.
    let rounds = if std::env::args().any(|argument| argument == "--test") {
        2
    } else {
        ROUNDS
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a folder");
    let holders: Vec<HolderSpec> = (0..HOLDERS).map(|at| holder(at, folder.path())).collect();
    let options = DemoOptions {
        country: TestbedConfig {
            own_patients: false,
            holders,
            ..TestbedConfig::default()
        },
        log: "error".to_owned(),
        // The limit on questions of one asker is not what is measured.
        overlay: toml::from_str("[access.rate]\nburst = 100000\nper_minute = 100000").expect("a table"),
        ..DemoOptions::default()
    };
    let demo = Box::pin(Demo::start(options, Metrics::default()))
        .await
        .expect("the demonstration starts");
    let asker = Client::builder().no_proxy().build().expect("a client");
    // Warm: tokens, capability statements and connections are there, as in the middle of a working day.
    for _ in 0..3 {
        check(&ask(&asker, &demo).await);
    }
    for at in 0..HOLDERS {
        let late: FaultSpec = format!("latency:{LATENCY_MS}").parse().expect("a fault");
        demo.testbed().faults().add(ServiceId::Source(ura(at)), late);
    }
    demo.testbed().journal().clear();
    let answer = ask(&asker, &demo).await;
    check(&answer);
    let bytes = answer.len();
    let plain = Plain::from_journal(&demo);
    plain.list();
    plain.fetch().await;

    let (mut whole, mut direct, mut per_holder) = (Vec::new(), Vec::new(), vec![Vec::new(); HOLDERS]);
    for _ in 0..rounds {
        quiet(&demo).await;
        let began = Instant::now();
        let answer = ask(&asker, &demo).await;
        whole.push(began.elapsed());
        check(&answer);
        quiet(&demo).await;
        let began = Instant::now();
        let times = plain.fetch().await;
        direct.push(began.elapsed());
        for (holder, time) in per_holder.iter_mut().zip(times) {
            holder.push(time);
        }
    }
    let slowest = per_holder
        .iter_mut()
        .map(|times| median(times))
        .max()
        .unwrap_or_default();
    let (p50, p95, direct) = (
        median(&mut whole),
        percentile(&mut whole, 95),
        median(&mut direct),
    );
    println!(
        "{HOLDERS} holders x {RESULTS} results, {LATENCY_MS} ms a call, {} calls a question, {bytes} bytes out, {rounds} rounds",
        plain.calls()
    );
    println!(
        "aggregate p50 {p50:.1?}, p95 {p95:.1?}; slowest holder p50 {slowest:.1?}; plain client p50 {direct:.1?}"
    );
    println!(
        "ratio aggregate / slowest holder: {:.3} (aim <= 1.15)",
        p50.as_secs_f64() / slowest.as_secs_f64()
    );
    println!(
        "ratio aggregate / plain client:   {:.3} (aim <= 1.3)",
        p50.as_secs_f64() / direct.as_secs_f64()
    );
    demo.stop().await;
}

fn ura(at: usize) -> Ura {
    format!("0000010{at}").parse().expect("a URA")
}

/// A holder over a folder with one patient and 100 laboratory results.
fn holder(at: usize, folder: &Path) -> HolderSpec {
    let path = folder.join(at.to_string());
    fs::create_dir(&path).expect("a folder");
    let patient = format!(
        r#"{{"resourceType":"Patient","id":"p{at}","meta":{{"profile":["http://nictiz.nl/fhir/StructureDefinition/nl-core-Patient"]}},"identifier":[{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"{PATIENT}"}}],"birthDate":"1950-03-04"}}"#
    );
    fs::write(path.join("patient.json"), patient).expect("a file");
    for result in 0..RESULTS {
        fs::write(path.join(format!("o{result}.json")), observation(at, result)).expect("a file");
    }
    let mut spec = HolderSpec::new(ura(at), &format!("Bron {at}"), "V6");
    spec = spec.authorized_by(HolderAuthorization::SmartBackend);
    spec.with(
        FhirVersion::R4,
        HolderData::Folder {
            path,
            bsns: Vec::<(String, Bsn)>::new(),
        },
    )
}

fn observation(at: usize, result: usize) -> String {
    let day = 1 + result % 28;
    format!(
        r#"{{"resourceType":"Observation","id":"o{at}-{result}","meta":{{"versionId":"1","profile":["http://nictiz.nl/fhir/StructureDefinition/nl-core-LaboratoryTestResult"]}},"identifier":[{{"system":"urn:oid:2.999.{at}","value":"{result}"}}],"status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"14749-6","display":"Glucose"}}]}},"subject":{{"reference":"Patient/p{at}","display":"Testpatient"}},"effectiveDateTime":"2026-10-{day:02}T08:{:02}:00+01:00","valueQuantity":{{"value":{}.{:02},"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}},"referenceRange":[{{"low":{{"value":4.00,"unit":"mmol/L"}},"high":{{"value":7.80,"unit":"mmol/L"}}}}]}}"#,
        result % 60,
        3 + result % 9,
        (at * 13 + result) % 100
    )
}

/// Waits until the copies of the audit events of what was measured before have arrived at the audit repository: what
/// they cost belongs to neither side.
async fn quiet(demo: &Demo) {
    let audit = demo.server().app().audit();
    audit.barrier().await.expect("the audit log");
    let head = usize::try_from(*audit.head().borrow()).expect("a number of events");
    while demo.testbed().services().audit_sink.count() < head {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(20)).await;
}

async fn ask(client: &Client, demo: &Demo) -> Bytes {
    let body = format!(
        r#"{{"resourceType":"Parameters","parameter":[{{"name":"identifier","valueIdentifier":{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"{PATIENT}"}}}},{{"name":"purpose","valueCode":"TREAT"}},{{"name":"category","valueCode":"ObservationLaboratory"}}]}}"#
    );
    let request = client
        .post(format!("{}/fhir/R4/Patient/$overview", demo.base()))
        .header("content-type", "application/fhir+json")
        .body(body);
    request
        .send()
        .await
        .expect("an answer")
        .bytes()
        .await
        .expect("a whole answer")
}

/// Every result is in the answer. Not part of what is measured: the plain client looks at nothing.
fn check(answer: &[u8]) {
    let results = answer
        .windows(14)
        .filter(|window| window == b"\"Observation\",")
        .count();
    assert_eq!(results, HOLDERS * RESULTS, "every result is in the answer");
}

/// A client that fetches what the server fetched, and does nothing with it.
struct Plain {
    client: Client,
    /// Per holder: its base address and the calls, the patient first.
    holders: Vec<(String, Vec<Entry>)>,
}

impl Plain {
    fn from_journal(demo: &Demo) -> Self {
        let testbed = demo.testbed();
        let material = testbed.client();
        let identity = format!("{}{}", material.client_cert_pem, material.client_key_pem);
        let client = Client::builder()
            .no_proxy()
            .tls_certs_only([Certificate::from_pem(material.ca_pem.as_bytes()).expect("a certificate")])
            .identity(Identity::from_pem(identity.as_bytes()).expect("an identity"))
            .build()
            .expect("a client");
        let holders = testbed
            .addresses()
            .sources
            .iter()
            .map(|source| {
                let base = url::Url::parse(&source.base).expect("an address");
                let origin = base.origin().ascii_serialization();
                let calls = testbed.journal().of(&ServiceId::Source(source.ura.clone()));
                (
                    origin,
                    calls
                        .into_iter()
                        .filter(|call| !call.path.ends_with("/metadata"))
                        .collect(),
                )
            })
            .collect();
        Plain { client, holders }
    }

    fn calls(&self) -> usize {
        self.holders.iter().map(|(_, calls)| calls.len()).sum()
    }

    /// Tells what is fetched from the first holder.
    fn list(&self) {
        for call in self.holders.first().into_iter().flat_map(|(_, calls)| calls) {
            println!("  {} {}", call.method, call.target());
        }
    }

    /// Fetches from all holders at once: the patient first, then the rest together. Gives the time of each holder.
    async fn fetch(&self) -> Vec<Duration> {
        join_all(self.holders.iter().map(|(origin, calls)| async move {
            let began = Instant::now();
            let (patient, rest) = calls.split_first().expect("the server asked this holder");
            self.call(origin, patient).await;
            join_all(rest.iter().map(|call| self.call(origin, call))).await;
            began.elapsed()
        }))
        .await
    }

    async fn call(&self, origin: &str, call: &Entry) {
        let method: Method = call.method.parse().expect("a method");
        let mut request = self.client.request(method, format!("{origin}{}", call.target()));
        for name in ["authorization", "accept", "content-type", "accept-encoding"] {
            if let Some(value) = call.header(name) {
                request = request.header(name, value);
            }
        }
        let answer = request
            .body(call.body.clone())
            .send()
            .await
            .expect("the source answers");
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.bytes().await.expect("a whole page");
    }
}

fn median(times: &mut [Duration]) -> Duration {
    percentile(times, 50)
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort();
    times
        .get(times.len() * percent / 100)
        .copied()
        .unwrap_or_default()
}
