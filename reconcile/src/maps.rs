//! Maps of codes that may join two records (tier T4): the bridge between code systems.
//!
//! A map counts only when it is named, with its canonical and its version, in a list of what is allowed; nothing is
//! allowed by default, and the project ships no map of licensed content. Of a map only `equal` and `equivalent` join.
//! What is wider, narrower or inexact is shown as one topic at most, and what depends on something else says nothing.
//!
//! Equivalence is carried over from map to map only as far as it stays unambiguous: a set of equivalent codes in which
//! one code system has two codes that no map of that system equates is not used at all.

mod classes;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use hashbrown::HashMap;
use samenhang_terminology::answer::Relationship;
use samenhang_terminology::definition::ConceptMap;

use crate::fact::{Bridge, system_of};
use classes::Classes;

/// Most mappings of all maps together.
pub const MAX_MAPPINGS: usize = 2_000_000;

/// The name of a map that may be used: its canonical and its version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Allowed {
    url: String,
    version: String,
}

impl Allowed {
    /// Whether it names this map.
    #[must_use]
    pub fn names(&self, map: &ConceptMap) -> bool {
        self.url == map.url && Some(&self.version) == map.version.as_ref()
    }
}

impl FromStr for Allowed {
    type Err = MapsError;

    fn from_str(text: &str) -> Result<Self, MapsError> {
        let named = text.split_once('|');
        let (url, version) = named
            .filter(|(url, version)| !url.is_empty() && !version.is_empty() && !version.contains('|'))
            .ok_or_else(|| MapsError::NoVersion(text.to_owned()))?;
        Ok(Allowed {
            url: url.to_owned(),
            version: version.to_owned(),
        })
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{}", self.url, self.version)
    }
}

/// Why maps cannot be used. Names maps and limits only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MapsError {
    /// A map is allowed without its version.
    #[error("{0} is not CANONICAL|VERSION: a map is allowed by its canonical and its version")]
    NoVersion(String),
    /// A map is allowed and was not given.
    #[error("the map {0} is allowed, and no map of that canonical and version was given")]
    Absent(Allowed),
    /// The maps have too many mappings.
    #[error("the maps have more than {MAX_MAPPINGS} mappings")]
    TooMany,
}

impl MapsError {
    /// The stable code, with a page in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            MapsError::NoVersion(_) => "SAM-REC-006",
            MapsError::Absent(_) => "SAM-REC-007",
            MapsError::TooMany => "SAM-REC-008",
        }
    }
}

/// A code by its system.
pub(crate) type Coded = (Box<str>, Box<str>);

/// A code that another is mapped to, and the number of the map.
pub(crate) type Mapping = (Coded, u16);

/// The maps that are used, made ready for looking up. A clone shares them.
#[derive(Debug, Clone, Default)]
pub struct Maps {
    ready: Arc<Ready>,
}

#[derive(Debug, Default)]
struct Ready {
    /// Canonical with version of each map that is used.
    names: Vec<Arc<str>>,
    /// By system and code the index of its class.
    codes: HashMap<Box<str>, HashMap<Box<str>, u32>>,
    /// For each class a code that stands for it, and the maps that it comes from.
    classes: Vec<(Coded, Box<[u16]>)>,
    /// By system and code what it shares a topic with, and by which map.
    topics: HashMap<Box<str>, HashMap<Box<str>, Vec<Mapping>>>,
    ambiguous: usize,
}

