//! Laboratory reports in CDA beside what Nictiz made of the same reports in FHIR: field by field.
//!
//! A field is a value at a place of a resource. Left out are ids that were made, narrative, and the display of codes and
//! references. A reference counts as the resource that it points at. The dates of the FHIR side, which are days before a day
//! `T` that is not said, count when one day explains them.
//!
//! Both sides were made by Nictiz of a third form of the same reports, and what that form has and the CDA does not have cannot
//! be made of the CDA. So there are three figures: agreement to the letter, over all fields; agreement over what the CDA can
//! give; and what is left without a reason. `known.tsv` has each difference with its kind and its reason. One of the first
//! figure's excuses counts only when the value stands nowhere in the CDA.

#![expect(clippy::print_stdout, reason = "figures for who writes the maps")]

mod fields;

use std::collections::BTreeMap;
use std::path::PathBuf;

use fields::{Resource, resources};
use samenhang_conform::{Context, shipped};
use samenhang_profiles::document::Document;
use samenhang_profiles::{FhirVersion, Limits};

/// Agreement over all fields of the pairs whose CDA has content, in percent. More than about 94.8 cannot be had: the rest stands
/// nowhere in the CDA.
const TO_THE_LETTER: f64 = 94.2;
/// Agreement over the fields that the CDA can give, in percent; an error of the FHIR side counts against it.
const OF_WHAT_IT_SAYS: f64 = 98.0;

/// Why a side differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// The value of the FHIR side stands nowhere in the CDA.
    Unsaid,
    /// The FHIR side was made of other data than the CDA.
    Other,
    /// The FHIR side contradicts itself, its source or the calendar.
    Fault,
}

/// A field that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Difference {
    path: String,
    /// What the FHIR of Nictiz has, and what was made.
    expected: Option<String>,
    made: Option<String>,
}

#[derive(Default)]
struct Tally {
    fields: usize,
    same: usize,
    explained: BTreeMap<Kind, usize>,
    reasons: BTreeMap<String, usize>,
    open: BTreeMap<Difference, usize>,
}

impl Tally {
    fn of(&self, kind: Kind) -> usize {
        self.explained.get(&kind).copied().unwrap_or_default()
    }
}

fn folder() -> Option<PathBuf> {
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let folder = root.join(shared).join("testdata/lab-cda-to-r4");
    if folder.is_dir() {
        return Some(folder);
    }
    let demanded = std::env::var("SAMENHANG_REQUIRE_SHARED").is_ok_and(|value| value == "1");
    assert!(!demanded, "no test data at {}", folder.display());
    println!("skipped: no test data at {}", folder.display());
    None
}

/// The reasons: path, what is expected, what is made, kind, reason; `*` at the end stands for the rest.
fn known() -> Vec<Vec<&'static str>> {
    include_str!("known.tsv")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split('\t').collect())
        .collect()
}

/// What explains a difference, and why. That the CDA does not have what is expected is believed only of a text that stands
/// nowhere in it.
fn reason<'k>(known: &[Vec<&'k str>], difference: &Difference, given: &str) -> Option<(Kind, &'k str)> {
    let absent = difference
        .expected
        .as_ref()
        .is_some_and(|text| !given.contains(text));
    let is = |pattern: &str, text: &str| match pattern.strip_suffix('*') {
        Some(start) => text.starts_with(start),
        None => pattern == text,
    };
    let side = |pattern: &str, value: &Option<String>| match value {
        Some(value) => pattern != "-" && is(pattern, value),
        None => pattern == "-",
    };
    known.iter().find_map(|row| match row.as_slice() {
        [path, expected, made, kind, reason] => {
            let kind = match *kind {
                "unsaid" => Kind::Unsaid,
                "other" => Kind::Other,
                "fault" => Kind::Fault,
                other => panic!("no kind of difference: {other}"),
            };
            let fits = is(path, &difference.path)
                && side(expected, &difference.expected)
                && side(made, &difference.made)
                && (kind == Kind::Fault || absent);
            fits.then_some((kind, *reason))
        }
        _ => panic!("not five columns: {row:?}"),
    })
}

