//! What comes out conforms to nl-core: every error is explained in `known.tsv`, or counted against the bar.

use std::collections::BTreeSet;

use samenhang_profiles::pack::{embedded, embedded_terminology};
use samenhang_profiles::validate::rule::Severity;
use samenhang_profiles::validate::{Language, Request, Settings, Validator, Values};
use samenhang_terminology::{Builder, Terminology};

use super::*;

fn terminology() -> Arc<dyn Terminology> {
    let mut builder = Builder::new();
    let content = embedded_terminology(FhirVersion::R4).unwrap();
    content.add_to(&mut builder).unwrap();
    Arc::new(builder.build())
}

fn validator() -> Validator {
    let library = embedded(FhirVersion::R4).unwrap();
    Validator::new(library, terminology(), Settings::default())
}

/// What explains an error: building block, rule, place without numbers, and the reason.
fn known() -> BTreeSet<(String, String, String)> {
    let lines = include_str!("known.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let parts: Vec<&str> = line.split('\t').collect();
            let [block, rule, place, reason] = parts.as_slice() else {
                panic!("known.tsv: four columns: {line}");
            };
            assert!(!reason.is_empty(), "a reason: {line}");
            ((*block).to_owned(), (*rule).to_owned(), (*place).to_owned())
        })
        .collect()
}

#[test]
fn what_comes_out_conforms_to_its_profiles() {
    let (pack, validator) = (pack(), validator());
    let known = known();
    let mut used = BTreeSet::new();
    let (mut resources, mut valid, mut open) = (0, 0, 0);
    let fixtures = fixtures();
    for fixture in &fixtures {
        let document = fixture.document();
        let block = Fixture::block(&document);
        for resource in lift(&pack, &document).resources {
            let made = Document::from_json(&resource.json, FhirVersion::R4, &Limits::default()).unwrap();
            let outcome = validator.validate(&made, &Request::default());
            resources += 1;
            valid += usize::from(outcome.errors() == 0);
            for finding in outcome
                .findings
                .iter()
                .filter(|finding| finding.severity == Severity::Error)
            {
                let place = finding
                    .expression
                    .replace(|digit: char| digit.is_ascii_digit() || "[]".contains(digit), "");
                let key = (block.clone(), finding.rule.code.to_owned(), place.clone());
                if known.contains(&key) {
                    used.insert(key);
                    continue;
                }
                open += 1;
                let text = finding.text(Language::English, Values::Shown);
                println!(
                    "{block}\t{}\t{place}\t{text} ({})",
                    finding.rule.code, fixture.name
                );
            }
        }
    }
    if fixtures.is_empty() {
        return;
    }
    println!("{valid} of {resources} resources without errors; {open} errors that nothing explains");
    let stale: Vec<_> = known.difference(&used).collect();
    assert!(stale.is_empty(), "explained and not there any more: {stale:?}");
    assert!(
        open as f64 <= bar("errors"),
        "{open} errors that nothing explains are more than the bar"
    );
}

#[test]
fn the_maps_go_with_the_profiles() {
    let library = embedded(FhirVersion::R4).unwrap();
    let mut faults = pack().check(&*library);
    faults.extend(pack().check_codes(&*library, &*terminology()));
    for fault in &faults {
        println!("{} {fault}", fault.code());
    }
    assert!(
        faults.len() as f64 <= bar("check"),
        "{} faults are more than the bar",
        faults.len()
    );
}
