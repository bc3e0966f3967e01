//! Business identifiers as keys: which of them say "the same record", and which only look like it.
//!
//! A number of a person or an organisation, a placeholder, or a number that one endpoint uses for several records
//! is no key.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use samenhang_profiles::raw::CodingKey;
use samenhang_profiles::{FhirVersion, Received, Ura};
use samenhang_terminology::naming;

use super::Groups;
use super::fingerprint::Fingerprint;

/// Systems of numbers of persons and organisations, without `urn:oid:`.
const DENIED: [&str; 19] = [
    naming::BSN,
    naming::BSN_OID,
    naming::URA,
    naming::URA_OID,
    naming::UZI,
    naming::UZI_OID,
    "http://fhir.nl/fhir/NamingSystem/uzi-nr-pers",
    "http://fhir.nl/fhir/NamingSystem/uzi-nr-sys",
    "2.16.528.1.1007.3.2",
    naming::AGB,
    "2.16.840.1.113883.2.4.6.1",
    naming::KVK,
    "2.16.840.1.113883.2.4.3.3",
    "http://fhir.nl/fhir/NamingSystem/big",
    "2.16.528.1.1007.5.1",
    "http://fhir.nl/fhir/NamingSystem/uzovi",
    "2.16.840.1.113883.2.4.6.4",
    "http://www.gs1.org/gtin",
    "https://www.gs1.org/gtin",
];

/// Values that stand for "no number", in lower case.
const PLACEHOLDERS: [&str; 14] = [
    "", "-", ".", "0", "x", "n/a", "na", "nvt", "n.v.t.", "none", "null", "onbekend", "unknown", "test",
];

/// What two resources must have in common to be one record by identifier.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key<'a> {
    kind: &'a str,
    system: &'a str,
    value: &'a str,
}

/// The resources by key, of keys that two or more have and that link something.
pub(crate) fn groups(items: &[Received]) -> Groups<'_> {
    // Most numbers are there once, and need no list.
    let mut first: HashMap<Key<'_>, usize> = HashMap::with_capacity(items.len());
    // In order of the keys, so that the outcome does not depend on how they are hashed.
    let mut groups: Groups<'_> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        let keys = item.resource.keys();
        let kind = kind(item);
        for identifier in &keys.identifiers {
            let (Some(system), Some(value)) = (identifier.system.as_deref(), identifier.value.as_deref())
            else {
                continue;
            };
            let system = system.strip_prefix("urn:oid:").unwrap_or(system);
            let key = Key { kind, system, value };
            if !usable(kind, system, value) {
                continue;
            }
            let seen = *first.entry(key).or_insert(index);
            if seen != index {
                let members = groups.entry(key).or_insert_with(|| vec![seen]);
                if members.last() != Some(&index) {
                    members.push(index);
                }
            }
        }
    }
    groups
}

/// The number by which the source knows a record: the first that names a record and nothing else.
pub(crate) fn business_identifier(item: &Received) -> Option<(&str, &str)> {
    let mut identifiers = item.resource.keys().identifiers.iter();
    identifiers.find_map(|identifier| {
        let (system, value) = (identifier.system.as_deref()?, identifier.value.as_deref()?);
        let bare = system.strip_prefix("urn:oid:").unwrap_or(system);
        usable(kind(item), bare, value).then_some((system, value))
    })
}

fn usable(kind: &str, system: &str, value: &str) -> bool {
    let value = value.trim();
    !system.trim().is_empty()
        && (!DENIED.contains(&system) || is_own(kind, system))
        && !PLACEHOLDERS.iter().any(|word| value.eq_ignore_ascii_case(word))
        && !value.bytes().all(|byte| byte == b'0' || byte == b'9')
}

/// Whether a number of a person or an organisation is the number of the record itself: that of a holder or a professional
/// (reconciliation notes, section 2.2). A citizen is never joined by a number here; that is what identity is checked for.
fn is_own(kind: &str, system: &str) -> bool {
    let numbers: &[&str] = match kind {
        "Organization" => &[
            naming::URA,
            naming::URA_OID,
            naming::KVK,
            "2.16.840.1.113883.2.4.3.3",
        ],
        "Practitioner" => &[
            naming::UZI,
            naming::UZI_OID,
            "http://fhir.nl/fhir/NamingSystem/uzi-nr-pers",
            "http://fhir.nl/fhir/NamingSystem/big",
            "2.16.528.1.1007.5.1",
        ],
        _ => &[],
    };
    numbers.contains(&system)
}

/// Whether one endpoint uses the key of `members` for several records: it has more than one content under it. Then it is
/// the number of something else, for example of an order, and links nothing anywhere.
pub(crate) fn overused(items: &[Received], prints: &[Fingerprint], members: &[usize]) -> bool {
    let mut seen: HashMap<(&Ura, FhirVersion, &str), &Fingerprint> = HashMap::with_capacity(members.len());
    let mut known = members
        .iter()
        .filter_map(|&index| items.get(index).zip(prints.get(index)));
    known.any(|(item, print)| {
        let lineage = &item.lineage;
        let first = seen.entry((&lineage.holder, lineage.fhir, &lineage.endpoint));
        *first.or_insert(print) != print
    })
}

/// The kind of record, the same in both versions of FHIR. One type of resource carries several building blocks of
/// medication; the category tells which.
fn kind(item: &Received) -> &str {
    let keys = item.resource.keys();
    let resource_type = &*keys.resource_type;
    match resource_type {
        "MedicationRequest" | "MedicationDispense" | "MedicationStatement" | "MedicationAdministration" => {
            block(&keys.categories).unwrap_or(resource_type)
        }
        "ProcedureRequest" => "ServiceRequest",
        other => other,
    }
}

/// The building block of medication that a category names.
fn block(categories: &[CodingKey]) -> Option<&'static str> {
    categories
        .iter()
        .find_map(|coding| match coding.code.as_deref()? {
            "33633005" | "16076005" => Some("medication agreement"),
            "395067002" => Some("variable dosing regimen"),
            "52711000146108" => Some("dispense request"),
            "422037009" => Some("administration agreement"),
            "373784005" => Some("medication dispense"),
            "422979000" | "6" => Some("medication use"),
            "18629005" => Some("medication administration"),
            _ => None,
        })
}
