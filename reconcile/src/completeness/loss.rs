//! What was not carried over into the version of the answer, for one holder and category: places and counts, no values.
//!
//! It makes no row less complete: everything that the holder gave was received, and what it sent can be had in its own
//! version.

use std::collections::BTreeMap;

use samenhang_profiles::write::JsonWriter;
use samenhang_profiles::{Conformance, Received, Ura};
use samenhang_terminology::{Category, naming};

use super::outcome::{Value, definition, details, part};

/// Places that are named; more of them are counted only.
const MAX_PLACES: usize = 64;
/// Values that were not carried over.
const VALUES: &str = "SAM-CNF-120";
/// No map takes a resource.
const NO_MAP: &str = "SAM-CNF-121";

/// What was not carried over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loss {
    /// Places in the originals, without positions, and how many values.
    places: BTreeMap<Box<str>, usize>,
    /// Stable codes of why resources are shown as received, and how many.
    refused: BTreeMap<&'static str, usize>,
}

impl Loss {
    /// Adds what was not carried over of one resource.
    pub fn add(&mut self, received: &Received) {
        let is_received = received.lineage.conformance == Conformance::AsReceived;
        match received.conversion.as_deref() {
            // The resource that stands for the whole has the account.
            Some(conversion) if conversion.is_part => {}
            Some(conversion) if is_received => {
                let why = conversion.account.refused.unwrap_or(NO_MAP);
                *self.refused.entry(why).or_default() += 1;
            }
            Some(conversion) => {
                for (place, count) in &conversion.account.lost {
                    *self.places.entry(place.clone()).or_default() += count;
                }
            }
            None if is_received => *self.refused.entry(NO_MAP).or_default() += 1,
            None => {}
        }
    }

    /// Adds another account of the same holder and category.
    pub fn merge(&mut self, other: &Loss) {
        for (place, count) in &other.places {
            *self.places.entry(place.clone()).or_default() += count;
        }
        for (why, count) in &other.refused {
            *self.refused.entry(why).or_default() += count;
        }
    }

    /// Whether everything was carried over.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty() && self.refused.is_empty()
    }

    /// Values that were not carried over.
    #[must_use]
    pub fn values(&self) -> usize {
        self.places.values().sum()
    }

    /// Resources that are shown as received.
    #[must_use]
    pub fn as_received(&self) -> usize {
        self.refused.values().sum()
    }
}

/// Writes an issue for the values, and one for each reason.
pub(super) fn write(out: &mut JsonWriter, (holder, name): (&Ura, &str), category: Category, loss: &Loss) {
    let about = |language: &str| match language {
        "nl" => format!("{name}, {}", category.display_nl()),
        _ => format!("{name}, {}", category.display_en()),
    };
    if !loss.places.is_empty() {
        let count = loss.values();
        issue(
            out,
            (holder, category, VALUES, count),
            &loss.places,
            &format!(
                "{}: not carried over into this version of FHIR: {count} value(s)",
                about("en")
            ),
            &format!(
                "{}: niet overgezet naar deze versie van FHIR: {count} waarde(n)",
                about("nl")
            ),
        );
    }
    for (why, count) in &loss.refused {
        issue(
            out,
            (holder, category, why, *count),
            &BTreeMap::new(),
            &format!(
                "{}: shown as received, not converted: {count} resource(s)",
                about("en")
            ),
            &format!(
                "{}: getoond zoals ontvangen, niet omgezet: {count} gegeven(s)",
                about("nl")
            ),
        );
    }
}

fn issue(
    out: &mut JsonWriter,
    (holder, category, code, count): (&Ura, Category, &str, usize),
    places: &BTreeMap<Box<str>, usize>,
    en: &str,
    nl: &str,
) {
    out.begin_object();
    out.key("extension");
    out.begin_array();
    out.begin_object();
    out.key("extension");
    out.begin_array();
    part(out, "holder", Value::Holder(holder));
    part(out, "category", Value::Code(category.code()));
    part(out, "count", Value::Count(count));
    for (place, count) in places.iter().take(MAX_PLACES) {
        out.begin_object();
        out.key("extension");
        out.begin_array();
        part(out, "path", Value::Text(place));
        part(out, "count", Value::Count(*count));
        out.end_array();
        out.field("url", "place");
        out.end_object();
    }
    out.end_array();
    out.field("url", &definition("not-carried-over"));
    out.end_object();
    out.end_array();
    out.field("severity", "warning");
    out.field("code", "incomplete");
    details(
        out,
        (&format!("{}/CodeSystem/error", naming::SAMENHANG), code, en),
        en,
        nl,
    );
    out.end_object();
}

#[cfg(test)]
mod tests;
