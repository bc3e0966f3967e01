//! SNOMED CT, from the snapshot files of a release in Release Format 2.
//!
//! Taken are the concept file, the description files (active names), the relationship file (active is-a, inferred),
//! simple reference sets, and language reference sets (which name is preferred). Files of an extension are read in
//! addition to those of the edition that it extends. Source: SNOMED CT Release File Specification, section 4.
//!
//! Memory, for each concept: its code and about 13 bytes, 16 bytes for each is-a link, 16 bytes and the text for each
//! name; for each reference set one bit for each concept. No closure is kept: descendants are found when a value set
//! that needs them is compiled, and ancestors by walking up.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::io::BufRead;

use super::table::Rows;
use crate::catalogue::{System, SystemBuilder};
use crate::definition::Content;
use crate::error::TerminologyError;
use crate::naming::SNOMED;

/// The relationship type `is a`.
const IS_A: &str = "116680003";
/// The acceptability `preferred`.
const PREFERRED: &str = "900000000000548007";
/// The description type `definition`: prose, not a name.
const DEFINITION: &str = "900000000000550004";
/// The characteristic type `stated relationship`: the inferred ones hold the hierarchy.
const STATED: &str = "900000000000010007";

/// A file of a release, in the order in which they have to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum File {
    /// `sct2_Concept_Snapshot_...`
    Concept,
    /// `der2_cRefset_LanguageSnapshot-...`
    Language,
    /// `sct2_Description_Snapshot-...`
    Description,
    /// `sct2_Relationship_Snapshot_...`
    Relationship,
    /// `der2_Refset_SimpleSnapshot_...`
    SimpleReferenceSet,
}

impl File {
    /// What a file of a release holds, by its name without folders; `None` for one that is not read.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let name = name.strip_suffix(".txt")?;
        // A release under test has an x before its names.
        let name = name.strip_prefix('x').unwrap_or(name);
        let mut parts = name.split('_');
        let (kind, content, summary) = (parts.next()?, parts.next()?, parts.next()?);
        let snapshot = summary.split('-').next()?.ends_with("Snapshot");
        Some(match (kind, content, summary.split('-').next()?) {
            _ if !snapshot => return None,
            ("sct2", "Concept", _) => File::Concept,
            ("sct2", "Description", _) => File::Description,
            ("sct2", "Relationship", _) => File::Relationship,
            ("der2", "cRefset", "LanguageSnapshot") => File::Language,
            ("der2", "Refset", "SimpleSnapshot" | "SimpleRefsetSnapshot") => File::SimpleReferenceSet,
            _ => return None,
        })
    }
}

/// Reads a release, file by file, in the order of [`File`].
#[derive(Debug)]
pub struct Reader {
    builder: SystemBuilder,
    preferred: HashSet<u64>,
}

impl Reader {
    /// A release of a version, such as `http://snomed.info/sct/11000146104/version/20260930`.
    #[must_use]
    pub fn new(version: Option<&str>) -> Self {
        Reader {
            builder: SystemBuilder::new(SNOMED, version, Content::Complete, true),
            preferred: HashSet::new(),
        }
    }

    /// Reads one file.
    ///
    /// # Errors
    /// [`TerminologyError`] when the file cannot be read, when its columns are not those of the format, and when there
    /// are more concepts than one system may have.
    pub fn read(&mut self, file: File, reader: impl BufRead) -> Result<(), TerminologyError> {
        match file {
            File::Concept => self.concepts(reader),
            File::Language => self.preferences(reader),
            File::Description => self.descriptions(reader),
            File::Relationship => self.relationships(reader),
            File::SimpleReferenceSet => self.members(reader),
        }
    }

    /// The system. A release without a relationship file has no hierarchy, and filters over it are not decided.
    #[must_use]
    pub fn finish(self) -> System {
        self.builder.finish()
    }

    fn concepts(&mut self, reader: impl BufRead) -> Result<(), TerminologyError> {
        let mut rows = Rows::tabs(reader, "concept");
        let [id, active] = required(&mut rows, ["id", "active"])?;
        while rows.advance()? {
            let code = rows.field(id);
            if !crate::code_form::is_snomed_concept(code) {
                return Err(rows.fault("an identifier of a concept was expected"));
            }
            self.builder.concept(code, rows.field(active) != "1")?;
        }
        Ok(())
    }

    fn preferences(&mut self, reader: impl BufRead) -> Result<(), TerminologyError> {
        let mut rows = Rows::tabs(reader, "language reference set");
        let [active, component, acceptability] =
            required(&mut rows, ["active", "referencedComponentId", "acceptabilityId"])?;
        while rows.advance()? {
            if rows.field(active) == "1" && rows.field(acceptability) == PREFERRED {
                let id = rows.field(component).parse();
                self.preferred
                    .insert(id.map_err(|_| rows.fault("an identifier of a description was expected"))?);
            }
        }
        Ok(())
    }

    fn descriptions(&mut self, reader: impl BufRead) -> Result<(), TerminologyError> {
        let mut rows = Rows::tabs(reader, "description");
        let [id, active, concept, language, kind, term] = required(
            &mut rows,
            ["id", "active", "conceptId", "languageCode", "typeId", "term"],
        )?;
        while rows.advance()? {
            if rows.field(active) != "1" || rows.field(kind) == DEFINITION {
                continue;
            }
            // A description of a concept that no concept file names belongs to an edition that was not given.
            let Some(concept) = self.builder.find(rows.field(concept)) else {
                continue;
            };
            let preferred = rows
                .field(id)
                .parse()
                .is_ok_and(|id| self.preferred.contains(&id));
            self.builder
                .name(concept, Some(rows.field(language)), rows.field(term), preferred);
        }
        Ok(())
    }

    fn relationships(&mut self, reader: impl BufRead) -> Result<(), TerminologyError> {
        let mut rows = Rows::tabs(reader, "relationship");
        let [active, source, target, kind, characteristic] = required(
            &mut rows,
            [
                "active",
                "sourceId",
                "destinationId",
                "typeId",
                "characteristicTypeId",
            ],
        )?;
        self.builder.hierarchy();
        while rows.advance()? {
            if rows.field(active) != "1" || rows.field(kind) != IS_A || rows.field(characteristic) == STATED {
                continue;
            }
            let ends = self
                .builder
                .find(rows.field(source))
                .zip(self.builder.find(rows.field(target)));
            if let Some((child, parent)) = ends {
                self.builder.link(child, parent);
            }
        }
        Ok(())
    }

    fn members(&mut self, reader: impl BufRead) -> Result<(), TerminologyError> {
        let mut rows = Rows::tabs(reader, "simple reference set");
        let [active, set, component] = required(&mut rows, ["active", "refsetId", "referencedComponentId"])?;
        while rows.advance()? {
            let member = self
                .builder
                .find(rows.field(component))
                .filter(|_| rows.field(active) == "1");
            if let Some(concept) = member {
                self.builder.refer(rows.field(set), concept)?;
            }
        }
        Ok(())
    }
}

/// Finds columns that have to be there.
fn required<const N: usize>(
    rows: &mut Rows<impl BufRead>,
    names: [&str; N],
) -> Result<[usize; N], TerminologyError> {
    let mut places = [0; N];
    for (place, found) in places.iter_mut().zip(rows.header(names)?) {
        *place = found.ok_or_else(|| rows.fault("a column of the format is missing"))?;
    }
    Ok(places)
}
