//! Identifiers and the systems that they are of.

use std::borrow::Cow;

/// OIDs of public naming systems that Dutch FHIR writes as a URL (naming systems of zib2017 and zib2020; terminologies by
/// the HL7 list of external code systems).
const SYSTEMS: [(&str, &str); 17] = [
    (
        "2.16.840.1.113883.2.4.6.3",
        "http://fhir.nl/fhir/NamingSystem/bsn",
    ),
    (
        "2.16.528.1.1007.3.1",
        "http://fhir.nl/fhir/NamingSystem/uzi-nr-pers",
    ),
    (
        "2.16.528.1.1007.3.2",
        "http://fhir.nl/fhir/NamingSystem/uzi-nr-sys",
    ),
    ("2.16.528.1.1007.3.3", "http://fhir.nl/fhir/NamingSystem/ura"),
    (
        "2.16.840.1.113883.2.4.6.1",
        "http://fhir.nl/fhir/NamingSystem/agb-z",
    ),
    (
        "2.16.840.1.113883.2.4.6.4",
        "http://fhir.nl/fhir/NamingSystem/uzovi",
    ),
    ("2.16.840.1.113883.6.96", "http://snomed.info/sct"),
    ("2.16.840.1.113883.6.1", "http://loinc.org"),
    ("2.16.840.1.113883.6.8", "http://unitsofmeasure.org"),
    ("2.16.840.1.113883.6.73", "http://www.whocc.no/atc"),
    (
        "2.16.840.1.113883.2.4.4.30.45",
        "https://referentiemodel.nhg.org/tabellen/nhg-tabel-45-diagnostische-bepalingen",
    ),
    (
        "2.16.840.1.113883.2.4.4.30.1045",
        "https://referentiemodel.nhg.org/tabellen/nhg-tabel-45-diagnostische-bepalingen#resultaten",
    ),
    (
        "2.16.840.1.113883.2.4.15.1060",
        "http://nictiz.nl/fhir/NamingSystem/organization-type",
    ),
    (
        "2.16.840.1.113883.5.1",
        "http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender",
    ),
    (
        "2.16.840.1.113883.5.83",
        "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
    ),
    (
        "2.16.840.1.113883.5.1119",
        "http://terminology.hl7.org/CodeSystem/v3-AddressUse",
    ),
    ("1.0.3166.1.2.2", "urn:iso:std:iso:3166"),
];

/// An OID as a URI; that of a public naming system as its URL.
pub(super) fn oid_uri(text: &str) -> Option<Cow<'_, str>> {
    let oid = text.strip_prefix("urn:oid:").unwrap_or(text);
    if let Some((_, url)) = SYSTEMS.iter().find(|(own, _)| *own == oid) {
        return Some((*url).into());
    }
    let arc = |arc: &str| {
        !arc.is_empty()
            && arc.bytes().all(|byte| byte.is_ascii_digit())
            && (arc.len() == 1 || !arc.starts_with('0'))
    };
    let valid = oid.contains('.') && oid.starts_with(['0', '1', '2']) && oid.split('.').all(arc);
    valid.then(|| format!("urn:oid:{oid}").into())
}

/// A UUID as a URI.
pub(super) fn uuid_uri(text: &str) -> Option<Cow<'_, str>> {
    let uuid = uuid::Uuid::try_parse(text).ok()?;
    Some(format!("urn:uuid:{}", uuid.hyphenated()).into())
}

/// A Dutch postal code without the space that is often written in it, in capitals; others as they are.
pub(super) fn dutch_postcode(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    let plain: String = text
        .chars()
        .filter(|char| !char.is_whitespace())
        .map(|char| char.to_ascii_uppercase())
        .collect();
    let digits = |at: std::ops::Range<usize>| {
        plain
            .get(at)
            .is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit()))
    };
    let letters = plain
        .get(4..)
        .is_some_and(|part| part.bytes().all(|b| b.is_ascii_uppercase()));
    let dutch = plain.len() == 6 && digits(0..4) && letters;
    if text.is_empty() {
        None
    } else if dutch {
        Some(plain.into())
    } else {
        Some(text.into())
    }
}
