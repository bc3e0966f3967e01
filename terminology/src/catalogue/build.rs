//! Fills a catalogue.

use std::sync::Arc;

use super::flatten;
use super::map::Map;
use super::set::implicit;
use super::slot::Slot;
use super::system::System;
use super::{Catalogue, HashMap};
use crate::definition::{CodeSystem, ConceptMap, Content, Include, ValueSet};
use crate::error::TerminologyError;
use crate::known_system::{stu3_system, stu3_value_set};

/// More value sets, or more concept maps, than this are not taken.
const MAX_DEFINITIONS: usize = 100_000;

/// Fills a [`Catalogue`]. What is added later replaces what has the same canonical and version.
#[derive(Debug, Default)]
pub struct Builder {
    systems: Vec<Arc<System>>,
    value_sets: Vec<ValueSet>,
    concept_maps: Vec<ConceptMap>,
    stu3_names: bool,
}

impl Builder {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Builder::default()
    }

    /// Adds a code system. One without content only makes its name known, and is not needed.
    ///
    /// # Errors
    /// [`TerminologyError::Limit`] when it has too many concepts.
    pub fn code_system(&mut self, given: &CodeSystem) -> Result<&mut Self, TerminologyError> {
        if given.content != Content::NotPresent && !given.concepts.is_empty() {
            self.systems.push(Arc::new(System::try_from(given)?));
        }
        Ok(self)
    }

    /// Adds a compiled system, such as a release that several catalogues share.
    pub fn system(&mut self, system: Arc<System>) -> &mut Self {
        self.systems.push(system);
        self
    }

    /// Adds a value set.
    ///
    /// # Errors
    /// [`TerminologyError::Limit`] when there are too many.
    pub fn value_set(&mut self, given: ValueSet) -> Result<&mut Self, TerminologyError> {
        within(self.value_sets.len(), "value sets")?;
        self.value_sets.push(given);
        Ok(self)
    }

    /// Adds a concept map.
    ///
    /// # Errors
    /// [`TerminologyError::Limit`] when there are too many.
    pub fn concept_map(&mut self, given: ConceptMap) -> Result<&mut Self, TerminologyError> {
        within(self.concept_maps.len(), "concept maps")?;
        self.concept_maps.push(given);
        Ok(self)
    }

    /// Makes systems and value sets of HL7 versions 2 and 3 known under the uris that they have in STU3 as well. The
    /// published STU3 package does not bring them; those of R4 have the same codes.
    pub fn stu3_names(&mut self) -> &mut Self {
        self.stu3_names = true;
        self
    }

    /// The catalogue.
    #[must_use]
    pub fn build(mut self) -> Catalogue {
        let mut catalogue = Catalogue::default();
        if self.stu3_names {
            self.value_sets.splice(0..0, earlier_value_sets(&self.value_sets));
        }
        for system in &self.systems {
            if let Some(supplemented) = &system.supplements {
                let base = supplemented.split('|').next().unwrap_or(supplemented);
                let place = place(&mut catalogue, base);
                catalogue.slots[place as usize]
                    .supplements
                    .push(Arc::clone(system));
                continue;
            }
            let earlier = stu3_system(&system.url).filter(|_| self.stu3_names);
            for url in std::iter::once(system.url.clone()).chain(earlier) {
                let place = place(&mut catalogue, &url);
                catalogue.slots[place as usize].add(Arc::clone(system));
            }
        }
        self.add_implied();
        // First the names of all, so that they find each other; then the rules.
        self.value_sets = newest_last(self.value_sets);
        for (at, given) in self.value_sets.iter().enumerate() {
            name(&mut catalogue.set_names, &given.url, given.version.as_deref(), at);
            for include in given.include.iter().chain(&given.exclude) {
                if let Some(system) = &include.system {
                    place(&mut catalogue, system);
                }
            }
        }
        let written_out = |given| flatten::rules(given, &self.value_sets, &catalogue.set_names);
        catalogue.sets = self
            .value_sets
            .iter()
            .map(|given| catalogue.compile(given, &written_out(given)))
            .collect();
        for (at, given) in self.concept_maps.iter().enumerate() {
            name(&mut catalogue.map_names, &given.url, given.version.as_deref(), at);
            catalogue.maps.push(Map::new(given));
        }
        catalogue
    }

    /// Adds value sets that nothing defines and something names: all codes of a system, and those that a canonical
    /// spells out.
    fn add_implied(&mut self) {
        let defined: std::collections::BTreeSet<&str> =
            self.value_sets.iter().map(|set| set.url.as_str()).collect();
        let whole = self.systems.iter().filter_map(|system| {
            let url = system.value_set.as_deref()?;
            (!defined.contains(url) && system.content == Content::Complete).then(|| ValueSet {
                url: url.to_owned(),
                version: system.version.clone(),
                include: vec![Include {
                    system: Some(system.url.clone()),
                    ..Include::default()
                }],
                ..ValueSet::default()
            })
        });
        let spelled_out = self
            .value_sets
            .iter()
            .flat_map(|set| set.include.iter().chain(&set.exclude))
            .flat_map(|include| &include.value_sets)
            .filter(|canonical| !defined.contains(canonical.as_str()))
            .filter_map(|canonical| implicit(canonical));
        let implied: Vec<ValueSet> = whole.chain(spelled_out).collect();
        self.value_sets.extend(implied);
    }
}

