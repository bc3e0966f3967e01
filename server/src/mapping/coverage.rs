//! What a pack makes of a sample, for a page that a person reads: per map where values went, which elements and concepts of
//! its profile were filled, and how much of the BgZ was there. Paths and counts only.

mod page;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use samenhang_conform::{Fate, Lifted, Pack, skeleton};
use samenhang_profiles::FhirVersion;
use samenhang_profiles::definition::Library;
use samenhang_profiles::document::{Document, Node};

use super::account::{Account, general};
use super::target::Coverage;

pub use page::page;

/// Generated from the fixtures of the BgZ.
const BGZ: &str = include_str!("bgz-paths.txt");
/// Places of one map that are told apart.
const MAX_PLACES: usize = 5_000;

/// The element paths of the BgZ in STU3.
pub fn bgz_paths() -> impl Iterator<Item = &'static str> {
    BGZ.lines().filter(|line| !line.starts_with('#'))
}

/// Where the values of one map went, by place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// Into the target.
    pub mapped: BTreeMap<String, usize>,
    /// Left out, by place and reason.
    pub ignored: BTreeMap<(String, String), usize>,
    /// Nowhere.
    pub unmapped: BTreeMap<String, usize>,
}

/// What of one type of resource of the BgZ was there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// Paths that the BgZ has.
    pub paths: usize,
    /// Of those, the ones that the sample has.
    pub seen: usize,
    /// Of those, the ones of which no value is unmapped.
    pub kept: usize,
}

/// What is known of a sample.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    maps: BTreeMap<String, Places>,
    /// Paths as the list of the BgZ writes them, and whether a value of one was unmapped.
    paths: BTreeMap<String, bool>,
}

/// A page: what was counted, of one pack.
pub struct Report<'r> {
    /// Name of the pack.
    pub pack: &'r str,
    /// Its version.
    pub version: &'r str,
    /// All values.
    pub total: &'r Account,
    /// Messages that could not be lifted.
    pub refused: usize,
    /// By map.
    pub maps: &'r BTreeMap<String, Places>,
    /// By profile of the target.
    pub target: &'r [Coverage],
    /// By profile, the concepts of the zib and whether their elements were filled.
    pub concepts: BTreeMap<String, Vec<Concept>>,
    /// By type of resource, for a source in STU3.
    pub bgz: BTreeMap<String, Listed>,
}

/// A concept of a zib at an element of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concept {
    /// Its id.
    pub id: String,
    /// Its name in English.
    pub english: &'static str,
    /// Its name in Dutch, or in English where that is not known.
    pub dutch: &'static str,
    /// The path of the element.
    pub path: String,
    /// Whether the path was filled.
    pub filled: bool,
}

impl Gathered {
    /// Adds a message.
    pub fn add(&mut self, document: &Document<'_>, lifted: &Lifted) {
        let mut made: HashMap<usize, &str> = HashMap::new();
        for resource in &lifted.resources {
            if let Some(map) = &resource.map {
                made.entry(resource.node).or_insert(map);
            }
        }
        for leaf in lifted.ledger.leaves() {
            let Some(node) = document.node(leaf.node) else {
                continue;
            };
            let above = std::iter::successors(Some(node), |node| node.parent());
            let map = above.filter_map(|node| made.get(&node.id())).next();
            let places = self.maps.entry((*map.unwrap_or(&"-")).to_owned()).or_default();
            let path = general(&node.path());
            let is_full = places.mapped.len() + places.ignored.len() + places.unmapped.len() >= MAX_PLACES;
            let path = if is_full { "...".to_owned() } else { path };
            match leaf.fate {
                Fate::Mapped => *places.mapped.entry(path).or_default() += 1,
                Fate::Unmapped => *places.unmapped.entry(path).or_default() += 1,
                Fate::Ignored(_) => {
                    let reason = lifted.ledger.reason(leaf.fate).unwrap_or_default().to_owned();
                    *places.ignored.entry((path, reason)).or_default() += 1;
                }
            }
            let lost = leaf.fate == Fate::Unmapped;
            for path in listed(node) {
                if self.paths.len() < MAX_PLACES || self.paths.contains_key(&path) {
                    *self.paths.entry(path).or_default() |= lost;
                }
            }
        }
    }

    /// What was counted, by map.
    #[must_use]
    pub fn maps(&self) -> &BTreeMap<String, Places> {
        &self.maps
    }

    /// What of the BgZ was there, by type of resource; empty for a source that is not in STU3.
    #[must_use]
    pub fn bgz(&self, pack: &Pack) -> BTreeMap<String, Listed> {
        let mut all: BTreeMap<String, Listed> = BTreeMap::new();
        if pack.source() != Some(FhirVersion::Stu3) {
            return all;
        }
        for path in bgz_paths() {
            let kind = path.split('.').next().unwrap_or(path);
            let listed = all.entry(kind.to_owned()).or_default();
            listed.paths += 1;
            if let Some(lost) = self.paths.get(path) {
                listed.seen += 1;
                listed.kept += usize::from(!lost);
            }
        }
        all
    }
}

/// The paths to a value and to what it stands in, as the list of the BgZ writes them: of what is in an extension only the
/// extension itself.
fn listed(node: Node<'_>) -> Vec<String> {
    let mut chain: Vec<Node<'_>> = Vec::new();
    for above in std::iter::successors(Some(node), |node| node.parent()) {
        chain.push(above);
        if above.is_resource() {
            break;
        }
    }
    let mut path = String::new();
    let mut all = Vec::new();
    for step in chain.into_iter().rev() {
        if step.is_resource() {
            step.resource_type().clone_into(&mut path);
            continue;
        }
        path.push('.');
        if step.fhir_type() == "Extension" {
            let url = step.text("url").unwrap_or_default();
            path.push_str(&format!("ext({})", url.rsplit('/').next().unwrap_or(url)));
            all.push(path);
            break;
        }
        path.push_str(step.name());
        all.push(path.clone());
    }
    all
}

/// The concepts of the zib that a profile carries, and whether the paths of their elements were filled.
#[must_use]
pub fn concepts(coverage: &[Coverage], library: &dyn Library) -> BTreeMap<String, Vec<Concept>> {
    let mut all = BTreeMap::new();
    for profile in coverage {
        let Ok(definition) = library.structure(&profile.profile) else {
            continue;
        };
        let mut seen = BTreeSet::new();
        let mut own = Vec::new();
        for element in definition.snapshot.iter().flatten() {
            for concept in &element.concepts {
                if !element.path.contains('.') || !seen.insert((concept.id.clone(), element.path.clone())) {
                    continue;
                }
                let names = skeleton::concept(&concept.id);
                let english = names.map_or("", |names| names.english);
                let dutch = names.map_or("", |names| names.dutch);
                own.push(Concept {
                    id: concept.id.clone(),
                    english,
                    dutch: if dutch.is_empty() { english } else { dutch },
                    path: element.path.clone(),
                    filled: profile.filled.contains_key(&element.path),
                });
            }
        }
        if !own.is_empty() {
            all.insert(profile.profile.clone(), own);
        }
    }
    all
}
