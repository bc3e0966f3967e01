//! A concept map, compiled.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use hashbrown::HashMap;

use super::Catalogue;
use super::slot::is_version;
use crate::answer::{Attribute, Match, Relationship, Translation};
use crate::coding::Coding;
use crate::definition::{ConceptMap, MapAttribute, MapGroup, MapTarget, Unmapped};

/// Further than this one map does not defer to another.
const MAX_HOPS: usize = 8;

/// A concept map, compiled.
#[derive(Debug, Clone)]
pub(super) struct Map {
    version: Option<String>,
    groups: Vec<Group>,
}

#[derive(Debug, Clone)]
struct Group {
    source: Option<Arc<str>>,
    target: Option<Arc<str>>,
    target_version: Option<Arc<str>>,
    targets: HashMap<Box<str>, Vec<Match>>,
    /// Target code to the source codes that become it.
    sources: HashMap<Box<str>, Vec<(Arc<str>, Relationship)>>,
    unmapped: Option<Unmapped>,
}

impl Map {
    pub(super) fn new(given: &ConceptMap) -> Self {
        Map {
            version: given.version.clone(),
            groups: given.groups.iter().map(Group::new).collect(),
        }
    }

    /// The codes that become `target`.
    pub(super) fn back(&self, target: Coding<'_>) -> Vec<Match> {
        let mut matches = Vec::new();
        for group in self
            .groups
            .iter()
            .filter(|group| is_of(group.target.as_deref(), target.system))
        {
            for (code, relationship) in group.sources.get(target.code).into_iter().flatten() {
                matches.push(Match {
                    relationship: relationship.reversed(),
                    system: group.source.clone(),
                    version: None,
                    code: Some(Arc::clone(code)),
                    display: None,
                    depends_on: Vec::new(),
                    product: Vec::new(),
                    by_default: false,
                });
            }
        }
        matches
    }
}

impl Group {
    fn new(given: &MapGroup) -> Self {
        let mut group = Group {
            source: given.source.as_deref().map(Arc::from),
            target: given.target.as_deref().map(Arc::from),
            target_version: given.target_version.as_deref().map(Arc::from),
            targets: HashMap::new(),
            sources: HashMap::new(),
            unmapped: given.unmapped.clone(),
        };
        for element in &given.elements {
            let matches: Vec<Match> = element.targets.iter().map(|target| group.found(target)).collect();
            for target in &element.targets {
                if let Some(code) = &target.code {
                    let source = (Arc::from(element.code.as_str()), target.relationship);
                    group
                        .sources
                        .entry(code.as_str().into())
                        .or_default()
                        .push(source);
                }
            }
            group
                .targets
                .entry(element.code.as_str().into())
                .or_default()
                .extend(matches);
        }
        group
    }

    fn found(&self, target: &MapTarget) -> Match {
        Match {
            relationship: target.relationship,
            system: self.target.clone().filter(|_| target.code.is_some()),
            version: self.target_version.clone(),
            code: target.code.as_deref().map(Arc::from),
            display: target.display.as_deref().map(Arc::from),
            depends_on: target.depends_on.iter().map(attribute).collect(),
            product: target.product.iter().map(attribute).collect(),
            by_default: false,
        }
    }

    /// A target that the rule for what is not mapped gives. It claims no more than that the two are related.
    fn default(&self, code: &str, display: Option<&str>) -> Match {
        Match {
            relationship: Relationship::RelatedTo,
            system: self.target.clone(),
            version: self.target_version.clone(),
            code: Some(Arc::from(code)),
            display: display.map(Arc::from),
            depends_on: Vec::new(),
            product: Vec::new(),
            by_default: true,
        }
    }
}

fn attribute(given: &MapAttribute) -> Attribute {
    Attribute {
        property: Arc::from(given.property.as_str()),
        system: given.system.as_deref().map(Arc::from),
        value: Arc::from(given.value.as_str()),
    }
}

/// Whether a group is of the system that was given. A code without a system is of any.
fn is_of(group: Option<&str>, given: Option<&str>) -> bool {
    given.is_none() || group == given
}

impl Catalogue {
    pub(super) fn map(&self, canonical: &str) -> Option<&Map> {
        let place = match (self.map_names.get(canonical), canonical.rsplit_once('|')) {
            (Some(place), _) => *place,
            (None, Some((url, version))) => {
                let place = *self.map_names.get(url)?;
                let loaded = self.maps.get(place as usize)?.version.as_deref();
                loaded
                    .is_none_or(|loaded| is_version(loaded, version))
                    .then_some(place)?
            }
            (None, None) => return None,
        };
        self.maps.get(place as usize)
    }

    pub(super) fn translate_by(&self, canonical: &str, coding: Coding<'_>) -> Translation {
        let mut canonical = canonical;
        for _ in 0..MAX_HOPS {
            let Some(map) = self.map(canonical) else {
                return Translation::Unknown;
            };
            let groups = || {
                map.groups
                    .iter()
                    .filter(|group| is_of(group.source.as_deref(), coding.system))
            };
            let matches: Vec<Match> = groups()
                .filter_map(|group| group.targets.get(coding.code))
                .flatten()
                .cloned()
                .collect();
            if !matches.is_empty() {
                return Translation::Matches(matches);
            }
            // No element names the code. A group that names it without a target says that there is none.
            let silent = groups().filter(|group| !group.targets.contains_key(coding.code));
            match silent
                .filter_map(|group| group.unmapped.as_ref().map(|unmapped| (group, unmapped)))
                .next()
            {
                None => return Translation::Unmapped,
                Some((group, Unmapped::Provided)) => {
                    return Translation::Matches(vec![group.default(coding.code, coding.display)]);
                }
                Some((group, Unmapped::Fixed { code, display })) => {
                    return Translation::Matches(vec![group.default(code, display.as_deref())]);
                }
                Some((_, Unmapped::OtherMap(other))) => canonical = other,
            }
        }
        Translation::Unknown
    }
}
