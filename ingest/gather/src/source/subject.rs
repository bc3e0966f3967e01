//! Whose resource is this? Every resource of a holder is checked against the patient that was accepted there (F18).
//!
//! Equality only: the logical id that the holder itself gave. Nothing is guessed from names or dates.

use samenhang_profiles::json::{Kind, Reader};
use samenhang_profiles::tree::Tree;
use samenhang_profiles::{Bsn, Limits, RawResource, ReadError};
use samenhang_terminology::naming;

/// The patient that was accepted at a holder.
#[derive(Clone)]
pub struct Accepted {
    /// Logical id at the holder.
    pub id: String,
    /// `fullUrl` of the Patient, as sent.
    pub full_url: Option<String>,
    /// The BSN that was asked for.
    pub bsn: Bsn,
}

/// What a resource says about its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// It is the accepted patient.
    Ours,
    /// It names no patient: a practitioner, a location.
    None,
    /// It names somebody in a way that cannot be checked: it is withheld.
    Unclear,
    /// It is somebody else: the whole answer of the holder is dropped.
    Other,
}

impl Accepted {
    /// Checks one resource. `included` says that it was sent along with a match (`search.mode` `include`).
    #[must_use]
    pub fn check(&self, resource: &RawResource, included: bool) -> Subject {
        if resource.resource_type() == "Patient" {
            return match resource.id() {
                Some(id) if id == self.id => Subject::Ours,
                // A payer or a mother may be sent along; it is nobody's business here, but no mix-up either.
                _ if included => Subject::Unclear,
                _ => Subject::Other,
            };
        }
        match resource.keys().subject.as_deref() {
            // What is sent along may be about a thing: a specimen of an instrument or of a ward.
            Some(reference) if included && is_thing(resource, reference) => Subject::None,
            Some(reference) => self.reference(reference),
            None => match stated_bsn(resource) {
                Ok(None) => Subject::None,
                Ok(Some(bsn)) if bsn == self.bsn => Subject::Ours,
                Ok(Some(_)) => Subject::Other,
                Err(_) => Subject::Unclear,
            },
        }
    }

    fn reference(&self, reference: &str) -> Subject {
        if self.full_url.as_deref() == Some(reference) {
            return Subject::Ours;
        }
        if reference.starts_with('#') || reference.starts_with("urn:") {
            return Subject::Unclear;
        }
        // A host in front of the path is not looked at: many servers know themselves by an internal name.
        let path = reference.split(['?', '#']).next().unwrap_or_default();
        let path = path.split("/_history/").next().unwrap_or_default();
        let mut segments = path.rsplit('/');
        match (segments.next(), segments.next()) {
            (Some(id), Some("Patient")) if id == self.id => Subject::Ours,
            (_, Some("Patient")) => Subject::Other,
            _ => Subject::Unclear,
        }
    }
}

/// Whether a reference to a subject leads to something that is no person and no group of them. A contained one is looked
/// up; what cannot be found is not a thing.
fn is_thing(resource: &RawResource, reference: &str) -> bool {
    let thing = |kind: &str| matches!(kind, "Device" | "Location" | "Substance");
    let Some(inside) = reference.strip_prefix('#') else {
        let mut segments = reference.rsplit('/');
        return segments.next().is_some_and(|id| !id.is_empty()) && segments.next().is_some_and(thing);
    };
    let Ok(tree) = Tree::parse(resource.body(), &Limits::default()) else {
        return false;
    };
    let mut named = tree
        .get("contained")
        .map(Tree::items)
        .unwrap_or_default()
        .iter()
        .filter(|one| one.text("id") == Some(inside));
    let found = named.next().and_then(|one| one.text("resourceType"));
    found.is_some_and(thing) && named.next().is_none()
}

/// The BSN by which a resource names its subject without a literal reference. A value under the BSN's system that is
/// no BSN is an error.
fn stated_bsn(resource: &RawResource) -> Result<Option<Bsn>, ReadError> {
    let limits = Limits::default();
    let mut reader = Reader::new(resource.body(), &limits)?;
    let mut stated = None;
    reader.enter_object()?;
    while let Some(name) = reader.next_key()? {
        if matches!(&*name, "subject" | "patient" | "beneficiary") && reader.peek()? == Kind::Object {
            stated = reference_bsn(&mut reader)?;
        } else {
            reader.skip()?;
        }
    }
    Ok(stated)
}