fn within(count: usize, what: &'static str) -> Result<(), TerminologyError> {
    if count < MAX_DEFINITIONS {
        return Ok(());
    }
    Err(TerminologyError::Limit {
        what,
        limit: MAX_DEFINITIONS,
    })
}

/// The slot of a system, made where there is none.
fn place(catalogue: &mut Catalogue, url: &str) -> u32 {
    if let Some(place) = catalogue.systems.get(url) {
        return *place;
    }
    let place = catalogue.slots.len() as u32;
    catalogue.slots.push(Slot::new(url));
    catalogue.systems.insert(url.into(), place);
    place
}

/// Makes a definition known by its canonical, without and with its version.
fn name(names: &mut HashMap<Box<str>, u32>, url: &str, version: Option<&str>, at: usize) {
    names.insert(url.into(), at as u32);
    if let Some(version) = version {
        names.insert(format!("{url}|{version}").into(), at as u32);
    }
}

/// Orders value sets of one canonical by version, so that the newest is the one that is meant without a version.
fn newest_last(mut sets: Vec<ValueSet>) -> Vec<ValueSet> {
    let mut newest: HashMap<String, usize> = HashMap::new();
    for at in 0..sets.len() {
        match newest.get(&sets[at].url).copied() {
            Some(other)
                if super::slot::compare_versions(
                    sets[at].version.as_deref(),
                    sets[other].version.as_deref(),
                )
                .is_lt() =>
            {
                sets.swap(at, other);
                let url = sets[at].url.clone();
                newest.insert(url, at);
            }
            _ => {
                newest.insert(sets[at].url.clone(), at);
            }
        }
    }
    sets
}

/// The value sets of HL7 versions 2 and 3 as STU3 names them, taking systems as STU3 names those.
fn earlier_value_sets(sets: &[ValueSet]) -> Vec<ValueSet> {
    let rename = |include: &Include| Include {
        system: include
            .system
            .as_ref()
            .map(|system| stu3_system(system).unwrap_or_else(|| system.clone())),
        value_sets: include
            .value_sets
            .iter()
            .map(|canonical| stu3_value_set(canonical).unwrap_or_else(|| canonical.clone()))
            .collect(),
        ..include.clone()
    };
    sets.iter()
        .filter_map(|set| {
            Some(ValueSet {
                url: stu3_value_set(&set.url)?,
                include: set.include.iter().map(rename).collect(),
                exclude: set.exclude.iter().map(rename).collect(),
                ..set.clone()
            })
        })
        .collect()
}
