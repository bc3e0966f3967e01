//! Quirks of code systems, naming systems and profiles: another name of the same system is put right.

use samenhang_profiles::document::Node;
use samenhang_profiles::{Bsn, FhirVersion};
use samenhang_terminology::naming;

use super::Quirk;
use super::examine::Look;
use crate::functions::oid_uri;

/// Systems that are written with another scheme, a slash at the end, or other capitals.
const SPELT: [&str; 11] = [
    naming::SNOMED,
    naming::LOINC,
    "http://unitsofmeasure.org",
    "http://www.whocc.no/atc",
    naming::BSN,
    naming::URA,
    naming::AGB,
    "http://fhir.nl/fhir/NamingSystem/uzi-nr-pers",
    "http://fhir.nl/fhir/NamingSystem/uzi-nr-sys",
    "http://terminology.hl7.org/CodeSystem/observation-category",
    "http://hl7.org/fhir/observation-category",
];
/// Systems that HL7 moved for R4, of which only the address changed: name in STU3 and in R4.
const MOVED: [(&str, &str); 6] = [
    ("http://hl7.org/fhir/observation-category", "observation-category"),
    ("http://hl7.org/fhir/condition-category", "condition-category"),
    ("http://hl7.org/fhir/flag-category", "flag-category"),
    ("http://hl7.org/fhir/diagnosis-role", "diagnosis-role"),
    ("http://hl7.org/fhir/data-absent-reason", "data-absent-reason"),
    ("http://hl7.org/fhir/consentcategorycodes", "consentcategorycodes"),
];
/// Where HL7 has them for R4.
const R4_SYSTEMS: &str = "http://terminology.hl7.org/CodeSystem/";
/// Statuses that R4 binds to one system, by type and element: the system and its codes.
const STATUSES: [(&str, &str, &str, &[&str]); 4] = [
    (
        "Condition",
        "clinicalStatus",
        "condition-clinical",
        &[
            "active",
            "recurrence",
            "relapse",
            "inactive",
            "remission",
            "resolved",
        ],
    ),
    (
        "AllergyIntolerance",
        "clinicalStatus",
        "allergyintolerance-clinical",
        &["active", "inactive", "resolved"],
    ),
    (
        "Condition",
        "verificationStatus",
        "condition-ver-status",
        &[
            "unconfirmed",
            "provisional",
            "differential",
            "confirmed",
            "refuted",
            "entered-in-error",
        ],
    ),
    (
        "AllergyIntolerance",
        "verificationStatus",
        "allergyintolerance-verification",
        &["unconfirmed", "confirmed", "refuted", "entered-in-error"],
    ),
];
/// Generic names of the G-Standaard (file 750): substances, not products.
const GENERIC_NAMES: &str = "urn:oid:2.16.840.1.113883.2.4.4.1.750";
/// Table 45 of the NHG, by OID and by address.
const NHG_45: [&str; 2] = [
    "urn:oid:2.16.840.1.113883.2.4.4.30.45",
    "https://referentiemodel.nhg.org/tabellen/nhg-tabel-45-diagnostische-bepalingen",
];
/// How profiles of Nictiz and HL7 Netherlands begin, without the scheme.
const PROFILES: [&str; 3] = [
    "nictiz.nl/fhir/StructureDefinition/",
    "fhir.nl/fhir/StructureDefinition/",
    "hl7.org/fhir/StructureDefinition/",
];

/// A coding: its system, and what goes together with it.
pub(super) fn coding(look: &mut Look<'_>, node: Node<'_>) {
    let Some(system) = node.child("system") else {
        return;
    };
    let Some(text) = system.primitive() else { return };
    // The two that nearly every coding has.
    if SPELT[..2].contains(&text) || status(look, node, system, text) || named(look, system, text) {
        return;
    }
    if text == GENERIC_NAMES && is_product(node) {
        look.note(Quirk::GenericNameSystem, system);
    }
    if NHG_45.contains(&text) && is_alone(node) {
        look.note(Quirk::NhgTable45, system);
    }
}

/// An identifier: its system, and a number of a patient that is none.
pub(super) fn identifier(look: &mut Look<'_>, node: Node<'_>) {
    let Some(system) = node.child("system") else {
        return;
    };
    let Some(text) = system.primitive() else { return };
    let is_bsn = text == naming::BSN || oid_uri(text).as_deref() == Some(naming::BSN);
    let value = node.child("value");
    if is_bsn
        && let Some(value) = value.filter(|value| value.primitive().is_some_and(|text| Bsn::parse(text).is_err()))
        // A masked number has an extension that says so, and a value that is no number is that.
        && value.children().next().is_none()
    {
        look.note(Quirk::NumberOfNobody, value);
    }
    named(look, system, text);
}

/// A quantity: the system of its unit.
pub(super) fn quantity(look: &mut Look<'_>, node: Node<'_>) {
    if let Some(system) = node.child("system")
        && let Some(text) = system.primitive()
    {
        named(look, system, text);
    }
}

