//! The queries of one visit to one endpoint: what to ask, in clinical priority, for the categories that are
//! permitted, and within what the endpoint's CapabilityStatement offers.
//!
//! A type is asked *whole* (`Observation?patient=p1`) when every category that it can hold is permitted: one
//! request, nothing missed, and what a resource belongs to is decided by its content. A type is asked in *parts*
//! (`Observation?patient=p1&category=...`) when only some of its categories are permitted, because what the
//! patient does not share is not fetched; and when the endpoint refuses the whole, because some sources answer the
//! official BgZ queries only. The tables are data ([`r4`], [`stu3`]). Nothing here sends anything, and no query
//! ever carries a BSN: only the holder's own logical id of the patient.

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use samenhang_profiles::FhirVersion;
use samenhang_terminology::Category;

pub mod capability;
pub mod r4;
pub mod stu3;

use capability::{Capabilities, Offer};

/// Resources per page that we ask for (360 degrees IG, volume 2a: `_count` at most 100).
pub const PAGE_SIZE: usize = 100;

/// What may stay as it is in a query value: the separators of FHIR search and unreserved characters.
const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b',')
    .remove(b':')
    .remove(b'/');

/// A resource type and how it is asked.
#[derive(Debug)]
pub struct TypeRow {
    /// `resourceType`.
    pub kind: &'static str,
    /// Every category that a resource of this type can belong to.
    pub covers: &'static [Category],
    /// The search parameter that names the patient.
    pub patient: &'static str,
    /// `_include` values that save later reads.
    pub includes: &'static [&'static str],
    /// The official queries by filter; empty when the type is one category and has no official filter.
    pub parts: &'static [Part],
    /// Asked even when there is no CapabilityStatement to say that it is offered.
    pub core: bool,
}

/// A filtered query.
#[derive(Debug)]
pub struct Part {
    /// The category that the filter selects.
    pub category: Category,
    /// The search parameter.
    pub parameter: &'static str,
    /// Its values, joined by commas.
    pub values: &'static str,
    /// Whether the official query is the operation `$lastn`.
    pub lastn: bool,
}

/// One query of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// `resourceType`.
    pub kind: &'static str,
    /// The search parameter that names the patient.
    pub patient: &'static str,
    /// The category that it selects; `None` for a whole type.
    pub category: Option<Category>,
    /// Whether it is `$lastn`, which returns the latest result of each kind only.
    pub lastn: bool,
    /// What follows the patient parameter, already encoded; begins with `&`.
    rest: String,
}

/// The queries for one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// `resourceType`.
    pub kind: &'static str,
    /// The permitted categories that this type can hold.
    pub covers: BTreeSet<Category>,
    /// The query for the whole type, when it may be sent.
    pub whole: Option<Search>,
    /// The filtered queries: instead of the whole when it may not be sent, or when the endpoint refuses it.
    pub parts: Vec<Search>,
}

impl Group {
    /// The most urgent category of the group.
    #[must_use]
    pub fn priority(&self) -> Category {
        self.covers.first().copied().unwrap_or(Category::Other)
    }
}

/// What to ask one endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// In clinical priority.
    pub groups: Vec<Group>,
    /// Permitted categories for which the endpoint offers nothing at all.
    pub unsupported: BTreeSet<Category>,
}

impl Search {
    /// The path and query relative to the endpoint's base address.
    #[must_use]
    pub fn target(&self, patient_id: &str) -> String {
        let operation = if self.lastn { "/$lastn" } else { "" };
        let id = utf8_percent_encode(patient_id, QUERY_VALUE);
        format!("{}{operation}?{}={id}{}", self.kind, self.patient, self.rest)
    }
}

/// The table of a version.
#[must_use]
pub fn table(version: FhirVersion) -> &'static [TypeRow] {
    match version {
        FhirVersion::R4 => r4::TABLE,
        FhirVersion::Stu3 => stu3::TABLE,
    }
}

/// Plans a visit for the permitted categories.
///
/// `capabilities` is `None` when the endpoint publishes none; then only the core types are asked and nothing but
/// what every FHIR server understands.
#[must_use]
pub fn plan(
    version: FhirVersion,
    permitted: &BTreeSet<Category>,
    capabilities: Option<&Capabilities>,
) -> Plan {
    let capabilities = capabilities.filter(|capabilities| !capabilities.says_nothing());
    let mut groups: Vec<Group> = Vec::new();
    // The patient's own resource comes with the lookup, so that category is offered by every endpoint.
    let mut offered = BTreeSet::from([Category::Patient]);
    for row in table(version) {
        let covers: BTreeSet<Category> = row
            .covers
            .iter()
            .copied()
            .filter(|category| permitted.contains(category))
            .collect();
        if covers.is_empty() {
            continue;
        }
        let offer = match capabilities {
            Some(capabilities) => match capabilities.offer(row.kind) {
                Some(offer) => Some(offer),
                None => continue,
            },
            None if row.core => None,
            None => continue,
        };
        if let Some(group) = group(row, covers, offer) {
            offered.extend(&group.covers);
            groups.push(group);
        }
    }
    // Stable: within one priority the table's order is kept.
    groups.sort_by_key(Group::priority);
    let unsupported = permitted.difference(&offered).copied().collect();
    Plan { groups, unsupported }
}

/// The queries for one type, or `None` when the endpoint offers none that may be sent.
fn group(row: &TypeRow, covers: BTreeSet<Category>, offer: Option<&Offer>) -> Option<Group> {
    let searchable = offer.is_none_or(|offer| offer.search);
    let by_patient = offer.is_none_or(|offer| offer.has_parameter(row.patient));
    let rest = includes(row, offer);
    let whole = (searchable && by_patient && covers.len() == row.covers.len()).then(|| Search {
        kind: row.kind,
        patient: row.patient,
        category: None,
        lastn: false,
        rest: format!("{rest}&_count={PAGE_SIZE}"),
    });
    let parts: Vec<Search> = row
        .parts
        .iter()
        .filter(|part| covers.contains(&part.category))
        .filter_map(|part| {
            let lastn = part.lastn && offer.is_some_and(|offer| offer.has_operation("lastn"));
            let plain = searchable
                && by_patient
                && offer.is_none_or(|offer| offer.has_parameter(part.parameter))
                // As a fallback for a whole that is refused, the official form is what such a source knows.
                && !(lastn && whole.is_some());
            (plain || lastn).then(|| Search {
                kind: row.kind,
                patient: row.patient,
                category: Some(part.category),
                lastn: !plain,
                rest: format!(
                    "&{}={}{rest}&_count={PAGE_SIZE}",
                    part.parameter,
                    utf8_percent_encode(part.values, QUERY_VALUE)
                ),
            })
        })
        .collect();
    let covers: BTreeSet<Category> = match &whole {
        Some(_) => covers,
        None => parts.iter().filter_map(|part| part.category).collect(),
    };
    (!covers.is_empty()).then_some(Group {
        kind: row.kind,
        covers,
        whole,
        parts,
    })
}

/// The `_include`s that the endpoint says it knows. Without that word none are sent: what is missing is read later.
fn includes(row: &TypeRow, offer: Option<&Offer>) -> String {
    let mut text = String::new();
    for include in row.includes {
        if offer.is_some_and(|offer| offer.has_include(include)) {
            text.push_str("&_include=");
            text.push_str(include);
        }
    }
    text
}

#[cfg(test)]
mod tests;
