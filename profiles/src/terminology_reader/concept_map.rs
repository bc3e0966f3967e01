//! Concept maps.

use samenhang_terminology::answer::Relationship;
use samenhang_terminology::definition::{
    ConceptMap, MapAttribute, MapElement, MapGroup, MapTarget, Unmapped,
};

use super::{choice, items, owned, url};
use crate::raw::ReadError;
use crate::tree::Tree;

pub(super) fn read(tree: &Tree<'_>) -> Result<ConceptMap, ReadError> {
    Ok(ConceptMap {
        url: url(tree)?,
        version: owned(tree, "version"),
        source: choice(tree, "source"),
        target: choice(tree, "target"),
        groups: items(tree, "group").iter().map(group).collect(),
    })
}

fn group(given: &Tree<'_>) -> MapGroup {
    MapGroup {
        source: owned(given, "source"),
        target: owned(given, "target"),
        target_version: owned(given, "targetVersion"),
        elements: items(given, "element").iter().filter_map(element).collect(),
        unmapped: given.get("unmapped").and_then(unmapped),
    }
}

fn element(given: &Tree<'_>) -> Option<MapElement> {
    Some(MapElement {
        code: owned(given, "code")?,
        targets: items(given, "target").iter().filter_map(target).collect(),
    })
}

/// A target. One with a relationship that is not known is left out: nothing can be said of it.
fn target(given: &Tree<'_>) -> Option<MapTarget> {
    let relationship = match given.text("equivalence") {
        // In STU3 it may be left out, and means this.
        None => Relationship::Equivalent,
        Some(code) => Relationship::from_code(code)?,
    };
    Some(MapTarget {
        relationship,
        code: owned(given, "code"),
        display: owned(given, "display"),
        depends_on: items(given, "dependsOn").iter().map(attribute).collect(),
        product: items(given, "product").iter().map(attribute).collect(),
    })
}

/// A dependency or product. STU3 calls its value `code`.
fn attribute(given: &Tree<'_>) -> MapAttribute {
    MapAttribute {
        property: owned(given, "property").unwrap_or_default(),
        system: owned(given, "system"),
        value: owned(given, "value")
            .or_else(|| owned(given, "code"))
            .unwrap_or_default(),
    }
}

fn unmapped(given: &Tree<'_>) -> Option<Unmapped> {
    match given.text("mode")? {
        "provided" => Some(Unmapped::Provided),
        "fixed" => Some(Unmapped::Fixed {
            code: owned(given, "code")?,
            display: owned(given, "display"),
        }),
        "other-map" => Some(Unmapped::OtherMap(owned(given, "url")?)),
        _ => None,
    }
}