#[test]
fn what_is_made_of_cda_agrees_with_the_fhir_of_the_same_reports() {
    let Some(folder) = folder() else {
        return;
    };
    let pack = shipped("cda-lab-3.0.0-to-r4").unwrap();
    let known = known();
    let mut tally = Tally::default();
    let (mut pairs, mut empty, mut leaves, mut lost) = (0, 0, 0, 0);
    let mut names: Vec<_> = std::fs::read_dir(folder.join("cda")).unwrap().flatten().collect();
    names.sort_by_key(std::fs::DirEntry::file_name);
    for name in names {
        let name = name.file_name();
        let cda = std::fs::read(folder.join("cda").join(&name)).unwrap();
        let text = samenhang_profiles::xml::decode(&cda).unwrap();
        let source = Document::from_cda(&text, &Limits::default()).unwrap();
        if source.root().child("recordTarget").is_none() {
            // The conversion that made these wrote an empty document: it holds no report.
            empty += 1;
            continue;
        }
        pairs += 1;
        let context = Context {
            source: "laboratory",
            message: "report",
            trace: false,
        };
        let lifted = pack.lift(&source, &context);
        let ledger = &lifted.ledger;
        assert_eq!(
            ledger.mapped() + ledger.ignored() + ledger.unmapped(),
            ledger.total()
        );
        leaves += ledger.total();
        lost += ledger.unmapped();
        for leaf in ledger.leaves() {
            if leaf.fate == samenhang_conform::Fate::Unmapped {
                let path = source.node(leaf.node).map(|node| node.path());
                println!("{name:?}: unmapped {}", path.unwrap_or_default());
            }
        }
        for finding in &lifted.findings {
            println!("{name:?}: {finding}");
        }
        let fhir = std::fs::read(folder.join("fhir").join(&name)).unwrap();
        let fhir = Document::from_xml(&fhir, FhirVersion::R4, &Limits::default()).unwrap();
        let expected = resources(
            fhir.root()
                .children_named("entry")
                .filter_map(|entry| entry.child("resource")),
        );
        let made: Vec<Document<'_>> = lifted
            .resources
            .iter()
            .map(|made| Document::from_json(&made.json, FhirVersion::R4, &Limits::default()).unwrap())
            .collect();
        let made = resources(made.iter().map(Document::root));
        compare(expected, made, (&known, &text), &mut tally);
    }
    let agree = |same: usize| 100.0 * same as f64 / tally.fields.max(1) as f64;
    for (difference, count) in &tally.open {
        println!(
            "{count:>4} {}: {} here, {} there",
            difference.path,
            difference.made.as_deref().unwrap_or("-"),
            difference.expected.as_deref().unwrap_or("-")
        );
    }
    for (reason, count) in &tally.reasons {
        println!("{count:>4} {reason}");
    }
    let said = tally.fields - tally.of(Kind::Unsaid) - tally.of(Kind::Other);
    let of_said = 100.0 * tally.same as f64 / said.max(1) as f64;
    let open: usize = tally.open.values().sum();
    println!(
        "{pairs} pairs, {empty} with an empty CDA; {} fields, {} the same: {:.2} % to the letter; {} are not in the CDA and {} of other data, of the {said} that it can give {of_said:.2} % are the same; {} are errors of the other side, {open} have no reason; {leaves} values, {lost} unmapped",
        tally.fields,
        tally.same,
        agree(tally.same),
        tally.of(Kind::Unsaid),
        tally.of(Kind::Other),
        tally.of(Kind::Fault),
    );
    assert!(
        agree(tally.same) >= TO_THE_LETTER,
        "less agreement than {TO_THE_LETTER} %"
    );
    assert!(
        of_said >= OF_WHAT_IT_SAYS,
        "less agreement than {OF_WHAT_IT_SAYS} % of what the CDA says"
    );
    assert!(
        1000 * open <= 2 * tally.fields,
        "more than 0.2 % without a reason"
    );
    assert!(1000 * lost <= 5 * leaves, "more than 0.5 % unmapped");
}

/// Compares the resources of two sides: each with the one of its type that has most in common with it.
fn compare(
    expected: Vec<Resource>,
    mut made: Vec<Resource>,
    reasons: (&[Vec<&str>], &str),
    tally: &mut Tally,
) {
    let expected = fields::with_days(expected, &made);
    for one in expected {
        let best = made
            .iter()
            .enumerate()
            .filter(|(_, other)| other.kind == one.kind)
            .max_by_key(|(_, other)| one.common(other))
            .map(|(number, _)| number);
        let other = match best {
            Some(number) => made.remove(number),
            None => Resource::none(&one.kind),
        };
        count(&one, &other, reasons, tally);
    }
    for other in made {
        count(&Resource::none(&other.kind), &other, reasons, tally);
    }
}

fn count(one: &Resource, other: &Resource, (known, given): (&[Vec<&str>], &str), tally: &mut Tally) {
    let paths: std::collections::BTreeSet<&String> = one.fields.keys().chain(other.fields.keys()).collect();
    for path in paths {
        let mut expected = one.fields.get(path).cloned().unwrap_or_default();
        let mut made = other.fields.get(path).cloned().unwrap_or_default();
        expected.retain(|value| match made.iter().position(|own| own == value) {
            Some(at) => {
                made.remove(at);
                tally.fields += 1;
                tally.same += 1;
                false
            }
            None => true,
        });
        for number in 0..expected.len().max(made.len()) {
            let difference = Difference {
                path: path.clone(),
                expected: expected.get(number).cloned(),
                made: made.get(number).cloned(),
            };
            tally.fields += 1;
            match reason(known, &difference, given) {
                Some((kind, reason)) => {
                    *tally.explained.entry(kind).or_default() += 1;
                    let line = format!("{kind:?} {path}: {reason}");
                    *tally.reasons.entry(line).or_default() += 1;
                }
                None => *tally.open.entry(difference).or_default() += 1,
            }
        }
    }
}
