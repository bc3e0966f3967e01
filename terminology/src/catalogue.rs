//! Everything that is known about codes, compiled once and asked often.
//!
//! A catalogue is of one FHIR version. It is filled by a [`Builder`] from code systems, value sets and concept maps, and
//! from releases of licensed systems ([`crate::release`]), which two catalogues can share. It never changes after that.

mod bits;
mod build;
mod code_table;
mod expand;
mod filter;
mod flatten;
mod judge;
mod links;
mod map;
mod names;
mod set;
mod slot;
mod system;
#[cfg(test)]
mod tests;

pub use build::Builder;
pub use expand::{Expansion, Page};
pub use system::System;
pub(crate) use system::SystemBuilder;

use std::sync::Arc;

use hashbrown::HashMap;

use self::map::Map;
use self::names::{is_language, same_name};
use self::set::Set;
use self::slot::Slot;
use crate::answer::{DisplayCheck, Match, Membership, Subsumption, Translation, Unknown};
use crate::coding::Coding;
use crate::service::Terminology;

/// Everything that is known about codes, for one FHIR version. See the module.
#[derive(Debug, Default)]
pub struct Catalogue {
    slots: Vec<Slot>,
    /// Uri of a system to its slot.
    systems: HashMap<Box<str>, u32>,
    sets: Vec<Set>,
    /// Canonical of a value set, without and with its version, to its place.
    set_names: HashMap<Box<str>, u32>,
    maps: Vec<Map>,
    /// Canonical of a concept map, without and with its version, to its place.
    map_names: HashMap<Box<str>, u32>,
}

/// What a canonical leads to.
enum Found {
    /// A value set that was loaded.
    Set(u32),
    /// One that its canonical spells out, such as all descendants of a concept.
    Implicit(Box<Set>),
    /// None, and why.
    Nothing(Unknown),
}

impl Catalogue {
    /// How many systems with content, value sets and concept maps there are.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let systems = self.slots.iter().filter(|slot| !slot.contents.is_empty()).count();
        (systems, self.sets.len(), self.maps.len())
    }

    /// The canonicals of the value sets, in the order in which they were added.
    pub fn value_sets(&self) -> impl Iterator<Item = &str> {
        self.sets.iter().map(|set| &*set.url)
    }

    /// Whether every code can be told to be in a value set or not, with what is loaded.
    ///
    /// # Errors
    /// The first reason why not.
    pub fn is_decidable(&self, value_set: &str) -> Result<(), Unknown> {
        match self.find(value_set) {
            Found::Set(set) => self.decidable(&self.sets[set as usize], 0),
            Found::Implicit(set) => self.decidable(&set, 0),
            Found::Nothing(why) => Err(why),
        }
    }

    fn slot(&self, system: &str) -> Option<&Slot> {
        self.systems.get(system).map(|slot| &self.slots[*slot as usize])
    }

    fn find(&self, canonical: &str) -> Found {
        if let Some(set) = self.set_names.get(canonical) {
            return Found::Set(*set);
        }
        if let Some((url, version)) = canonical.rsplit_once('|')
            && let Some(set) = self.set_names.get(url)
        {
            // `4.0` asks for any of 4.0.x; a set without a version may be any.
            return match self.sets[*set as usize].version.as_deref() {
                Some(loaded) if !slot::is_version(loaded, version) => Found::Nothing(Unknown::VersionUnknown),
                _ => Found::Set(*set),
            };
        }
        match set::implicit(canonical) {
            Some(definition) => Found::Implicit(Box::new(self.compile(&definition, &definition.include))),
            None => Found::Nothing(Unknown::ValueSetUnknown),
        }
    }
}

impl Terminology for Catalogue {
    fn member(&self, value_set: &str, coding: Coding<'_>) -> Membership {
        match self.find(value_set) {
            Found::Set(set) => self.judge(&self.sets[set as usize], coding),
            Found::Implicit(set) => self.judge(&set, coding),
            Found::Nothing(why) => Membership::Unknown(why),
        }
    }

    fn code(&self, coding: Coding<'_>) -> Membership {
        let Some(system) = coding.system else {
            return Membership::Unknown(Unknown::SystemUnclear);
        };
        match self.slot(system) {
            Some(slot) => slot.has(coding.version, coding.code),
            None => Slot::new(system).has(coding.version, coding.code),
        }
    }

    fn subsumes(&self, system: &str, first: &str, second: &str) -> Subsumption {
        let Some(content) = self.slot(system).and_then(|slot| slot.pick(None)) else {
            return Subsumption::Unknown(match slot::Slot::new(system).absent() {
                Membership::Unknown(why) => why,
                _ => Unknown::SystemContentAbsent,
            });
        };
        match (content.codes.find(first), content.codes.find(second)) {
            (Some(first), Some(second)) if first == second => Subsumption::Equivalent,
            _ if !content.hierarchy => Subsumption::Unknown(Unknown::HierarchyAbsent),
            (Some(first), Some(second)) if content.links.above(first, second) => Subsumption::Subsumes,
            (Some(first), Some(second)) if content.links.above(second, first) => Subsumption::SubsumedBy,
            (Some(_), Some(_)) if content.may_have("") => Subsumption::Unknown(Unknown::SystemFragment),
            (Some(_), Some(_)) => Subsumption::NotSubsumed,
            _ => Subsumption::Unknown(Unknown::SystemFragment),
        }
    }

    fn display(&self, coding: Coding<'_>, language: Option<&str>) -> DisplayCheck {
        let (Some(given), Some(slot)) = (coding.display, coding.system.and_then(|system| self.slot(system)))
        else {
            return DisplayCheck::Unknown;
        };
        let mut preferred: Option<(u8, &str)> = None;
        for content in slot.pick(coding.version).into_iter().chain(&slot.supplements) {
            let Some(concept) = content.codes.find(coding.code) else {
                continue;
            };
            for name in content.names.of(concept) {
                if same_name(name.text, given) {
                    return DisplayCheck::Fits;
                }
                let language = match (name.language, language) {
                    (Some(tag), Some(asked)) if is_language(tag, asked) => 4,
                    (None, _) => 2,
                    _ => 0,
                };
                let fit = language + u8::from(name.preferred);
                if preferred.is_none_or(|(best, _)| fit > best) {
                    preferred = Some((fit, name.text));
                }
            }
        }
        preferred.map_or(DisplayCheck::Unknown, |(_, name)| {
            DisplayCheck::Differs(Arc::from(name))
        })
    }

    fn translate(&self, map: &str, coding: Coding<'_>) -> Translation {
        self.translate_by(map, coding)
    }
}

impl Catalogue {
    /// The codes that a concept map turns into `target`, with each relationship read from target to source.
    #[must_use]
    pub fn translate_back(&self, map: &str, target: Coding<'_>) -> Vec<Match> {
        self.map(map).map(|map| map.back(target)).unwrap_or_default()
    }
}
