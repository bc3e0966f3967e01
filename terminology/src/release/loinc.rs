//! LOINC, from the CSV files of a release.
//!
//! Taken are `LoincTable/Loinc.csv` (codes, status, names, and the properties that value sets filter by),
//! `AccessoryFiles/LinguisticVariants/nlNL*LinguisticVariant.csv` (names in another language) and
//! `AccessoryFiles/ComponentHierarchyBySystem/ComponentHierarchyBySystem.csv` (which part stands above which code).
//! Source: LOINC Users' Guide, appendix A.
//!
//! Memory, for each code: itself and about 13 bytes, 12 bytes for each of seven properties, 16 bytes and the text for
//! each name.

#[cfg(test)]
mod tests;

use std::io::BufRead;

use super::table::Rows;
use crate::catalogue::{System, SystemBuilder};
use crate::definition::Content;
use crate::error::TerminologyError;
use crate::naming::LOINC;

/// The properties that value sets filter by (FHIR R4 4.3.16).
const PROPERTIES: [&str; 7] = [
    "COMPONENT",
    "PROPERTY",
    "TIME_ASPCT",
    "SYSTEM",
    "SCALE_TYP",
    "METHOD_TYP",
    "CLASS",
];

/// Reads a release, file by file, the table first.
#[derive(Debug)]
pub struct Reader {
    builder: SystemBuilder,
}

impl Reader {
    /// A release of a version, such as `2.80`.
    #[must_use]
    pub fn new(version: Option<&str>) -> Self {
        Reader {
            builder: SystemBuilder::new(LOINC, version, Content::Complete, false),
        }
    }

    /// Reads `Loinc.csv`.
    ///
    /// # Errors
    /// [`TerminologyError`] when the file cannot be read or has other columns.
    pub fn table(&mut self, reader: impl BufRead) -> Result<(), TerminologyError> {
        let mut rows = Rows::commas(reader, "LOINC table");
        let [code, status, long, short] =
            rows.header(["LOINC_NUM", "STATUS", "LONG_COMMON_NAME", "SHORTNAME"])?;
        let properties = PROPERTIES.map(|name| (0..rows.width()).find(|at| rows.field(*at) == name));
        let code = code.ok_or_else(|| rows.fault("the column LOINC_NUM is missing"))?;
        while rows.advance()? {
            let concept = self
                .builder
                .concept(rows.field(code), rows.optional(status) == "DEPRECATED")?;
            for (name, at) in PROPERTIES.iter().zip(properties) {
                if !rows.optional(at).is_empty() {
                    self.builder.property(concept, name, rows.optional(at));
                }
            }
            for (name, preferred) in [(rows.optional(long), true), (rows.optional(short), false)] {
                if !name.is_empty() {
                    self.builder.name(concept, Some("en"), name, preferred);
                }
            }
        }
        Ok(())
    }

    /// Reads a linguistic variant; `language` is its BCP-47 tag.
    ///
    /// # Errors
    /// [`TerminologyError`] when the file cannot be read or has other columns.
    pub fn names(&mut self, language: &str, reader: impl BufRead) -> Result<(), TerminologyError> {
        let mut rows = Rows::commas(reader, "LOINC linguistic variant");
        let [code, long, shown, short] = rows.header([
            "LOINC_NUM",
            "LONG_COMMON_NAME",
            "LinguisticVariantDisplayName",
            "SHORTNAME",
        ])?;
        let code = code.ok_or_else(|| rows.fault("the column LOINC_NUM is missing"))?;
        while rows.advance()? {
            let Some(concept) = self.builder.find(rows.field(code)) else {
                continue;
            };
            for (at, preferred) in [(shown, true), (long, true), (short, false)] {
                if !rows.optional(at).is_empty() {
                    self.builder
                        .name(concept, Some(language), rows.optional(at), preferred);
                }
            }
        }
        Ok(())
    }

    /// Reads `ComponentHierarchyBySystem.csv`. Its parts become concepts too.
    ///
    /// # Errors
    /// [`TerminologyError`] when the file cannot be read or has other columns.
    pub fn hierarchy(&mut self, reader: impl BufRead) -> Result<(), TerminologyError> {
        let mut rows = Rows::commas(reader, "LOINC hierarchy");
        let [code, parent] = rows.header(["CODE", "IMMEDIATE_PARENT"])?;
        let (code, parent) = code
            .zip(parent)
            .ok_or_else(|| rows.fault("the columns CODE and IMMEDIATE_PARENT are missing"))?;
        while rows.advance()? {
            let child = self.builder.concept(rows.field(code), false)?;
            if !rows.field(parent).is_empty() {
                let parent = self.builder.concept(rows.field(parent), false)?;
                self.builder.link(child, parent);
            }
        }
        self.builder.hierarchy();
        Ok(())
    }

    /// The system. Without a hierarchy, filters over it are not decided.
    #[must_use]
    pub fn finish(self) -> System {
        self.builder.finish()
    }
}
