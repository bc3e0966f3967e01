//! One entry: the resource as it was received, and its lineage beside it.

use jiff::Timestamp;
use samenhang_profiles::write::JsonWriter;
use samenhang_profiles::{Conversion, Received, Ura};

use crate::Reconciled;
use crate::cluster::Cluster;
use crate::completeness::outcome::{Value, definition, part};
use crate::order;

/// How a resource is shown in an answer that is not the whole of what is known.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The resource: as it was received, or with the changes that are told beside it.
    pub body: &'a [u8],
    /// `search.mode`; `None` when the caller adds `search` itself, as the last element.
    pub mode: Option<&'a str>,
    /// References to which a name was added.
    pub names_added: usize,
    /// Whether it contradicts another resource of the answer.
    pub is_contradicted: bool,
    /// Addresses of copies that are left out because this one stands for them.
    pub stands_for: &'a [&'a str],
    /// Addresses of what is about one topic with it by a map of codes, and not the same.
    pub same_topic: &'a [&'a str],
}

impl<'a> Shown<'a> {
    /// As it was received, with nothing said of it.
    fn whole(item: &'a Received) -> Self {
        let supporting = order::is_supporting(item.resource.resource_type());
        Shown {
            body: item.resource.body(),
            mode: Some(if supporting { "include" } else { "match" }),
            names_added: 0,
            is_contradicted: false,
            stands_for: &[],
            same_topic: &[],
        }
    }
}

/// Writes an entry of which nothing else is known yet. The resource is spliced, not rewritten.
pub(super) fn write_alone(out: &mut JsonWriter, item: &Received) {
    write_shown(out, item, None, &Shown::whole(item));
}

/// Writes an entry of an answer, by its place in it.
pub(super) fn write_known(out: &mut JsonWriter, reconciled: &Reconciled, index: usize) {
    let Some(item) = reconciled.items().get(index) else {
        return;
    };
    let shown = Shown {
        is_contradicted: reconciled.is_contradicted(index),
        same_topic: &reconciled.of_one_topic(index),
        ..Shown::whole(item)
    };
    write_shown(out, item, reconciled.cluster_of(index), &shown);
}

/// Writes an entry of which the caller says how it is shown.
pub fn write_shown(out: &mut JsonWriter, item: &Received, cluster: Option<&Cluster>, shown: &Shown<'_>) {
    let (keys, lineage) = (item.resource.keys(), &item.lineage);
    out.begin_object();
    out.key("extension");
    out.begin_array();
    out.begin_object();
    out.field("url", &definition("lineage"));
    out.key("extension");
    out.begin_array();
    if is_known(&lineage.holder) {
        part(out, "holder", Value::Holder(&lineage.holder));
    }
    // FHIR has no empty strings.
    if !lineage.holder_name.is_empty() {
        part(out, "holderName", Value::Text(&lineage.holder_name));
    }
    part(out, "category", Value::Code(item.category.code()));
    if lineage.retrieved != Timestamp::UNIX_EPOCH {
        part(out, "retrieved", Value::Instant(lineage.retrieved));
    }
    part(out, "fhirVersion", Value::Code(lineage.fhir.full()));
    if let Some(version) = keys.version_id.as_deref() {
        part(out, "sourceVersion", Value::Text(version));
    }
    part(out, "status", Value::Code(lineage.conformance.code()));
    if let Some(conversion) = item.conversion.as_deref() {
        made(out, conversion);
    }
    if let Some(cluster) = cluster {
        part(out, "cluster", Value::Text(&cluster.id));
    }
    if shown.is_contradicted {
        part(out, "conflict", Value::Flag(true));
    }
    for address in shown.stands_for {
        part(out, "standsFor", Value::Text(address));
    }
    for address in shown.same_topic {
        part(out, "sameTopic", Value::Text(address));
    }
    if shown.names_added > 0 {
        part(out, "namesAdded", Value::Count(shown.names_added));
    }
    out.end_array();
    out.end_object();
    out.end_array();
    out.field("fullUrl", &item.full_url);
    out.key("resource");
    out.raw(shown.body);
    if let Some(mode) = shown.mode {
        search(out, mode);
    }
    out.end_object();
}

/// Whether a holder has a number: eight zeros stand for a source that only has a name.
pub(super) fn is_known(holder: &Ura) -> bool {
    holder.as_str().bytes().any(|byte| byte != b'0')
}

/// How the resource was made of what the holder sent, or why it was not.
fn made(out: &mut JsonWriter, conversion: &Conversion) {
    let account = &conversion.account;
    part(out, "pack", Value::Text(&conversion.pack));
    if let Some(refused) = account.refused {
        part(out, "refused", Value::Code(refused));
        return;
    }
    if let Some(map) = conversion.map.as_deref() {
        part(out, "map", Value::Text(map));
    }
    part(out, "original", Value::Text(&conversion.original_url));
    if conversion.is_part {
        part(out, "madeOfPart", Value::Flag(true));
        return;
    }
    part(out, "notCarriedOver", Value::Count(account.unmapped()));
    let findings = account.findings.iter().map(|(_, count)| count).sum();
    part(out, "findings", Value::Count(findings));
    for (quirk, _) in &account.quirks {
        part(out, "quirk", Value::Code(quirk));
    }
}

pub(super) fn search(out: &mut JsonWriter, mode: &str) {
    out.key("search");
    out.begin_object();
    out.field("mode", mode);
    out.end_object();
}
