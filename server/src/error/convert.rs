//! Errors of the other parts as problems for an asker. The code stays that of the part; the text is the catalogue's.

use samenhang_gather::error::GatherError;

use super::{Kind, Problem, Text};
use crate::access::AccessError;

impl From<&AccessError> for Problem {
    fn from(error: &AccessError) -> Self {
        let kind = match error.status() {
            401 => Kind::LoginRequired,
            403 => Kind::Forbidden,
            429 => Kind::TooOften,
            503 if matches!(error, AccessError::Audit(_)) => Kind::AuditUnavailable,
            503 => Kind::Busy,
            400 => Kind::Unclear,
            _ => Kind::Defect,
        };
        let mut problem = Problem::new(kind).code(error.code());
        if kind != Kind::Defect {
            // Its texts are fixed and say what to do.
            problem.hint.en = format!("{}.", capital(&error.to_string())).into();
            problem.hint.nl = error.hint_nl();
        }
        if matches!(error, AccessError::Unchecked(_)) {
            problem.issue = "transient";
            problem.text = Text::fixed(
                "Het toegangstoken kan niet worden gecontroleerd.",
                "The access token cannot be checked.",
            );
        }
        if let Some(seconds) = error.retry_after() {
            problem.retry_after = u32::try_from(seconds).ok();
        }
        if let Some(challenge) = error.challenge() {
            problem.challenge = Some(challenge.into());
        }
        problem
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        Problem::from(&error)
    }
}

/// The problem of a question that could not be brought to the holders.
impl From<&GatherError> for Problem {
    fn from(error: &GatherError) -> Self {
        let kind = match error {
            GatherError::Ledger(_) => Kind::AuditUnavailable,
            _ => Kind::LocalisationFailed,
        };
        Problem::new(kind).code(error.code())
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
