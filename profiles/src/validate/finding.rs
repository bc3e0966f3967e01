//! What a run found, and what it comes to.

use std::sync::Arc;

use super::rule::{Rule, Severity};

/// Something that a finding says besides its rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Argument {
    /// From a definition: a name, a limit, a canonical. May be shown and logged.
    Name(Box<str>),
    /// From the resource. May hold patient data: shown only to who asks for values, never logged.
    Value(Box<str>),
}

impl Argument {
    /// An argument that may be shown.
    pub fn name(text: impl std::fmt::Display) -> Self {
        Argument::Name(text.to_string().into_boxed_str())
    }

    /// An argument that may be shown to who asks for values only.
    pub fn value(text: impl Into<Box<str>>) -> Self {
        Argument::Value(text.into())
    }
}

/// One thing that a run found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that is broken, or that says what is unchecked.
    pub rule: &'static Rule,
    /// How bad it is here.
    pub severity: Severity,
    /// What fills in the words of the rule.
    pub arguments: Vec<Argument>,
    /// FHIRPath of the element, for example `Patient.name[0].given[1]`.
    pub expression: String,
    /// Line in the source, from 1.
    pub line: u32,
    /// Column in the source, from 1.
    pub column: u32,
    /// Canonical of the profile that asks for it, where one does.
    pub profile: Option<Arc<str>>,
}

/// What a run comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was checked, and nothing is an error.
    Valid,
    /// Something is an error.
    Invalid,
    /// Nothing is an error, but this many things were not checked.
    Unchecked(usize),
}

impl Verdict {
    /// `valid`, `invalid` or `unchecked`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Verdict::Valid => "valid",
            Verdict::Invalid => "invalid",
            Verdict::Unchecked(_) => "unchecked",
        }
    }
}

/// Everything that a run found, in document order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The findings, what is unchecked included.
    pub findings: Vec<Finding>,
}

impl Outcome {
    /// What is unchecked.
    pub fn unchecked(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.rule.unchecked)
    }

    /// The number of errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        let errors = self
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        errors.count()
    }

    /// What it comes to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.errors() > 0 {
            return Verdict::Invalid;
        }
        match self.unchecked().count() {
            0 => Verdict::Valid,
            unchecked => Verdict::Unchecked(unchecked),
        }
    }
}
