//! The access policy: a readable file of rules that refuses what it does not name.
//!
//! The policy sees the question, never the patient's data, and decides before anything is sent. Each decision cites
//! the policy, its version and the rule.

mod log_access;

use std::collections::BTreeSet;
use std::path::Path;

use samenhang_gather::query::{AccessPolicy, Grant, Purpose, Question, Refusal};
use samenhang_terminology::Category;
use serde::Deserialize;

/// The policy that comes with the server.
const DEFAULT: &str = include_str!("../../policy/default.toml");
/// Longest policy file, in bytes.
const LONGEST: u64 = 1 << 20;
/// The name under which a refusal without a rule is cited.
const NO_RULE: &str = "deny-by-default";

/// Why a policy cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The file cannot be read.
    #[error("the file cannot be read")]
    File,
    /// The file is not a policy; with what the parser says about it.
    #[error("{0}")]
    Syntax(String),
    /// A rule is of no use or says something unknown.
    #[error("rule {rule}: {reason}")]
    Rule {
        /// The rule.
        rule: String,
        /// What is wrong with it.
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    version: String,
    #[serde(default, rename = "rule")]
    rules: Vec<FileRule>,
    #[serde(default, rename = "access_log")]
    access_log: Vec<log_access::FileRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRule {
    id: String,
    effect: Effect,
    asker: AskerKind,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    clients: Vec<String>,
    organisation_types: Vec<String>,
    purposes: Vec<String>,
    categories: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Effect {
    Allow,
    Deny,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AskerKind {
    Professional,
    System,
}

/// A policy.
#[derive(Debug, Clone)]
pub struct Policy {
    id: String,
    version: String,
    rules: Vec<Rule>,
    access_log: Vec<log_access::LogRule>,
}

#[derive(Debug, Clone)]
struct Rule {
    id: String,
    effect: Effect,
    asker: AskerKind,
    roles: Vec<Pattern>,
    clients: Vec<Pattern>,
    organisation_types: Vec<Pattern>,
    purposes: Vec<Purpose>,
    categories: BTreeSet<Category>,
}

/// A code, or the start of codes.
#[derive(Debug, Clone)]
enum Pattern {
    Exact(String),
    Prefix(String),
}

impl Pattern {
    fn new(text: &str) -> Self {
        text.strip_suffix('*').map_or_else(
            || Pattern::Exact(text.to_owned()),
            |start| Pattern::Prefix(start.to_owned()),
        )
    }

    fn covers(&self, code: &str) -> bool {
        match self {
            Pattern::Exact(exact) => exact == code,
            Pattern::Prefix(start) => code.starts_with(start.as_str()),
        }
    }
}

impl Policy {
    /// The policy that comes with the server.
    ///
    /// # Errors
    /// Never in a released server: a test reads it.
    pub fn embedded() -> Result<Self, PolicyError> {
        Policy::parse(DEFAULT)
    }

    /// Reads a policy file.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn read(path: &Path) -> Result<Self, PolicyError> {
        use std::io::Read;
        let file = std::fs::File::open(path).map_err(|_| PolicyError::File)?;
        let mut text = String::new();
        file.take(LONGEST)
            .read_to_string(&mut text)
            .map_err(|_| PolicyError::File)?;
        Policy::parse(&text)
    }

    /// Reads a policy.
    ///
    /// # Errors
    /// [`PolicyError`]: nothing that is not understood is skipped.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let file: File =
            toml::from_str(text).map_err(|error| PolicyError::Syntax(error.message().to_owned()))?;
        let mut seen = BTreeSet::new();
        let mut rules = Vec::with_capacity(file.rules.len());
        for rule in file.rules {
            if !seen.insert(rule.id.clone()) {
                return Err(wrong(&rule.id, "the id is used twice"));
            }
            rules.push(Rule::new(rule)?);
        }
        let mut access_log = Vec::with_capacity(file.access_log.len());
        for rule in file.access_log {
            if !seen.insert(rule.id.clone()) {
                return Err(wrong(&rule.id, "the id is used twice"));
            }
            access_log.push(log_access::LogRule::new(rule)?);
        }
        Ok(Policy {
            id: file.id,
            version: file.version,
            rules,
            access_log,
        })
    }

    /// The policy's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The policy's version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    fn refusal(&self, rule: &str, reason: &'static str) -> Refusal {
        Refusal {
            policy: format!("{}|{}", self.id, self.version),
            rule: rule.to_owned(),
            reason,
        }
    }
}

