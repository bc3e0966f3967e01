//! What a case finds besides resources: `issues.yaml`.

use std::path::Path;

use samenhang_conform::Lifted;
use samenhang_profiles::document::Document;
use serde::{Deserialize, Serialize};

use crate::mapping::MappingError;

/// What is found and unmapped, as places and codes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Issues {
    /// Findings, in the order of their place.
    pub findings: Vec<Issue>,
    /// Places of values that nothing took.
    pub unmapped: Vec<String>,
    /// Codes of errors by which messages are refused.
    pub refused: Vec<String>,
}

/// A finding of a case. The rule has no number: adding a rule above it changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issue {
    /// The place, in FHIRPath.
    pub at: String,
    /// Its stable code.
    pub code: String,
    /// File and map of the rule.
    #[serde(default)]
    pub map: String,
}

impl Issues {
    pub(super) fn add(&mut self, document: &Document<'_>, lifted: &Lifted) {
        let path = |node: usize| document.node(node).map(|node| node.path()).unwrap_or_default();
        for finding in &lifted.findings {
            let rule = finding.rule.as_deref().unwrap_or_default();
            let mut parts = rule.split(':');
            let map: Vec<&str> = parts.by_ref().take(2).collect();
            self.findings.push(Issue {
                at: path(finding.node),
                code: finding.kind.code().to_owned(),
                map: map.join(":"),
            });
        }
        self.unmapped
            .extend(lifted.ledger.losses(document).map(|node| node.path()));
    }

    pub(super) fn refuse(&mut self, code: &str) {
        self.refused.push(code.to_owned());
    }

    pub(super) fn sort(&mut self) {
        self.findings.sort();
        self.unmapped.sort();
        self.refused.sort();
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.unmapped.is_empty() && self.refused.is_empty()
    }

    /// What is here and not there, each as often as it is here more.
    #[must_use]
    pub fn without(&self, other: &Issues) -> Issues {
        Issues {
            findings: less(&self.findings, &other.findings),
            unmapped: less(&self.unmapped, &other.unmapped),
            refused: less(&self.refused, &other.refused),
        }
    }

    /// Reads `issues.yaml`.
    pub(super) fn read(path: &Path, text: &str) -> Result<Issues, MappingError> {
        serde_saphyr::from_str(text).map_err(|error| {
            // The text of the error may go over several lines; the first says what and where.
            let text = error.to_string();
            MappingError::Case {
                path: path.to_owned(),
                what: text.lines().next().unwrap_or_default().to_owned(),
            }
        })
    }

    /// As YAML: strings in the form that JSON and YAML share.
    pub(super) fn write(&self) -> Result<String, serde_json::Error> {
        let mut text = String::new();
        for (key, lines) in [
            ("findings", lines(&self.findings)?),
            ("unmapped", lines(&self.unmapped)?),
            ("refused", lines(&self.refused)?),
        ] {
            if lines.is_empty() {
                text.push_str(&format!("{key}: []\n"));
            } else {
                text.push_str(&format!("{key}:\n{lines}"));
            }
        }
        Ok(text)
    }
}

fn lines(items: &[impl Serialize]) -> Result<String, serde_json::Error> {
    let line = |item| Ok(format!("  - {}\n", serde_json::to_string(item)?));
    items.iter().map(line).collect()
}

/// The items of a list that another does not have, each as often as there are more.
fn less<T: Clone + Ord>(these: &[T], those: &[T]) -> Vec<T> {
    let mut those: Vec<&T> = those.iter().collect();
    those.sort();
    let mut left = Vec::new();
    for item in these {
        match those.binary_search(&item) {
            Ok(at) => {
                those.remove(at);
            }
            Err(_) => left.push(item.clone()),
        }
    }
    left
}
