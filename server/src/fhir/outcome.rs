//! OperationOutcome: how the FHIR side of the server says what is wrong and what to do about it.

use samenhang_terminology::naming::SAMENHANG;
use serde::Serialize;

use crate::error::{Language, Problem};

/// How bad an issue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The request was not served.
    Error,
    /// The request was served, but not entirely as asked.
    Warning,
}

/// Something to report: a [`Problem`] and how bad it is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// How bad it is.
    pub severity: Severity,
    /// What it is.
    pub problem: Problem,
}

#[derive(Serialize)]
struct OutcomeJson<'a> {
    #[serde(rename = "resourceType")]
    resource_type: &'static str,
    language: &'static str,
    issue: Vec<IssueJson<'a>>,
}

#[derive(Serialize)]
struct IssueJson<'a> {
    severity: Severity,
    code: &'static str,
    details: Details<'a>,
    diagnostics: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expression: Option<[&'a str; 1]>,
}

#[derive(Serialize)]
struct Details<'a> {
    coding: [Coding; 1],
    text: &'a str,
}

#[derive(Serialize)]
struct Coding {
    system: String,
    code: &'static str,
}

/// The code system of our stable codes.
#[must_use]
pub fn code_system() -> String {
    format!("{SAMENHANG}/CodeSystem/error")
}

/// Writes an OperationOutcome in JSON.
#[must_use]
pub fn write(issues: &[Issue], language: Language) -> Vec<u8> {
    let outcome = OutcomeJson {
        resource_type: "OperationOutcome",
        language: language.tag(),
        issue: issues.iter().map(|issue| issue_json(issue, language)).collect(),
    };
    // Strings and fixed shapes only: serialising cannot fail, and if it did, an empty body beats a panic.
    serde_json::to_vec(&outcome).unwrap_or_default()
}

/// Writes one issue of an OperationOutcome in JSON, to go into the completeness statement of an answer.
#[must_use]
pub fn write_issue(issue: &Issue, language: Language) -> Vec<u8> {
    serde_json::to_vec(&issue_json(issue, language)).unwrap_or_default()
}

/// Writes an OperationOutcome of errors.
#[must_use]
pub fn of_problems(problems: Vec<Problem>, language: Language) -> Vec<u8> {
    let error = |problem| Issue {
        severity: Severity::Error,
        problem,
    };
    write(&problems.into_iter().map(error).collect::<Vec<_>>(), language)
}

fn issue_json(issue: &Issue, language: Language) -> IssueJson<'_> {
    let problem = &issue.problem;
    IssueJson {
        severity: issue.severity,
        code: problem.issue,
        details: Details {
            coding: [Coding {
                system: code_system(),
                code: problem.code,
            }],
            text: problem.text.in_language(language),
        },
        diagnostics: problem.hint.in_language(language),
        expression: problem.expression.as_deref().map(|expression| [expression]),
    }
}

#[cfg(test)]
mod tests {
    use super::of_problems;
    use crate::error::{Kind, Language, Problem};

    #[test]
    fn says_what_to_do_in_the_language_of_the_asker() {
        let problem = Problem::new(Kind::UnknownParameter).at("Parameters.parameter[2]");
        let read = |language| -> serde_json::Value {
            serde_json::from_slice(&of_problems(vec![problem.clone()], language)).unwrap()
        };
        insta::assert_json_snapshot!("unknown-parameter-en", read(Language::English));
        insta::assert_json_snapshot!("unknown-parameter-nl", read(Language::Dutch));
    }
}