fn reference_bsn(reader: &mut Reader<'_>) -> Result<Option<Bsn>, ReadError> {
    let mut stated = None;
    reader.enter_object()?;
    while let Some(name) = reader.next_key()? {
        if &*name != "identifier" || reader.peek()? != Kind::Object {
            reader.skip()?;
            continue;
        }
        let (mut is_bsn, mut value) = (false, None);
        reader.enter_object()?;
        while let Some(name) = reader.next_key()? {
            match &*name {
                "system" if reader.peek()? == Kind::String => is_bsn = &*reader.string()? == naming::BSN,
                "value" if reader.peek()? == Kind::String => value = Some(reader.string()?),
                _ => reader.skip()?,
            }
        }
        if is_bsn {
            let bsn = value.and_then(|value| Bsn::parse(&value).ok());
            stated = Some(bsn.ok_or(ReadError::Unexpected("the identifier of the subject is no BSN"))?);
        }
    }
    Ok(stated)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use samenhang_profiles::{Bsn, Limits, RawResource};

    use super::{Accepted, Subject};

    fn check(body: &str, included: bool) -> Subject {
        let accepted = Accepted {
            id: "p1".to_owned(),
            full_url: Some("urn:uuid:0b6e".to_owned()),
            bsn: Bsn::parse("999990019").unwrap(),
        };
        let resource = RawResource::read(Bytes::from(body.to_owned()), &Limits::default()).unwrap();
        accepted.check(&resource, included)
    }

    fn with(subject: &str) -> Subject {
        check(
            &format!(r#"{{"resourceType":"Condition","id":"c","subject":{subject}}}"#),
            false,
        )
    }

    #[test]
    fn f18_the_subject_must_be_the_accepted_patient() {
        let cases = [
            (r#"{"reference":"Patient/p1"}"#, Subject::Ours),
            (r#"{"reference":"Patient/p1/_history/3"}"#, Subject::Ours),
            (
                r#"{"reference":"https://internal:8080/fhir/Patient/p1"}"#,
                Subject::Ours,
            ),
            (r#"{"reference":"urn:uuid:0b6e"}"#, Subject::Ours),
            (r#"{"reference":"Patient/p2"}"#, Subject::Other),
            (r#"{"reference":"Patient/p11"}"#, Subject::Other),
            (r#"{"reference":"https://elsewhere/Patient/P1"}"#, Subject::Other),
            (r##"{"reference":"#p1"}"##, Subject::Unclear),
            (r#"{"reference":"urn:uuid:ffff"}"#, Subject::Unclear),
            (r#"{"reference":"Group/p1"}"#, Subject::Unclear),
            (r#"{"display":"somebody"}"#, Subject::None),
        ];
        for (subject, expected) in cases {
            assert_eq!(with(subject), expected, "{subject}");
        }
    }

    #[test]
    fn f18_a_subject_by_number_only_is_checked_too() {
        let by = |number: &str| {
            with(&format!(
                r#"{{"identifier":{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"{number}"}}}}"#
            ))
        };
        assert_eq!(by("999990019"), Subject::Ours);
        assert_eq!(by("999990020"), Subject::Other);
        assert_eq!(by("12"), Subject::Unclear);
    }

    #[test]
    fn another_patient_is_a_mix_up_unless_sent_along() {
        assert_eq!(
            check(r#"{"resourceType":"Patient","id":"p1"}"#, false),
            Subject::Ours
        );
        assert_eq!(
            check(r#"{"resourceType":"Patient","id":"p2"}"#, false),
            Subject::Other
        );
        assert_eq!(
            check(r#"{"resourceType":"Patient","id":"p2"}"#, true),
            Subject::Unclear
        );
        assert_eq!(
            check(r#"{"resourceType":"Practitioner","id":"x"}"#, true),
            Subject::None
        );
    }

    #[test]
    fn what_is_sent_along_may_be_about_a_thing() {
        let specimen = |subject: &str, contained: &str, included| {
            let body = format!(
                r#"{{"resourceType":"Specimen","id":"s","contained":[{contained}],"subject":{{"reference":"{subject}"}}}}"#
            );
            check(&body, included)
        };
        let toilet = r#"{"resourceType":"Device","id":"d"}"#;
        let person = r#"{"resourceType":"Patient","id":"d"}"#;
        assert_eq!(specimen("#d", toilet, true), Subject::None);
        assert_eq!(specimen("Location/1", "", true), Subject::None);
        assert_eq!(specimen("#d", toilet, false), Subject::Unclear);
        assert_eq!(specimen("#d", person, true), Subject::Unclear);
        assert_eq!(
            specimen("#d", &format!("{toilet},{person}"), true),
            Subject::Unclear
        );
        assert_eq!(specimen("#e", toilet, true), Subject::Unclear);
        assert_eq!(specimen("Group/1", "", true), Subject::Unclear);
        assert_eq!(specimen("Patient/p2", "", true), Subject::Other);
    }
}
