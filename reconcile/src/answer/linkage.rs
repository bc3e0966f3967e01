//! A Linkage for each cluster: which resources are one record, and which stands for the others.
//!
//! It says so and changes nothing. A contradiction is marked and not resolved.

use std::collections::BTreeSet;

use samenhang_profiles::Received;
use samenhang_profiles::write::JsonWriter;

use super::{entry, id_of, urn};
use crate::cluster::{Cluster, Relation};
use crate::completeness::outcome::{Value, definition, part};

/// Whether a cluster has a Linkage, which has two items at least (lnk-1): two versions at one address are one.
pub(super) fn is_told(items: &[Received], cluster: &Cluster) -> bool {
    let mut places = cluster
        .members
        .iter()
        .filter_map(|&index| items.get(index))
        .map(|item| &*item.full_url);
    let first = places.next();
    places.any(|place| Some(place) != first)
}

/// Its address.
pub(super) fn address(cluster: &Cluster) -> String {
    urn(&["linkage", &cluster.id])
}

pub(super) fn write(out: &mut JsonWriter, items: &[Received], cluster: &Cluster) {
    if !is_told(items, cluster) {
        return;
    }
    let urn = address(cluster);
    out.begin_object();
    out.field("fullUrl", &urn);
    out.key("resource");
    out.begin_object();
    out.field("resourceType", "Linkage");
    out.field("id", id_of(&urn));
    out.key("extension");
    out.begin_array();
    out.begin_object();
    out.field("url", &definition("cluster"));
    out.key("extension");
    out.begin_array();
    part(out, "id", Value::Text(&cluster.id));
    part(out, "conflict", Value::Flag(cluster.conflict));
    out.end_array();
    out.end_object();
    out.end_array();
    out.key("active");
    out.boolean(true);
    out.key("item");
    out.begin_array();
    // One address that was received in two versions is one item.
    let mut seen = BTreeSet::new();
    member(out, items, cluster.representative, None, &mut seen);
    for (index, relation) in &cluster.relations {
        member(out, items, *index, Some(*relation), &mut seen);
    }
    out.end_array();
    out.end_object();
    entry::search(out, "include");
    out.end_object();
}

fn member<'a>(
    out: &mut JsonWriter,
    items: &'a [Received],
    index: usize,
    relation: Option<Relation>,
    seen: &mut BTreeSet<&'a str>,
) {
    let Some(item) = items.get(index).filter(|item| seen.insert(&item.full_url)) else {
        return;
    };
    out.begin_object();
    if let Some(relation) = relation {
        out.key("extension");
        out.begin_array();
        part(out, &definition("relation"), Value::Code(code(relation)));
        out.end_array();
    }
    out.field(
        "type",
        match relation {
            None => "source",
            Some(Relation::OlderVersion) => "historical",
            Some(_) => "alternate",
        },
    );
    out.key("resource");
    out.begin_object();
    out.field("reference", &item.full_url);
    out.optional(
        "display",
        Some(&*item.lineage.holder_name).filter(|name| !name.is_empty()),
    );
    out.end_object();
    out.end_object();
}

/// The stable code of a relation.
pub(super) fn code(relation: Relation) -> &'static str {
    use crate::cluster::Agreement::{Agrees, Contradicts, Incomparable};
    match relation {
        Relation::SameRecord => "same-record",
        Relation::OlderVersion => "older-version",
        Relation::Declared { agreement } => match agreement {
            Agrees => "declared-agrees",
            Incomparable => "declared-not-compared",
            Contradicts => "declared-contradicts",
        },
        Relation::SameFact { translated: false } => "same-fact",
        Relation::SameFact { translated: true } => "same-fact-by-map",
        Relation::SameIdentifier { agreement } => match agreement {
            Agrees => "same-identifier-agrees",
            Incomparable => "same-identifier-not-compared",
            Contradicts => "same-identifier-contradicts",
        },
    }
}
