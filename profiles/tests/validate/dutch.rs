//! Published Dutch resources, valid by intent: each against the profiles that it claims.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use samenhang_profiles::validate::{Finding, Language, Request, Settings, Severity, Validator, Values};
use samenhang_profiles::{FhirVersion, pack};
use samenhang_terminology::Catalogue;

use crate::shared;

/// Validates every file of a folder. An error is one that `known` explains, by file and rule, or the test fails; so
/// does an explanation of what is no error any more.
#[track_caller]
fn hold(validator: &Validator, folder: &Path, version: FhirVersion, known: &str) {
    let explained = explained(known);
    let mut used = BTreeSet::new();
    let mut unexplained = Vec::new();
    let mut unchecked = BTreeMap::<&str, usize>::new();
    // For whoever looks into what is unchecked: the code of a rule.
    let shown = std::env::var("SAMENHANG_VALIDATE_SHOW").ok();
    let (mut without, mut total) = (0, 0);
    for (name, body) in shared::files(folder) {
        total += 1;
        let document = shared::document(&name, &body, version).unwrap();
        let outcome = validator.validate(&document, &Request::default());
        without += usize::from(outcome.errors() == 0);
        for finding in outcome.unchecked() {
            *unchecked.entry(finding.rule.code).or_default() += 1;
            if shown.as_deref() == Some(finding.rule.code) {
                eprintln!("{name}\t{}\t{}", finding.expression, text(finding));
            }
        }
        for finding in outcome
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
        {
            let key = (
                name.clone(),
                finding.rule.code.to_owned(),
                finding.expression.clone(),
            );
            if explained.contains_key(&key) {
                used.insert(key);
            } else {
                unexplained.push(format!(
                    "{name}\t{}\t{}\t{}",
                    finding.rule.code,
                    finding.expression,
                    text(finding)
                ));
            }
        }
    }
    for line in &unexplained {
        eprintln!("{line}");
    }
    eprintln!(
        "{without} of {total} without an error; {} errors explained, {} not; unchecked: {unchecked:?}",
        used.len(),
        unexplained.len()
    );
    assert!(
        unexplained.is_empty(),
        "{} errors without an explanation",
        unexplained.len()
    );
    let stale: Vec<_> = explained.keys().filter(|key| !used.contains(*key)).collect();
    assert!(stale.is_empty(), "explained, but no error: {stale:?}");
}

/// File, rule and place of an error, with its reason.
fn explained(known: &str) -> BTreeMap<(String, String, String), String> {
    let mut explained = BTreeMap::new();
    for line in known
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let fields: Vec<&str> = line.split('\t').collect();
        let [file, rule, place, reason] = fields[..] else {
            panic!("not four fields: {line}")
        };
        explained.insert(
            (file.to_owned(), rule.to_owned(), place.to_owned()),
            reason.to_owned(),
        );
    }
    explained
}

fn text(finding: &Finding) -> String {
    finding.text(Language::English, Values::Shown)
}

#[test]
fn resources_of_a_bgz_of_zib2017_fit_their_profiles() {
    let Some((shared, definitions)) = shared::folder().zip(shared::zib2017()) else {
        return;
    };
    let folder = shared.join("testdata/bgz-stu3");
    let known = include_str!("dutch/bgz-stu3.tsv");
    hold(&definitions.validator(), &folder, FhirVersion::Stu3, known);
}

#[test]
fn examples_of_nl_core_fit_their_profiles() {
    let Some((shared, definitions)) = shared::folder().zip(shared::nl_core()) else {
        return;
    };
    let folder = shared.join("testdata/nl-core-r4-examples");
    let known = include_str!("dutch/nl-core-r4.tsv");
    hold(&definitions.validator(), &folder, FhirVersion::R4, known);
}

/// Rule and place of every error.
fn errors(validator: &Validator, body: &[u8], version: FhirVersion) -> Vec<(&'static str, String)> {
    let document = shared::document("", body, version).unwrap();
    let findings = validator.validate(&document, &Request::default()).findings;
    let errors = findings
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error);
    errors
        .map(|finding| (finding.rule.code, finding.expression))
        .collect()
}

#[test]
fn the_embedded_pack_judges_as_the_packages_do() {
    let Some(shared) = shared::folder() else { return };
    let sets = [
        (shared::zib2017(), "bgz-stu3", FhirVersion::Stu3),
        (shared::nl_core(), "nl-core-r4-examples", FhirVersion::R4),
    ];
    for (definitions, folder, version) in sets {
        let Some(definitions) = definitions else { return };
        let catalogue: Arc<Catalogue> = Arc::clone(&definitions.catalogue);
        let embedded = Validator::new(pack::embedded(version).unwrap(), catalogue, Settings::default());
        let packages = definitions.validator();
        for (name, body) in shared::files(&shared.join("testdata").join(folder)) {
            assert_eq!(
                errors(&embedded, &body, version),
                errors(&packages, &body, version),
                "{name}"
            );
        }
    }
}
