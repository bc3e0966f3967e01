//! The published bundles of the consolidation test of Medicatieproces 9: every treatment in the bucket that its name
//! tells, every block where its name tells, and nothing lost.
//!
//! The names carry the intent (`MBH_300_gestopt`, `..._MA_staken`); the expectations below are made of the words in
//! them, not of the dates. All dates lie around 1 January 2024, the T of that test: what is agreed for "T + 2 days"
//! starts on the third, and the last administration was given on the first in the morning.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests, outside of a test function"
)]

mod shared;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use samenhang_profiles::{RawResource, Received};
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::medication::{Bucket, FindingKind, MedicationOverview, Phase, is_medication};

use shared::{at, blocks, files};

/// Noon of T.
const T: &str = "2024-01-01T12:00:00+01:00";

/// The first and last moment of T.
const DAY: [&str; 2] = ["2024-01-01T00:00:00+01:00", "2024-01-01T23:59:59+01:00"];

/// What a word in the name of a treatment says of its bucket; the first that is in the name counts.
const TREATMENTS: [(&str, Bucket); 20] = [
    // It is used now, and changes soon.
    ("gewijzigd_toekomst", Bucket::Current),
    // A course runs; what comes after it is annulled and replaced.
    ("ToekomstigeMA", Bucket::Current),
    // A regimen is in force, the next one is agreed.
    ("toekomstWDS", Bucket::Current),
    ("toekomstig", Bucket::Future),
    ("gewijzigd", Bucket::Current),
    ("wijzigTA", Bucket::Current),
    ("wijzigWDS", Bucket::Current),
    ("wijzigMA", Bucket::Current),
    ("nieuweWDS", Bucket::Current),
    ("NieuweMA", Bucket::Current),
    // Never took effect; that is what history is for besides what ended long ago.
    ("geannuleerd", Bucket::History),
    ("OnderbrokenMA", Bucket::Paused),
    ("onderbroken", Bucket::Paused),
    ("stopMA", Bucket::RecentlyStopped),
    ("gestopt", Bucket::RecentlyStopped),
    // Use according to the patient, without any agreement.
    ("gebruik", Bucket::UseOnly),
    // Given in an emergency, without any agreement.
    ("spoedtoediening", Bucket::UseOnly),
    // A dosing regimen without a stop or change.
    ("WDS", Bucket::Current),
    // These names tell nothing of time. Agreed by somebody else: the first runs, the second was for a week in July.
    ("andermans1", Bucket::Current),
    ("andermans2", Bucket::History),
];

/// A course of two weeks that ended on 16 December, of which the name only tells that it was bought over the counter.
const ENDED: [&str; 1] = ["OTCmedicatie"];

/// The words in what the name of a block adds to that of its treatment that say that it is a stop, a pause or an
/// annulment, also a technical one (`TA_techstaken`).
const STOPS: [&str; 4] = ["staken", "stop", "onderbreken", "annule"];

fn expected(treatment: &str) -> Option<Bucket> {
    if ENDED.iter().any(|word| treatment.contains(word)) {
        return Some(Bucket::RecentlyStopped);
    }
    let word = TREATMENTS.iter().find(|(word, _)| treatment.contains(word));
    word.map(|(_, bucket)| *bucket)
}

/// Whether the name of a block says that it is a stop.
fn is_stop(treatment: &str, block: &str) -> bool {
    let own = block
        .strip_prefix(treatment.trim_end_matches("-tmg"))
        .unwrap_or(block);
    STOPS.iter().any(|word| own.contains(word))
}

fn received(resources: Vec<RawResource>) -> Vec<Received> {
    resources
        .into_iter()
        .map(|resource| at("00700700", resource))
        .collect()
}

fn name(reconciled: &Reconciled, index: usize) -> String {
    let identifiers = &reconciled.items()[index].resource.keys().identifiers;
    identifiers[0].value.as_deref().unwrap().to_owned()
}

