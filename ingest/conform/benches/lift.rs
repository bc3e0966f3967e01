//! Lifting the BgZ fixtures from STU3 to R4 on one core, looked over for quirks as they come in: resources a second, p50 and p99, and Bundles of 1,000, 10,000 and
//! 100,000 entries, whose cost an entry must not grow.
//!
//! `cargo bench -p samenhang-conform --bench lift` prints the figures first. It reads the shared test data and says so when
//! that is absent.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and may stop"
)]

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use samenhang_conform::quirks::examine;
use samenhang_conform::{Context, Lifted, Pack};
use samenhang_profiles::document::Document;
use samenhang_profiles::{FhirVersion, Limits};

type Prepared = (Arc<Pack>, Vec<Vec<u8>>);

/// The pack and the fixtures; nothing when there is no shared data.
static PREPARED: LazyLock<Option<Prepared>> = LazyLock::new(|| {
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let folder = root.join(shared).join("testdata/bgz-stu3");
    let mut files = Vec::new();
    for set in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        for file in std::fs::read_dir(set.path()).into_iter().flatten().flatten() {
            files.push(file.path());
        }
    }
    files.sort();
    let bodies: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    let compiled = Instant::now();
    let pack = samenhang_conform::shipped("stu3-zib2017-to-r4-zib2020")?;
    println!("pack compiled in {:.1?}", compiled.elapsed());
    (!bodies.is_empty()).then_some((pack, bodies))
});

fn main() {
    let Some((pack, bodies)) = PREPARED.as_ref() else {
        println!("skipped: no test data");
        return;
    };
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..50 {
        for body in bodies {
            let start = Instant::now();
            read_and_lift(pack, body, &Limits::default());
            times.push(start.elapsed());
        }
    }
    times.sort();
    let all: Duration = times.iter().sum();
    println!(
        "read and lifted: {:.0} resources/s, p50 {:.0?}, p99 {:.0?}, slowest {:.0?}",
        times.len() as f64 / all.as_secs_f64(),
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times[times.len() - 1]
    );
    for entries in [1_000, 10_000, 100_000] {
        let bundle = bundle(bodies, entries);
        let start = Instant::now();
        let lifted = read_and_lift(pack, &bundle, &generous());
        let took = start.elapsed();
        println!(
            "a Bundle of {entries} entries, {:.1} MB: {took:.2?}, {:.1?} an entry, {} resources",
            bundle.len() as f64 / 1e6,
            took / entries as u32,
            lifted.resources.len()
        );
    }
    divan::main();
}

fn read_and_lift(pack: &Pack, body: &[u8], limits: &Limits) -> Lifted {
    let document = Document::from_json(body, FhirVersion::Stu3, limits).unwrap();
    divan::black_box(examine(&document, Some(body)));
    let context = Context {
        source: "bench",
        ..Context::default()
    };
    divan::black_box(pack.lift(&document, &context))
}

fn generous() -> Limits {
    Limits {
        max_bytes: 1 << 30,
        max_nodes: 50_000_000,
        max_entries: 1_000_000,
        ..Limits::default()
    }
}

/// A Bundle of so many entries, of the fixtures in turn.
fn bundle(bodies: &[Vec<u8>], entries: usize) -> Vec<u8> {
    let mut bundle = br#"{"resourceType":"Bundle","type":"collection","entry":["#.to_vec();
    for (number, body) in (0..entries).zip(bodies.iter().cycle()) {
        if number > 0 {
            bundle.push(b',');
        }
        bundle.extend_from_slice(
            format!(r#"{{"fullUrl":"https://example.org/fhir/{number}","resource":"#).as_bytes(),
        );
        bundle.extend_from_slice(body);
        bundle.push(b'}');
    }
    bundle.extend_from_slice(b"]}");
    bundle
}

/// All fixtures, read and lifted.
#[divan::bench]
fn bgz(bencher: divan::Bencher<'_, '_>) {
    if let Some((pack, bodies)) = PREPARED.as_ref() {
        let counted = bencher.counter(divan::counter::ItemsCount::new(bodies.len()));
        counted.bench(|| {
            for body in bodies {
                read_and_lift(pack, body, &Limits::default());
            }
        });
    }
}

/// All fixtures, read and looked over for quirks.
#[divan::bench]
fn quirks(bencher: divan::Bencher<'_, '_>) {
    if let Some((_, bodies)) = PREPARED.as_ref() {
        let documents: Vec<Document<'_>> = bodies
            .iter()
            .map(|body| Document::from_json(body, FhirVersion::Stu3, &Limits::default()).unwrap())
            .collect();
        let counted = bencher.counter(divan::counter::ItemsCount::new(bodies.len()));
        counted.bench(|| {
            for (document, body) in documents.iter().zip(bodies) {
                divan::black_box(examine(document, Some(body)));
            }
        });
    }
}
