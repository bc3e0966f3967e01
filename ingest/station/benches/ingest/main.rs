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

mod messages;

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures::StreamExt as _;
use messages::{Load, bgz, laboratory};
use samenhang_station::config::SourceConfig;
use samenhang_station::lift::ByFormat;
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
    for format in [Format::FhirR4, Format::FhirStu3] {
        for (count, results) in [(4_000, 1), (1_000, 10), (250, 40)] {
            runtime.block_on(measure(laboratory(format, count, results)));
        }
    }
    match bgz(300) {
        Some(load) => runtime.block_on(measure(load)),
        None => println!("skipped: the BgZ, for there is no shared test data"),
    }
}

async fn measure(load: Load) {
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
    let station = Station::open(&config, Arc::new(ByFormat::default()), Arc::new(System))
        .await
        .unwrap();
    // Maps and profiles are compiled when they are first needed: that is a start, not a rate.
    let mut bodies = load.bodies;
    let warm = bodies.len().min(4);
    for (n, body) in bodies[bodies.len() - warm..].iter().enumerate() {
        accept(&station, &source, load.format, format!("warm{n}"), body.clone()).await;
    }
    let warmed = station.work(&source).await.unwrap();
    bodies.truncate(bodies.len() - warm);
    let (messages, bytes) = (bodies.len(), bodies.iter().map(Bytes::len).sum::<usize>());
    let began = Instant::now();
    let sending = futures::stream::iter(bodies.into_iter().enumerate())
        .map(|(n, body)| accept(&station, &source, load.format, format!("m{n}"), body))
        .buffer_unordered(IN_FLIGHT);
    sending.collect::<Vec<()>>().await;
    let accepted = began.elapsed();
    let progress = station.work(&source).await.unwrap();
    let all = began.elapsed();
    let scope = station.scope(&source).unwrap();
    let status = station.status(&scope).await.unwrap();
    for problem in station.problems(&scope).await.unwrap() {
        println!(
            "  held: {} {} {} {}: {}",
            problem.stage, problem.rule, problem.path, problem.code, problem.messages
        );
    }
    assert_eq!((warmed.held, progress.held), (0, 0), "nothing is held");
    let resources = progress.versions;
    if load.format == Format::FhirR4 {
        let sent = (resources + warmed.versions) as usize;
        assert_eq!(sent, load.resources, "everything is stored");
    }
    println!(
        "{}: {messages} messages of {:.0} resources, {:.1} MB: {:.0} resources/s end to end; accepted {:.0} messages/s, \
         then worked on {:.0} resources/s; {} of {} with errors",
        load.name,
        resources as f64 / messages as f64,
        bytes as f64 / 1e6,
        resources as f64 / all.as_secs_f64(),
        messages as f64 / accepted.as_secs_f64(),
        resources as f64 / (all - accepted).as_secs_f64(),
        status.not_served,
        resources + warmed.versions,
    );
}

async fn accept(station: &Station, source: &SourceId, format: Format, external: String, body: Bytes) {
    let incoming = Incoming {
        external,
        format,
        body,
        clock: None,
    };
    station.accept(source, incoming).await.unwrap();
}
