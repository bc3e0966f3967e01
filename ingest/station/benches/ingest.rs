//! How many resources a second a station keeps, end to end and durable: accepted (on disk before the acknowledgement),
//! lifted, judged against the profiles of the binary, stored (on disk), and put in the outbox.
//!
//! `taskset -c 0 cargo bench -p samenhang-station --bench ingest` measures one core. `SAMENHANG_BENCH_FOLDER` names a
//! folder on the disk to be measured; without it the folder of temporary files is used, which may be memory.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and may stop"
)]

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures::StreamExt as _;
use samenhang_profiles::Bsn;
use samenhang_station::config::SourceConfig;
use samenhang_station::lift::AsSent;
use samenhang_station::seal::SourceKey;
use samenhang_station::surroundings::System;
use samenhang_station::{Config, Format, Incoming, SourceId, Station};

/// Messages that a sender has on their way at the same time.
const IN_FLIGHT: usize = 64;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    for (messages, observations) in [(4_000, 1), (1_000, 10), (250, 40)] {
        runtime.block_on(measure(messages, observations));
    }
}

/// The numbers of the test range that pass the 11-proef.
fn numbers() -> impl Iterator<Item = String> {
    (999_900_000_u32..)
        .map(|number| number.to_string())
        .filter(|text| Bsn::parse(text).is_ok())
}

/// A patient with laboratory results as a Dutch source writes them.
fn dossier(n: usize, bsn: &str, observations: usize) -> String {
    let mut text = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{{"resourceType":"Patient","id":"p{n}","identifier":[{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"{bsn}"}}],"name":[{{"family":"Voorbeeld","given":["Test"]}}],"gender":"female","birthDate":"1970-01-01"}}}}"#
    );
    for at in 0..observations {
        write!(
            text,
            r#",{{"resource":{{"resourceType":"Observation","id":"o{n}-{at}","meta":{{"lastUpdated":"2026-01-02T03:04:05Z","profile":["http://nictiz.nl/fhir/StructureDefinition/nl-core-LaboratoryTestResult"]}},"status":"final","category":[{{"coding":[{{"system":"http://snomed.info/sct","code":"49581000146104"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"2951-2"}}]}},"subject":{{"reference":"Patient/p{n}"}},"effectiveDateTime":"2026-01-02T03:00:00Z","valueQuantity":{{"value":{}.50,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}}}}}}"#,
            130 + at % 20
        )
        .unwrap();
    }
    text.push_str("]}");
    text
}

async fn measure(messages: usize, observations: usize) {
    let folder = match std::env::var("SAMENHANG_BENCH_FOLDER") {
        Ok(folder) => tempfile::tempdir_in(folder).unwrap(),
        Err(_) => tempfile::tempdir().unwrap(),
    };
    let source: SourceId = "bench".parse().unwrap();
    let mut config = SourceConfig::new(source.clone(), "00000001".parse().unwrap());
    config.key_file = "bench.key".into();
    SourceKey::create(&folder.path().join("bench.key"), &System).unwrap();
    let config = Config {
        sources: vec![config],
        folder: folder.path().to_owned(),
        workers: 1,
        ..Config::default()
    };
    let station = Station::open(&config, Arc::new(AsSent::default()), Arc::new(System))
        .await
        .unwrap();
    let bodies: Vec<Bytes> = numbers()
        .take(messages)
        .enumerate()
        .map(|(n, bsn)| Bytes::from(dossier(n, &bsn, observations)))
        .collect();
    let bytes: usize = bodies.iter().map(Bytes::len).sum();
    // Profiles are compiled when they are first needed: that is a start, not a rate.
    let warm = Bytes::from(dossier(messages, &numbers().nth(messages).unwrap(), 1));
    accept(&station, &source, "warm".to_owned(), warm).await;
    station.work(&source).await.unwrap();
    let began = Instant::now();
    let sending = futures::stream::iter(bodies.into_iter().enumerate())
        .map(|(n, body)| accept(&station, &source, format!("m{n}"), body))
        .buffer_unordered(IN_FLIGHT);
    sending.collect::<Vec<()>>().await;
    let accepted = began.elapsed();
    let progress = station.work(&source).await.unwrap();
    let all = began.elapsed();
    let resources = messages * (observations + 1);
    assert_eq!(progress.versions, resources as u64, "everything is stored");
    println!(
        "{messages} messages of {} resources, {:.1} MB: {:.0} resources/s end to end; accepted {:.0} messages/s, then worked on {:.0} resources/s",
        observations + 1,
        bytes as f64 / 1e6,
        resources as f64 / all.as_secs_f64(),
        messages as f64 / accepted.as_secs_f64(),
        resources as f64 / (all - accepted).as_secs_f64(),
    );
}

async fn accept(station: &Station, source: &SourceId, external: String, body: Bytes) {
    let incoming = Incoming {
        external,
        format: Format::FhirR4,
        body,
        clock: None,
    };
    station.accept(source, incoming).await.unwrap();
}
