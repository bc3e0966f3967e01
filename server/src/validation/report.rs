//! What was found in one text, as it is told: in one language, with or without values.

use samenhang_profiles::validate::{Finding, Language, Outcome, Severity, Values};
use serde::Serialize;

use super::Fault;

/// How findings are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Telling {
    /// The language.
    pub language: Language,
    /// Whether values of the resource stand in the texts.
    pub values: Values,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// `error`, `warning` or `information`.
    pub severity: &'static str,
    /// Code of the FHIR value set `issue-type`.
    pub code: &'static str,
    /// FHIRPath of the element; empty when it is about the text as a whole.
    pub expression: String,
    /// What is the matter.
    pub text: String,
    /// Line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Column in the line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// Stable code of the rule, or of the error that kept the text from being read.
    pub rule: &'static str,
    /// What to do about it.
    pub hint: &'static str,
}

impl Issue {
    /// A finding as it is told.
    #[must_use]
    pub fn of(finding: &Finding, telling: Telling) -> Issue {
        Issue {
            severity: finding.severity.code(),
            code: finding.rule.issue_type,
            expression: finding.expression.clone(),
            text: finding.text(telling.language, telling.values),
            line: Some(finding.line),
            column: Some(finding.column),
            rule: finding.rule.code,
            hint: finding.hint(telling.language),
        }
    }

    /// A fault as it is told; `body` is the text that could not be read.
    #[must_use]
    pub fn of_fault(fault: &Fault, body: &[u8], telling: Telling) -> Issue {
        let (line, column) = fault.offset().map(|at| place(body, at)).unzip();
        Issue {
            severity: Severity::Error.code(),
            code: fault.issue_type(),
            expression: String::new(),
            text: fault.text(telling.language),
            line,
            column,
            rule: fault.code(),
            hint: fault.hint(telling.language),
        }
    }
}

/// What one text comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Errors among the issues.
    pub errors: usize,
    /// Things that were not checked, each with an issue.
    pub unchecked: usize,
    /// What was found, in the order of the text.
    pub issues: Vec<Issue>,
}

impl Report {
    /// What was found in a resource.
    #[must_use]
    pub fn of(judged: &Result<Outcome, Fault>, body: &[u8], telling: Telling) -> Report {
        match judged {
            Ok(outcome) => Report {
                errors: outcome.errors(),
                unchecked: outcome.unchecked().count(),
                issues: outcome
                    .findings
                    .iter()
                    .map(|finding| Issue::of(finding, telling))
                    .collect(),
            },
            Err(fault) => Report {
                errors: 1,
                unchecked: 0,
                issues: vec![Issue::of_fault(fault, body, telling)],
            },
        }
    }

    /// Adds what was found in a later line of the same text; `line` is its number, from 1.
    pub fn add_line(&mut self, line: u32, mut found: Report) {
        for issue in &mut found.issues {
            // A resource on a line of its own has one line.
            issue.line = Some(line);
        }
        self.errors += found.errors;
        self.unchecked += found.unchecked;
        self.issues.append(&mut found.issues);
    }

    /// `valid`, `invalid` or `unchecked`: what is unchecked is never valid.
    #[must_use]
    pub fn result(&self) -> &'static str {
        match (self.errors, self.unchecked) {
            (0, 0) => "valid",
            (0, _) => "unchecked",
            _ => "invalid",
        }
    }
}

/// Line and column of a byte, both from 1.
fn place(body: &[u8], at: usize) -> (u32, u32) {
    let before = body.get(..at).unwrap_or(body);
    let lines = before.iter().filter(|byte| **byte == b'\n').count();
    let start = before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |newline| newline + 1);
    // The first byte of a character counts.
    let column = before
        .iter()
        .skip(start)
        .filter(|byte| **byte & 0xc0 != 0x80)
        .count();
    let number = |count: usize| u32::try_from(count + 1).unwrap_or(u32::MAX);
    (number(lines), number(column))
}
