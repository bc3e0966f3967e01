//! A code system, compiled: its codes in one table, its hierarchy as numbers.

use std::collections::{BTreeMap, BTreeSet};

use super::bits::Bits;
use super::code_table::CodeTable;
use super::links::Links;
use super::names::Names;
use crate::code_form::snomed_namespace;
use crate::definition::{CodeSystem, Content};
use crate::error::TerminologyError;
use crate::naming::SNOMED;

/// More concepts than this no system has. SNOMED CT with an extension has about 550,000, inactive ones included.
pub(crate) const MAX_CONCEPTS: usize = 4_000_000;

/// More reference sets than this no release has: each takes one bit for each concept.
const MAX_REFERENCE_SETS: usize = 2_000;

/// A code system, compiled and ready to be asked. Shared by every catalogue that uses it.
#[derive(Debug, Clone, Default)]
pub struct System {
    pub(super) url: String,
    pub(super) version: Option<String>,
    pub(super) content: Content,
    pub(super) compositional: bool,
    pub(super) fold: bool,
    pub(super) value_set: Option<String>,
    pub(super) supplements: Option<String>,
    pub(super) codes: CodeTable,
    pub(super) links: Links,
    /// Whether a hierarchy was loaded: without one, filters over it are not decided.
    pub(super) hierarchy: bool,
    pub(super) inactive: Bits,
    /// Concept, number of the property, number of its value.
    properties: Vec<(u32, u32, u32)>,
    property_names: CodeTable,
    property_values: CodeTable,
    pub(super) names: Names,
    /// Members of each reference set, by the code of the set.
    pub(super) reference_sets: BTreeMap<String, Bits>,
    /// Namespaces of extensions that the content covers; only for SNOMED CT.
    namespaces: Option<BTreeSet<u32>>,
}

impl System {
    /// Uri of the system.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// How many concepts are here, inactive ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether no concept is here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.len() == 0
    }

    /// About how many bytes it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        let tables = [&self.codes, &self.property_names, &self.property_values];
        tables.iter().map(|table| table.size()).sum::<usize>()
            + self.links.size()
            + self.inactive.size()
            + self.properties.capacity() * size_of::<(u32, u32, u32)>()
            + self.names.size()
            + self
                .reference_sets
                .iter()
                .map(|(set, members)| set.capacity() + members.size())
                .sum::<usize>()
    }

    /// Whether a code that is not here may still be one of this system.
    pub(super) fn may_have(&self, code: &str) -> bool {
        match &self.namespaces {
            _ if self.content != Content::Complete => true,
            Some(known) => snomed_namespace(code)
                .and_then(|namespace| namespace.parse().ok())
                .is_some_and(|namespace| !known.contains(&namespace)),
            None => false,
        }
    }

    /// The properties of the system whose name is `name`: each concept and its value.
    pub(super) fn values<'a>(&'a self, name: &str) -> Option<impl Iterator<Item = (u32, &'a str)> + use<'a>> {
        let name = self.property_names.find(name)?;
        Some(
            self.properties
                .iter()
                .filter(move |(_, property, _)| *property == name)
                .map(|(concept, _, value)| (*concept, self.property_values.get(*value))),
        )
    }
}

/// Builds a [`System`], concept by concept.
#[derive(Debug, Default)]
pub(crate) struct SystemBuilder {
    system: System,
    inactive: Vec<u32>,
    links: Vec<(u32, u32)>,
    reference_sets: BTreeMap<String, Vec<u32>>,
}

impl SystemBuilder {
    /// A system of which nothing is known yet but its uri.
    pub(crate) fn new(url: &str, version: Option<&str>, content: Content, case_sensitive: bool) -> Self {
        let fold = !case_sensitive;
        SystemBuilder {
            system: System {
                url: url.to_owned(),
                version: version.map(str::to_owned),
                content,
                fold,
                codes: CodeTable::new(fold),
                ..System::default()
            },
            ..SystemBuilder::default()
        }
    }

    /// Says that the hierarchy is here, even where it has no link.
    pub(crate) fn hierarchy(&mut self) {
        self.system.hierarchy = true;
    }

