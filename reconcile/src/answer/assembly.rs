//! A Provenance for each cluster: of which resources it was made, by which software, rule and evidence.
//!
//! In the manner of IHE mXDE: the targets are the Linkage and what stands for the cluster, the sources its members, the
//! assembler is software. It holds addresses, identifiers and names of rules; what was compared is told by name.

use std::collections::BTreeSet;

use jiff::Timestamp;
use samenhang_profiles::write::JsonWriter;
use samenhang_profiles::{FhirVersion, Received};
use samenhang_terminology::naming;

use super::{entry, id_of, linkage, urn};
use crate::Reconciled;
use crate::cluster::{self, Cluster};
use crate::completeness::outcome::{Value, coding, concept, definition, part};
use crate::policy::Policy;
use crate::view::View;

/// Who put an answer together, when, and what it shows first. The crate has no clock: the caller says when.
#[derive(Debug, Clone, Copy)]
pub struct Assembly<'a> {
    /// Name of the software.
    pub software: &'a str,
    /// Its version.
    pub version: &'a str,
    /// When; `None` when that is not known.
    pub at: Option<Timestamp>,
    /// The view.
    pub view: &'a View,
}

/// The names of the elements and code systems that are not the same in every version.
struct Names {
    role: &'static str,
    /// Whether `role` repeats.
    is_list: bool,
    roles: &'static str,
    who: &'static str,
    what: &'static str,
    /// System and code of joining: STU3 has no code for it but that something was derived.
    activity: (&'static str, &'static str),
}

const R4: Names = Names {
    role: "type",
    is_list: false,
    roles: "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
    who: "who",
    what: "what",
    activity: (
        "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle",
        "link",
    ),
};

const STU3: Names = Names {
    role: "role",
    is_list: true,
    roles: "http://hl7.org/fhir/provenance-participant-role",
    who: "whoReference",
    what: "whatReference",
    activity: ("http://hl7.org/fhir/w3c-provenance-activity-type", "Derivation"),
};

/// Writes it for one cluster.
pub(super) fn write(
    out: &mut JsonWriter,
    reconciled: &Reconciled,
    cluster: &Cluster,
    version: FhirVersion,
    assembly: &Assembly<'_>,
) {
    let names = match version {
        FhirVersion::R4 => R4,
        FhirVersion::Stu3 => STU3,
    };
    let items = reconciled.items();
    let urn = urn(&["assembly", &cluster.id]);
    out.begin_object();
    out.field("fullUrl", &urn);
    out.key("resource");
    out.begin_object();
    out.field("resourceType", "Provenance");
    out.field("id", id_of(&urn));
    rule(out, cluster);
    out.key("target");
    out.begin_array();
    if linkage::is_told(items, cluster) {
        reference(out, &linkage::address(cluster));
    }
    if let Some(item) = items.get(cluster.representative) {
        reference(out, &versioned(item));
    }
    out.end_array();
    moment(out, "recorded", assembly.at.map(|at| at.to_string()));
    out.key("policy");
    out.begin_array();
    out.string(&Policy::shipped().canonical());
    out.end_array();
    out.key("activity");
    // STU3 has a Coding where R4 has a concept.
    let (system, code) = names.activity;
    match version {
        FhirVersion::R4 => concept(out, (system, code, None), None),
        FhirVersion::Stu3 => coding(out, (system, code, None)),
    }
    agent(out, &names, assembly);
    out.key("entity");
    out.begin_array();
    // One version at one address is one source.
    let mut seen = BTreeSet::new();
    for &(index, tier) in &cluster.evidence {
        if let Some(item) = items.get(index)
            && seen.insert(versioned(item))
        {
            source(out, &names, item, tier.code());
        }
    }
    out.end_array();
    out.end_object();
    entry::search(out, "include");
    out.end_object();
}

/// By which rule and evidence, and what was compared.
fn rule(out: &mut JsonWriter, cluster: &Cluster) {
    out.key("extension");
    out.begin_array();
    out.begin_object();
    out.field("url", &definition("reconciliation"));
    out.key("extension");
    out.begin_array();
    part(out, "cluster", Value::Text(&cluster.id));
    part(out, "tier", Value::Code(cluster.tier().code()));
    if let Some(rule) = &cluster.rule {
        part(out, "rule", Value::Code(rule));
    }
    for slot in &cluster.compared {
        part(out, "compared", Value::Code(slot));
    }
    for map in &cluster.maps {
        part(out, "map", Value::Text(map));
    }
    out.end_array();
    out.end_object();
    out.end_array();
}

fn agent(out: &mut JsonWriter, names: &Names, assembly: &Assembly<'_>) {
    out.key("agent");
    out.begin_array();
    out.begin_object();
    out.key(names.role);
    if names.is_list {
        out.begin_array();
    }
    concept(out, (names.roles, "assembler", None), None);
    if names.is_list {
        out.end_array();
    }
    out.key(names.who);
    out.begin_object();
    // Not a resource of its own: what every cluster would point at would be no more than this.
    out.key("identifier");
    software(out, assembly);
    out.field("display", &format!("{} {}", assembly.software, assembly.version));
    out.end_object();
    out.end_object();
    out.end_array();
}

/// The identifier of the software and its version.
pub(super) fn software(out: &mut JsonWriter, assembly: &Assembly<'_>) {
    out.begin_object();
    out.field("system", &format!("{}/NamingSystem/software", naming::SAMENHANG));
    out.field("value", &format!("{}|{}", assembly.software, assembly.version));
    out.end_object();
}

fn source(out: &mut JsonWriter, names: &Names, item: &Received, tier: &str) {
    out.begin_object();
    out.key("extension");
    out.begin_array();
    part(out, &definition("tier"), Value::Code(tier));
    out.end_array();
    out.field("role", "source");
    out.key(names.what);
    out.begin_object();
    out.field("reference", &versioned(item));
    if let Some((system, value)) = cluster::key::business_identifier(item) {
        out.key("identifier");
        out.begin_object();
        out.field("system", system);
        out.field("value", value);
        out.end_object();
    }
    out.optional(
        "display",
        Some(&*item.lineage.holder_name).filter(|name| !name.is_empty()),
    );
    out.end_object();
    out.end_object();
}

/// The address of a resource, with its version where the source tells it.
fn versioned(item: &Received) -> String {
    match item.resource.keys().version_id.as_deref() {
        Some(version) => format!("{}/_history/{version}", item.full_url),
        None => item.full_url.to_string(),
    }
}

pub(super) fn reference(out: &mut JsonWriter, address: &str) {
    out.begin_object();
    out.field("reference", address);
    out.end_object();
}

/// A moment that an element must have: that it is not known is said when it is not.
pub(super) fn moment(out: &mut JsonWriter, name: &str, at: Option<String>) {
    if let Some(at) = at {
        out.field(name, &at);
        return;
    }
    out.key(&format!("_{name}"));
    out.begin_object();
    out.key("extension");
    out.begin_array();
    part(
        out,
        "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
        Value::Code("unknown"),
    );
    out.end_array();
    out.end_object();
}
