//! Identifiers and the systems that they are of.

use std::borrow::Cow;

/// OIDs of public naming systems that Dutch FHIR writes as a URL (naming systems of zib2017 and zib2020; terminologies by
/// the HL7 list of external code systems).
const SYSTEMS: [(&str, &str); 9] = [
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
