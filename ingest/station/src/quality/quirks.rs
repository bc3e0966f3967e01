//! The section of a report on quirks: in what ways the source differs from the specification.

use std::borrow::Cow;
use std::collections::BTreeMap;

use samenhang_conform::quirks::Quirk;
use serde::{Deserialize, Serialize};

use super::report::Line;
use crate::lift::QUIRK_RULE;

/// A quirk of the catalogue, and how often it was met in the messages of the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuirkCount {
    /// The stable id, `SAM-QRK-nnn`.
    pub id: Cow<'static, str>,
    /// Its name.
    pub name: Cow<'static, str>,
    /// The same in Dutch.
    pub name_nl: Cow<'static, str>,
    /// What was done about it: `repair`, `tolerate` or `refuse`.
    pub rule: Cow<'static, str>,
    /// How often it was met.
    pub count: u64,
    /// The same by place, without indexes.
    pub places: BTreeMap<String, u64>,
}

/// Whether a finding is of a quirk.
pub(super) fn is_quirk(stage: &str, line: &Line) -> bool {
    stage == "map" && line.rule == QUIRK_RULE
}

/// The quirks among findings, in order of their ids.
pub(super) fn quirks<'f>(findings: impl Iterator<Item = &'f (String, Line)>) -> Vec<QuirkCount> {
    let mut found: BTreeMap<Quirk, QuirkCount> = BTreeMap::new();
    for (stage, line) in findings {
        let Some(quirk) = Quirk::of_id(&line.code).filter(|_| is_quirk(stage, line)) else {
            continue;
        };
        let entry = quirk.entry();
        let count = found.entry(quirk).or_insert_with(|| QuirkCount {
            id: entry.id.into(),
            name: entry.name_en.into(),
            name_nl: entry.name_nl.into(),
            rule: entry.action.code().into(),
            count: 0,
            places: BTreeMap::new(),
        });
        count.count += line.count;
        *count.places.entry(super::public(line).path).or_default() += line.count;
    }
    found.into_values().collect()
}
