//! Value sets.

use samenhang_terminology::definition::{Filter, Include, Operator, StoredExpansion, ValueSet};

use super::{items, owned, url};
use crate::raw::ReadError;
use crate::tree::Tree;

pub(super) fn read(tree: &Tree<'_>) -> Result<ValueSet, ReadError> {
    let rules = |name: &str| -> Vec<Include> {
        tree.get("compose")
            .map(|compose| items(compose, name).iter().map(include).collect())
            .unwrap_or_default()
    };
    Ok(ValueSet {
        url: url(tree)?,
        version: owned(tree, "version"),
        active_only: tree.path("compose.inactive").and_then(Tree::as_bool) == Some(false),
        include: rules("include"),
        exclude: rules("exclude"),
        expansion: tree.get("expansion").map(expansion),
    })
}

fn include(given: &Tree<'_>) -> Include {
    Include {
        system: owned(given, "system"),
        version: owned(given, "version"),
        concepts: items(given, "concept")
            .iter()
            .filter_map(|concept| owned(concept, "code"))
            .collect(),
        filters: items(given, "filter").iter().map(filter).collect(),
        value_sets: items(given, "valueSet")
            .iter()
            .filter_map(Tree::as_str)
            .map(str::to_owned)
            .collect(),
    }
}

/// A filter that lacks a part is one that no system knows: it is never met, and never left out.
fn filter(given: &Tree<'_>) -> Filter {
    Filter {
        property: owned(given, "property").unwrap_or_default(),
        operator: Operator::from_code(given.text("op").unwrap_or("")),
        value: owned(given, "value").unwrap_or_default(),
    }
}

/// A stored expansion. It is complete when it says nothing else: no further pages, no more codes than are here, no
/// mark that it was cut off or has no end.
fn expansion(given: &Tree<'_>) -> StoredExpansion {
    let mut codes = Vec::new();
    let mut entries = 0usize;
    let mut open: Vec<&Tree<'_>> = items(given, "contains").iter().rev().collect();
    while let Some(entry) = open.pop() {
        open.extend(items(entry, "contains").iter().rev());
        entries += 1;
        let grouping = entry.get("abstract").and_then(Tree::as_bool) == Some(true);
        if let (Some(code), false) = (owned(entry, "code"), grouping) {
            codes.push((owned(entry, "system").unwrap_or_default(), code));
        }
    }
    let number = |name: &str| {
        given
            .get(name)
            .and_then(Tree::as_number)
            .and_then(|text| text.parse::<usize>().ok())
    };
    let whole = number("total").is_none_or(|total| total <= entries)
        && number("offset").is_none_or(|offset| offset == 0);
    let cut_off = items(given, "extension").iter().any(|extension| {
        extension
            .text("url")
            .is_some_and(|url| url.ends_with("unclosed") || url.ends_with("toocostly"))
    }) || items(given, "parameter")
        .iter()
        .any(|parameter| parameter.text("name") == Some("limitedExpansion"));
    StoredExpansion {
        complete: whole && !cut_off,
        codes,
    }
}
