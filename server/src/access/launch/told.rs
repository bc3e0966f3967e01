//! What a record system tells about a launch: for which patient, and by whom.

use samenhang_gather::query::Purpose;
use samenhang_profiles::Bsn;
use samenhang_terminology::naming;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::error::LaunchError;

/// A launch that was redeemed: a question that waits for the person who may ask it.
pub(crate) struct Told {
    /// The patient of the record.
    pub patient: Bsn,
    /// Its date of birth there, to check the patients of holders against.
    pub birth_date: Option<String>,
    /// What for.
    pub purpose: Purpose,
    /// The record system.
    pub issuer: String,
    /// Who used it, under its own name there.
    pub user: String,
    /// The number of that user, when it tells one.
    pub user_number: Option<String>,
}

#[derive(Deserialize)]
struct Resource {
    #[serde(rename = "resourceType")]
    kind: String,
    id: Option<String>,
    #[serde(default)]
    identifier: Vec<Identifier>,
    #[serde(rename = "birthDate")]
    birth_date: Option<String>,
}

#[derive(Deserialize)]
struct Identifier {
    system: Option<String>,
    value: Option<String>,
}

fn read(bytes: &[u8], kind: &str) -> Option<Resource> {
    let resource: Resource = serde_json::from_slice(bytes).ok()?;
    (resource.kind == kind).then_some(resource)
}

/// The number and the date of birth of a Patient, which must be the one with this id.
///
/// # Errors
/// [`LaunchError::OtherPatient`], [`LaunchError::Number`]: none, or two that are not the same.
pub(super) fn patient_of(bytes: &[u8], id: &str) -> Result<(Bsn, Option<String>), LaunchError> {
    let patient = read(bytes, "Patient").ok_or(LaunchError::Answer("its patient cannot be read"))?;
    if patient.id.as_deref() != Some(id) {
        return Err(LaunchError::OtherPatient);
    }
    let mut number: Option<Bsn> = None;
    for identifier in patient.identifier {
        let is_number = matches!(identifier.system.as_deref(), Some(naming::BSN | naming::BSN_URN));
        let Some(value) = identifier.value.map(Zeroizing::new).filter(|_| is_number) else {
            continue;
        };
        let read = Bsn::parse(&value).map_err(|_| LaunchError::Number)?;
        if number.as_ref().is_some_and(|known| *known != read) {
            return Err(LaunchError::Number);
        }
        number = Some(read);
    }
    let is_day = |date: &String| date.len() == 10 && date.parse::<jiff::civil::Date>().is_ok();
    Ok((
        number.ok_or(LaunchError::Number)?,
        patient.birth_date.filter(is_day),
    ))
}

/// The number of a Practitioner (UZI or Dezi), when there is one.
pub(super) fn number_of(bytes: &[u8]) -> Option<String> {
    let practitioner = read(bytes, "Practitioner")?;
    let mut numbers = practitioner
        .identifier
        .into_iter()
        .filter(|identifier| identifier.system.as_deref() == Some(naming::UZI));
    numbers.find_map(|identifier| identifier.value)
}

#[cfg(test)]
mod tests {
    use samenhang_profiles::Bsn;

    use super::{LaunchError, number_of, patient_of};

    fn patient(identifiers: &str) -> Result<(Bsn, Option<String>), LaunchError> {
        let text = format!(
            r#"{{"resourceType":"Patient","id":"a","birthDate":"1958-03-14","identifier":[{identifiers}]}}"#
        );
        patient_of(text.as_bytes(), "a")
    }

    fn number(value: &str) -> String {
        format!(r#"{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"{value}"}}"#)
    }

    #[test]
    fn a_patient_has_exactly_one_number() {
        let one = number("999990019");
        for right in [one.clone(), format!("{one},{one}")] {
            let (number, born) = patient(&right).ok().unwrap();
            assert!(number == Bsn::parse("999990019").unwrap());
            assert_eq!(born.as_deref(), Some("1958-03-14"));
        }
        let other = r#"{"system":"http://ehr.example/number","value":"999990019"}"#;
        for wrong in [
            String::new(),
            other.to_owned(),
            number("999990018"),
            format!("{one},{}", number("999990020")),
        ] {
            assert_eq!(patient(&wrong).err(), Some(LaunchError::Number), "{wrong}");
        }
        let text = format!(r#"{{"resourceType":"Patient","id":"b","identifier":[{one}]}}"#);
        assert_eq!(
            patient_of(text.as_bytes(), "a").err(),
            Some(LaunchError::OtherPatient)
        );
        assert!(matches!(
            patient_of(b"{\"resourceType\":\"Person\"}", "a"),
            Err(LaunchError::Answer(_))
        ));
    }

    #[test]
    fn a_user_may_have_a_number() {
        let text = r#"{"resourceType":"Practitioner","identifier":[{"system":"http://x","value":"1"},
            {"system":"http://fhir.nl/fhir/NamingSystem/uzi","value":"900000009"}]}"#;
        assert_eq!(number_of(text.as_bytes()).as_deref(), Some("900000009"));
        assert_eq!(number_of(b"{\"resourceType\":\"Practitioner\"}"), None);
    }
}
