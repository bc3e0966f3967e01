//! What the server adds to the time that the holders take: one question to 8 holders of 100 results each, every answer
//! of a source 50 ms late, against a plain concurrent client that only fetches the same pages.
//!
//! `cargo bench -p samenhang-conformance-tests --bench overview`. Prints ratios of medians taken in one run, so that
//! they hold when the machine is slow; a benchmark measures, it never fails on a time. With `SAMENHANG_BENCH_TIMELINE=1`
//! it also listens to the spans of the server, and prints when each stage of a question begins and ends. Listening costs
//! a little, so the ratios of such a run are not those of the benchmark.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints what it measures and stops when it cannot measure"
)]

mod country;
mod plain;
mod timeline;

use std::time::{Duration, Instant};

use country::{HOLDERS, RESULTS, Seen, ask, check, holder, quiet, ura};
use plain::Plain;
use reqwest::Client;
use samenhang_server::demo::{Demo, DemoOptions};
use samenhang_server::telemetry::Metrics;
use samenhang_testbed::holder::{HolderSpec, TestbedConfig};
use samenhang_testbed::{FaultSpec, ServiceId};
use timeline::{Recorder, Stage, Timeline};

/// As the server has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const LATENCY_MS: u64 = 50;
const ROUNDS: usize = 40;

#[tokio::main]
async fn main() {
    // `cargo bench` passes `--bench`; anything else, such as `--test`, only shows that it runs.
    let rounds = if std::env::args().any(|argument| argument == "--test") {
        2
    } else {
        ROUNDS
    };
    // Before the demonstration begins to log: the first subscriber of a process is the only one.
    let recorder = std::env::var_os("SAMENHANG_BENCH_TIMELINE").map(|_| Recorder::listen());
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
        check(&ask(&asker, &demo).await.answer);
    }
    for at in 0..HOLDERS {
        let late: FaultSpec = format!("latency:{LATENCY_MS}").parse().expect("a fault");
        demo.testbed().faults().add(ServiceId::Source(ura(at)), late);
    }
    demo.testbed().journal().clear();
    let answer = ask(&asker, &demo).await.answer;
    check(&answer);
    let plain = Plain::from_journal(&demo);
    plain.list();
    plain.fetch().await;

    let mut figures = Figures::default();
    for _ in 0..rounds {
        quiet(&demo).await;
        recorder.as_ref().map(Recorder::take);
        let seen = ask(&asker, &demo).await;
        check(&seen.answer);
        quiet(&demo).await;
        let stages = recorder.as_ref().map(Recorder::take).unwrap_or_default();
        figures.question(&seen, stages);
        let began = Instant::now();
        let fetched = plain.fetch().await;
        figures.plain(began, &fetched);
    }
    println!(
        "{HOLDERS} holders x {RESULTS} results, {LATENCY_MS} ms a call, {} calls a question, {} bytes out, {rounds} rounds",
        plain.calls(),
        answer.len()
    );
    figures.print(recorder.is_some());
    demo.stop().await;
}

/// What was measured: a value a round.
#[derive(Default)]
struct Figures {
    whole: Vec<Duration>,
    direct: Vec<Duration>,
    per_holder: Vec<Vec<Duration>>,
    of_server: Timeline,
    of_plain: Timeline,
}

impl Figures {
    /// Adds a question to the server, with the stages that the server went through.
    fn question(&mut self, seen: &Seen, mut stages: Vec<Stage>) {
        self.whole.push(seen.ended - seen.began);
        let of_asker = [
            ("asker: head", seen.began, seen.head),
            ("asker: body", seen.head, seen.ended),
        ];
        stages.extend(of_asker.map(|(name, began, ended)| Stage {
            name: name.to_owned(),
            began,
            ended,
        }));
        self.of_server.add(seen.began, seen.ended, &stages);
    }

    /// Adds a round of the plain client, which has just ended: the calls of each holder.
    fn plain(&mut self, began: Instant, fetched: &[Vec<Stage>]) {
        self.direct.push(began.elapsed());
        self.per_holder.resize(fetched.len(), Vec::new());
        for (times, calls) in self.per_holder.iter_mut().zip(fetched) {
            let first = calls.iter().map(|call| call.began).min();
            let last = calls.iter().map(|call| call.ended).max();
            times.extend(first.zip(last).map(|(first, last)| last - first));
        }
        self.of_plain.add(began, Instant::now(), &fetched.concat());
    }

    fn print(mut self, with_timeline: bool) {
        let slowest = self.per_holder.iter_mut().map(|times| median(times)).max();
        let slowest = slowest.unwrap_or_default();
        let p50 = median(&mut self.whole);
        let p95 = percentile(&mut self.whole, 95);
        let direct = median(&mut self.direct);
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
        if with_timeline {
            self.of_server.print("The question");
            self.of_plain.print("The plain client");
        }
    }
}

fn median<T: Ord + Copy + Default>(values: &mut [T]) -> T {
    percentile(values, 50)
}

fn percentile<T: Ord + Copy + Default>(values: &mut [T], percent: usize) -> T {
    values.sort();
    values
        .get(values.len() * percent / 100)
        .copied()
        .unwrap_or_default()
}
