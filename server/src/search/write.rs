//! The searchset: what matches, what comes along, and what is missing.
//!
//! A resource stands as it was received, but for a name beside a reference that had none, and, for who did not name
//! the number of the patient, that number. Without a `total` the answer is not complete; the completeness statement
//! is always there (P3).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use samenhang_profiles::write::JsonWriter;
use samenhang_profiles::{Bsn, FhirVersion, Received};
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::answer::{Shown, write_shown};
use url::form_urlencoded;
use uuid::Uuid;

use super::query::Search;
use super::select::select;
use super::sheet::{Entry, Sheet};
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

/// Makes the answer ready.
pub(super) fn sheet(parts: &Parts<'_>) -> Sheet {
    let Whole {
        reconciled,
        statement,
        ..
    } = parts.whole;
    let missing = missing(reconciled.items(), parts.search.version);
    let shelf = Shelf::new(parts.search.version, reconciled.items());
    let mut selection = select(parts.search, &shelf, reconciled);
    let shown: BTreeSet<usize> = selection
        .matches
        .iter()
        .copied()
        .chain(selection.along(&selection.matches))
        .collect();
    let stood_for = selection.stood_for(&shown);
    // On a page of its own a match may have more along than among the others: what is left out for one of them.
    let all = match parts.search.control.count {
        Some(_) => selection.reach(),
        None => shown,
    };
    let mut held_back = 0;
    let mut entries = BTreeMap::new();
    for index in all {
        match entry(&shelf, index, parts.masked, reconciled, &stood_for) {
            Some(entry) => drop(entries.insert(index, entry)),
            None => held_back += 1,
        }
    }
    selection.matches.retain(|index| entries.contains_key(index));

    let mut issues = parts.ignored.to_vec();
    issues.extend(
        missing
            .iter()
            .map(|(holder, count)| other_version(holder, *count)),
    );
    if held_back > 0 {
        issues.push(not_masked(held_back));
    }
    let mut outcomes = vec![outcome_entry(&statement.to_outcome())];
    if !issues.is_empty() {
        outcomes.push(outcome_entry(&outcome::write(&issues, parts.language)));
    }
    Sheet {
        version: parts.search.version,
        address: self_link(parts),
        selection,
        entries,
        is_whole: statement.is_complete() && missing.is_empty() && held_back == 0,
        outcomes,
    }
}

/// A resource as it is shown; `None` when the number of the patient cannot be taken out of it.
fn entry(
    shelf: &Shelf<'_>,
    index: usize,
    masked: Option<&Bsn>,
    reconciled: &Reconciled,
    stood_for: &BTreeMap<usize, Vec<usize>>,
) -> Option<Entry> {
    let (item, document) = (shelf.item(index)?, shelf.document(index)?);
    let body: &[u8] = item.resource.body();
    let mut splices = display::missing(shelf, index, document);
    let names = splices.len();
    if let Some(patient) = masked {
        splices.extend(mask::numbers(document, body, patient)?);
    }
    let body = if splices.is_empty() {
        Cow::Borrowed(body)
    } else {
        Cow::Owned(apply(body, splices))
    };
    let stands_for: Vec<&str> = stood_for
        .get(&index)
        .into_iter()
        .flatten()
        .filter_map(|index| shelf.item(*index))
        .map(|item| &*item.full_url)
        .collect();
    let shown = Shown {
        body: &body,
        mode: None,
        names_added: names,
        is_contradicted: reconciled.is_contradicted(index),
        stands_for: &stands_for,
        same_topic: &reconciled.of_one_topic(index),
    };
    let mut out = JsonWriter::with_capacity(body.len() + 1024);
    write_shown(&mut out, item, reconciled.cluster_of(index), &shown);
    let place = (item.lineage.holder.clone(), item.category);
    Some(Entry::new(&out.finish(), place))
}

/// An outcome as an entry. Its address is made of its content: it is about this answer only.
fn outcome_entry(body: &[u8]) -> Bytes {
    let mut out = JsonWriter::with_capacity(body.len() + 128);
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
    out.finish()
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
