//! Whose is it? A unit of work is about exactly one patient, and every resource in it says so. What is not certain is
//! held, never guessed: no names, no dates, no most likely one.

#[cfg(test)]
mod tests;

use samenhang_profiles::raw::{IdentifierKey, Keys};
use samenhang_profiles::{Bsn, RawResource};
use samenhang_terminology::naming;

use crate::lift::{Reason, Stage};

/// Types that say who, where or with which product: shared by many patients, and no patient's own.
const NOBODYS: [&str; 8] = [
    "Endpoint",
    "HealthcareService",
    "Location",
    "Medication",
    "Organization",
    "Practitioner",
    "PractitionerRole",
    "Substance",
];

/// Whose a unit of work is, as far as the message itself tells.
pub(crate) struct Who {
    /// Logical id of the patient at the source.
    pub id: Option<String>,
    /// The patient's number.
    pub bsn: Option<Bsn>,
    /// Whether the Patient resource itself is in the message.
    pub present: bool,
}

/// A resource of a unit and the other name by which references lead to it.
pub(crate) struct Member<'a> {
    pub resource: &'a RawResource,
    pub full_url: Option<&'a str>,
}

/// Whether resources of a type are no patient's own.
#[must_use]
pub fn is_nobodys(kind: &str) -> bool {
    NOBODYS.contains(&kind)
}

fn held(rule: &str, resource: &RawResource) -> Reason {
    Reason::new(Stage::Identity, rule).at(resource.resource_type())
}

/// Whose the unit is; `None` when nothing in it is a patient's.
///
/// # Errors
/// The reason to hold it.
pub(crate) fn whose(members: &[Member<'_>]) -> Result<Option<Who>, Reason> {
    let mut who = Who {
        id: None,
        bsn: None,
        present: false,
    };
    let mut full_url = None;
    for member in members
        .iter()
        .filter(|member| member.resource.resource_type() == "Patient")
    {
        let resource = member.resource;
        let id = resource.id().ok_or_else(|| held("no-id", resource))?;
        if who.present && who.id.as_deref() != Some(id) {
            return Err(held("two-patients", resource));
        }
        let bsn = number(&resource.keys().identifiers, resource)?;
        if who.present && who.bsn != bsn {
            return Err(held("two-numbers", resource));
        }
        if id.len() == 9 && Bsn::parse(id).is_ok() {
            return Err(held("id-is-a-number", resource));
        }
        who = Who {
            id: Some(id.to_owned()),
            bsn,
            present: true,
        };
        full_url = member.full_url;
    }
    let mut owned = who.present;
    for member in members {
        let resource = member.resource;
        if resource.resource_type() == "Patient" {
            continue;
        }
        if !is_nobodys(resource.resource_type()) {
            owned = true;
        }
        let keys = resource.keys();
        if let Some(reference) = keys.subject.as_deref() {
            subject(reference, full_url, &mut who, resource)?;
        }
        if let Some(bsn) = stated(keys, resource)? {
            match &who.bsn {
                Some(known) if *known != bsn => return Err(held("subject-of-another-number", resource)),
                None if who.present => return Err(held("subject-of-another-number", resource)),
                _ => who.bsn = Some(bsn),
            }
        }
    }
    if !owned {
        return Ok(None);
    }
    if who.id.is_none() && who.bsn.is_none() {
        return Err(Reason::new(Stage::Identity, "no-patient"));
    }
    Ok(Some(who))
}

/// Holds a reference to a subject against what is known.
fn subject(
    reference: &str,
    full_url: Option<&str>,
    who: &mut Who,
    resource: &RawResource,
) -> Result<(), Reason> {
    if full_url == Some(reference) {
        return Ok(());
    }
    let path = reference.split(['?', '#']).next().unwrap_or_default();
    let path = path.split("/_history/").next().unwrap_or_default();
    let mut segments = path.rsplit('/');
    match (segments.next(), segments.next()) {
        (Some(id), Some("Patient")) if !id.is_empty() => match &who.id {
            Some(known) if known == id => Ok(()),
            Some(_) => Err(held("subject-of-another", resource)),
            None => {
                who.id = Some(id.to_owned());
                Ok(())
            }
        },
        // What is nobody's own may be about a thing; a record of a person may not.
        _ if is_nobodys(resource.resource_type()) => Ok(()),
        _ => Err(held("subject-unclear", resource)),
    }
}

/// The number among identifiers.
fn number(identifiers: &[IdentifierKey], resource: &RawResource) -> Result<Option<Bsn>, Reason> {
    let mut found: Option<Bsn> = None;
    for identifier in identifiers.iter().filter(|identifier| is_number(identifier)) {
        // Masked or absent values are no number; a value that fails the 11-proef is somebody's mistake.
        let Some(value) = identifier.value.as_deref() else {
            continue;
        };
        let bsn = Bsn::parse(value).map_err(|_| held("fails-11-proef", resource))?;
        if found.as_ref().is_some_and(|known| *known != bsn) {
            return Err(held("two-numbers", resource));
        }
        found = Some(bsn);
    }
    Ok(found)
}

/// The number by which a resource names its subject.
fn stated(keys: &Keys, resource: &RawResource) -> Result<Option<Bsn>, Reason> {
    match &keys.subject_identifier {
        Some(identifier) => number(std::slice::from_ref(identifier), resource),
        None => Ok(None),
    }
}

fn is_number(identifier: &IdentifierKey) -> bool {
    let system = identifier.system.as_deref().unwrap_or_default();
    system == naming::BSN || system.strip_prefix("urn:oid:") == Some(naming::BSN_OID)
}
