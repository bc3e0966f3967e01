//! Our own synthetic patients P1 to P8, embedded: who holds what about them.
//!
//! Every person, number and organisation is made up; names say so. The data is believable enough for a demo and has,
//! on purpose, copies, one object in two versions of FHIR, and contradictions. The letters are plain text here and a
//! `Binary` with a PDF at the holder. It refuses nothing and starts nothing: the sources serve it.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use rust_embed::Embed;
use samenhang_profiles::{Bsn, FhirVersion, Ura};
use serde_json::json;

use crate::document::letter;

#[derive(Embed)]
#[folder = "patients/"]
struct Files;

/// The letters of the holders: plain text by holder, version of FHIR and id.
#[derive(Embed)]
#[folder = "letters/"]
struct Letters;

/// P1: five holders, with copies and contradictions.
pub const P1: &str = "999990019";
/// P2: no consent for medication (`GGC013`).
pub const P2: &str = "999990020";
/// P3: the hospital has not verified the BSN, the pharmacy has none.
pub const P3: &str = "999990032";
/// P4: two Patient records with one BSN at the hospital.
pub const P4: &str = "999990044";
/// P5: the endpoint of the home care organisation is off in the directory.
pub const P5: &str = "999990056";
/// P6: nobody has data.
pub const P6: &str = "999990068";
/// P7: the consent service does not answer in time.
pub const P7: &str = "999990081";
/// P8: the index does not name the mental health organisation; the care team at the GP does.
pub const P8: &str = "999990093";
/// Every number that the data may contain.
pub const ALL: [&str; 8] = [P1, P2, P3, P4, P5, P6, P7, P8];

/// How the authorization server of a holder gives tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnAuthorization {
    /// As Nuts nodes do (RFC021).
    Nuts,
    /// SMART Backend Services.
    SmartBackend,
    /// As the generic functions say (GFI-004), with tokens that are bound to a key.
    GenericFunctions,
}

/// One version of FHIR at a holder, with its data.
#[derive(Debug, Clone)]
pub struct OwnEndpoint {
    /// The version.
    pub fhir: FhirVersion,
    /// File name and content, one Bundle of type `collection` a file, in order of name.
    pub files: Vec<(String, Bytes)>,
}

/// A holder of our own patients.
#[derive(Clone)]
pub struct OwnHolder {
    /// Its URA.
    pub ura: Ura,
    /// Its name.
    pub name: &'static str,
    /// Organisation type as Mitz wants it.
    pub facility_type: &'static str,
    /// Its endpoints.
    pub endpoints: Vec<OwnEndpoint>,
    /// How tokens are given.
    pub authorization: OwnAuthorization,
    /// Whether the directory shows its endpoints as `off`.
    pub endpoint_off: bool,
    /// Patients that the index names this holder for, although its data does not carry their BSN.
    pub also_registered: Vec<Bsn>,
    /// Patients in its data that the index does not name this holder for.
    pub not_registered: Vec<Bsn>,
}

struct Row {
    ura: &'static str,
    name: &'static str,
    facility_type: &'static str,
    authorization: OwnAuthorization,
}

const HOLDERS: [Row; 7] = [
    Row {
        ura: "00700700",
        name: "Ziekenhuis Oost",
        facility_type: "V6",
        authorization: OwnAuthorization::Nuts,
    },
    Row {
        ura: "00700701",
        name: "Huisartsenpraktijk De Linde",
        facility_type: "Z3",
        authorization: OwnAuthorization::SmartBackend,
    },
    Row {
        ura: "00700702",
        name: "Apotheek Centrum",
        facility_type: "J8",
        authorization: OwnAuthorization::SmartBackend,
    },
    Row {
        ura: "00700703",
        name: "Laboratorium Noord",
        facility_type: "X3",
        authorization: OwnAuthorization::GenericFunctions,
    },
    Row {
        ura: "00700704",
        name: "Revalidatiekliniek Zuid",
        facility_type: "R5",
        authorization: OwnAuthorization::SmartBackend,
    },
    Row {
        ura: "00700705",
        name: "GGZ De Brug",
        facility_type: "R6",
        authorization: OwnAuthorization::Nuts,
    },
    Row {
        ura: "00700706",
        name: "Thuiszorg De Vaart",
        facility_type: "T2",
        authorization: OwnAuthorization::SmartBackend,
    },
];

/// URA of the holder whose endpoint is off (P5).
pub const OFF: &str = "00700706";
/// URA of the holder that the index does not name for P8.
pub const UNREGISTERED: &str = "00700705";
/// URA of the holder whose record of P3 has no BSN.
pub const WITHOUT_BSN: &str = "00700702";

/// Every holder of our own patients, in order of URA.
#[must_use]
pub fn holders() -> Vec<OwnHolder> {
    let only = |holder: &str, ura: &str, bsn: &str| -> Vec<Bsn> {
        if holder == ura {
            Bsn::parse(bsn).into_iter().collect()
        } else {
            Vec::new()
        }
    };
    HOLDERS
        .iter()
        .filter_map(|row| {
            Some(OwnHolder {
                ura: row.ura.parse().ok()?,
                name: row.name,
                facility_type: row.facility_type,
                endpoints: endpoints(row.ura),
                authorization: row.authorization,
                endpoint_off: row.ura == OFF,
                also_registered: only(WITHOUT_BSN, row.ura, P3),
                not_registered: only(UNREGISTERED, row.ura, P8),
            })
        })
        .collect()
}

/// The files of one holder in one version of FHIR, in order of name; empty when there are none.
#[must_use]
pub fn files(ura: &Ura, fhir: FhirVersion) -> Vec<(String, Bytes)> {
    files_under(ura.as_str(), fhir)
}

fn endpoints(ura: &str) -> Vec<OwnEndpoint> {
    [FhirVersion::R4, FhirVersion::Stu3]
        .into_iter()
        .map(|fhir| OwnEndpoint {
            fhir,
            files: files_under(ura, fhir),
        })
        .filter(|endpoint| !endpoint.files.is_empty())
        .collect()
}

fn files_under(ura: &str, fhir: FhirVersion) -> Vec<(String, Bytes)> {
    let folder = match fhir {
        FhirVersion::R4 => "r4",
        FhirVersion::Stu3 => "stu3",
    };
    let prefix = format!("{ura}/{folder}/");
    let mut files: Vec<(String, Bytes)> = Files::iter()
        .filter_map(|path| {
            let name = path.strip_prefix(&prefix)?.to_owned();
            let body = match Files::get(&path)?.data {
                Cow::Borrowed(data) => Bytes::from_static(data),
                Cow::Owned(data) => Bytes::from(data),
            };
            Some((name, body))
        })
        .collect();
    files.extend(Letters::iter().filter_map(|path| {
        let id = path.strip_prefix(&prefix)?.strip_suffix(".txt")?;
        let text = Letters::get(&path)?.data;
        Some((format!("{id}.json"), binary(id, std::str::from_utf8(&text).ok()?)))
    }));
    files.sort();
    files
}

/// A letter as its holder has it.
fn binary(id: &str, text: &str) -> Bytes {
    let resource = json!({
        "resourceType": "Binary", "id": id,
        "meta": {
            "versionId": "1", "lastUpdated": "2026-08-25T11:00:00+02:00",
            "profile": ["http://hl7.org/fhir/StructureDefinition/Binary"]
        },
        "contentType": "application/pdf", "data": STANDARD.encode(letter(text))
    });
    let bundle =
        json!({ "resourceType": "Bundle", "type": "collection", "entry": [{ "resource": resource }] });
    Bytes::from(bundle.to_string())
}

#[cfg(test)]
mod tests;
