//! Completeness: which sections of the BgZ a source gives, and how often each required element of their profiles is there.
//!
//! Only names of elements and counts are kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use samenhang_profiles::definition::{Library, StructureDefinition};
use samenhang_profiles::document::{Document, Node};
use samenhang_profiles::{FhirVersion, Limits, pack};

use super::report::{Element, Profile};
use crate::error::StationError;

const TABLE: &str = include_str!("bgz.tsv");
const BASE: &str = "http://nictiz.nl/fhir/StructureDefinition/";

/// A row of the table.
struct Row {
    english: &'static str,
    dutch: &'static str,
    kind: &'static str,
    profile: &'static str,
    /// Whether no other row has its type of resource: then a resource without a profile is counted with it.
    alone: bool,
    /// Direct elements that the profile requires, and those that carry a concept of the zib.
    elements: Vec<(String, bool)>,
}

/// Counts resources by the profiles of the BgZ.
pub(super) struct Completeness {
    rows: Vec<Row>,
    resources: Vec<u64>,
    given: Vec<BTreeMap<String, u64>>,
    limits: Limits,
}

impl Completeness {
    /// Nothing counted yet.
    ///
    /// # Errors
    /// [`StationError::Config`] when the binary was built from damaged files.
    pub(super) fn new() -> Result<Self, StationError> {
        let library =
            pack::embedded(FhirVersion::R4).map_err(|error| StationError::Config(error.to_string()))?;
        let lines: Vec<Vec<&'static str>> = TABLE
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split('\t').collect())
            .collect();
        let mut rows = Vec::with_capacity(lines.len());
        for line in &lines {
            let [english, dutch, kind, profile] = line[..] else {
                continue;
            };
            let of_kind = lines.iter().filter(|other| other.get(2) == Some(&kind)).count();
            let definition = library.structure(&format!("{BASE}{profile}")).ok();
            rows.push(Row {
                english,
                dutch,
                kind,
                profile,
                alone: of_kind == 1,
                elements: definition.map(|found| elements(&found)).unwrap_or_default(),
            });
        }
        Ok(Completeness {
            resources: vec![0; rows.len()],
            given: vec![BTreeMap::new(); rows.len()],
            rows,
            limits: Limits::default(),
        })
    }

    /// Whether resources of a type can be of the BgZ.
    pub(super) fn asks(&self, kind: &str) -> bool {
        self.rows.iter().any(|row| row.kind == kind)
    }

    /// Counts a resource of R4 in JSON. One that cannot be read is not counted.
    pub(super) fn count(&mut self, kind: &str, json: &[u8]) {
        let Ok(document) = Document::from_json(json, FhirVersion::R4, &self.limits) else {
            return;
        };
        let root = document.root();
        let Some(at) = self.row_of(kind, root) else { return };
        self.resources[at] += 1;
        for (element, _) in &self.rows[at].elements {
            if root.children().any(|child| child.stem() == element) {
                *self.given[at].entry(element.clone()).or_default() += 1;
            }
        }
    }

    fn row_of(&self, kind: &str, root: Node<'_>) -> Option<usize> {
        let claims = |row: &Row| {
            let mut profiles = root
                .child("meta")
                .into_iter()
                .flat_map(|meta| meta.children_named("profile"));
            profiles.any(|claimed| {
                let url = claimed.primitive().unwrap_or_default();
                url.split('|').next().and_then(|url| url.strip_prefix(BASE)) == Some(row.profile)
            })
        };
        let of_kind = || self.rows.iter().enumerate().filter(|(_, row)| row.kind == kind);
        of_kind()
            .find(|(_, row)| claims(row))
            .or_else(|| of_kind().find(|(_, row)| row.alone))
            .map(|(at, _)| at)
    }

    /// What was counted, in the order of the BgZ.
    pub(super) fn finish(self) -> Vec<Profile> {
        let counted = self.rows.into_iter().zip(self.resources).zip(self.given);
        let profile = |((row, resources), given): ((Row, u64), BTreeMap<String, u64>)| Profile {
            section: row.english.into(),
            section_nl: row.dutch.into(),
            profile: format!("{BASE}{}", row.profile),
            resources,
            elements: row
                .elements
                .into_iter()
                .map(|(name, required)| Element {
                    given: given.get(&name).copied().unwrap_or_default(),
                    asked: resources,
                    path: format!("{}.{name}", row.kind),
                    required,
                })
                .collect(),
        };
        counted.map(profile).collect()
    }
}

/// The direct elements of a profile that are required or carry a concept of the zib, and whether they are required.
fn elements(definition: &Arc<StructureDefinition>) -> Vec<(String, bool)> {
    let mut elements: BTreeMap<String, bool> = BTreeMap::new();
    for element in definition.snapshot.iter().flatten() {
        let Some((_, name)) = element.path.split_once('.') else {
            continue;
        };
        if name.contains('.') || ["id", "meta", "text", "extension", "contained"].contains(&name) {
            continue;
        }
        let required = element.slice_name.is_none() && element.min.is_some_and(|min| min > 0);
        if required || !element.concepts.is_empty() {
            let name = name.strip_suffix("[x]").unwrap_or(name);
            *elements.entry(name.to_owned()).or_default() |= required;
        }
    }
    elements.into_iter().collect()
}
