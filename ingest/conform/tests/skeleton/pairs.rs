//! Drafts from two profiles: each pair of our own maps is drafted, and held to what those maps do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use samenhang_conform::{Context, Lifted};
use samenhang_profiles::Limits;
use samenhang_profiles::document::Document;

use super::*;

/// The pack whose pairs are drafted.
const PACK: &str = "stu3-zib2017-to-r4-zib2020";
/// Values of a hundred that a draft puts where our map does, over all fixtures; the others it leaves open.
const BAR: usize = 86;
/// Values of a thousand that a draft puts somewhere else, at most: among them practitioners beside a role, which our maps keep in
/// an extension.
const ELSEWHERE: usize = 12;
/// Pairs with fixtures of which a draft puts eight of ten values where our map does.
const PAIRS: usize = 24;

/// The pairs of profiles that the pack names.
fn pairs() -> Vec<(String, String)> {
    let mut all = BTreeSet::new();
    for (_, text) in samenhang_conform::shipped_files(PACK) {
        for line in text.lines() {
            let pair = line
                .strip_prefix("  http")
                .and_then(|line| line.split_once(": http"));
            let plain = |(from, to): &(&str, &str)| {
                from.contains("/StructureDefinition/") && !from.contains(' ') && !to.contains(' ')
            };
            if let Some((from, to)) = pair.filter(plain) {
                all.insert((format!("http{from}"), format!("http{to}")));
            }
        }
    }
    all.into_iter().collect()
}

fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(from, to)| (&**from, &**to)).collect()
}

#[test]
fn a_draft_of_two_profiles_is_as_shown() {
    let draft = draft(&[("zib-BloodPressure", "nl-core-BloodPressure")]);
    let (_, map) = &draft.files[1];
    insta::assert_snapshot!(map);
}

#[test]
fn every_pair_of_our_maps_gives_a_pack_that_is_right_by_its_profiles() {
    let pairs = pairs();
    assert!(pairs.len() > 60, "{}", pairs.len());
    let draft = draft(&borrowed(&pairs));
    let pack = compiled(&draft);
    assert_eq!(pack.check(&*embedded(FhirVersion::R4).unwrap()), []);
    assert_eq!(draft, super::draft(&borrowed(&pairs)), "the same every time");
    assert!(draft.counts.maps >= pairs.len(), "{:?}", draft.counts);
}

/// A place of the target without the numbers of repetitions.
fn general(path: &str) -> String {
    let mut inside = false;
    let keep = path.chars().filter(|character| {
        inside = *character == '[' || inside && *character != ']';
        !inside && *character != ']'
    });
    keep.collect()
}

/// Where each value went.
fn places(lifted: &Lifted) -> BTreeMap<usize, BTreeSet<String>> {
    let mut all: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for trace in &lifted.traces {
        all.entry(trace.node).or_default().insert(general(&trace.to));
    }
    all
}

/// The fixtures; none when there is no test data.
fn fixtures() -> Vec<Vec<u8>> {
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let folder = PathBuf::from(root).join(shared).join("testdata/bgz-stu3");
    let sets = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let files = sets.flat_map(|set| std::fs::read_dir(set.path()).into_iter().flatten().flatten());
    let found: Vec<Vec<u8>> = files.map(|file| std::fs::read(file.path()).unwrap()).collect();
    if found.is_empty() {
        let demanded = std::env::var("SAMENHANG_REQUIRE_SHARED").is_ok_and(|value| value == "1");
        assert!(!demanded, "no test data at {}", folder.display());
        eprintln!("skipped: no test data at {}", folder.display());
    }
    found
}

#[derive(Default)]
struct Tally {
    values: usize,
    same: usize,
    elsewhere: usize,
}

#[test]
fn drafts_put_values_where_our_maps_put_them() {
    let pairs = pairs();
    let ours = samenhang_conform::shipped(PACK).unwrap();
    let drafted = compiled(&draft(&borrowed(&pairs)));
    let context = Context {
        trace: true,
        ..Context::default()
    };
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for body in fixtures() {
        let document = Document::from_json(&body, FhirVersion::Stu3, &Limits::default()).unwrap();
        let claimed = document
            .root()
            .child("meta")
            .and_then(|meta| meta.text("profile"));
        let Some((profile, _)) = pairs.iter().find(|(from, _)| Some(&**from) == claimed) else {
            continue;
        };
        let (own, other) = (
            places(&ours.lift(&document, &context)),
            places(&drafted.lift(&document, &context)),
        );
        let tally = tallies.entry(profile.as_str()).or_default();
        for (node, place) in &own {
            tally.values += 1;
            match other.get(node) {
                Some(found) if !found.is_disjoint(place) => tally.same += 1,
                Some(_) => tally.elsewhere += 1,
                None => {}
            }
        }
    }
    if tallies.is_empty() {
        return;
    }
    let mut right = 0;
    let mut all = Tally::default();
    for (profile, tally) in &tallies {
        let share = tally.same * 100 / tally.values.max(1);
        right += usize::from(share >= 80);
        let name = profile.rsplit('/').next().unwrap_or(profile);
        eprintln!(
            "{share:3} % of {:5} values, {:4} elsewhere  {name}",
            tally.values, tally.elsewhere
        );
        all.values += tally.values;
        all.same += tally.same;
        all.elsewhere += tally.elsewhere;
    }
    let share = all.same * 100 / all.values;
    eprintln!(
        "{right} of {} pairs with fixtures at 80 % or more; {share} % of {} values in the same place, {} elsewhere",
        tallies.len(),
        all.values,
        all.elsewhere
    );
    assert!(share >= BAR && right >= PAIRS, "{share} %, {right} pairs");
    assert!(
        all.elsewhere * 1000 <= all.values * ELSEWHERE,
        "{} elsewhere",
        all.elsewhere
    );
}
