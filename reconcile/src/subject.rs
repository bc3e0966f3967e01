//! Is this resource about the patient of that same endpoint? (reconciliation notes, section 5 rule 3)
//!
//! It looks at references only and never at demographics. It drops nothing: the fan-out decides that a searchset
//! with another patient in it is not accepted at all.

use samenhang_profiles::Bsn;
use samenhang_profiles::raw::Keys;
use samenhang_terminology::naming;

use crate::order::is_supporting;

/// The Patient that was accepted at one endpoint.
#[derive(Clone, Copy)]
pub struct AcceptedPatient<'a> {
    /// The endpoint's base address, without a trailing slash.
    pub endpoint: &'a str,
    /// Logical id of the Patient there.
    pub id: &'a str,
    /// The patient's number, for a subject that is named by identifier only.
    pub bsn: &'a Bsn,
}

/// What a resource says that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The accepted Patient, or that Patient itself.
    Own,
    /// Nobody: a product, a professional, an organisation.
    Nobody,
    /// Another patient: a security event for the whole answer.
    Another,
    /// It should be about a patient, and does not say of whom in a way that can be followed: quarantine it.
    Unknown,
}

/// Decides what a resource is about.
#[must_use]
pub fn subject(keys: &Keys, accepted: &AcceptedPatient<'_>) -> Subject {
    if &*keys.resource_type == "Patient" {
        return if keys.id.as_deref() == Some(accepted.id) {
            Subject::Own
        } else {
            Subject::Another
        };
    }
    if let Some(reference) = keys.subject.as_deref() {
        return match local(reference, accepted.endpoint) {
            Some(("Patient", id)) if id == accepted.id => Subject::Own,
            Some(("Patient", _)) => Subject::Another,
            _ => Subject::Unknown,
        };
    }
    if let Some(identifier) = &keys.subject_identifier {
        let bsn = identifier.system.as_deref().is_some_and(is_bsn);
        return match identifier.value.as_deref() {
            Some(value) if bsn && value == accepted.bsn.expose() => Subject::Own,
            Some(_) if bsn => Subject::Another,
            _ => Subject::Unknown,
        };
    }
    // Nothing says who it is about. What can exist without a patient may still name one somewhere.
    let mut own = false;
    for reference in &keys.references {
        match local(reference, accepted.endpoint) {
            Some(("Patient", id)) if id == accepted.id => own = true,
            Some(("Patient", _)) => return Subject::Another,
            _ => {}
        }
    }
    match (
        own,
        is_supporting(&keys.resource_type) || without_patient(&keys.resource_type),
    ) {
        (true, _) => Subject::Own,
        (false, true) => Subject::Nobody,
        (false, false) => Subject::Unknown,
    }
}

/// Whether a system is that of the BSN, as a uri or as an OID.
#[must_use]
pub fn is_bsn(system: &str) -> bool {
    system == naming::BSN || system.strip_prefix("urn:oid:") == Some(naming::BSN_OID)
}

/// Types that exist without a patient besides those that support others: a Device may be any device.
fn without_patient(resource_type: &str) -> bool {
    matches!(
        resource_type,
        "Device" | "Group" | "OperationOutcome" | "Questionnaire"
    )
}

/// Type and id of a literal reference to a resource of this endpoint; `None` for one that points elsewhere, into
/// the resource itself, or to a `urn`.
#[must_use]
pub fn local<'a>(reference: &'a str, endpoint: &str) -> Option<(&'a str, &'a str)> {
    let relative = match reference.strip_prefix(endpoint) {
        Some(rest) => rest.strip_prefix('/')?,
        None => reference,
    };
    let mut steps = relative.split('/');
    let (kind, id) = (steps.next()?, steps.next()?);
    let known = matches!(
        (steps.next(), steps.next(), steps.next()),
        (None, None, None) | (Some("_history"), Some(_), None)
    );
    let named = kind.starts_with(|first: char| first.is_ascii_uppercase())
        && kind.bytes().all(|byte| byte.is_ascii_alphabetic());
    (known && named && !id.is_empty()).then_some((kind, id))
}

#[cfg(test)]
mod tests {
    use samenhang_profiles::Bsn;

    use super::{AcceptedPatient, Subject, subject};
    use crate::fixtures::raw;

    #[test]
    fn every_resource_is_own_or_is_not_let_in() {
        let bsn = Bsn::parse("999990019").unwrap_or_else(|_| unreachable!());
        let accepted = AcceptedPatient {
            endpoint: "https://oost.example/r4",
            id: "p1",
            bsn: &bsn,
        };
        let condition =
            |subject: &str| format!(r#"{{"resourceType":"Condition","id":"c","subject":{subject}}}"#);
        for (json, expected) in [
            (condition(r#"{"reference":"Patient/p1"}"#), Subject::Own),
            (
                condition(r#"{"reference":"Patient/p1/_history/3"}"#),
                Subject::Own,
            ),
            (
                condition(r#"{"reference":"https://oost.example/r4/Patient/p1"}"#),
                Subject::Own,
            ),
            (condition(r#"{"reference":"Patient/p10"}"#), Subject::Another),
            (
                condition(r#"{"reference":"https://oost.example/r4/Patient/p2"}"#),
                Subject::Another,
            ),
            (
                condition(r#"{"reference":"https://noord.example/r4/Patient/p1"}"#),
                Subject::Unknown,
            ),
            (
                condition(r#"{"reference":"https://oost.example/r4x/Patient/p1"}"#),
                Subject::Unknown,
            ),
            (condition(r#"{"reference":"urn:uuid:0f"}"#), Subject::Unknown),
            (condition(r##"{"reference":"#p1"}"##), Subject::Unknown),
            (condition(r#"{"reference":"Group/p1"}"#), Subject::Unknown),
            (condition(r#"{"display":"P. de Proef"}"#), Subject::Unknown),
            (
                condition(
                    r#"{"identifier":{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990019"}}"#,
                ),
                Subject::Own,
            ),
            (
                condition(
                    r#"{"identifier":{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990020"}}"#,
                ),
                Subject::Another,
            ),
            (r#"{"resourceType":"Patient","id":"p1"}"#.to_owned(), Subject::Own),
            (
                r#"{"resourceType":"Patient","id":"p2"}"#.to_owned(),
                Subject::Another,
            ),
            (
                r#"{"resourceType":"Practitioner","id":"x"}"#.to_owned(),
                Subject::Nobody,
            ),
            (
                r#"{"resourceType":"Condition","id":"x"}"#.to_owned(),
                Subject::Unknown,
            ),
            (
                r#"{"resourceType":"Device","id":"x","patient":{"reference":"Patient/p3"}}"#.to_owned(),
                Subject::Another,
            ),
        ] {
            assert_eq!(subject(raw(&json).keys(), &accepted), expected, "{json}");
        }
    }
}
