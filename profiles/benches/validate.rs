//! The nl-core examples against their profiles: resources a second on one core, p50 and p99, and the cold start.
//!
//! `cargo bench -p samenhang-profiles --bench validate` prints the figures first. With `ROUNDS=n` it validates n
//! resources and prints the memory in use along the way, which must not grow. It reads the shared test data and says
//! so when that is absent.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and may stop"
)]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use samenhang_profiles::definition::DefinitionSet;
use samenhang_profiles::document::Document;
use samenhang_profiles::package::{ArchiveLimits, Package};
use samenhang_profiles::terminology_reader::TerminologyResource;
use samenhang_profiles::validate::{Request, Settings, Validator};
use samenhang_profiles::{FhirVersion, Limits};
use samenhang_terminology::Builder;

const PACKAGES: [&str; 2] = [
    "hl7.fhir.r4.core-4.0.1.tgz",
    "nictiz.fhir.nl.r4.nl-core-0.12.1-beta.1.tgz",
];

/// The validator and the examples; nothing when there is no shared data.
static PREPARED: LazyLock<Option<(Validator, Vec<Vec<u8>>)>> = LazyLock::new(|| {
    let shared = shared()?;
    let read = Instant::now();
    let validator = validator(&shared);
    println!(
        "definitions and terminology read from packages: {:.0?}",
        read.elapsed()
    );
    let mut examples: Vec<_> = std::fs::read_dir(shared.join("testdata/nl-core-r4-examples"))
        .ok()?
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect();
    examples.sort();
    Some((validator, examples))
});

fn main() {
    let Some((validator, examples)) = PREPARED.as_ref() else {
        println!("no shared test data: nothing is measured");
        return;
    };
    let first = Instant::now();
    examples.iter().for_each(|body| validate(validator, body));
    println!(
        "first pass over {} examples, each profile compiled once: {:.0?}",
        examples.len(),
        first.elapsed()
    );
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..50 {
        for body in examples {
            let start = Instant::now();
            validate(validator, body);
            times.push(start.elapsed());
        }
    }
    times.sort();
    let all: Duration = times.iter().sum();
    let bytes: usize = examples.iter().map(Vec::len).sum();
    println!(
        "warm: {:.0} resources/s, {:.1} MB/s, p50 {:.0?}, p99 {:.0?}, slowest {:.0?}; {} KB in use",
        times.len() as f64 / all.as_secs_f64(),
        bytes as f64 * 50.0 / 1e6 / all.as_secs_f64(),
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times[times.len() - 1],
        resident()
    );
    match std::env::var("ROUNDS").ok().and_then(|text| text.parse().ok()) {
        Some(rounds) => endure(validator, examples, rounds),
        None => divan::main(),
    }
}

/// Validates so many resources, and prints the memory in use ten times along the way.
fn endure(validator: &Validator, examples: &[Vec<u8>], rounds: usize) {
    let start = Instant::now();
    for (round, body) in (1..=rounds).zip(examples.iter().cycle()) {
        validate(validator, body);
        if round % (rounds / 10).max(1) == 0 {
            println!(
                "{round} validations, {:.0?}: {} KB in use",
                start.elapsed(),
                resident()
            );
        }
    }
}

fn validate(validator: &Validator, body: &[u8]) {
    let document = Document::from_json(body, FhirVersion::R4, &Limits::default()).unwrap();
    divan::black_box(validator.validate(&document, &Request::default()));
}

/// All examples, read and validated.
#[divan::bench]
fn nl_core(bencher: divan::Bencher<'_, '_>) {
    if let Some((validator, examples)) = PREPARED.as_ref() {
        let counted = bencher.counter(divan::counter::ItemsCount::new(examples.len()));
        counted.bench(|| examples.iter().for_each(|body| validate(validator, body)));
    }
}

/// All examples, read only.
#[divan::bench]
fn reading(bencher: divan::Bencher<'_, '_>) {
    if let Some((_, examples)) = PREPARED.as_ref() {
        bencher
            .counter(divan::counter::ItemsCount::new(examples.len()))
            .bench(|| {
                for body in examples {
                    divan::black_box(Document::from_json(body, FhirVersion::R4, &Limits::default()).unwrap());
                }
            });
    }
}

fn shared() -> Option<PathBuf> {
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(shared);
    folder.join("fhir").is_dir().then_some(folder)
}

fn validator(shared: &Path) -> Validator {
    let mut set = DefinitionSet::new(FhirVersion::R4);
    let mut builder = Builder::new();
    let generous = Limits {
        max_nodes: 5_000_000,
        max_string: 8 << 20,
        ..Limits::default()
    };
    for name in PACKAGES {
        let file = File::open(shared.join("fhir").join(name)).unwrap();
        let package = Package::read(file, &ArchiveLimits::default()).unwrap();
        assert!(package.add_definitions(&mut set).is_empty());
        for kind in ["CodeSystem", "ValueSet"] {
            for resource in package.of_type(kind) {
                if let Some(read) = TerminologyResource::from_json(&resource.body, &generous).unwrap() {
                    read.add_to(&mut builder).unwrap();
                }
            }
        }
    }
    Validator::new(Arc::new(set), Arc::new(builder.build()), Settings::default())
}

/// Kilobytes of memory in use, as the system counts them; none where it does not tell.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
