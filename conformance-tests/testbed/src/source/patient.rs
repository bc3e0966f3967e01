//! Which patients a source knows: BSNs on Patient resources, and BSNs given to Patients that carry none.
//!
//! Never prints a number. A Patient that already carries a valid BSN does not get another.

use std::collections::BTreeSet;

use samenhang_profiles::Bsn;
use samenhang_terminology::naming;

use super::json::Json;
use super::store::Store;

/// Why a BSN cannot be given to a Patient.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AssignError {
    /// No such Patient in the folder.
    #[error("no Patient {id} in the folder")]
    NoPatient {
        /// The id that was asked for.
        id: String,
    },
    /// The Patient has a number.
    #[error("Patient {id} already carries a valid BSN")]
    HasBsn {
        /// The id that was asked for.
        id: String,
    },
}

fn is_bsn_system(identifier: &Json) -> bool {
    identifier.str("system").is_some_and(|system| {
        system == naming::BSN
            || system
                .strip_prefix("urn:oid:")
                .is_some_and(|oid| oid == naming::BSN_OID)
    })
}

/// The valid BSN of a Patient, the first one when there are more.
#[must_use]
pub fn bsn_of(patient: &Json) -> Option<Bsn> {
    patient
        .list("identifier")
        .iter()
        .filter(|identifier| is_bsn_system(identifier))
        .find_map(|identifier| Bsn::parse(identifier.str("value")?).ok())
}

/// The BSNs that a source can register with the NVI, each once.
#[must_use]
pub fn known_bsns(store: &Store) -> Vec<Bsn> {
    let known: BTreeSet<Bsn> = store
        .of_kind("Patient")
        .filter_map(|(_, patient)| bsn_of(patient.json()))
        .collect();
    known.into_iter().collect()
}

/// The ids of Patients without a valid BSN: nobody can find them by number.
#[must_use]
pub fn not_localised(store: &Store) -> Vec<String> {
    store
        .of_kind("Patient")
        .filter(|(_, patient)| bsn_of(patient.json()).is_none())
        .map(|(_, patient)| patient.id().to_owned())
        .collect()
}

/// Gives a BSN to the Patient `id`; a masked or invalid BSN identifier is replaced.
///
/// # Errors
/// [`AssignError`] when there is no such Patient, or it has a valid BSN.
pub fn assign(store: &mut Store, id: &str, bsn: &Bsn) -> Result<(), AssignError> {
    let patient = store
        .find("Patient", id)
        .and_then(|index| store.get_mut(index))
        .ok_or_else(|| AssignError::NoPatient { id: id.to_owned() })?;
    if bsn_of(patient.json()).is_some() {
        return Err(AssignError::HasBsn { id: id.to_owned() });
    }
    let identifier = Json::object([
        ("system", Json::text(naming::BSN)),
        ("value", Json::text(bsn.expose())),
    ]);
    patient.change(|json| {
        let mut identifiers: Vec<Json> = json.list("identifier").to_vec();
        match identifiers.iter().position(is_bsn_system) {
            Some(at) => identifiers[at] = identifier,
            None => identifiers.insert(0, identifier),
        }
        json.set("identifier", Json::Array(identifiers));
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{AssignError, assign, bsn_of, known_bsns, not_localised};
    use crate::source::json::Json;
    use crate::source::store::{Resource, Store};
    use samenhang_profiles::Bsn;

    fn store(texts: &[&str]) -> Store {
        let mut store = Store::default();
        for text in texts {
            store.add(
                Resource::new(Json::parse(text.as_bytes()).unwrap(), None).unwrap(),
                None,
            );
        }
        store
    }

    #[test]
    fn a_masked_number_is_replaced() {
        let mut store = store(&[concat!(
            r#"{"resourceType":"Patient","id":"a","identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","#,
            r#""_value":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]}}]}"#
        )]);
        assert_eq!(not_localised(&store), ["a"]);
        let bsn = Bsn::parse("999990019").unwrap();
        assign(&mut store, "a", &bsn).unwrap();
        let patient = store.get(0).unwrap().json();
        assert!(bsn_of(patient) == Some(bsn.clone()));
        assert_eq!(patient.list("identifier").len(), 1);
        assert!(patient.list("identifier")[0].get("_value").is_none());
        assert_eq!(known_bsns(&store).len(), 1);
        assert_eq!(
            assign(&mut store, "a", &bsn),
            Err(AssignError::HasBsn { id: "a".into() })
        );
        assert_eq!(
            assign(&mut store, "b", &bsn),
            Err(AssignError::NoPatient { id: "b".into() })
        );
    }

    #[test]
    fn an_invalid_number_is_nobody() {
        let store = store(&[
            r#"{"resourceType":"Patient","id":"a","identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"123456789"}]}"#,
        ]);
        assert!(known_bsns(&store).is_empty());
    }
}
