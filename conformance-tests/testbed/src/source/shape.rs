//! What a quirk makes of the resources: a changed copy of the store, made once when the source starts.
//!
//! References inside the copy stay consistent. A clean source serves what was loaded.

use std::collections::HashMap;

use samenhang_profiles::FhirVersion;
use samenhang_terminology::naming;

use super::json::Json;
use super::quirk::Quirk;
use super::store::{Resource, Store, local_part};

/// System that Sanday sends for `clinicalStatus`.
const WRONG_CLINICAL_STATUS: &str = "urn:oid:2.16.840.1.113883.4.642.3.1372";
/// System of `laboratory` in STU3.
const STU3_CATEGORY: &str = "http://hl7.org/fhir/observation-category";

/// The store as a source with this quirk serves it; `base` is its own address.
#[must_use]
pub fn apply(quirk: Quirk, version: FhirVersion, store: &Store, base: &str) -> Store {
    match quirk {
        Quirk::Clean | Quirk::Cgm | Quirk::Chaos | Quirk::Xml => store.clone(),
        Quirk::Epic => changed(store, |resource| epic(resource, base)),
        Quirk::Sanday => changed(store, |resource| sanday(resource, version)),
        Quirk::Bare => changed(store, bare),
        Quirk::Chipsoft => renamed(store, |_, number| format!("2.999.17.{number}")),
        Quirk::Nedap => renamed(store, |kind, number| {
            format!("client-{}.{}-{number}", number % 7, kind.to_ascii_lowercase())
        }),
        Quirk::Nexus => {
            let store = changed(store, |resource| {
                if !matches!(
                    resource.str("resourceType"),
                    Some("Patient" | "Practitioner" | "Organization")
                ) {
                    resource.remove("identifier");
                }
            });
            renamed(&store, |_, number| (100_000 + number).to_string())
        }
    }
}

fn changed(store: &Store, mut change: impl FnMut(&mut Json)) -> Store {
    let mut copy = Store::default();
    for (_, resource) in store.iter() {
        let mut json = resource.json().clone();
        change(&mut json);
        // Untouched resources keep their own bytes.
        let bytes = (json == *resource.json()).then(|| resource.bytes().clone());
        if let Some(resource) = Resource::new(json, bytes) {
            copy.add(resource, None);
        }
    }
    copy
}

/// Gives every resource another id and follows it in the references.
fn renamed(store: &Store, name: impl Fn(&str, usize) -> String) -> Store {
    let names: HashMap<String, (String, String)> = store
        .iter()
        .map(|(index, resource)| {
            let id = name(resource.kind(), index + 1);
            (resource.local(), (resource.kind().to_owned(), id))
        })
        .collect();
    changed(store, |json| {
        let own = format!(
            "{}/{}",
            json.str("resourceType").unwrap_or_default(),
            json.str("id").unwrap_or_default()
        );
        if let Some((_, id)) = names.get(&own) {
            json.set("id", Json::text(id.as_str()));
        }
        json.walk(&mut |value| {
            let target = value
                .str("reference")
                .and_then(local_part)
                .and_then(|local| names.get(local));
            if let Some((kind, id)) = target {
                value.set("reference", Json::text(format!("{kind}/{id}")));
            }
        });
    })
}

fn epic(resource: &mut Json, base: &str) {
    match resource.str("resourceType") {
        Some("Condition") => {
            text_only(resource, "code");
            vague_onset(resource);
        }
        Some("AllergyIntolerance") => {
            text_only(resource, "code");
            if let Some(Json::Array(reactions)) = resource.get_mut("reaction") {
                for reaction in reactions {
                    text_only(reaction, "manifestation");
                }
            }
        }
        _ => {}
    }
    for name in ["subject", "patient", "beneficiary"] {
        if let Some(reference) = resource.get_mut(name)
            && let Some(local) = reference.str("reference").and_then(local_part).map(str::to_owned)
            && local.starts_with("Patient/")
        {
            reference.set("reference", Json::text(format!("{base}/{local}")));
        }
    }
}

/// Leaves of a `CodeableConcept`, or of each in a list, only the text.
fn text_only(resource: &mut Json, name: &str) {
    let strip = |concept: &mut Json| {
        let display = concept
            .at("coding.display")
            .first()
            .and_then(|text| text.as_str())
            .map(str::to_owned);
        let text = concept.str("text").map(str::to_owned).or(display);
        if let Some(text) = text {
            concept.remove("coding");
            concept.set("text", Json::text(text));
        }
    };
    match resource.get_mut(name) {
        Some(Json::Array(concepts)) => concepts.iter_mut().for_each(strip),
        Some(concept) => strip(concept),
        None => {}
    }
}