impl Maps {
    /// No maps: only equal codes are equal.
    #[must_use]
    pub fn none() -> &'static Maps {
        static NONE: std::sync::LazyLock<Maps> = std::sync::LazyLock::new(Maps::default);
        &NONE
    }

    /// Makes the allowed ones of the given maps ready. Those that are not allowed are not looked at.
    ///
    /// # Errors
    /// [`MapsError`] when an allowed map is not among them, or they are too large.
    pub fn new(given: &[ConceptMap], allowed: &[Allowed]) -> Result<Maps, MapsError> {
        let mut allowed: Vec<&Allowed> = allowed.iter().collect();
        allowed.sort_unstable();
        allowed.dedup();
        let mut maps = Ready::default();
        let mut classes = Classes::default();
        let mut left = MAX_MAPPINGS;
        for allowed in allowed {
            let number = u16::try_from(maps.names.len()).map_err(|_| MapsError::TooMany)?;
            let mut named = given.iter().filter(|map| allowed.names(map)).peekable();
            if named.peek().is_none() {
                return Err(MapsError::Absent(allowed.clone()));
            }
            maps.names.push(allowed.to_string().into());
            for map in named {
                maps.take(map, number, &mut classes, &mut left)?;
            }
        }
        let (found, ambiguous) = classes.unambiguous();
        maps.ambiguous = ambiguous;
        for (codes, of) in found {
            let Some(first) = codes.first().cloned() else {
                continue;
            };
            let class = u32::try_from(maps.classes.len()).unwrap_or(u32::MAX);
            for (system, code) in codes {
                maps.codes.entry(system).or_default().insert(code, class);
            }
            maps.classes.push((first, of));
        }
        Ok(Maps {
            ready: Arc::new(maps),
        })
    }

    /// Canonical with version of each map that is used, in order.
    #[must_use]
    pub fn names(&self) -> &[Arc<str>] {
        &self.ready.names
    }

    /// Sets of codes that are not used because one code system has two codes in them.
    #[must_use]
    pub fn ambiguous(&self) -> usize {
        self.ready.ambiguous
    }
}

impl Ready {
    fn take(
        &mut self,
        map: &ConceptMap,
        number: u16,
        classes: &mut Classes,
        left: &mut usize,
    ) -> Result<(), MapsError> {
        for group in &map.groups {
            let (Some(source), Some(target)) = (group.source.as_deref(), group.target.as_deref()) else {
                continue;
            };
            let (source, target) = (system_of(source), system_of(target));
            let targets = group
                .elements
                .iter()
                .flat_map(|element| element.targets.iter().map(move |target| (&element.code, target)));
            for (code, found) in targets {
                *left = left.checked_sub(1).ok_or(MapsError::TooMany)?;
                // What holds only together with something else says nothing of the two codes alone.
                let is_plain = found.depends_on.is_empty() && found.product.is_empty();
                let (Some(other), true) = (&found.code, is_plain) else {
                    continue;
                };
                let (from, to) = (coded(source, code), coded(target, other));
                match found.relationship {
                    Relationship::Equal | Relationship::Equivalent => classes.equate(from, to, number),
                    Relationship::Disjoint => classes.part(from, to),
                    Relationship::Unmatched | Relationship::RelatedTo => {}
                    Relationship::Wider
                    | Relationship::Subsumes
                    | Relationship::Narrower
                    | Relationship::Specializes
                    | Relationship::Inexact => {
                        for ((system, code), other) in [(from.clone(), to.clone()), (to, from)] {
                            let topics = self.topics.entry(system).or_default();
                            topics.entry(code).or_default().push((other, number));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn class(&self, system: &str, code: &str) -> Option<&(Coded, Box<[u16]>)> {
        let class = *self.codes.get(system)?.get(code)?;
        self.classes.get(class as usize)
    }
}

fn coded(system: &str, code: &str) -> Coded {
    (system.into(), code.into())
}

impl Bridge for Maps {
    fn stands_for(&self, system: &str, code: &str) -> Option<(&str, &str)> {
        let ((system, code), _) = self.ready.class(system, code)?;
        Some((system, code))
    }

    fn maps(&self, system: &str, code: &str) -> &[u16] {
        self.ready.class(system, code).map_or(&[], |(_, maps)| maps)
    }

    fn topics(&self, system: &str, code: &str) -> &[(Coded, u16)] {
        let topics = self.ready.topics.get(system).and_then(|codes| codes.get(code));
        topics.map_or(&[], Vec::as_slice)
    }

    fn name(&self, map: u16) -> Option<&Arc<str>> {
        self.ready.names.get(usize::from(map))
    }
}
