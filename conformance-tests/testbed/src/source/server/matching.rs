//! `Patient/$match`: finds a Patient by the BSN of the Patient in the parameters.
//!
//! Certain matches only: the same BSN and, when both have one, the same birth date. Nothing is guessed from names.

use super::super::json::Json;
use super::super::patient::bsn_of;
use super::super::store::{Index, Store};
use crate::source::answer::Refusal;

/// Places of the Patients that match.
pub(super) fn find(store: &Store, body: &[u8]) -> Result<Vec<Index>, Refusal> {
    let parameters =
        Json::parse(body).map_err(|error| Refusal::bad_request("structure", error.to_string()))?;
    let patient = match parameters.str("resourceType") {
        Some("Parameters") => parameters
            .list("parameter")
            .iter()
            .find(|parameter| parameter.str("name") == Some("resource"))
            .and_then(|parameter| parameter.get("resource")),
        Some("Patient") => Some(&parameters),
        _ => None,
    };
    let patient =
        patient.ok_or_else(|| Refusal::bad_request("required", "no Patient in parameter resource"))?;
    let bsn = bsn_of(patient)
        .ok_or_else(|| Refusal::bad_request("required", "no valid BSN in Patient.identifier"))?;
    let born = patient.str("birthDate");
    Ok(store
        .of_kind("Patient")
        .filter(|(_, known)| bsn_of(known.json()).as_ref() == Some(&bsn))
        .filter(|(_, known)| match (born, known.json().str("birthDate")) {
            (Some(asked), Some(known)) => asked == known,
            _ => true,
        })
        .map(|(index, _)| index)
        .collect())
}
