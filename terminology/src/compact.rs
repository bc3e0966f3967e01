//! A compact form of code systems, value sets and concept maps, for a pack that the binary carries.
//!
//! It holds codes, uris and rules: no displays, no designations, no other prose, and of the properties of a concept
//! only those that a value set in it filters by. Licensed systems never go in ([`Content::select`]). The same content
//! gives the same bytes, in whatever order it came.
//!
//! Layout: the four bytes `SHT` and the version of the format; the texts, sorted, each as what it shares with the one
//! before it and what follows; then the definitions, in which a text is its number. Numbers are LEB128.

mod read;
#[cfg(test)]
mod tests;
mod text;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::Builder;
use crate::definition::{CodeSystem, ConceptMap, Content as Coverage, ValueSet};
use crate::error::TerminologyError;
use crate::known_system::licensed;

/// The first bytes, with the version of the format.
const MAGIC: [u8; 4] = *b"SHT\x01";

/// Code systems, value sets and concept maps that go together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Content {
    /// The code systems.
    pub systems: Vec<CodeSystem>,
    /// The value sets.
    pub value_sets: Vec<ValueSet>,
    /// The concept maps.
    pub concept_maps: Vec<ConceptMap>,
}

impl Content {
    /// What is needed to judge the value sets with these canonicals: they, the value sets that they take, and the
    /// systems of those. A system that is licensed, or of which the content is not complete, is left out. Concept maps
    /// are all kept.
    #[must_use]
    pub fn select<'a>(&self, wanted: impl IntoIterator<Item = &'a str>) -> Content {
        let mut by_url: BTreeMap<&str, Vec<&ValueSet>> = BTreeMap::new();
        for set in &self.value_sets {
            by_url.entry(&set.url).or_default().push(set);
        }
        let mut taken: BTreeSet<&str> = BTreeSet::new();
        let mut systems: BTreeSet<&str> = BTreeSet::new();
        let plain = |canonical: &str| {
            canonical
                .rsplit_once('|')
                .map_or(canonical.to_owned(), |(url, _)| url.to_owned())
        };
        // A system that is asked for by the value set of all its codes comes as well.
        let mut whole: BTreeSet<String> = BTreeSet::new();
        let mut open: Vec<String> = wanted.into_iter().map(str::to_owned).collect();
        while let Some(canonical) = open.pop() {
            // The exact name first: a few canonicals have a bar of their own.
            let url = if by_url.contains_key(canonical.as_str()) {
                canonical
            } else {
                plain(&canonical)
            };
            let Some((url, sets)) = by_url.get_key_value(url.as_str()) else {
                whole.insert(url);
                continue;
            };
            if !taken.insert(url) {
                continue;
            }
            for include in sets.iter().flat_map(|set| set.include.iter().chain(&set.exclude)) {
                systems.extend(include.system.as_deref());
                open.extend(include.value_sets.iter().cloned());
            }
        }
        let needed = |system: &&CodeSystem| {
            let asked = systems.contains(system.url.as_str())
                || system.value_set.as_ref().is_some_and(|set| whole.contains(set));
            asked && system.content == Coverage::Complete && licensed(&system.url).is_none()
        };
        Content {
            systems: self.systems.iter().filter(needed).cloned().collect(),
            value_sets: self
                .value_sets
                .iter()
                .filter(|set| taken.contains(set.url.as_str()))
                .cloned()
                .collect(),
            concept_maps: self.concept_maps.clone(),
        }
    }

    /// The compact form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        write::write(self)
    }

    /// Reads a compact form.
    ///
    /// # Errors
    /// [`TerminologyError::Compact`] when it is damaged or of another version.
    pub fn decode(bytes: &[u8]) -> Result<Content, TerminologyError> {
        read::read(bytes)
    }

    /// Adds all of it to a catalogue.
    ///
    /// # Errors
    /// [`TerminologyError::Limit`] when the catalogue takes no more.
    pub fn add_to(self, builder: &mut Builder) -> Result<(), TerminologyError> {
        for system in &self.systems {
            builder.code_system(system)?;
        }
        for set in self.value_sets {
            builder.value_set(set)?;
        }
        for map in self.concept_maps {
            builder.concept_map(map)?;
        }
        Ok(())
    }
}
