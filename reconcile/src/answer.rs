//! Writes the answer: a searchset Bundle in which every resource stands byte for byte as it was received (P4).
//!
//! Beside each resource stands its lineage; after them come a Composition that puts them in sections, a Linkage per
//! cluster, a `DetectedIssue` per contradiction and per possible duplicate, and a Provenance per cluster and per
//! endpoint. The
//! completeness statement is the first entry. It adds nothing to a resource, leaves none out, and has no clock: the
//! same input gives the same bytes (P8).

mod assembly;
mod composition;
mod entry;
mod explanation;
mod issue;
mod linkage;
mod provenance;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use samenhang_profiles::write::JsonWriter;
use samenhang_profiles::{FhirVersion, Received};
use sha2::{Digest as _, Sha256};

use crate::Reconciled;
use crate::completeness::Statement;
use crate::order;

pub use assembly::Assembly;
pub use entry::{Shown, write_shown};
pub use explanation::{Subject, write_explanation};

/// Room that one entry takes beside its resource.
const BESIDE: usize = 1_200;

/// Writes the whole answer.
///
/// `version` is that of what is written beside the resources; they are in it already, or stand as received. `link` is
/// the address of the question for `link[relation=self]`; it never holds a BSN, the operation takes that
/// in its body. There is no `total` when anything is missing.
#[must_use]
pub fn write_answer(
    reconciled: &Reconciled,
    statement: &Statement,
    version: FhirVersion,
    link: Option<&str>,
    assembly: &Assembly<'_>,
) -> Bytes {
    let items = reconciled.items();
    let bodies: usize = items.iter().map(|item| item.resource.body().len() + BESIDE).sum();
    let mut out = JsonWriter::with_capacity(bodies + BESIDE * (2 + statement.rows().count()));
    begin_bundle(&mut out);
    if statement.is_complete() {
        out.key("total");
        let matches = items
            .iter()
            .filter(|item| !order::is_supporting(item.resource.resource_type()))
            .count();
        out.number(matches as u64);
    }
    if let Some(link) = link {
        out.key("link");
        out.begin_array();
        out.begin_object();
        out.field("relation", "self");
        out.field("url", link);
        out.end_object();
        out.end_array();
    }
    out.key("entry");
    out.begin_array();
    write_statement(&mut out, statement);
    for index in 0..items.len() {
        entry::write_known(&mut out, reconciled, index);
    }
    write_links(&mut out, reconciled, statement, version, assembly);
    out.end_array();
    out.end_object();
    out.finish()
}

/// Writes what was reconciled without a question: the resources, clusters and issues, and no statement of what is
/// missing, as nobody was asked. Without a moment in `assembly` it is not known when they were received either.
#[must_use]
pub fn write_records(reconciled: &Reconciled, assembly: &Assembly<'_>) -> Bytes {
    let items = reconciled.items();
    let bodies: usize = items.iter().map(|item| item.resource.body().len() + BESIDE).sum();
    let mut out = JsonWriter::with_capacity(bodies + BESIDE);
    begin_bundle(&mut out);
    if !items.is_empty() {
        out.key("entry");
        out.begin_array();
        for index in 0..items.len() {
            entry::write_known(&mut out, reconciled, index);
        }
        composition::write(&mut out, reconciled, None, FhirVersion::R4, assembly);
        write_clusters(&mut out, reconciled, FhirVersion::R4, assembly);
        if assembly.at.is_some() {
            provenance::write(&mut out, items, FhirVersion::R4);
        }
        out.end_array();
    }
    out.end_object();
    out.finish()
}

/// Writes what was received so far of one holder and category, for an answer that is sent in pieces: a searchset
/// without `total`, clusters or Provenance. In the order of the answer.
#[must_use]
pub fn write_batch(items: &[Received]) -> Bytes {
    let mut items = items.to_vec();
    order::sort(&mut items);
    let bodies: usize = items.iter().map(|item| item.resource.body().len() + BESIDE).sum();
    let mut out = JsonWriter::with_capacity(bodies + 64);
    begin_bundle(&mut out);
    if !items.is_empty() {
        out.key("entry");
        out.begin_array();
        for item in &items {
            entry::write_alone(&mut out, item);
        }
        out.end_array();
    }
    out.end_object();
    out.finish()
}

/// Writes the end of an answer that was sent in pieces: the Composition, Linkages, issues and Provenances over all of it,
/// in a version.
#[must_use]
pub fn write_closing(
    reconciled: &Reconciled,
    statement: &Statement,
    version: FhirVersion,
    assembly: &Assembly<'_>,
) -> Bytes {
    let mut out = JsonWriter::new();
    begin_bundle(&mut out);
    if has_sections(reconciled, statement) {
        out.key("entry");
        out.begin_array();
        write_links(&mut out, reconciled, statement, version, assembly);
        out.end_array();
    }
    out.end_object();
    out.finish()
}

fn begin_bundle(out: &mut JsonWriter) {
    out.begin_object();
    out.field("resourceType", "Bundle");
    out.field("type", "searchset");
}

/// Writes the completeness statement as an entry (`search.mode` = `outcome`). It has no address: it is about this
/// answer only.
pub fn write_statement(out: &mut JsonWriter, statement: &Statement) {
    out.begin_object();
    out.key("resource");
    statement.write_outcome(out);
    entry::search(out, "outcome");
    out.end_object();
}

/// Whether there is something to put in sections, or somebody to say something about: of a patient whom nobody knows the
/// statement says all.
fn has_sections(reconciled: &Reconciled, statement: &Statement) -> bool {
    !reconciled.items().is_empty() || statement.rows().next().is_some()
}

fn write_links(
    out: &mut JsonWriter,
    reconciled: &Reconciled,
    statement: &Statement,
    version: FhirVersion,
    assembly: &Assembly<'_>,
) {
    if has_sections(reconciled, statement) {
        composition::write(out, reconciled, Some(statement), version, assembly);
    }
    write_clusters(out, reconciled, version, assembly);
    provenance::write(out, reconciled.items(), version);
}

fn write_clusters(
    out: &mut JsonWriter,
    reconciled: &Reconciled,
    version: FhirVersion,
    assembly: &Assembly<'_>,
) {
    for cluster in reconciled.clusters() {
        linkage::write(out, reconciled.items(), cluster);
    }
    issue::write(out, reconciled, version);
    for cluster in reconciled.clusters() {
        assembly::write(out, reconciled, cluster, version, assembly);
    }
}

/// A `urn:uuid` that is made of its parts, so that it is the same for the same input (RFC 9562, version 8).
fn urn(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut text = String::from("urn:uuid:");
    for (at, byte) in digest.iter().take(16).enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let byte = match at {
            6 => (byte & 0x0f) | 0x80,
            8 => (byte & 0x3f) | 0x80,
            _ => *byte,
        };
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// The id of a resource that we make, from its `urn`.
fn id_of(urn: &str) -> &str {
    urn.strip_prefix("urn:uuid:").unwrap_or(urn)
}
