//! A search of one type about one patient: whose, which, how many, and after which.
//!
//! The parameters are those of every search of ours ([`crate::search::query`]); added here are what a holder's clients
//! use: the patient by logical id, and pages. A number is taken from the body of a POST only.

use samenhang_profiles::FhirVersion;

use super::dossier::Whose;
use crate::error::{Kind, Problem};
use crate::fhir::prefer::Handling;
use crate::search::control::Control;
use crate::search::query::{self, Search};

/// Resources of a page when the asker does not say.
const USUAL: usize = 200;
/// Most resources of a page.
const MOST: usize = 1_000;

/// A search that was understood.
pub(super) struct Asked {
    pub(super) search: Search,
    pub(super) whose: Whose,
    pub(super) count: usize,
    pub(super) after: Option<String>,
    /// The parameters of the next page but for whose and after which: without a number.
    kept: Vec<(String, String)>,
}

/// Reads the parameters of a search.
///
/// # Errors
/// Everything that is wrong with them.
pub(super) fn read(
    version: FhirVersion,
    kind: &str,
    is_lastn: bool,
    pairs: Vec<(String, String)>,
    handling: Handling,
) -> Result<Asked, Vec<Problem>> {
    let mut record: Option<String> = None;
    let (mut count, mut after) = (USUAL, None);
    let mut rest = Vec::with_capacity(pairs.len());
    let wrong = |name: &'static str| vec![Problem::new(Kind::InvalidParameter).at(name)];
    for (name, value) in pairs {
        match &*name {
            "patient"
            | "subject"
            | "beneficiary"
            | "patient:Patient"
            | "subject:Patient"
            | "beneficiary:Patient" => {
                let id = value.strip_prefix("Patient/").unwrap_or(&value);
                if id.is_empty() || record.as_deref().is_some_and(|known| known != id) {
                    return Err(wrong("http.parameter"));
                }
                record = Some(id.to_owned());
            }
            "_id" if kind == "Patient" => {
                if record.as_deref().is_some_and(|known| known != value) {
                    return Err(wrong("http.parameter"));
                }
                record = Some(value.clone());
                rest.push((name, value));
            }
            "_count" => {
                let asked: usize = value.parse().map_err(|_| wrong("http.parameter"))?;
                count = asked.clamp(1, MOST);
            }
            "_after" => after = Some(value),
            _ => rest.push((name, value)),
        }
    }
    let search = query::read(version, kind, is_lastn, &rest, handling)?;
    if search.control != Control::default() {
        // A source gives its records in the order of their ids, and whole.
        return Err(wrong("http.parameter"));
    }
    let whose = match (&search.patient, record) {
        (Some(number), None) => Whose::Number(number.clone()),
        (None, Some(id)) => Whose::Record(id),
        (Some(_), Some(_)) => return Err(wrong("http.parameter")),
        (None, None) => {
            return Err(vec![Problem::new(Kind::MissingParameter).at("http.parameter").hint(
                "Noem de patient: patient met de logische id, of patient.identifier in een POST (Patient: identifier).",
                "Name the patient: patient with the logical id, or patient.identifier in a POST (Patient: identifier).",
            )]);
        }
    };
    let naming = crate::search::parameter::naming_patient(version, kind);
    let mut kept: Vec<(String, String)> = rest;
    kept.retain(|(name, _)| !naming.contains(&&**name) && name != "_format");
    Ok(Asked {
        search,
        whose,
        count,
        after,
        kept,
    })
}

impl Asked {
    /// The parameters of the page after an id of a record.
    pub(super) fn next(&self, record: &str, after: &str) -> String {
        let patient = match &*self.search.kind {
            "Patient" => "_id",
            _ => "patient",
        };
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair(patient, record);
        for (name, value) in self.kept.iter().filter(|(name, _)| name != patient) {
            form.append_pair(name, value);
        }
        form.append_pair("_count", &self.count.to_string());
        form.append_pair("_after", after);
        form.finish()
    }
}
