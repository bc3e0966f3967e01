//! Code systems.

use std::collections::HashMap;

use samenhang_terminology::definition::{CodeSystem, Concept, Content, Designation, Property};

use super::{choice, items, owned, url};
use crate::raw::ReadError;
use crate::tree::Tree;

pub(super) fn read(tree: &Tree<'_>) -> Result<CodeSystem, ReadError> {
    let mut system = CodeSystem {
        url: url(tree)?,
        version: owned(tree, "version"),
        content: match tree.text("content") {
            Some("complete") => Content::Complete,
            Some("fragment" | "example") => Content::Fragment,
            Some("supplement") => Content::Supplement,
            _ => Content::NotPresent,
        },
        case_sensitive: flag(tree, "caseSensitive"),
        compositional: flag(tree, "compositional"),
        value_set: owned(tree, "valueSet"),
        supplements: owned(tree, "supplements"),
        concepts: Vec::new(),
    };
    let mut children = Vec::new();
    // Concepts may nest; the order of the text is kept by taking the last of what is open.
    let mut open: Vec<(&Tree<'_>, Option<&str>)> = Vec::new();
    open.extend(items(tree, "concept").iter().rev().map(|concept| (concept, None)));
    while let Some((given, parent)) = open.pop() {
        let Some(code) = given.text("code") else { continue };
        open.extend(
            items(given, "concept")
                .iter()
                .rev()
                .map(|concept| (concept, Some(code))),
        );
        let mut concept = Concept {
            code: code.to_owned(),
            parents: parent.map(str::to_owned).into_iter().collect(),
            display: owned(given, "display"),
            designations: items(given, "designation")
                .iter()
                .filter_map(designation)
                .collect(),
            ..Concept::default()
        };
        for property in items(given, "property") {
            let Some((name, value)) = owned(property, "code").zip(choice(property, "value")) else {
                continue;
            };
            match name.as_str() {
                "parent" | "subsumedBy" => concept.parents.push(value),
                "child" => children.push((value, code.to_owned())),
                "inactive" => concept.inactive |= value == "true",
                _ => {
                    concept.inactive |= name == "status" && matches!(value.as_str(), "retired" | "inactive");
                    concept.properties.push(Property { name, value });
                }
            }
        }
        system.concepts.push(concept);
    }
    adopt(&mut system.concepts, children);
    Ok(system)
}

/// Puts concepts under the parents that name them as a child.
fn adopt(concepts: &mut [Concept], children: Vec<(String, String)>) {
    if children.is_empty() {
        return;
    }
    let places: HashMap<String, usize> = concepts
        .iter()
        .enumerate()
        .map(|(place, concept)| (concept.code.clone(), place))
        .collect();
    for (child, parent) in children {
        if let Some(concept) = places.get(&child).and_then(|place| concepts.get_mut(*place))
            && !concept.parents.contains(&parent)
        {
            concept.parents.push(parent);
        }
    }
}

fn designation(given: &Tree<'_>) -> Option<Designation> {
    Some(Designation {
        language: owned(given, "language"),
        value: owned(given, "value")?,
    })
}

fn flag(tree: &Tree<'_>, name: &str) -> bool {
    tree.get(name).and_then(Tree::as_bool).unwrap_or(false)
}
