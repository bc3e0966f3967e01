//! Which elements of the target were ever filled, and which never.

use std::collections::{BTreeMap, BTreeSet};

use samenhang_conform::LiftedResource;
use samenhang_profiles::definition::{Library, Max};
use samenhang_profiles::document::{Document, Node};
use samenhang_profiles::{FhirVersion, Limits};
use serde::Serialize;

/// Elements that every resource has and no map is judged by.
const GENERAL: [&str; 8] = [
    "id",
    "meta",
    "implicitRules",
    "language",
    "text",
    "contained",
    "extension",
    "modifierExtension",
];

/// What was filled, by profile.
#[derive(Debug, Clone, Default)]
pub struct Filled(BTreeMap<String, Kind>);

#[derive(Debug, Clone, Default)]
struct Kind {
    type_name: String,
    resources: usize,
    elements: BTreeMap<String, usize>,
}

/// What of one profile was filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The profile that the resources claim, or their type.
    pub profile: String,
    /// Resources of it.
    pub resources: usize,
    /// Elements that were filled, and how often.
    pub filled: BTreeMap<String, usize>,
    /// Elements that the profile has and that were never filled; of what was never filled, not what is in it.
    pub never: Vec<String>,
}

impl Filled {
    /// Adds a resource that was made.
    pub fn add(&mut self, resource: &LiftedResource, version: FhirVersion) {
        // What the engine made can be read; if it could not, the validator says so.
        let Ok(document) = Document::from_json(&resource.json, version, &Limits::default()) else {
            return;
        };
        let root = document.root();
        let profile = root.child("meta").and_then(|meta| meta.text("profile"));
        let kind = self
            .0
            .entry(profile.unwrap_or(resource.resource_type).to_owned())
            .or_default();
        resource.resource_type.clone_into(&mut kind.type_name);
        kind.resources += 1;
        let mut open: Vec<(Node<'_>, String)> = vec![(root, root.resource_type().to_owned())];
        while let Some((node, path)) = open.pop() {
            for child in node.children() {
                if child.is_resource() {
                    continue;
                }
                let choice = if child.element() == child.stem() {
                    ""
                } else {
                    "[x]"
                };
                let path = format!("{path}.{}{choice}", child.stem());
                *kind.elements.entry(path.clone()).or_default() += 1;
                open.push((child, path));
            }
        }
    }

    /// What was filled, held to the profiles.
    #[must_use]
    pub fn coverage(&self, library: &dyn Library) -> Vec<Coverage> {
        let all = self.0.iter().map(|(profile, kind)| Coverage {
            profile: profile.clone(),
            resources: kind.resources,
            filled: kind.elements.clone(),
            never: never(profile, kind, library),
        });
        all.collect()
    }
}

fn never(profile: &str, kind: &Kind, library: &dyn Library) -> Vec<String> {
    let found = library
        .structure(profile)
        .or_else(|_| library.type_named(&kind.type_name));
    let Ok(definition) = found else {
        return Vec::new();
    };
    let mut never: BTreeSet<String> = BTreeSet::new();
    for element in definition.snapshot.iter().flatten() {
        let Some((above, name)) = element.path.rsplit_once('.') else {
            continue;
        };
        let is_top = above == kind.type_name || kind.elements.contains_key(above);
        let forbidden = element.max == Some(Max::Count(0));
        if is_top && !forbidden && !GENERAL.contains(&name) && !kind.elements.contains_key(&element.path) {
            never.insert(element.path.clone());
        }
    }
    never.into_iter().collect()
}
