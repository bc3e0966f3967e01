//! One entry: the resource as it was received, and its lineage beside it.

use samenhang_profiles::Received;
use samenhang_profiles::write::JsonWriter;

use crate::cluster::Cluster;
use crate::completeness::outcome::{Value, definition, part};
use crate::order;

/// Writes an entry. The resource is spliced, not rewritten.
pub fn write_entry(out: &mut JsonWriter, item: &Received, cluster: Option<&Cluster>) {
    let (keys, lineage) = (item.resource.keys(), &item.lineage);
    out.begin_object();
    out.key("extension");
    out.begin_array();
    out.begin_object();
    out.field("url", &definition("lineage"));
    out.key("extension");
    out.begin_array();
    part(out, "holder", Value::Holder(&lineage.holder));
    // FHIR has no empty strings.
    if !lineage.holder_name.is_empty() {
        part(out, "holderName", Value::Text(&lineage.holder_name));
    }
    part(out, "category", Value::Code(item.category.code()));
    part(out, "retrieved", Value::Instant(lineage.retrieved));
    part(out, "fhirVersion", Value::Code(lineage.fhir.full()));
    if let Some(version) = keys.version_id.as_deref() {
        part(out, "sourceVersion", Value::Text(version));
    }
    part(out, "status", Value::Code(lineage.conformance.code()));
    if let Some(cluster) = cluster {
        part(out, "cluster", Value::Text(&cluster.id));
        if cluster.conflict {
            part(out, "conflict", Value::Flag(true));
        }
    }
    out.end_array();
    out.end_object();
    out.end_array();
    out.field("fullUrl", &item.full_url);
    out.key("resource");
    out.raw(item.resource.body());
    let supporting = order::is_supporting(item.resource.resource_type());
    search(out, if supporting { "include" } else { "match" });
    out.end_object();
}

pub(super) fn search(out: &mut JsonWriter, mode: &str) {
    out.key("search");
    out.begin_object();
    out.field("mode", mode);
    out.end_object();
}