/// A year or month becomes the period that it stands for.
fn vague_onset(resource: &mut Json) {
    let Some(onset) = resource.str("onsetDateTime").map(str::to_owned) else {
        return;
    };
    let last_day = |year: &str, month: &str| {
        let first: Option<jiff::civil::Date> = format!("{year}-{month}-01").parse().ok();
        first.map(|date| date.last_of_month().to_string())
    };
    let period = match onset.len() {
        4 => Some((format!("{onset}-01-01"), format!("{onset}-12-31"))),
        7 => onset
            .split_once('-')
            .and_then(|(year, month)| last_day(year, month))
            .map(|end| (format!("{onset}-01"), end)),
        _ => None,
    };
    if let Some((start, end)) = period {
        resource.remove("onsetDateTime");
        resource.set(
            "onsetPeriod",
            Json::object([("start", Json::text(start)), ("end", Json::text(end))]),
        );
    }
}

fn sanday(resource: &mut Json, version: FhirVersion) {
    if version == FhirVersion::R4
        && let Some(Json::Array(codings)) = resource
            .get_mut("clinicalStatus")
            .and_then(|status| status.get_mut("coding"))
    {
        for coding in codings {
            coding.set("system", Json::text(WRONG_CLINICAL_STATUS));
        }
    }
    if resource.str("resourceType") != Some("Observation") {
        return;
    }
    let is_laboratory = resource.at("category.coding").iter().any(|coding| {
        coding.str("code") == Some("laboratory")
            || (coding.str("system") == Some(naming::SNOMED) && coding.str("code") == Some("49581000146104"))
    });
    if is_laboratory {
        let coding = Json::object([
            ("system", Json::text(STU3_CATEGORY)),
            ("code", Json::text("laboratory")),
        ]);
        let concept = Json::object([("coding", Json::Array(vec![coding]))]);
        resource.set("category", Json::Array(vec![concept]));
    }
}

fn bare(resource: &mut Json) {
    let Some(meta) = resource.get_mut("meta") else {
        return;
    };
    meta.remove("profile");
    if matches!(meta, Json::Object(members) if members.is_empty()) {
        resource.remove("meta");
    }
}

/// The copy of a resource in the shape of the other FHIR version, for the fault `wrong-version`.
pub(super) fn other_version(json: &Json, version: FhirVersion) -> Json {
    let mut copy = json.clone();
    for (name, stu3_system) in [
        (
            "clinicalStatus",
            "http://terminology.hl7.org/CodeSystem/condition-clinical",
        ),
        (
            "verificationStatus",
            "http://terminology.hl7.org/CodeSystem/condition-ver-status",
        ),
    ] {
        let Some(status) = copy.get(name) else { continue };
        let changed = match version {
            FhirVersion::R4 => status
                .at("coding.code")
                .first()
                .and_then(|code| code.as_str())
                .map(Json::text),
            FhirVersion::Stu3 => status.as_str().map(|code| {
                let coding = Json::object([("system", Json::text(stu3_system)), ("code", Json::text(code))]);
                Json::object([("coding", Json::Array(vec![coding]))])
            }),
        };
        if let Some(changed) = changed {
            copy.set(name, changed);
        }
    }
    let (own, other) = match version {
        FhirVersion::R4 => ("encounter", "context"),
        FhirVersion::Stu3 => ("context", "encounter"),
    };
    if matches!(
        copy.str("resourceType"),
        Some("Observation" | "Condition" | "Procedure")
    ) {
        if let Some(reference) = copy.remove(own) {
            copy.set(other, reference);
        }
        if version == FhirVersion::R4 && copy.str("resourceType") == Some("Observation") {
            copy.remove("hasMember");
            copy.set("comment", Json::text("STU3"));
        }
    }
    match (copy.str("resourceType"), version) {
        (Some("ServiceRequest"), FhirVersion::R4) => copy.set("resourceType", Json::text("ProcedureRequest")),
        (Some("ProcedureRequest"), FhirVersion::Stu3) => {
            copy.set("resourceType", Json::text("ServiceRequest"));
        }
        (Some("Immunization"), FhirVersion::R4) => {
            if let Some(date) = copy.remove("occurrenceDateTime") {
                copy.set("date", date);
            }
            copy.set("notGiven", Json::boolean(false));
        }
        (Some("MedicationStatement"), FhirVersion::R4) => copy.set("taken", Json::text("y")),
        (Some("Procedure"), FhirVersion::R4) => copy.set("notDone", Json::boolean(false)),
        _ => {}
    }
    bare(&mut copy);
    copy
}

#[cfg(test)]
#[path = "shape/tests.rs"]
mod tests;
