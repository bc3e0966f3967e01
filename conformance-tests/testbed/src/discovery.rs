//! The Nuts discovery service: which holders take part in a use case, and where they are (section 5.2 of the notes).
//!
//! Every node answers with the whole list. It knows organisations only and no patients.

use std::sync::{Arc, Mutex, PoisonError};

use samenhang_profiles::Ura;
use serde_json::{Value, json};

/// Names of the service: that of the use case, and the one that its second volume uses.
pub(crate) const SERVICES: [&str; 2] = ["360-graden", "VersneldVerbindenDiscoveryService"];

/// A holder that registered.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Its URA.
    pub ura: Ura,
    /// Its name.
    pub name: String,
    /// Its decentralised identifier.
    pub did: String,
    /// Address of its authorization server.
    pub authorization_server: String,
    /// Base of its FHIR R4 endpoint.
    pub r4: Option<String>,
    /// Base of its FHIR STU3 endpoint.
    pub stu3: Option<String>,
}

/// The list; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Discovery(Arc<Mutex<Vec<Registration>>>);

impl Discovery {
    /// Registers a holder.
    pub fn register(&self, registration: Registration) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(registration);
    }

    /// The registrations as a node tells them; of one organisation when its URA is given.
    #[must_use]
    pub fn find(&self, ura: Option<&str>) -> Vec<Value> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter()
            .filter(|one| ura.is_none_or(|ura| one.ura.as_str() == ura))
            .map(|one| {
                let mut parameters = json!({"authServerURL": one.authorization_server});
                for (name, base) in [("fhir_base_url_r4", &one.r4), ("fhir_base_url_stu3", &one.stu3)] {
                    if let Some(base) = base {
                        parameters[name] = json!(base);
                    }
                }
                json!({
                    "id": format!("{}#{}", one.did, one.ura), "credential_subject_id": one.did,
                    "fields": {"organization_ura": one.ura, "organization_name": one.name},
                    "registrationParameters": parameters,
                })
            })
            .collect()
    }
}
