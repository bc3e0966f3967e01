//! Naming systems: the uri and, where `HL7v3`, CDA and SOAP messages need it, the OID of each identifier.
//!
//! Source: Dutch generic functions (GF), naming systems of Nictiz.

/// Citizen service number (BSN), nine digits that pass the 11-proef.
pub const BSN: &str = "http://fhir.nl/fhir/NamingSystem/bsn";
/// BSN as an OID.
pub const BSN_OID: &str = "2.16.840.1.113883.2.4.6.3";
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
