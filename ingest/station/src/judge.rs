//! Validates a resource, and the gate: what the source's policy makes of the verdict.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use samenhang_profiles::document::Document;
use samenhang_profiles::pack;
use samenhang_profiles::validate::{Argument, Finding, Request, Settings, Severity, Validator};
use samenhang_profiles::{FhirVersion, Limits};
use samenhang_terminology::Builder;

use crate::error::StationError;
use crate::lift::{Reason, Stage};

/// Most characters of a place that are kept.
const LONGEST_PATH: usize = 160;

/// Validates resources of R4 against the definitions that the binary carries.
pub(crate) struct Judge {
    validator: Validator,
    limits: Limits,
}

/// A judge that is made when it is first needed: opening a station to look at it takes none.
#[derive(Default)]
pub(crate) struct LazyJudge(OnceLock<Result<Judge, StationError>>);

impl LazyJudge {
    /// The judge.
    ///
    /// # Errors
    /// As [`Judge::new`].
    pub(crate) fn get(&self) -> Result<&Judge, StationError> {
        self.0.get_or_init(Judge::new).as_ref().map_err(Clone::clone)
    }
}

/// What validation found in one resource.
pub(crate) struct Judgement {
    /// `valid`, `invalid` or `unchecked`.
    pub verdict: &'static str,
    /// The errors, without repeats.
    pub errors: Vec<Reason>,
    /// Codings in the resource.
    pub codings: u64,
    /// Everything that was found, with its severity, counted.
    pub findings: BTreeMap<(Reason, &'static str), u64>,
}

impl Judge {
    /// A judge over the definitions and terminology of the binary.
    ///
    /// # Errors
    /// [`StationError::Config`] when the binary was built from damaged files.
    pub(crate) fn new() -> Result<Self, StationError> {
        let damaged = |error: &dyn std::fmt::Display| StationError::Config(error.to_string());
        let library = pack::embedded(FhirVersion::R4).map_err(|error| damaged(&error))?;
        let mut builder = Builder::new();
        pack::embedded_terminology(FhirVersion::R4)
            .map_err(|error| damaged(&error))?
            .add_to(&mut builder)
            .map_err(|error| damaged(&error))?;
        Ok(Judge {
            validator: Validator::new(library, Arc::new(builder.build()), Settings::default()),
            limits: Limits::default(),
        })
    }

    /// Judges one resource.
    ///
    /// # Errors
    /// The reason to hold it: it cannot be read as FHIR.
    pub(crate) fn judge(&self, json: &[u8], now: jiff::Timestamp) -> Result<Judgement, Reason> {
        let document = Document::from_json(json, FhirVersion::R4, &self.limits)
            .map_err(|error| Reason::new(Stage::Validate, "not-readable").code(error.code()))?;
        let request = Request {
            now: Some(now),
            ..Request::default()
        };
        let outcome = self.validator.validate(&document, &request);
        let mut findings = BTreeMap::new();
        let mut errors = Vec::new();
        for finding in &outcome.findings {
            // What is unchecked is counted in the verdict; naming each would bury the rest.
            if finding.rule.unchecked {
                continue;
            }
            let reason = Reason::new(Stage::Validate, finding.rule.code)
                .at(place(&finding.expression))
                .code(told_apart(finding));
            if finding.severity == Severity::Error && !errors.contains(&reason) {
                errors.push(reason.clone());
            }
            *findings.entry((reason, finding.severity.code())).or_insert(0) += 1;
        }
        let nodes = (0..document.len()).filter_map(|id| document.node(id));
        let codings = nodes.filter(|node| node.fhir_type() == "Coding").count();
        Ok(Judgement {
            codings: u64::try_from(codings).unwrap_or(u64::MAX),
            verdict: outcome.verdict().code(),
            errors,
            findings,
        })
    }
}

/// By what a rule is told apart: of an unknown code its system, else the profile that asks.
fn told_apart(finding: &Finding) -> &str {
    match (finding.rule.code, finding.arguments.first()) {
        ("unknown-code", Some(Argument::Name(system))) => system,
        _ => finding.profile.as_deref().unwrap_or_default(),
    }
}

/// A place without its indexes: the same problem in another item is the same problem.
fn place(expression: &str) -> String {
    let mut place = String::with_capacity(expression.len());
    let mut inside = false;
    for letter in expression.chars().take(LONGEST_PATH) {
        match letter {
            '[' => inside = true,
            ']' => inside = false,
            _ if inside => {}
            letter => place.push(letter),
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use super::{Judge, place};

    #[test]
    fn one_problem_has_one_place() {
        assert_eq!(place("Patient.name[0].given[12]"), "Patient.name.given");
    }

    #[test]
    fn an_error_names_its_rule_and_place_and_no_value() {
        let judge = Judge::new().unwrap();
        let body = br#"{"resourceType":"Patient","id":"p","gender":"secret-value"}"#;
        let judged = judge.judge(body, jiff::Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(judged.verdict, "invalid");
        assert!(judged.errors.iter().any(|reason| reason.path == "Patient.gender"));
        assert!(!format!("{:?}", judged.errors).contains("secret-value"));
    }
}
