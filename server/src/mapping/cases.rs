//! The cases of a pack: inputs with the resources and findings that they have to give.
//!
//! `cases/NAME/input.*` (or a folder `input` with several files) is lifted; `expected.ndjson` or `expected.json` has the
//! resources, `issues.yaml` what is found and unmapped. A case is part of the pack and holds test data only, so what
//! differs is told with its values.

mod files;
mod issues;

use std::path::Path;

use samenhang_conform::{Context, Pack};
use samenhang_profiles::tree::Tree;
use serde::Serialize;

use super::compare::{Difference, compare};
use super::{MappingError, deliveries};
use crate::validation::limits;
use files::Case;
use issues::Issues;

/// Name of the source in cases: with it the ids are the same in every run.
const SOURCE: &str = "case";

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Its name.
    pub case: String,
    /// `passed`, `failed`, `broken` when it is not whole, or `blessed` when it was written anew.
    pub result: &'static str,
    /// In what the resources differ from those expected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// What was found or unmapped, and is not expected.
    #[serde(skip_serializing_if = "Issues::is_empty")]
    pub unexpected: Issues,
    /// What is expected, and was not found or unmapped.
    #[serde(skip_serializing_if = "Issues::is_empty")]
    pub missing: Issues,
    /// Why the case is broken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// Holds a pack to the cases in its folder, in the order of their names; with `bless`, writes what the cases give as
/// what is expected of them.
///
/// # Errors
/// [`MappingError`] when the folder has no cases that can be read.
pub fn test(pack: &Pack, folder: &Path, bless: bool) -> Result<Vec<Outcome>, MappingError> {
    let cases = files::find(folder)?;
    let outcome = |case: &Case| {
        one(pack, case, bless).unwrap_or_else(|error| Outcome {
            because: Some(format!("{} {error}", error.code())),
            ..Outcome::of(case, "broken")
        })
    };
    Ok(cases.iter().map(outcome).collect())
}

impl Outcome {
    fn of(case: &Case, result: &'static str) -> Outcome {
        Outcome {
            case: case.name.clone(),
            result,
            differences: Vec::new(),
            unexpected: Issues::default(),
            missing: Issues::default(),
            because: None,
        }
    }
}

fn one(pack: &Pack, case: &Case, bless: bool) -> Result<Outcome, MappingError> {
    let mut resources: Vec<Vec<u8>> = Vec::new();
    let mut issues = Issues::default();
    let mut received = Vec::new();
    for delivery in deliveries(pack.format(), case.input()?) {
        received.push(delivery.read()?);
    }
    for message in received.iter().flat_map(|received| received.messages(pack)) {
        let lifted = message.and_then(|message| {
            let document = message
                .document()
                .map_err(|error| (message.name.clone(), error))?;
            let context = Context {
                source: SOURCE,
                message: &message.id,
                trace: false,
            };
            let lifted = pack.lift(&document, &context);
            issues.add(&document, &lifted);
            Ok(lifted)
        });
        match lifted {
            Ok(lifted) => resources.extend(lifted.resources.into_iter().map(|one| one.json)),
            Err((_, error)) => issues.refuse(error.code()),
        }
    }
    issues.sort();
    if bless {
        case.bless(&resources, &issues)?;
        return Ok(Outcome::of(case, "blessed"));
    }
    let expected = case.expected()?;
    let expected = expected.resources()?;
    let mut actual = Vec::new();
    for resource in &resources {
        actual.push(Tree::parse(resource, &limits())?);
    }
    let is_source = |id: &str| received.iter().any(|received| received.has(id));
    let known = case.issues()?;
    let mut outcome = Outcome {
        differences: compare(&expected, &actual, &is_source),
        unexpected: issues.without(&known),
        missing: known.without(&issues),
        ..Outcome::of(case, "passed")
    };
    if !(outcome.differences.is_empty() && outcome.unexpected.is_empty() && outcome.missing.is_empty()) {
        outcome.result = "failed";
    }
    Ok(outcome)
}