    /// Adds a concept, or finds it.
    pub(crate) fn concept(&mut self, code: &str, inactive: bool) -> Result<u32, TerminologyError> {
        let number = self
            .system
            .codes
            .insert(code)
            .filter(|_| self.system.codes.len() <= MAX_CONCEPTS);
        let number = number.ok_or(TerminologyError::Limit {
            what: "concepts in one system",
            limit: MAX_CONCEPTS,
        })?;
        if inactive {
            self.inactive.push(number);
        }
        Ok(number)
    }

    /// The number of a concept that was added.
    pub(crate) fn find(&self, code: &str) -> Option<u32> {
        self.system.codes.find(code)
    }

    /// Puts `child` under `parent`.
    pub(crate) fn link(&mut self, child: u32, parent: u32) {
        self.links.push((child, parent));
    }

    /// Gives a concept a property.
    pub(crate) fn property(&mut self, concept: u32, name: &str, value: &str) {
        let numbers = self
            .system
            .property_names
            .insert(name)
            .zip(self.system.property_values.insert(value));
        if let Some((name, value)) = numbers {
            self.system.properties.push((concept, name, value));
        }
    }

    /// Gives a concept a name; `preferred` says that it is the one to show.
    pub(crate) fn name(&mut self, concept: u32, language: Option<&str>, name: &str, preferred: bool) {
        self.system.names.push(concept, language, name, preferred);
    }

    /// Puts a concept into a reference set.
    pub(crate) fn refer(&mut self, set: &str, concept: u32) -> Result<(), TerminologyError> {
        if let Some(members) = self.reference_sets.get_mut(set) {
            members.push(concept);
            return Ok(());
        }
        if self.reference_sets.len() == MAX_REFERENCE_SETS {
            return Err(TerminologyError::Limit {
                what: "reference sets in one release",
                limit: MAX_REFERENCE_SETS,
            });
        }
        self.reference_sets.insert(set.to_owned(), vec![concept]);
        Ok(())
    }

    /// The system.
    pub(crate) fn finish(self) -> System {
        let SystemBuilder {
            mut system,
            inactive,
            links,
            reference_sets,
        } = self;
        let count = system.codes.len();
        system.hierarchy |= !links.is_empty();
        system.links = Links::new(count, links);
        system.inactive = Bits::new(count);
        for number in inactive {
            system.inactive.insert(number);
        }
        for (set, members) in reference_sets {
            let mut bits = Bits::new(count);
            for member in members {
                bits.insert(member);
            }
            system.reference_sets.insert(set, bits);
        }
        if system.url == SNOMED {
            let namespaces = system
                .codes
                .iter()
                .filter_map(snomed_namespace)
                .filter_map(|name| name.parse().ok());
            system.namespaces = Some(namespaces.collect());
        }
        system.codes.shrink();
        system
            .properties
            .sort_unstable_by_key(|(concept, name, _)| (*name, *concept));
        system.names.finish();
        system
    }
}

impl TryFrom<&CodeSystem> for System {
    type Error = TerminologyError;

    fn try_from(given: &CodeSystem) -> Result<Self, Self::Error> {
        let mut builder = SystemBuilder::new(
            &given.url,
            given.version.as_deref(),
            given.content,
            given.case_sensitive,
        );
        builder.system.value_set.clone_from(&given.value_set);
        builder.system.supplements.clone_from(&given.supplements);
        if given.compositional {
            builder.system.compositional = true;
        }
        if given.content == Content::Complete {
            // Complete without a link is flat, which is known as well.
            builder.hierarchy();
        }
        for concept in &given.concepts {
            let number = builder.concept(&concept.code, concept.inactive)?;
            for property in &concept.properties {
                builder.property(number, &property.name, &property.value);
            }
            if let Some(display) = &concept.display {
                builder.name(number, None, display, true);
            }
            for designation in &concept.designations {
                builder.name(number, designation.language.as_deref(), &designation.value, true);
            }
        }
        for concept in &given.concepts {
            let Some(child) = builder.find(&concept.code) else {
                continue;
            };
            for parent in &concept.parents {
                if let Some(parent) = builder.find(parent) {
                    builder.link(child, parent);
                }
            }
        }
        Ok(builder.finish())
    }
}
