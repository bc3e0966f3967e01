//! A table of codes as it is written.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};

/// What codes of the source become.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct CodeTable {
    /// System of keys that have none.
    pub(crate) source: Option<String>,
    /// System of values that have none.
    pub(crate) target: Option<String>,
    /// What becomes of a code that is not in the table.
    #[serde(default)]
    pub(crate) unmapped: Unmapped,
    /// Whether the coding that was translated stays beside the new one.
    #[serde(default)]
    pub(crate) original: Original,
    /// `code` or `system|code`, and what it becomes; none when it is known to have no target.
    #[serde(default)]
    pub(crate) table: BTreeMap<String, Option<TargetCode>>,
    /// File of a `ConceptMap` in JSON instead of the table.
    pub(crate) concept_map: Option<String>,
}

/// What becomes of a code that is not in the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Unmapped {
    /// It is not written; its values are unmapped.
    #[default]
    Issue,
    /// It is written as it was.
    Keep,
}

/// Whether the coding that was translated stays beside the new one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Original {
    /// It stays.
    #[default]
    Keep,
    /// It goes.
    Drop,
}

/// A code of the target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetCodeKeys {
    pub(crate) system: Option<String>,
    pub(crate) code: String,
    pub(crate) display: Option<String>,
}

/// A code of the target: only a code, or a coding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TargetCode(pub(crate) TargetCodeKeys);

impl<'de> Deserialize<'de> for TargetCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CodeVisitor)
    }
}

struct CodeVisitor;

impl<'de> Visitor<'de> for CodeVisitor {
    type Value = TargetCode;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a code in quotes, or `{ system, code, display }`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<TargetCode, E> {
        Ok(TargetCode(TargetCodeKeys {
            code: text.to_owned(),
            ..TargetCodeKeys::default()
        }))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TargetCode, A::Error> {
        TargetCodeKeys::deserialize(MapAccessDeserializer::new(map)).map(TargetCode)
    }
}