/// Another name of a system. Says whether it was one.
fn named(look: &mut Look<'_>, system: Node<'_>, text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_oid = bytes.first().is_some_and(u8::is_ascii_digit)
        || bytes
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case(b"urn:") || start.eq_ignore_ascii_case(b"oid:"));
    if is_oid {
        return by_oid(look, system, text);
    }
    if let Some(moved) = moved(text, system.document().version()) {
        look.replace(Quirk::MovedSystem, system, &moved);
        return true;
    }
    if SPELT.contains(&text) {
        return false;
    }
    let plain = plain(text);
    if let Some(meant) = SPELT.iter().find(|system| self::plain(system) == plain) {
        look.replace(Quirk::SystemSpelling, system, meant);
        return true;
    }
    false
}

/// A system by its OID: by its URL where both versions have that, else in the one notation of an OID.
fn by_oid(look: &mut Look<'_>, system: Node<'_>, text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut oid = lower.as_str();
    while let Some(rest) = oid.strip_prefix("urn:").or_else(|| oid.strip_prefix("oid:")) {
        oid = rest;
    }
    let Some(uri) = oid_uri(oid) else { return false };
    if SPELT.contains(&&*uri) {
        look.replace(Quirk::OidForUrl, system, &uri);
        return true;
    }
    let urn = format!("urn:oid:{oid}");
    if urn != text {
        look.replace(Quirk::OidNotation, system, &urn);
        return true;
    }
    false
}

/// Where a system is in this version, when it is written as the other has it.
fn moved(text: &str, version: FhirVersion) -> Option<String> {
    match version {
        FhirVersion::R4 => {
            let rest = text.strip_prefix("http://hl7.org/fhir/")?;
            if let Some((_, name)) = MOVED.iter().find(|(stu3, _)| *stu3 == text) {
                return Some(format!("{R4_SYSTEMS}{name}"));
            }
            let (set, name) = rest.split_once('/')?;
            let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
            (["v2", "v3"].contains(&set) && is_name).then(|| format!("{R4_SYSTEMS}{set}-{name}"))
        }
        FhirVersion::Stu3 => {
            let rest = text.strip_prefix(R4_SYSTEMS)?;
            if let Some((stu3, _)) = MOVED.iter().find(|(_, name)| *name == rest) {
                return Some((*stu3).to_owned());
            }
            let (set, name) = rest.split_once('-')?;
            let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
            (["v2", "v3"].contains(&set) && is_name).then(|| format!("http://hl7.org/fhir/{set}/{name}"))
        }
    }
}

/// Without what is no difference: the scheme, `www`, a slash at the end and capitals.
fn plain(text: &str) -> String {
    let lower = text.trim().to_ascii_lowercase();
    let rest = lower.split_once("://").map_or(&*lower, |(_, rest)| rest);
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    rest.trim_end_matches('/').to_owned()
}

/// A status of R4 under another system of HL7: its code is of the one system that R4 has for it.
fn status(look: &mut Look<'_>, coding: Node<'_>, system: Node<'_>, text: &str) -> bool {
    let is_hl7 =
        text.starts_with("urn:oid:2.16.840.1.113883.4.642.") || text.starts_with("http://hl7.org/fhir/");
    if coding.document().version() != FhirVersion::R4 || !is_hl7 {
        return false;
    }
    let concept = coding.parent();
    let owner = concept.and_then(Node::parent).filter(|owner| owner.is_resource());
    let (Some(concept), Some(owner), Some(code)) = (concept, owner, coding.text("code")) else {
        return false;
    };
    let bound = STATUSES
        .iter()
        .find(|(kind, element, ..)| *kind == owner.resource_type() && *element == concept.name());
    if let Some((.., name, codes)) = bound
        && codes.contains(&code)
    {
        look.replace(Quirk::StatusSystem, system, &format!("{R4_SYSTEMS}{name}"));
        return true;
    }
    false
}

/// Whether a coding says which product a medicine is.
fn is_product(coding: Node<'_>) -> bool {
    let Some(concept) = coding.parent() else {
        return false;
    };
    let in_medication = |owner: Node<'_>| owner.resource_type() == "Medication";
    concept.name() == "medicationCodeableConcept"
        || concept.name() == "code" && concept.parent().is_some_and(in_medication)
}

/// Whether there is no other coding beside it.
fn is_alone(coding: Node<'_>) -> bool {
    let code = coding.parent().filter(|concept| concept.name() == "code");
    code.is_some_and(|concept| concept.children_named("coding").count() == 1)
}

/// Profiles that are claimed by another spelling of their address.
pub(super) fn profiles(look: &mut Look<'_>, meta: Node<'_>) {
    for profile in meta.children_named("profile") {
        let Some(text) = profile.primitive() else { continue };
        let rest = match text.strip_prefix("https://") {
            Some(rest) => rest,
            None if text.ends_with('/') => text.strip_prefix("http://").unwrap_or(text),
            None => continue,
        };
        let rest = rest.trim_end_matches('/');
        if PROFILES.iter().any(|start| rest.starts_with(start)) {
            look.replace(Quirk::ProfileSpelling, profile, &format!("http://{rest}"));
        }
    }
}
