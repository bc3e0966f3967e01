//! A map as it is written.

use serde::Deserialize;

use super::{Located, Rule};

/// How one thing of the source becomes one thing of the target.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Map {
    /// Its name, unique in the pack.
    pub(crate) map: String,
    /// Type or name of the node in the source.
    pub(crate) from: String,
    /// Type in the target; none when it only makes other things.
    pub(crate) to: Option<String>,
    /// FHIRPath that must hold for the source.
    pub(crate) when: Option<Located<String>>,
    /// Name of a map whose rules come after the own ones.
    pub(crate) extends: Option<Located<String>>,
    /// FHIRPath whose text tells the source apart from others, for the id of what is made of it.
    pub(crate) id: Option<Located<String>>,
    /// Name of the node in which the source stands that `%within` is.
    pub(crate) within: Option<String>,
    /// Canonical of the profile of the target.
    pub(crate) profile: Option<Located<String>>,
    /// What becomes of what no rule took.
    pub(crate) rest: Option<Rest>,
    /// Whether it is used by name only.
    #[serde(default)]
    pub(crate) only: bool,
    /// The rules, in order.
    #[serde(default)]
    pub(crate) rules: Vec<Located<Rule>>,
}

/// What becomes of what no rule took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Rest {
    /// It is copied where the target has it too.
    Copy,
    /// It is unmapped.
    Report,
}
