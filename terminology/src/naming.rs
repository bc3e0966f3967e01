//! Naming systems: the uri and, where `HL7v3`, CDA and SOAP messages need it, the OID of each identifier.
//!
//! Source: Dutch generic functions (GF), naming systems of Nictiz.

/// Citizen service number (BSN), nine digits that pass the 11-proef.
pub const BSN: &str = "http://fhir.nl/fhir/NamingSystem/bsn";
/// BSN as an OID.
pub const BSN_OID: &str = "2.16.840.1.113883.2.4.6.3";
/// BSN as the uri of its OID, as some systems send it.
pub const BSN_URN: &str = "urn:oid:2.16.840.1.113883.2.4.6.3";
/// UZI register subscriber number (URA): eight digits, names a care provider organisation.
pub const URA: &str = "http://fhir.nl/fhir/NamingSystem/ura";
/// URA as an OID.
pub const URA_OID: &str = "2.16.528.1.1007.3.3";
/// UZI or Dezi number of a care professional.
pub const UZI: &str = "http://fhir.nl/fhir/NamingSystem/uzi";
/// UZI number as an OID.
pub const UZI_OID: &str = "2.16.528.1.1007.3.1";
/// Role of a care professional (`RoleCodeNL`), for example `01.015` (general practitioner).
pub const ROLE: &str = "http://fhir.nl/fhir/NamingSystem/uzi-rolcode";
/// `RoleCodeNL` as an OID.
pub const ROLE_OID: &str = "2.16.840.1.113883.2.4.15.111";
/// AGB code of a care provider.
pub const AGB: &str = "http://fhir.nl/fhir/NamingSystem/agb-z";
/// Chamber of commerce number.
pub const KVK: &str = "http://fhir.nl/fhir/NamingSystem/kvk";
/// Type of care provider organisation, for example `V6` or `Z3`.
pub const ORGANIZATION_TYPE: &str = "http://nictiz.nl/fhir/NamingSystem/organization-type";
/// Type of care provider organisation as an OID.
pub const ORGANIZATION_TYPE_OID: &str = "2.16.840.1.113883.2.4.15.1060";
/// Mitz data category (gegevenscategorie) as an OID.
pub const GEGEVENSCATEGORIE_OID: &str = "2.16.840.1.113883.2.4.3.111.5.10.1";
/// SNOMED CT.
pub const SNOMED: &str = "http://snomed.info/sct";
/// LOINC.
pub const LOINC: &str = "http://loinc.org";
/// Base of every canonical that this project defines.
pub const SAMENHANG: &str = "https://samenhang.example/fhir";

/// OIDs of public systems of identifiers and codes that Dutch FHIR writes as a URL (naming systems of zib2017 and zib2020;
/// terminologies by the HL7 list of external code systems).
const URLS: [(&str, &str); 20] = [
    (BSN_OID, BSN),
    (UZI_OID, "http://fhir.nl/fhir/NamingSystem/uzi-nr-pers"),
    (
        "2.16.528.1.1007.3.2",
        "http://fhir.nl/fhir/NamingSystem/uzi-nr-sys",
    ),
    (URA_OID, URA),
    ("2.16.840.1.113883.2.4.6.1", AGB),
    (
        "2.16.840.1.113883.2.4.6.4",
        "http://fhir.nl/fhir/NamingSystem/uzovi",
    ),
    ("2.16.840.1.113883.6.96", SNOMED),
    ("2.16.840.1.113883.6.1", LOINC),
    ("2.16.840.1.113883.6.8", "http://unitsofmeasure.org"),
    ("2.16.840.1.113883.6.73", "http://www.whocc.no/atc"),
    (
        "2.16.840.1.113883.2.4.4.31.1",
        "http://hl7.org/fhir/sid/icpc-1-nl",
    ),
    ("2.16.840.1.113883.6.3", "http://hl7.org/fhir/sid/icd-10"),
    ("2.16.840.1.113883.6.3.2", "http://hl7.org/fhir/sid/icd-10-nl"),
    (
        "2.16.840.1.113883.2.4.4.30.45",
        "https://referentiemodel.nhg.org/tabellen/nhg-tabel-45-diagnostische-bepalingen",
    ),
    (
        "2.16.840.1.113883.2.4.4.30.1045",
        "https://referentiemodel.nhg.org/tabellen/nhg-tabel-45-diagnostische-bepalingen#resultaten",
    ),
    (ORGANIZATION_TYPE_OID, ORGANIZATION_TYPE),
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

/// The URL of a public system, given its OID with or without `urn:oid:`; none of what is no OID, or has no URL.
#[must_use]
pub fn url_of(system: &str) -> Option<&'static str> {
    let oid = system.strip_prefix("urn:oid:").unwrap_or(system);
    if !oid.starts_with(['1', '2']) {
        return None;
    }
    URLS.iter().find(|(own, _)| *own == oid).map(|(_, url)| *url)
}

#[cfg(test)]
mod tests;
