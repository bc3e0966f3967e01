//! The searchset: what matches, what comes along, and what is missing.
//!
//! A resource stands as it was received, but for a name beside a reference that had none, and, for who did not name
//! the number of the patient, that number. Without a `total` the answer is not complete; the completeness statement
//! is always there (P3).

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use samenhang_profiles::write::JsonWriter;
use samenhang_profiles::{Bsn, FhirVersion, Received};
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::answer::{Shown, write_shown};
use url::form_urlencoded;
use uuid::Uuid;

use super::query::Search;
use super::select::{Selection, select};
use super::shelf::Shelf;
use super::splice::apply;
use super::{display, mask};
use crate::error::{Kind, Language, Problem};
use crate::fhir::outcome::{self, Issue, Severity};
use crate::overview::json::Whole;

/// What an answer is made of.
pub(super) struct Parts<'a> {
    /// The search.
    pub(super) search: &'a Search,
    /// Everything that may be shown, in the version of the search as far as it can be had, and what is missing.
    pub(super) whole: &'a Whole,
    /// What was ignored of the request.
    pub(super) ignored: &'a [Issue],
    /// The patient whose number may not be in the answer.
    pub(super) masked: Option<&'a Bsn>,
    /// The address of the search, without its parameters.
    pub(super) address: &'a str,
    /// The language of the outcome.
    pub(super) language: Language,
}

/// A resource that is shown: its place, its text, and how many names were added to it.
struct Entry<'a> {
    index: usize,
    body: Cow<'a, [u8]>,
    names: usize,
}

/// Writes the answer.
pub(super) fn searchset(parts: &Parts<'_>) -> Bytes {
    let Whole {
        reconciled,
        statement,
    } = parts.whole;
    let missing = missing(reconciled.items(), parts.search.version);
    let shelf = Shelf::new(parts.search.version, reconciled.items());
    let selection = select(parts.search, &shelf, reconciled);
    let (matches, held_back) = entries(&shelf, &selection.matches, parts.masked);
    let (along, also_held_back) = entries(&shelf, &selection.along, parts.masked);
    let mut issues = parts.ignored.to_vec();
    issues.extend(
        missing
            .iter()
            .map(|(holder, count)| other_version(holder, *count)),
    );
    let held_back = held_back + also_held_back;
    if held_back > 0 {
        issues.push(not_masked(held_back));
    }
    let is_whole = statement.is_complete() && missing.is_empty() && held_back == 0;

    let mut out = JsonWriter::new();
    out.begin_object();
    out.field("resourceType", "Bundle");
    out.field("type", "searchset");
    if is_whole {
        out.key("total");
        out.number(matches.len() as u64);
    }
    out.key("link");
    out.begin_array();
    out.begin_object();
    out.field("relation", "self");
    out.field("url", &self_link(parts));
    out.end_object();
    out.end_array();
    out.key("entry");
    out.begin_array();
    for (entries, mode) in [(&matches, "match"), (&along, "include")] {
        for entry in entries {
            write_entry(&mut out, entry, mode, &shelf, reconciled, &selection);
        }
    }
    write_outcome(&mut out, &statement.to_outcome());
    if !issues.is_empty() {
        write_outcome(&mut out, &outcome::write(&issues, parts.language));
    }
    out.end_array();
    out.end_object();
    out.finish()
}

/// The texts of resources as they are shown, and how many cannot be.
fn entries<'a>(shelf: &Shelf<'a>, places: &[usize], masked: Option<&Bsn>) -> (Vec<Entry<'a>>, usize) {
    let mut held_back = 0;
    let mut entries = Vec::with_capacity(places.len());
    for &index in places {
        let (Some(item), Some(document)) = (shelf.item(index), shelf.document(index)) else {
            continue;
        };
        let body: &'a [u8] = item.resource.body();
        let mut splices = display::missing(shelf, index, document);
        let names = splices.len();
        match masked.map(|patient| mask::numbers(document, body, patient)) {
            Some(Some(numbers)) => splices.extend(numbers),
            Some(None) => {
                held_back += 1;
                continue;
            }
            None => {}
        }
        let body = if splices.is_empty() {
            Cow::Borrowed(body)
        } else {
            Cow::Owned(apply(body, splices))
        };
        entries.push(Entry { index, body, names });
    }
    (entries, held_back)
}

fn write_entry(
    out: &mut JsonWriter,
    entry: &Entry<'_>,
    mode: &str,
    shelf: &Shelf<'_>,
    reconciled: &Reconciled,
    selection: &Selection,
) {
    let Some(item) = shelf.item(entry.index) else {
        return;
    };
    let others = selection.stood_for.get(&entry.index);
    let stands_for: Vec<&str> = others
        .into_iter()
        .flatten()
        .filter_map(|index| shelf.item(*index))
        .map(|item| &*item.full_url)
        .collect();
    let shown = Shown {
        body: &entry.body,
        mode,
        names_added: entry.names,
        stands_for: &stands_for,
    };
    write_shown(out, item, reconciled.cluster_of(entry.index), &shown);
}

/// Writes an outcome as an entry. Its address is made of its content: it is about this answer only.
fn write_outcome(out: &mut JsonWriter, body: &[u8]) {
    out.begin_object();
    out.field(
        "fullUrl",
        &Uuid::new_v5(&Uuid::NAMESPACE_OID, body).urn().to_string(),
    );
    out.key("resource");
    out.raw(body);
    out.key("search");
    out.begin_object();
    out.field("mode", "outcome");
    out.end_object();
    out.end_object();
}

/// The address with the parameters that were used; the number of the patient is in none of them.
fn self_link(parts: &Parts<'_>) -> String {
    if parts.search.used.is_empty() {
        return parts.address.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&parts.search.used)
        .finish();
    format!("{}?{query}", parts.address)
}

/// How many resources cannot be had in a version, by the name of their holder.
fn missing(items: &[Received], wanted: FhirVersion) -> BTreeMap<&str, usize> {
    let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
    for item in items.iter().filter(|item| item.version() != wanted) {
        *missing.entry(&*item.lineage.holder_name).or_default() += 1;
    }
    missing
}

fn other_version(holder: &str, count: usize) -> Issue {
    warning(Problem::new(Kind::OtherVersion).hint(
        format!("{holder}: {count} gegevens in een andere FHIR-versie staan niet in dit antwoord; vraag ze in die versie."),
        format!("{holder}: {count} resources in another version of FHIR are not in this answer; ask in that version."),
    ))
}

fn not_masked(count: usize) -> Issue {
    warning(Problem::new(Kind::OtherVersion).hint(
        format!("{count} gegevens zijn achtergehouden: het burgerservicenummer is er niet uit te halen."),
        format!("{count} resources are held back: the citizen service number cannot be taken out of them."),
    ))
}

fn warning(problem: Problem) -> Issue {
    Issue {
        severity: Severity::Warning,
        problem,
    }
}
