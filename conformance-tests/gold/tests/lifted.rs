//! The published STU3 examples of the BgZ, lifted to R4 by the maps of the binary, as one single source: each is another
//! fact, so nothing may be joined, and nothing lost. Found by `SAMENHANG_SHARED` and never copied.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests, outside of a test function"
)]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use samenhang_conform::Converter;
use samenhang_profiles::classify::classify;
use samenhang_profiles::content::content_hash;
use samenhang_profiles::{Conformance, FhirVersion, Limits, Lineage, RawResource, Received};
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::medication::{Bucket, MedicationOverview};

/// The files of each set of examples, or nothing when they are not there and not demanded.
fn sets() -> Vec<Vec<Vec<u8>>> {
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let folder = PathBuf::from(root).join(shared).join("testdata/bgz-stu3");
    let listed = |folder: PathBuf| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        paths
    };
    let sets: Vec<_> = listed(folder.clone())
        .into_iter()
        .filter(|set| set.is_dir())
        .map(|set| {
            listed(set)
                .iter()
                .map(|file| std::fs::read(file).unwrap())
                .collect()
        })
        .collect();
    if sets.is_empty() {
        let demanded = std::env::var("SAMENHANG_REQUIRE_SHARED").is_ok_and(|value| value == "1");
        assert!(!demanded, "no test data at {}", folder.display());
        eprintln!("skipped: no test data at {}", folder.display());
    }
    sets
}

/// A resource as the one holder sent it.
fn received(body: Vec<u8>, lineage: &Arc<Lineage>) -> Received {
    let resource = RawResource::read(Bytes::from(body), &Limits::default()).unwrap();
    let id = resource.id().unwrap_or("none");
    Received {
        full_url: format!("{}/{}/{id}", lineage.endpoint, resource.resource_type()).into(),
        category: classify(&resource, FhirVersion::Stu3),
        lineage: Arc::clone(lineage),
        resource,
        conversion: None,
    }
}

/// Where it stands, and what it says.
fn told(item: &Received) -> (String, [u8; 32]) {
    (item.full_url.to_string(), content_hash(&item.resource))
}

#[test]
fn lifted_examples_of_one_source_are_as_many_facts() {
    for bodies in sets() {
        one_source(bodies);
    }
}

/// The one holder of a set.
fn lineage() -> Arc<Lineage> {
    Arc::new(Lineage {
        holder: "00700700".parse().unwrap(),
        holder_name: "Ziekenhuis Oost".into(),
        endpoint: "https://oost.example/stu3".into(),
        retrieved: "2026-11-20T09:00:00Z".parse().unwrap(),
        fhir: FhirVersion::Stu3,
        conformance: Conformance::AsReceived,
    })
}

/// What an answer in R4 has of what it sent.
fn lifted(bodies: Vec<Vec<u8>>) -> Vec<Received> {
    let lineage = lineage();
    let mut converter = Converter::new(FhirVersion::R4);
    let sent = bodies.into_iter().map(|body| received(body, &lineage));
    let mut items: Vec<Received> = sent.flat_map(|item| converter.serve(item)).collect();
    converter.settle(&mut items);
    items
}

