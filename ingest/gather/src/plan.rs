//! The queries of one visit to one endpoint: what to ask, in clinical priority, for the categories that are
//! permitted, and within what the endpoint's CapabilityStatement offers.
//!
//! A type is asked *whole* (`Observation?patient=p1`) when every category that it can hold is permitted: one
//! request, nothing missed, and what a resource belongs to is decided by its content. A type is asked in *parts*
//! (`Observation?patient=p1&category=...`) when only some of its categories are permitted, because what the
//! patient does not share is not fetched; and when the endpoint refuses the whole, because some sources answer the
//! official BgZ queries only, to the letter. The tables are data ([`r4`], [`stu3`]). Nothing here sends anything, and no query
//! ever carries a BSN: only the holder's own logical id of the patient.

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use samenhang_profiles::FhirVersion;
use samenhang_terminology::Category;

pub mod capability;
pub mod r4;
mod rows;
pub mod stu3;

use capability::{Capabilities, Offer};

/// Resources per page that we ask for (360 degrees IG, volume 2a: `_count` at most 100).
pub const PAGE_SIZE: usize = 100;

/// The metadata of what is given (BgZ-MSZ 2.0). It points at its target and at no patient, so that no search for a
/// patient finds it.
const METADATA: &str = "Provenance:target";

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
    /// Its values, joined by commas: all that sources use.
    pub values: &'static str,
    /// The values of the official query; empty when there is none.
    pub official: &'static str,
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
    /// Whether it is `$lastn`, which returns the latest result of each kind only.
    pub lastn: bool,
    /// Whether the endpoint does not say that it offers this query.
    pub assumed: bool,
    /// What follows the patient parameter, already encoded; begins with `&`.
    rest: String,
}

/// A filtered query in the forms that a source may know, best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartPlan {
    /// The category that it selects.
    pub category: Category,
    /// The forms: the next is asked when one is refused.
    pub forms: Vec<Search>,
    /// Where the official forms begin.
    pub official: usize,
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
    pub parts: Vec<PartPlan>,
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
/// what every FHIR server understands. `also` is the version that the directory promises when the endpoint says
/// another: then the types of both are asked, as far as the endpoint lists them.
#[must_use]
pub fn plan(
    version: FhirVersion,
    also: FhirVersion,
    permitted: &BTreeSet<Category>,
    capabilities: Option<&Capabilities>,
) -> Plan {
    let capabilities = capabilities.filter(|capabilities| !capabilities.says_nothing());
    let mut groups: Vec<Group> = Vec::new();
    // The patient's own resource comes with the lookup, so that category is offered by every endpoint.
    let mut offered = BTreeSet::from([Category::Patient]);
    let own = table(version);
    let foreign = table(also)
        .iter()
        .filter(|row| own.iter().all(|known| known.kind != row.kind));
    for row in own.iter().chain(foreign) {
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
        if let Some(group) = group(row, covers, offer, permitted) {
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
fn group(
    row: &TypeRow,
    covers: BTreeSet<Category>,
    offer: Option<&Offer>,
    permitted: &BTreeSet<Category>,
) -> Option<Group> {
    let searchable = offer.is_none_or(|offer| offer.search && offer.has_parameter(row.patient));
    let assumed = offer.is_none_or(|offer| !offer.names_parameters());
    // What it says belongs to no category of its own, and is asked for when such data is.
    let has_metadata =
        permitted.contains(&Category::Other) && offer.is_some_and(|offer| offer.has_rev_include(METADATA));
    let metadata = if has_metadata && row.kind != "Provenance" {
        format!("&_revinclude={METADATA}")
    } else {
        String::new()
    };
    let rest = format!("{}{metadata}&_count={PAGE_SIZE}", includes(row, offer));
    let search = |filter: &str, lastn: bool| Search {
        kind: row.kind,
        patient: row.patient,
        lastn,
        assumed,
        rest: format!("{filter}{rest}"),
    };
    let whole = (searchable && covers.len() == row.covers.len()).then(|| search("", false));
    let wanted = row.parts.iter().filter(|part| covers.contains(&part.category));
    let parts: Vec<PartPlan> = wanted
        .filter_map(|part| forms(part, searchable, offer, &search))
        .collect();
    let covers: BTreeSet<Category> = match &whole {
        Some(_) => covers,
        None => parts.iter().map(|part| part.category).collect(),
    };
    (!covers.is_empty()).then_some(Group {
        kind: row.kind,
        covers,
        whole,
        parts,
    })
}

/// The forms of a filtered query: with all values, as the official query, and as `$lastn`.
fn forms(
    part: &Part,
    searchable: bool,
    offer: Option<&Offer>,
    search: &impl Fn(&str, bool) -> Search,
) -> Option<PartPlan> {
    let filter = |values: &str| format!("&{}={}", part.parameter, utf8_percent_encode(values, QUERY_VALUE));
    let mut forms = Vec::new();
    let plain = searchable && offer.is_none_or(|offer| offer.has_parameter(part.parameter));
    let has_wider = part.values != part.official;
    if plain && has_wider {
        forms.push(search(&filter(part.values), false));
    }
    let official = forms.len();
    if plain && !part.official.is_empty() {
        forms.push(search(&filter(part.official), false));
    }
    // The operation gives the latest results only, so it is the last resort.
    if part.lastn && offer.is_some_and(|offer| offer.has_operation("lastn")) {
        forms.push(search(&filter(part.official), true));
    }
    (!forms.is_empty()).then_some(PartPlan {
        category: part.category,
        forms,
        official,
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
