//! Failures that are known to be the script's own fault, each with its reason.
//!
//! An entry that no failure needed any more is told: the list may not outlive what it explains.

use serde::Deserialize;

use super::error::TestScriptError;
use super::report::Outcome;

/// A known failure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// A part of the id of the script; any script when absent.
    #[serde(default)]
    pub script: String,
    /// A part of what is claimed: of the expression, or else of the description.
    pub claim: String,
    /// A part of what was found; anything when absent.
    #[serde(default)]
    pub found: String,
    /// Why the fault is the script's.
    pub reason: String,
}

/// Known failures.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownList {
    /// The entries.
    #[serde(default)]
    pub known: Vec<Known>,
}

impl KnownList {
    /// Reads a list in TOML: `[[known]]` tables.
    ///
    /// # Errors
    /// [`TestScriptError::KnownList`].
    pub fn read(text: &str) -> Result<KnownList, TestScriptError> {
        toml::from_str(text).map_err(|error| TestScriptError::KnownList(error.message().to_owned()))
    }

    /// The place of the entry that explains a failure.
    #[must_use]
    pub fn explains(&self, script: &str, outcome: &Outcome, found: &str) -> Option<usize> {
        self.known.iter().position(|known| {
            script.contains(&known.script)
                && (outcome.claim.contains(&known.claim) || outcome.description.contains(&known.claim))
                && found.contains(&known.found)
        })
    }
}
