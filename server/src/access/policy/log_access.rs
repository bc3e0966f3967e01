//! Who may read the audit log about a patient: rules of their own, because the log is no category of data and its purpose
//! is the right of the patient (NEN 7513; Wabvpz, article 15e). What no rule names is refused.

use samenhang_gather::query::{Asker, Grant, Refusal};
use serde::Deserialize;

use super::{NO_RULE, Pattern, Policy, PolicyError, wrong};

/// As whom somebody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Reader {
    Patient,
    Professional,
}

/// A rule as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRule {
    pub(super) id: String,
    asker: Reader,
    #[serde(default)]
    roles: Vec<String>,
}

/// A rule that lets somebody read.
#[derive(Debug, Clone)]
pub(super) struct LogRule {
    id: String,
    asker: Reader,
    roles: Vec<Pattern>,
}

impl LogRule {
    pub(super) fn new(rule: FileRule) -> Result<Self, PolicyError> {
        match (rule.asker, rule.roles.is_empty()) {
            (Reader::Professional, true) => Err(wrong(&rule.id, "a rule for professionals names roles")),
            (Reader::Patient, false) => Err(wrong(&rule.id, "a patient has no role")),
            _ => Ok(LogRule {
                roles: rule.roles.iter().map(|text| Pattern::new(text)).collect(),
                id: rule.id,
                asker: rule.asker,
            }),
        }
    }

    fn covers(&self, asker: &Asker, is_patient: bool) -> bool {
        match (self.asker, &asker.user) {
            (Reader::Patient, _) => is_patient,
            (Reader::Professional, Some(user)) => {
                !is_patient && self.roles.iter().any(|pattern| pattern.covers(&user.role))
            }
            (Reader::Professional, None) => false,
        }
    }
}

impl Policy {
    /// Whether somebody may read the audit log about a patient that they may name; `is_patient` when it is that patient.
    ///
    /// # Errors
    /// The [`Refusal`], to be told and audited.
    pub fn may_read_log(&self, asker: &Asker, is_patient: bool) -> Result<Grant, Refusal> {
        let rule = self.access_log.iter().find(|rule| rule.covers(asker, is_patient));
        let rule =
            rule.ok_or_else(|| self.refusal(NO_RULE, "no rule lets this asker read the access log"))?;
        Ok(Grant {
            policy: self.id.clone(),
            version: self.version.clone(),
            rule: rule.id.clone(),
        })
    }
}