#[test]
fn every_block_stands_where_its_name_tells() {
    let mut wrong = Vec::new();
    let mut unnamed = BTreeSet::new();
    let mut tally: BTreeMap<Bucket, (usize, usize)> = BTreeMap::new();
    for (file, resources) in blocks() {
        let items = received(resources);
        let blocks = items.iter().filter(|item| is_medication(item)).count();
        let reconciled = Reconciled::new(items);
        let overview = MedicationOverview::new(&reconciled, T.parse().unwrap());
        for moment in DAY {
            let other = MedicationOverview::new(&reconciled, moment.parse().unwrap());
            let buckets = |overview: &MedicationOverview| {
                let treatments = overview.treatments.iter();
                treatments
                    .map(|treatment| (treatment.id, treatment.bucket))
                    .collect::<BTreeSet<_>>()
            };
            assert_eq!(buckets(&other), buckets(&overview), "{file}: the same all day");
        }
        let mut seen = BTreeSet::new();
        for treatment in &overview.treatments {
            let (_, mbh) = treatment.identifier.clone().unwrap();
            let entry = tally.entry(treatment.bucket).or_default();
            entry.0 += 1;
            entry.1 += treatment.blocks.len();
            match expected(&mbh) {
                None => {
                    unnamed.insert(mbh.clone());
                }
                Some(bucket) if bucket != treatment.bucket => {
                    wrong.push(format!("{file} {mbh}: {:?} and not {bucket:?}", treatment.bucket));
                }
                Some(_) => {}
            }
            for block in &treatment.blocks {
                assert!(
                    block.members.iter().all(|member| seen.insert(*member)),
                    "{file}: a block stands twice"
                );
                let told = name(&reconciled, block.index);
                if (block.phase == Phase::Stop) != is_stop(&mbh, &told) {
                    wrong.push(format!("{file} {told}: {:?}", block.phase));
                }
            }
        }
        assert_eq!(seen.len(), blocks, "{file}: nothing is lost");
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(unnamed, BTreeSet::new(), "every name is told of");
    eprintln!("treatments and blocks per bucket: {tally:?}");
}

/// What the material itself has wrong or leaves to disagree, by the words in its names: it is shown.
#[test]
fn what_disagrees_in_the_material_is_shown() {
    let now: Timestamp = T.parse().unwrap();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, resources) in blocks() {
        let reconciled = Reconciled::new(received(resources));
        for treatment in MedicationOverview::new(&reconciled, now).treatments {
            let (_, mbh) = treatment.identifier.clone().unwrap();
            for finding in &treatment.findings {
                let about: Vec<&str> = finding.about.iter().map(|about| about.code()).collect();
                let names: Vec<String> = finding
                    .blocks
                    .iter()
                    .map(|&index| name(&reconciled, index).replace(mbh.trim_end_matches("-tmg"), ""))
                    .collect();
                found.entry(mbh.clone()).or_default().insert(format!(
                    "{} {} {}",
                    finding.kind.code(),
                    names.join(" "),
                    about.join(" ")
                ));
            }
            let never = [
                FindingKind::Overlap,
                FindingKind::StopWithoutTarget,
                FindingKind::UnknownStop,
            ];
            let kinds: Vec<FindingKind> = treatment.findings.iter().map(|finding| finding.kind).collect();
            assert!(never.iter().all(|kind| !kinds.contains(kind)), "{mbh}: {kinds:?}");
        }
    }
    for (mbh, findings) in &found {
        eprintln!("{mbh}");
        for finding in findings {
            eprintln!("    {finding}");
        }
    }
    if !files("mp9-consolidation", "xml").is_empty() {
        // The prescriber stopped, the pharmacy did not yet.
        let told = found.get("MBH_300_WDS_stopMA-tmg").unwrap();
        assert!(told.iter().any(|finding| finding.contains("effect")), "{told:?}");
        // The patient takes two where one was agreed.
        let told = found.get("MBH_300_andermans1-tmg").unwrap();
        assert!(
            told.iter().any(|finding| finding.contains("_MGB_pat-tmg dose")),
            "{told:?}"
        );
    }
}
