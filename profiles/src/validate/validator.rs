//! The validator: definitions, terminology and settings, and the programs that were compiled so far.

use std::sync::{Arc, PoisonError, RwLock};

use hashbrown::HashMap;
use samenhang_terminology::Terminology;

use crate::definition::{Constraint, Library};
use crate::document::Document;

use super::finding::Outcome;
use super::program::{Program, compile};
use super::rule::Severity;
use super::run::{Run, invariant::Invariant};

/// More programs than this are not kept: the definitions of every package together are fewer.
const MAX_PROGRAMS: usize = 20_000;

/// How strict a validator is where the reference validator leaves a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// A profile that another profile asks for and that is not known: an error, or else unchecked. One that only the
    /// resource claims is unchecked.
    pub unknown_profile_is_error: bool,
    /// An extension that is not known: an error, or else unchecked. A modifier extension always is an error.
    pub unknown_extension_is_error: bool,
    /// Whether what has an address for examples (`example.org`) may be unknown.
    pub examples_are_allowed: bool,
    /// Whether a reference to something outside of the document is held to the type that its text names.
    pub types_of_outside_references: bool,
    /// What a display that does not belong to its code is. Dutch records carry Dutch displays, so the default is a
    /// warning.
    pub wrong_display: Severity,
    /// What an invariant that is marked as best practice is when it does not hold.
    pub best_practice: Severity,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            unknown_profile_is_error: false,
            unknown_extension_is_error: false,
            examples_are_allowed: false,
            types_of_outside_references: true,
            wrong_display: Severity::Warning,
            best_practice: Severity::Warning,
        }
    }
}

impl Settings {
    /// As the HL7 reference validator is set for its own test cases.
    #[must_use]
    pub fn reference() -> Self {
        Settings {
            unknown_profile_is_error: true,
            unknown_extension_is_error: true,
            examples_are_allowed: true,
            types_of_outside_references: false,
            wrong_display: Severity::Error,
            best_practice: Severity::Warning,
        }
    }
}

/// Limits on the work for one document. What lies beyond is unchecked, never valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Times that a rule is applied to an element.
    pub steps: u64,
    /// Steps of invariants, all together.
    pub expression_steps: u64,
    /// References that are followed in a row.
    pub depth: usize,
    /// Findings that are kept; as many again that are unchecked, and as many again that are errors.
    pub findings: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Budget {
            steps: 5_000_000,
            expression_steps: 20_000_000,
            depth: 24,
            findings: 1_000,
        }
    }
}

/// What one document is to be validated against.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// Canonicals of profiles, besides those that the resource claims.
    pub profiles: &'a [&'a str],
    /// Limits on the work.
    pub budget: Budget,
    /// The time that `now()` and `today()` give and that periods of a limit count from; none leaves such rules
    /// unchecked.
    pub now: Option<jiff::Timestamp>,
}

/// Validates resources of one version of FHIR. Share it: it is built once, and compiles each profile when it is first
/// needed.
pub struct Validator {
    pub(super) library: Arc<dyn Library>,
    terminology: Arc<dyn Terminology>,
    pub(super) settings: Settings,
    programs: RwLock<HashMap<Box<str>, Arc<Program>>>,
    types: RwLock<HashMap<Box<str>, Arc<Program>>>,
    invariants: RwLock<HashMap<Box<str>, Arc<Invariant>>>,
}

impl std::fmt::Debug for Validator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Validator")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Validator {
    /// A validator over definitions and terminology.
    #[must_use]
    pub fn new(library: Arc<dyn Library>, terminology: Arc<dyn Terminology>, settings: Settings) -> Self {
        Validator {
            library,
            terminology,
            settings,
            programs: RwLock::default(),
            types: RwLock::default(),
            invariants: RwLock::default(),
        }
    }

    /// Validates a document against the definition of its type, the profiles that it claims, and those of `request`.
    #[must_use]
    pub fn validate(&self, document: &Document<'_>, request: &Request<'_>) -> Outcome {
        self.validate_with(document, request, &*self.terminology)
    }

    /// As [`Validator::validate`], but codes are judged by another terminology: one that notes what it does not know,
    /// of this run alone.
    #[must_use]
    pub fn validate_with(
        &self,
        document: &Document<'_>,
        request: &Request<'_>,
        terminology: &dyn Terminology,
    ) -> Outcome {
        Run::new(self, document, request, terminology).validate(request)
    }

    /// What of a profile cannot be compiled, in words; nothing when the profile or what it stands on is not known.
    /// For who writes or installs profiles: a run says the same of every profile that it uses.
    #[must_use]
    pub fn faults(&self, profile: &str) -> Option<Vec<String>> {
        self.program(profile).map(|program| program.faults.clone())
    }

    /// The program of a profile or extension, when its definition is known.
    pub(super) fn program(&self, url: &str) -> Option<Arc<Program>> {
        if let Some(found) = read(&self.programs).get(url) {
            return Some(Arc::clone(found));
        }
        let definition = self.library.structure(url).ok()?;
        let program = Arc::new(compile(&definition, &*self.library));
        keep(&self.programs, url, program)
    }

    /// The program of a type, when its definition is known.
    pub(super) fn type_program(&self, name: &str) -> Option<Arc<Program>> {
        if let Some(found) = read(&self.types).get(name) {
            return Some(Arc::clone(found));
        }
        let definition = self.library.type_named(name).ok()?;
        let program = self.program(&definition.url)?;
        keep(&self.types, name, program)
    }

    /// An invariant, compiled; the same expression is compiled once.
    pub(super) fn invariant(&self, constraint: &Constraint) -> Option<Arc<Invariant>> {
        let expression = constraint.expression.as_deref()?;
        if let Some(found) = read(&self.invariants).get(expression) {
            return Some(Arc::clone(found));
        }
        keep(
            &self.invariants,
            expression,
            Arc::new(Invariant::compile(expression)),
        )
    }
}

type Cache<T> = RwLock<HashMap<Box<str>, Arc<T>>>;

fn read<T>(cache: &Cache<T>) -> std::sync::RwLockReadGuard<'_, HashMap<Box<str>, Arc<T>>> {
    // A panic while holding the lock cannot leave an entry half written.
    cache.read().unwrap_or_else(PoisonError::into_inner)
}

fn keep<T>(cache: &Cache<T>, key: &str, value: Arc<T>) -> Option<Arc<T>> {
    let mut cache = cache.write().unwrap_or_else(PoisonError::into_inner);
    if cache.len() >= MAX_PROGRAMS {
        return Some(value);
    }
    Some(Arc::clone(cache.entry(key.into()).or_insert(value)))
}
