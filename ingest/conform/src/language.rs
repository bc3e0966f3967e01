//! The map language as it is written: YAML files of a pack, read into a model without judgement of what they say.
//!
//! The language is described for who writes maps in `docs/src/integrator/maps.md`. What the model holds is judged, and
//! made ready to run, by [`crate::compile`].

mod codes;
mod extension;
mod map;
mod read;
mod rule;
mod template;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Deserialize;

pub(crate) use codes::{CodeTable, Original, TargetCode, Unmapped};
pub(crate) use extension::ExtensionRule;
pub(crate) use map::{Map, Rest};
pub(crate) use read::{Located, place, read};
pub(crate) use rule::{Many, Rule};
pub(crate) use template::Template;

/// One file of a pack.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct File {
    /// Name of the pack; in one file only.
    pub(crate) pack: Option<Located<String>>,
    /// Version of the pack.
    pub(crate) version: Option<String>,
    /// What it reads.
    pub(crate) source: Option<Source>,
    /// What it writes.
    pub(crate) target: Option<Target>,
    /// Canonicals of source profiles, and of the target profile for each; none to drop it.
    #[serde(default)]
    pub(crate) profiles: BTreeMap<String, Option<String>>,
    /// Code and identifier systems of the source, and what they are called in the target.
    #[serde(default)]
    pub(crate) systems: BTreeMap<String, String>,
    /// Types of resources that have another name in the target.
    #[serde(default)]
    pub(crate) references: BTreeMap<String, String>,
    /// What becomes of extensions, by url.
    #[serde(default)]
    pub(crate) extensions: BTreeMap<String, Located<ExtensionRule>>,
    /// Tables of codes, by name.
    #[serde(default)]
    pub(crate) codes: BTreeMap<String, Located<CodeTable>>,
    /// What becomes of what has no place in the target; in the file with the name of the pack.
    pub(crate) leftovers: Option<Leftovers>,
    /// The maps.
    #[serde(default)]
    pub(crate) maps: Vec<Located<Map>>,
}

/// What becomes of what no rule took and the target cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Leftovers {
    /// It is unmapped.
    Report,
    /// It is kept in an extension of FHIR for elements of other versions; from FHIR to FHIR only.
    Extension,
}

/// What a pack reads.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    pub(crate) format: Format,
    /// Of FHIR only.
    pub(crate) version: Option<Version>,
    /// The character set of files, and of messages that declare none.
    pub(crate) charset: Option<crate::charset::Charset>,
    /// What separates fields, of CSV only.
    pub(crate) delimiter: Option<char>,
    /// Which tables stand in which, of CSV only.
    #[serde(default)]
    pub(crate) join: BTreeMap<String, crate::csv::Join>,
    /// The column that says whose a row is, of CSV only.
    pub(crate) patient: Option<String>,
}

/// A format of sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A resource of FHIR, in JSON or XML.
    Fhir,
    /// HL7 version 3, such as CDA.
    Cda,
    /// HL7 version 2.
    Hl7v2,
    /// Files with rows.
    Csv,
}

/// What a pack writes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Target {
    pub(crate) version: Version,
}

/// A version of FHIR, as packs write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Version {
    #[serde(rename = "STU3")]
    Stu3,
    #[serde(rename = "R4")]
    R4,
}