fn wrong(rule: &str, reason: impl Into<String>) -> PolicyError {
    PolicyError::Rule {
        rule: rule.to_owned(),
        reason: reason.into(),
    }
}

impl Rule {
    fn new(rule: FileRule) -> Result<Self, PolicyError> {
        let purposes = rule
            .purposes
            .iter()
            .map(|code| {
                Purpose::from_code(code).ok_or_else(|| wrong(&rule.id, format!("'{code}' is no purpose")))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut categories = BTreeSet::new();
        for code in &rule.categories {
            if code == "*" {
                categories.extend(Category::ALL);
            } else {
                categories.insert(
                    code.parse()
                        .map_err(|error| wrong(&rule.id, format!("{error}")))?,
                );
            }
        }
        if rule.asker == AskerKind::Professional && rule.roles.is_empty() {
            return Err(wrong(&rule.id, "a rule for professionals names roles"));
        }
        if rule.asker == AskerKind::System && !rule.roles.is_empty() {
            return Err(wrong(&rule.id, "a system has no role"));
        }
        if rule.organisation_types.is_empty() || purposes.is_empty() || categories.is_empty() {
            return Err(wrong(
                &rule.id,
                "organisation_types, purposes and categories each name something",
            ));
        }
        let patterns = |texts: &[String]| texts.iter().map(|text| Pattern::new(text)).collect::<Vec<_>>();
        Ok(Rule {
            effect: rule.effect,
            asker: rule.asker,
            roles: patterns(&rule.roles),
            clients: patterns(&rule.clients),
            organisation_types: patterns(&rule.organisation_types),
            id: rule.id,
            purposes,
            categories,
        })
    }

    /// Whether the rule is about this asker and purpose.
    fn concerns(&self, question: &Question) -> bool {
        let asker = &question.asker;
        let any = |patterns: &[Pattern], code: &str| patterns.iter().any(|pattern| pattern.covers(code));
        let who = match (&asker.user, self.asker) {
            (Some(user), AskerKind::Professional) => any(&self.roles, &user.role),
            (None, AskerKind::System) => true,
            _ => false,
        };
        who && any(&self.organisation_types, &asker.organisation_type)
            && (self.clients.is_empty() || any(&self.clients, &asker.client_id))
            && self.purposes.contains(&question.purpose)
    }
}

impl AccessPolicy for Policy {
    fn decide(&self, question: &Question) -> Result<Grant, Refusal> {
        if question.categories.is_empty() {
            return Err(self.refusal(NO_RULE, "no category is asked"));
        }
        let concerned = || self.rules.iter().filter(|rule| rule.concerns(question));
        let denied = concerned()
            .find(|rule| rule.effect == Effect::Deny && !rule.categories.is_disjoint(&question.categories));
        if let Some(rule) = denied {
            return Err(self.refusal(&rule.id, "a rule denies this asker a category that is asked"));
        }
        let mut near = None;
        for rule in concerned().filter(|rule| rule.effect == Effect::Allow) {
            if question.categories.is_subset(&rule.categories) {
                return Ok(Grant {
                    policy: self.id.clone(),
                    version: self.version.clone(),
                    rule: rule.id.clone(),
                });
            }
            near = Some(rule);
        }
        Err(match near {
            Some(rule) => self.refusal(
                &rule.id,
                "the rule for this asker does not cover every category that is asked",
            ),
            None => self.refusal(NO_RULE, "no rule allows this role, organisation and purpose"),
        })
    }
}
