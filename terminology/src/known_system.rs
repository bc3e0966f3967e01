//! What is known of a code system by its uri alone: whether its content is licensed, and under which names it went.

use crate::answer::Licensed;
use crate::naming::{LOINC, SNOMED};

/// The licensed release that the content of a system has to come from; `None` for a system without one.
#[must_use]
pub fn licensed(system: &str) -> Option<Licensed> {
    Some(match system {
        SNOMED => Licensed::Snomed,
        LOINC => Licensed::Loinc,
        "http://www.whocc.no/atc" => Licensed::Atc,
        "http://hl7.org/fhir/sid/icpc-1-nl"
        | "http://hl7.org/fhir/sid/icpc-1"
        | "http://hl7.org/fhir/sid/icpc-2" => Licensed::Icpc,
        "http://hl7.org/fhir/sid/icd-10-nl"
        | "http://hl7.org/fhir/sid/icd-10"
        | "http://hl7.org/fhir/sid/icf-nl"
        | "urn:oid:2.16.840.1.113883.6.43.1"
        | "urn:oid:2.16.840.1.113883.6.90" => Licensed::Who,
        "http://hl7.org/fhir/sid/dsm5"
        | "http://www.nanda.org/"
        | "https://nursing.uiowa.edu/cncce/nursing-interventions-classification-overview"
        | "urn:oid:2.16.840.1.113883.6.126"
        | "urn:oid:2.16.840.1.113883.6.98"
        | "urn:oid:2.16.840.1.113883.6.16"
        | "urn:oid:2.16.840.1.113883.6.15"
        | "urn:oid:2.16.840.1.113883.6.20" => Licensed::Other,
        "urn:oid:2.16.840.1.113883.2.4.6.7" | "urn:oid:2.16.840.1.113883.2.4.3.11.22.472" => Licensed::Vektis,
        _ => return licensed_by_prefix(system),
    })
}

/// Systems that come in many tables under one root.
fn licensed_by_prefix(system: &str) -> Option<Licensed> {
    if system.starts_with("https://referentiemodel.nhg.org/")
        || system.starts_with("urn:oid:2.16.840.1.113883.2.4.4.30")
    {
        return Some(Licensed::Nhg);
    }
    let table = system.strip_prefix("urn:oid:2.16.840.1.113883.2.4.4.")?;
    // 16 are the tables of the population register, 31 is ICPC by its OID.
    match table.split('.').next()? {
        "1" | "7" | "8" | "9" | "10" | "11" | "13" => Some(Licensed::GStandaard),
        "31" => Some(Licensed::Icpc),
        _ => None,
    }
}

/// The uri that a system of HL7 version 2 or 3 has in STU3, by its uri in R4; `None` for any other.
///
/// Source: FHIR STU3 4.3.0 and R4 4.3.0, namespaces of `v2` and `v3`.
#[must_use]
pub fn stu3_system(system: &str) -> Option<String> {
    let name = system.strip_prefix("http://terminology.hl7.org/CodeSystem/")?;
    if let Some(v3) = name.strip_prefix("v3-") {
        return Some(format!("http://hl7.org/fhir/v3/{v3}"));
    }
    // A table that differs between releases has the release behind a bar in R4, and behind a slash in STU3.
    let v2 = name.strip_prefix("v2-")?;
    Some(format!("http://hl7.org/fhir/v2/{}", v2.replace('|', "/")))
}

/// The canonical that a value set of HL7 version 2 or 3 has in STU3, by its canonical in R4; `None` for any other.
#[must_use]
pub fn stu3_value_set(value_set: &str) -> Option<String> {
    let name = value_set.strip_prefix("http://terminology.hl7.org/ValueSet/")?;
    (name.starts_with("v3-") || name.starts_with("v2-"))
        .then(|| format!("http://hl7.org/fhir/ValueSet/{name}"))
}
