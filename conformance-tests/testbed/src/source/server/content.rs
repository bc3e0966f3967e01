//! Faults of content: what a source answers when its data or its joins are broken.
//!
//! Works on the entries of one answer; the store stays as it is.

use samenhang_profiles::FhirVersion;

use super::super::json::Json;
use super::super::shape;
use super::super::store::{Resource, Store, local_part};
use crate::faults::Fault;
use crate::source::answer::{Entry, Mode};

/// Whether a fault is one of those that this module or paging shows.
pub(super) fn is_content(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::WrongPatient
            | Fault::TwoPatients
            | Fault::PagingLoop
            | Fault::DuplicatePages
            | Fault::ShiftingPages
            | Fault::OffOriginNext
            | Fault::WrongVersion
    )
}

/// Names of the elements that hold the patient.
const SUBJECTS: [&str; 3] = ["subject", "patient", "beneficiary"];

/// Applies the faults to the entries of a searchset for `kind`; returns by how many matches it grew.
pub(super) fn spoil(
    entries: &mut Vec<Entry>,
    kind: &str,
    version: FhirVersion,
    store: &Store,
    faults: &[Fault],
) -> usize {
    let mut more = 0;
    for fault in faults {
        match fault {
            Fault::TwoPatients if kind == "Patient" => more += twins(entries),
            Fault::WrongPatient if kind != "Patient" => more += stranger(entries, kind, store),
            Fault::WrongVersion => {
                for entry in entries.iter_mut().filter(|entry| entry.mode == Mode::Match) {
                    let changed = shape::other_version(entry.resource.json(), version);
                    if let Some(resource) = Resource::new(changed, None) {
                        entry.resource = resource;
                    }
                }
            }
            _ => {}
        }
    }
    more
}

/// A second Patient with the number of the first.
fn twins(entries: &mut Vec<Entry>) -> usize {
    let Some(first) = entries.iter().find(|entry| entry.mode == Mode::Match) else {
        return 0;
    };
    let mut resource = first.resource.clone();
    let id = format!("{}-2", resource.id());
    resource.change(|json| {
        json.set("id", Json::text(id));
        json.remove("birthDate");
    });
    let certain = first.certain;
    entries.push(Entry {
        resource,
        mode: Mode::Match,
        certain,
    });
    1
}

/// A resource of somebody else among the matches.
fn stranger(entries: &mut Vec<Entry>, kind: &str, store: &Store) -> usize {
    let Some(own) = entries.iter().find(|entry| entry.mode == Mode::Match) else {
        return 0;
    };
    let Some(patient) = patient_of(&own.resource) else {
        return 0;
    };
    let other = store
        .of_kind(kind)
        .find(|(_, resource)| patient_of(resource).is_some_and(|other| other != patient))
        .map(|(_, resource)| resource.clone());
    let resource = other.unwrap_or_else(|| {
        let mut copy = own.resource.clone();
        let id = format!("{}-x", copy.id());
        copy.change(|json| {
            json.set("id", Json::text(id));
            for name in SUBJECTS {
                if let Some(subject) = json.get_mut(name) {
                    *subject = Json::object([("reference", Json::text("Patient/somebody-else"))]);
                }
            }
        });
        copy
    });
    entries.push(Entry {
        resource,
        mode: Mode::Match,
        certain: false,
    });
    1
}

fn patient_of(resource: &Resource) -> Option<String> {
    let json = resource.json();
    let subject = SUBJECTS.iter().find_map(|name| json.get(name))?;
    subject.str("reference").and_then(local_part).map(str::to_owned)
}
