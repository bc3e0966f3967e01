//! The public validator cases: whether there is an error where the HL7 reference validator has one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use samenhang_profiles::FhirVersion;
use samenhang_profiles::definition::{DefinitionSet, StructureDefinition};
use samenhang_profiles::json::without_comments;
use samenhang_profiles::terminology_reader::TerminologyResource;
use samenhang_profiles::validate::{
    Language, Outcome, Request, Settings, Severity, Validator, Values, Verdict,
};
use samenhang_terminology::{Builder, Catalogue};
use serde_json::Value;

use crate::shared;

/// Share of the runs with the verdict of the reference validator, in a thousand. Raise it when it rises.
const FLOOR: usize = 960;

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
    /// Whether the types of references to outside are checked.
    references: bool,
    /// Whether comments in JSON may be there.
    comments: bool,
    /// What an invariant of best practice is.
    best_practice: Severity,
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
        let references = case["validateReference"].is_string()
            || case["assumeValidRestReferences"].as_bool() == Some(true);
        let best_practice = match case["best-practice"].as_str() {
            Some("Error") => Severity::Error,
            Some("Hint" | "Ignore") => Severity::Information,
            _ => Severity::Warning,
        };
        let comments = case["allow-comments"].as_bool() == Some(true);
        let base = Case {
            name: case["name"].as_str().unwrap().to_owned(),
            file: case["file"].as_str().unwrap().to_owned(),
            supporting: supporting.clone(),
            profile: None,
            examples,
            references,
            comments,
            best_practice,
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
                references,
                comments,
                best_practice,
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

/// The core, read once.
struct Core {
    library: Arc<DefinitionSet>,
    terminology: Vec<TerminologyResource>,
    catalogue: Arc<Catalogue>,
}

/// The catalogue of the core, or one with the terminology of a case added.
fn catalogue(core: &Core, own: Vec<TerminologyResource>) -> Arc<Catalogue> {
    if own.is_empty() {
        return Arc::clone(&core.catalogue);
    }
    let mut builder = Builder::new();
    for resource in core.terminology.iter().cloned().chain(own) {
        resource.add_to(&mut builder).unwrap();
    }
    Arc::new(builder.build())
}

/// The text of a file as JSON.
fn json(path: &Path) -> Option<Vec<u8>> {
    let body = std::fs::read(path).ok()?;
    if path.extension().is_none_or(|extension| extension != "xml") {
        return Some(body);
    }
    let converted = samenhang_profiles::xml::to_json(&body, FhirVersion::R4, &shared::generous());
    converted.ok().map(|body| body.to_vec())
}

/// The profiles that an implementation guide applies to every resource of a type.
fn global(body: &[u8], resource_type: &str) -> Vec<String> {
    let guide: Value = serde_json::from_slice(body).unwrap_or_default();
    let rules = guide["global"].as_array().map(Vec::as_slice).unwrap_or_default();
    let applied = rules.iter().filter(|rule| rule["type"] == resource_type);
    applied
        .filter_map(|rule| rule["profile"].as_str())
        .map(str::to_owned)
        .collect()
}

fn run(folder: &Path, core: &Core, case: &Case) -> Result<Outcome, String> {
    let mut own = DefinitionSet::over(&core.library);
    let mut terminology = Vec::new();
    let file = std::fs::read(folder.join(&case.file)).unwrap();
    let body = if case.comments {
        without_comments(&file)
    } else {
        file.as_slice().into()
    };
    let document = shared::document(&case.file, &body, FhirVersion::R4).map_err(|error| error.to_string())?;
    let resource_type = document.root().fhir_type().to_owned();
    let mut profiles = Vec::new();
    if let Some(url) = case.profile.as_ref().filter(|source| source.contains("://")) {
        profiles.push(url.clone());
    }
    for file in case.supporting.iter().chain(&case.profile) {
        let Some(body) = json(&folder.join(file)) else {
            continue;
        };
        terminology.extend(
            TerminologyResource::from_json(&body, &shared::generous())
                .ok()
                .flatten(),
        );
        profiles.extend(global(&body, &resource_type));
        let Ok(definition) = StructureDefinition::from_json(&body, FhirVersion::R4, &shared::generous())
        else {
            continue;
        };
        if Some(file) == case.profile.as_ref() {
            profiles.push(definition.url.clone());
        }
        terminology.extend(TerminologyResource::contained(&body, &shared::generous()).unwrap_or_default());
        own.add(definition);
    }
    let settings = Settings {
        examples_are_allowed: case.examples,
        types_of_outside_references: case.references,
        best_practice: case.best_practice,
        ..Settings::reference()
    };
    let validator = Validator::new(Arc::new(own), catalogue(core, terminology), settings);
    let profiles: Vec<&str> = profiles.iter().map(String::as_str).collect();
    let request = Request {
        profiles: &profiles,
        now: Some("2026-11-21T12:00:00Z".parse().unwrap()),
        ..Request::default()
    };
    Ok(validator.validate(&document, &request))
}

#[test]
fn verdicts_agree_with_the_reference_validator() {
    let Some(shared) = shared::folder() else { return };
    let folder: PathBuf = shared.join("testdata/fhir-test-cases-r4");
    let mut library = DefinitionSet::new(FhirVersion::R4);
    shared::definitions(&shared, shared::R4, FhirVersion::R4, &mut library);
    let core = Core {
        library: Arc::new(library),
        terminology: crate::terminology::resources(&shared, shared::R4),
        catalogue: Arc::new(crate::terminology::catalogue(&shared, &[shared::R4], None)),
    };
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
    assert!(
        unexplained.is_empty(),
        "without a reason in known.tsv: {unexplained:?}"
    );
}

fn show(case: &Case, result: &Result<Outcome, String>) {
    match result {
        Err(error) => eprintln!("    {}: not read: {error}", case.name),
        Ok(outcome) => {
            for finding in outcome
                .findings
                .iter()
                .filter(|finding| finding.severity >= Severity::Information)
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