fn one_source(bodies: Vec<Vec<u8>>) {
    let lineage = lineage();
    let sent: Vec<Received> = bodies.into_iter().map(|body| received(body, &lineage)).collect();
    let originals: BTreeSet<_> = sent.iter().map(told).collect();
    let mut converter = Converter::new(FhirVersion::R4);
    let items: Vec<Received> = sent.into_iter().flat_map(|item| converter.serve(item)).collect();
    let (count, lifted) = (
        items.len(),
        items
            .iter()
            .filter(|item| item.lineage.conformance == Conformance::Lifted)
            .count(),
    );
    assert!(lifted * 2 > count, "most are lifted: {lifted} of {count}");
    // One of the sets has one result in two files: one address and one content is one resource.
    let distinct: BTreeSet<_> = items.iter().map(told).collect();
    let reconciled = Reconciled::new(items);
    assert_eq!(reconciled.items().len(), distinct.len(), "nothing is lost");
    assert!(reconciled.items().iter().map(told).collect::<BTreeSet<_>>() == distinct);
    let kept = reconciled
        .items()
        .iter()
        .map(|item| match item.conversion.as_deref() {
            Some(made) => (made.original_url.to_string(), content_hash(&made.original)),
            None => told(item),
        });
    assert!(
        kept.collect::<BTreeSet<_>>() == originals,
        "each is there as it was sent"
    );
    let joined: Vec<Vec<&str>> = reconciled
        .clusters()
        .iter()
        .map(|cluster| {
            let address = |index: &usize| &*reconciled.items()[*index].full_url;
            cluster.members.iter().map(address).collect()
        })
        .collect();
    assert_eq!(joined, Vec::<Vec<&str>>::new());
    eprintln!(
        "{} examples, {count} resources of which {lifted} lifted: no cluster, {} possible duplicates, {} contradictions",
        originals.len(),
        reconciled.possible().len(),
        reconciled.conflicts().len()
    );
}

/// At a moment, the ends of the ids of blocks and the bucket that each must stand in. The first agreements pause after a
/// course of two weeks from 28 November, the second end then; the others tell no period and no stop.
const BUCKETS: [(&str, &[&str], Bucket); 10] = [
    (
        "2022-11-20T12:00:00+01:00",
        &["patA-medagr1", "patA-medagr2", "patA-admagr1", "patA-admagr2"],
        Bucket::Future,
    ),
    (
        "2022-12-01T12:00:00+01:00",
        &["patA-medagr1", "patA-medagr2", "patA-admagr1", "patA-admagr2"],
        Bucket::Current,
    ),
    (
        "2022-12-20T12:00:00+01:00",
        &["patA-medagr1", "patA-admagr1"],
        Bucket::Paused,
    ),
    (
        "2022-12-20T12:00:00+01:00",
        &["patA-medagr2", "patA-admagr2"],
        Bucket::RecentlyStopped,
    ),
    (
        "2023-06-01T12:00:00+02:00",
        &["patA-medagr1", "patA-admagr1"],
        Bucket::Paused,
    ),
    (
        "2023-06-01T12:00:00+02:00",
        &["patA-medagr2", "patA-admagr2"],
        Bucket::History,
    ),
    (
        "2022-12-01T12:00:00+01:00",
        &["patA-meduse1", "patA-meduse2"],
        Bucket::UseOnly,
    ),
    (
        "2026-11-20T12:00:00+01:00",
        &["7d82b10f-6aed-11ec-0000-2", "8079c3be-6af9-11ec-0000-2"],
        Bucket::Current,
    ),
    (
        "2026-11-20T12:00:00+01:00",
        &["4c3c0d4f-6b00-11ec-0000-2", "fd4fefe9-6b31-11ec-0000-2"],
        Bucket::Current,
    ),
    (
        "2026-11-20T12:00:00+01:00",
        &["313fb431-6ae4-11ec-0000-2", "ce81fbbe-6b56-11ec-0000-2"],
        Bucket::UseOnly,
    ),
];

#[test]
fn lifted_medication_stands_in_the_bucket_that_its_holder_meant() {
    let known: Vec<Reconciled> = sets()
        .into_iter()
        .map(|set| Reconciled::new(lifted(set)))
        .collect();
    if known.is_empty() {
        return;
    }
    let mut wrong = Vec::new();
    for (at, ends, bucket) in BUCKETS {
        for end in ends {
            let mut stands = known.iter().flat_map(|known| {
                let overview = MedicationOverview::new(known, at.parse().unwrap());
                let treatments = overview.treatments.into_iter();
                treatments.filter_map(move |treatment| {
                    let mut blocks = treatment.blocks.iter();
                    let is_it = |index: usize| {
                        known.items()[index]
                            .resource
                            .id()
                            .is_some_and(|id| id.ends_with(end))
                    };
                    blocks.any(|block| is_it(block.index)).then_some(treatment.bucket)
                })
            });
            let found = (stands.next(), stands.next());
            if found != (Some(bucket), None) {
                wrong.push(format!("{end} at {at}: {found:?} and not {bucket:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
