//! A Provenance for each endpoint: what came from it, who is its custodian, and when it was received.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use samenhang_profiles::write::JsonWriter;
use samenhang_profiles::{FhirVersion, Received, Ura};

use super::{entry, id_of, urn};
use crate::completeness::outcome::identifier;

struct Endpoint<'a> {
    name: &'a str,
    first: Timestamp,
    last: Timestamp,
    targets: BTreeSet<&'a str>,
}

/// Writes them as the version of FHIR of the answer has them.
pub(super) fn write(out: &mut JsonWriter, items: &[Received], version: FhirVersion) {
    let mut endpoints: BTreeMap<(&Ura, &str, FhirVersion), Endpoint<'_>> = BTreeMap::new();
    for item in items {
        let lineage = &item.lineage;
        let endpoint = endpoints
            .entry((&lineage.holder, &lineage.endpoint, lineage.fhir))
            .or_insert_with(|| Endpoint {
                name: &lineage.holder_name,
                first: lineage.retrieved,
                last: lineage.retrieved,
                targets: BTreeSet::new(),
            });
        endpoint.name = endpoint.name.min(&lineage.holder_name);
        endpoint.first = endpoint.first.min(lineage.retrieved);
        endpoint.last = endpoint.last.max(lineage.retrieved);
        endpoint.targets.insert(&item.full_url);
    }
    for ((holder, address, fhir), endpoint) in endpoints {
        one(out, version, (holder, address, fhir), &endpoint);
    }
}

/// The names of the elements that are not the same in every version.
struct Names {
    period: &'static str,
    role: &'static str,
    /// Whether `role` repeats.
    is_list: bool,
    roles: &'static str,
    who: &'static str,
    what: &'static str,
}

const R4: Names = Names {
    period: "occurredPeriod",
    role: "type",
    is_list: false,
    roles: "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
    who: "who",
    what: "what",
};

const STU3: Names = Names {
    period: "period",
    role: "role",
    is_list: true,
    roles: "http://hl7.org/fhir/provenance-participant-role",
    who: "whoReference",
    what: "whatReference",
};

fn one(
    out: &mut JsonWriter,
    version: FhirVersion,
    (holder, address, fhir): (&Ura, &str, FhirVersion),
    endpoint: &Endpoint<'_>,
) {
    let names = match version {
        FhirVersion::R4 => R4,
        FhirVersion::Stu3 => STU3,
    };
    let urn = urn(&["provenance", holder.as_str(), address, fhir.full()]);
    out.begin_object();
    out.field("fullUrl", &urn);
    out.key("resource");
    out.begin_object();
    out.field("resourceType", "Provenance");
    out.field("id", id_of(&urn));
    out.key("target");
    out.begin_array();
    for target in &endpoint.targets {
        out.begin_object();
        out.field("reference", target);
        out.end_object();
    }
    out.end_array();
    out.key(names.period);
    out.begin_object();
    out.field("start", &endpoint.first.to_string());
    out.field("end", &endpoint.last.to_string());
    out.end_object();
    out.field("recorded", &endpoint.last.to_string());
    out.key("agent");
    out.begin_array();
    out.begin_object();
    out.key(names.role);
    if names.is_list {
        out.begin_array();
    }
    out.begin_object();
    out.key("coding");
    out.begin_array();
    out.begin_object();
    out.field("system", names.roles);
    out.field("code", "custodian");
    out.field("display", "Custodian");
    out.end_object();
    out.end_array();
    out.end_object();
    if names.is_list {
        out.end_array();
    }
    out.key(names.who);
    out.begin_object();
    if entry::is_known(holder) {
        out.key("identifier");
        identifier(out, holder);
    }
    out.optional("display", Some(endpoint.name).filter(|name| !name.is_empty()));
    out.end_object();
    out.end_object();
    out.end_array();
    out.key("entity");
    out.begin_array();
    out.begin_object();
    out.field("role", "source");
    out.key(names.what);
    out.begin_object();
    out.key("identifier");
    out.begin_object();
    out.field("system", "urn:ietf:rfc:3986");
    out.field("value", address);
    out.end_object();
    out.field("display", &format!("FHIR {}", fhir.full()));
    out.end_object();
    out.end_object();
    out.end_array();
    out.end_object();
    entry::search(out, "include");
    out.end_object();
}
