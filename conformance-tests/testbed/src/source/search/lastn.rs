//! `Observation/$lastn`: the latest Observations of each code.
//!
//! Two Observations are of one code when their first coding is the same, else when their text is.

use std::collections::HashMap;

use super::super::store::{Index, Resource, Store};
use super::value;

/// Keeps the latest `max` of each code, groups in the order in which they first occur, latest first inside.
pub(super) fn latest(store: &Store, matches: &[Index], max: usize) -> Vec<Index> {
    let mut order: Vec<String> = Vec::new();
    let mut groups: HashMap<String, Vec<Index>> = HashMap::new();
    for index in matches {
        let Some(resource) = store.get(*index) else {
            continue;
        };
        let code = code(resource);
        if !groups.contains_key(&code) {
            order.push(code.clone());
        }
        groups.entry(code).or_default().push(*index);
    }
    let mut found = Vec::new();
    for code in order {
        let mut group = groups.remove(&code).unwrap_or_default();
        group.sort_by_cached_key(|index| std::cmp::Reverse(store.get(*index).and_then(moment)));
        found.extend(group.into_iter().take(max));
    }
    found
}

fn code(resource: &Resource) -> String {
    let Some(code) = resource.json().get("code") else {
        return String::new();
    };
    match code.list("coding").first() {
        Some(coding) => {
            format!(
                "{}|{}",
                coding.str("system").unwrap_or_default(),
                coding.str("code").unwrap_or_default()
            )
        }
        None => code.str("text").unwrap_or_default().to_owned(),
    }
}

fn moment(resource: &Resource) -> Option<value::Moments> {
    [
        "effectiveDateTime",
        "effectivePeriod",
        "effectiveInstant",
        "issued",
    ]
    .into_iter()
    .find_map(|name| value::span(resource.json().get(name)?))
}
