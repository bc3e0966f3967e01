//! Section `[reconciliation]`: which maps of codes may join records that are written in two code systems.
//!
//! The project ships no map of licensed content and allows none by itself. `samenhang reconcile --map` reads the same
//! files in the same way.

mod maps;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use samenhang_reconcile::maps::{Allowed, Maps};
use schemars::JsonSchema;
use serde::Deserialize;

pub use self::maps::{MapFault, NamedMap};
use crate::config::Finding;

/// What reconciliation uses besides the policy that the binary carries.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReconciliationConfig {
    /// Maps of codes (`ConceptMap`) that may join records in two code systems. They are read when the server starts, and
    /// named in the Provenance of what they join. Default: none, only equal codes are equal.
    pub maps: Vec<MapConfig>,
}

/// A map of codes that is allowed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MapConfig {
    /// Its canonical url, as the file has it.
    pub canonical: String,
    /// Its version, as the file has it.
    pub version: String,
    /// The file: a `ConceptMap` in JSON, of R4 or STU3.
    pub path: PathBuf,
}

impl ReconciliationConfig {
    /// Reads the maps that are allowed.
    ///
    /// # Errors
    /// [`MapFault`] when one cannot be used: nobody shall think that a map is used that is not.
    pub fn open(&self) -> Result<Maps, MapFault> {
        let named: Result<Vec<NamedMap>, MapFault> = self.maps.iter().map(MapConfig::named).collect();
        NamedMap::read(&named?)
    }

    /// Everything that is wrong with the section.
    #[must_use]
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (index, map) in self.maps.iter().enumerate() {
            let mut wrong = |key: &str, reason: String| {
                findings.push(Finding {
                    key: format!("reconciliation.maps[{index}]{key}"),
                    reason,
                });
            };
            if !map.path.is_file() {
                wrong(".path", "the file is not there".to_owned());
            }
            if let Err(fault) = map.named() {
                wrong("", fault.to_string());
            }
            let same =
                |other: &MapConfig| (&other.canonical, &other.version) == (&map.canonical, &map.version);
            if self.maps.iter().take(index).any(same) {
                wrong("", "this canonical and version stand here already".to_owned());
            }
        }
        findings
    }
}

impl MapConfig {
    fn named(&self) -> Result<NamedMap, MapFault> {
        let name = format!("{}|{}", self.canonical, self.version);
        Ok(NamedMap {
            name: name.parse::<Allowed>()?,
            file: self.path.clone(),
        })
    }
}
