//! The public validator cases: whether there is an error where the HL7 reference validator has one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use samenhang_profiles::FhirVersion;
use samenhang_profiles::definition::{DefinitionSet, Library, LibraryError, StructureDefinition};
use samenhang_profiles::validate::{Language, Outcome, Request, Settings, Validator, Values, Verdict};
use serde_json::Value;

use crate::shared;

/// Share of the runs with the verdict of the reference validator, in a thousand. Raise it when it rises.
const FLOOR: usize = 650;

/// One run: a file against its type and claims, or against a profile too.
struct Case {
    name: String,
    file: String,
    /// Files with further definitions.
    supporting: Vec<String>,
    /// The file of the profile that is asked for.
    profile: Option<String>,
    /// Whether addresses for examples may be unknown.
    examples: bool,
    expected_error: bool,
}

fn cases(folder: &Path) -> Vec<Case> {
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let mut cases = Vec::new();
    for case in manifest["test-cases"].as_array().unwrap() {
        let mut supporting = texts(&case["supporting"]);
        supporting.extend(texts(&case["profiles"]));
        supporting.extend(texts(&case["supporting5"]));
        let examples = case["examples"].as_bool() != Some(false);
        let base = Case {
            name: case["name"].as_str().unwrap().to_owned(),
            file: case["file"].as_str().unwrap().to_owned(),
            supporting: supporting.clone(),
            profile: None,
            examples,
            expected_error: false,
        };
        if let Some(expected_error) = expectation(folder, &case["java"]) {
            cases.push(Case {
                expected_error,
                ..base
            });
        }
        let profile = &case["profile"];
        if let Some(expected_error) = expectation(folder, &profile["java"]) {
            supporting.extend(texts(&profile["supporting"]));
            cases.push(Case {
                name: format!("{} (profile)", case["name"].as_str().unwrap()),
                file: case["file"].as_str().unwrap().to_owned(),
                supporting,
                profile: profile["source"].as_str().map(str::to_owned),
                examples,
                expected_error,
            });
        }
    }
    cases
}

/// Whether the reference validator found an error; nothing when its outcome is not there.
fn expectation(folder: &Path, java: &Value) -> Option<bool> {
    if let Some(count) = java["errorCount"].as_u64() {
        return Some(count > 0);
    }
    let body = std::fs::read(folder.join("outcomes").join(java.as_str()?)).ok()?;
    let outcome: Value = serde_json::from_slice(&body).unwrap();
    let issues = outcome["issue"].as_array().map(Vec::as_slice).unwrap_or_default();
    Some(
        issues
            .iter()
            .any(|issue| matches!(issue["severity"].as_str(), Some("error" | "fatal"))),
    )
}

fn texts(list: &Value) -> Vec<String> {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// Definitions of a case before those of the core.
struct Layered {
    own: DefinitionSet,
    core: Arc<DefinitionSet>,
}

impl Library for Layered {
    fn fhir_version(&self) -> FhirVersion {
        FhirVersion::R4
    }

    fn structure(&self, canonical: &str) -> Result<Arc<StructureDefinition>, LibraryError> {
        match self.own.structure(canonical) {
            Err(LibraryError::Unknown { .. }) => self.core.structure(canonical),
            other => other,
        }
    }
}

/// A definition in JSON or XML; nothing for what is another resource.
fn definition(path: &Path) -> Option<StructureDefinition> {
    let body = std::fs::read(path).ok()?;
    let body = if path.extension().is_some_and(|extension| extension == "xml") {
        samenhang_profiles::xml::to_json(&body, FhirVersion::R4, &shared::generous())
            .ok()?
            .to_vec()
    } else {
        body
    };
    StructureDefinition::from_json(&body, FhirVersion::R4, &shared::generous()).ok()
}

fn run(folder: &Path, core: &Arc<DefinitionSet>, case: &Case) -> Result<Outcome, String> {
    let mut own = DefinitionSet::new(FhirVersion::R4);
    let mut profile_url = None;
    for file in case.supporting.iter().chain(&case.profile) {
        let Some(definition) = definition(&folder.join(file)) else {
            continue;
        };
        if Some(file) == case.profile.as_ref() {
            profile_url = Some(definition.url.clone());
        }
        own.add(definition);
    }
    let library = Arc::new(Layered {
        own,
        core: Arc::clone(core),
    });
    let settings = Settings {
        examples_are_allowed: case.examples,
        ..Settings::reference()
    };
    let validator = Validator::new(library, Arc::new(samenhang_terminology::NoTerminology), settings);
    let body = std::fs::read(folder.join(&case.file)).unwrap();
    let document = shared::document(&case.file, &body, FhirVersion::R4).map_err(|error| error.to_string())?;
    let profiles: Vec<&str> = profile_url.iter().map(String::as_str).collect();
    let request = Request {
        profiles: &profiles,
        ..Request::default()
    };
    Ok(validator.validate(&document, &request))
}

#[test]
fn verdicts_agree_with_the_reference_validator() {
    let Some(shared) = shared::folder() else { return };
    let folder: PathBuf = shared.join("testdata/fhir-test-cases-r4");
    let mut core = DefinitionSet::new(FhirVersion::R4);
    shared::definitions(&shared, "hl7.fhir.r4.core-4.0.1.tgz", FhirVersion::R4, &mut core);
    let core = Arc::new(core);
    let shown = std::env::var("SAMENHANG_VALIDATE_SHOW").ok();
    let known = known();
    let (mut agreed, mut total) = (0, 0);
    let mut unexplained = Vec::new();
    for case in cases(&folder) {
        total += 1;
        let result = run(&folder, &core, &case);
        let found_error = match &result {
            Ok(outcome) => outcome.verdict() == Verdict::Invalid,
            Err(_) => true,
        };
        if shown
            .as_ref()
            .is_some_and(|shown| case.name.contains(shown.as_str()))
        {
            show(&case, &result);
        }
        if found_error == case.expected_error {
            agreed += 1;
            continue;
        }
        let why = if found_error {
            "an error that the reference validator does not have"
        } else {
            "an error is missing"
        };
        let reason = known.get(case.name.as_str());
        eprintln!(
            "{}: {why}{}",
            case.name,
            reason.map(|reason| format!(" ({reason})")).unwrap_or_default()
        );
        if shown.is_none() && found_error {
            show(&case, &result);
        }
        if reason.is_none() {
            unexplained.push(case.name);
        }
    }
    eprintln!("{agreed} of {total} runs have the verdict of the reference validator");
    assert!(agreed * 1000 >= FLOOR * total, "only {agreed} of {total}");
    eprintln!("{} without a reason in known.tsv", unexplained.len());
}

fn show(case: &Case, result: &Result<Outcome, String>) {
    match result {
        Err(error) => eprintln!("    {}: not read: {error}", case.name),
        Ok(outcome) => {
            for finding in outcome
                .findings
                .iter()
                .filter(|finding| finding.severity >= samenhang_profiles::validate::Severity::Information)
                .take(40)
            {
                eprintln!(
                    "    {} {} {}: {}",
                    finding.severity.code(),
                    finding.rule.code,
                    finding.expression,
                    finding.text(Language::English, Values::Shown)
                );
            }
        }
    }
}

/// The runs with another verdict, and why.
fn known() -> BTreeMap<&'static str, &'static str> {
    include_str!("reference/known.tsv")
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect()
}
