//! Telling the referral index for whom a holder has data, and for whom it has none any more (sections 1.1 and 1.2).
//!
//! A registration is of a holder, a pseudonym and a device. It says that there is data, never which or since when. The
//! same registration again changes nothing, and so does taking away what is not there: both may be repeated until they
//! succeed. Generation B registers a data category each; a holder registers for all of them there, so that the index
//! learns nothing of what it has.

use std::sync::Arc;
use std::time::Duration;

use ::http::Method;
use samenhang_profiles::{Bsn, Ura};
use samenhang_terminology::{Category, category, naming};
use serde_json::{Value, json};
use tokio::time::Instant;
use url::form_urlencoded;

use crate::clock::{Clock, Random, random_uuid};
use crate::config::{Generation, NviInterface, OwnOrganisation, RegistrationConfig};
use crate::error::GatherError;
use crate::http::{Answer, Http, TlsMaterial};
use crate::ledger::{About, Ledger, Step};
use crate::nvi::{CUSTODIAN, Errand, Message, NviLine, TOKEN_SYSTEM, status};
use crate::oauth::Wanted;
use crate::pseudonym::Pseudonym;
use crate::query::Asker;

/// System of a device in `List.source`, as the index demands it.
const DEVICE_SYSTEM: &str = "urn:ietf:rfc:3986";
const FHIR: &str = "application/fhir+json";
const JSON: &str = "application/json";

/// What the index is told something about. It holds a BSN, so there is no `Debug`.
#[derive(Clone, Copy)]
pub struct Registration<'a> {
    /// The holder.
    pub holder: &'a Ura,
    /// Its device, as it is known at the index.
    pub device: &'a str,
    /// The patient.
    pub patient: &'a Bsn,
}

/// A holder's client of the referral index.
pub struct Registrations {
    line: NviLine,
    own: OwnOrganisation,
    patience: Duration,
    random: Arc<dyn Random>,
}

impl Registrations {
    /// Sets up for one referral index.
    ///
    /// # Errors
    /// [`GatherError`] when an address, certificate or key cannot be used.
    pub fn new(
        http: Http,
        config: &RegistrationConfig,
        own: &OwnOrganisation,
        material: &TlsMaterial,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        ledger: Arc<dyn Ledger>,
    ) -> Result<Self, GatherError> {
        let services = config.index();
        // Three services, each of which may be asked twice.
        let once = services.oauth.timeout_ms + services.prs.timeout_ms + services.nvi.timeout_ms;
        let line = NviLine::new(http, services, own, material, clock, Arc::clone(&random), ledger)?;
        Ok(Registrations {
            line,
            own: own.clone(),
            patience: Duration::from_millis(once.saturating_mul(2)),
            random,
        })
    }

    /// Tells the index that the holder has data on the patient.
    ///
    /// # Errors
    /// [`GatherError`]: it is not known whether the index has it; say it again later.
    pub async fn register(&self, registration: &Registration<'_>) -> Result<(), GatherError> {
        match (self.line.generation(), self.line.interface()) {
            (Generation::B, _) => {
                for category in Category::ALL {
                    if category != Category::Other {
                        self.add(registration, Some(category)).await?;
                    }
                }
                Ok(())
            }
            (Generation::C, _) => self.add(registration, None).await,
        }
    }

    /// Tells the index that the holder has no data on the patient any more.
    ///
    /// # Errors
    /// [`GatherError`]: it is not known whether the index has it; say it again later.
    pub async fn deregister(&self, registration: &Registration<'_>) -> Result<(), GatherError> {
        let compose = |pseudonym: &Pseudonym| {
            Ok(match self.line.interface() {
                NviInterface::Rest => {
                    let path = format!("registrations?{}", *pseudonym.parameters());
                    Message::bare(Method::DELETE, path, JSON)
                }
                NviInterface::Fhir => {
                    // Without both parameters this would take away every registration of the holder.
                    let query = form_urlencoded::Serializer::new(String::new())
                        .append_pair(
                            "subject:identifier",
                            &format!("{TOKEN_SYSTEM}|{}", pseudonym.token()?),
                        )
                        .append_pair(
                            "source:identifier",
                            &format!("{DEVICE_SYSTEM}|{}", registration.device),
                        )
                        .finish();
                    Message::bare(Method::DELETE, format!("fhir/List?{query}"), FHIR)
                }
            })
        };
        self.tell(registration, Step::Deregister, compose, &[404]).await
    }

    async fn add(
        &self,
        registration: &Registration<'_>,
        category: Option<Category>,
    ) -> Result<(), GatherError> {
        let compose = |pseudonym: &Pseudonym| {
            Ok(match self.line.interface() {
                NviInterface::Rest => Message::post("registrations", JSON, pseudonym.body()?),
                NviInterface::Fhir => {
                    let list = list(registration, &pseudonym.token()?, category);
                    Message::post("fhir/List", FHIR, list.to_string().into_bytes())
                }
            })
        };
        self.tell(registration, Step::Register, compose, &[409]).await
    }

    /// Tells the index; `also` are the statuses that say that it was so already.
    async fn tell(
        &self,
        registration: &Registration<'_>,
        step: Step,
        compose: impl Fn(&Pseudonym) -> Result<Message, GatherError> + Send + Sync,
        also: &[u16],
    ) -> Result<(), GatherError> {
        let about = About {
            correlation: random_uuid(&*self.random),
            asker: Arc::new(self.registrar(registration)),
            patient: registration.patient.clone(),
        };
        let removes = step == Step::Deregister;
        let wanted: Wanted = self.line.tokens().for_registering(
            self.line.audience(),
            registration.holder,
            registration.device,
            removes,
        );
        let errand = Errand {
            about: &about,
            step,
            wanted: &wanted,
            deadline: Instant::now() + self.patience,
        };
        let read = |answer: &Answer| {
            if answer.is_success() || also.contains(&answer.status) {
                Ok(())
            } else {
                Err(status(answer))
            }
        };
        self.line.run(&errand, compose, read, |()| None).await
    }

    /// Who registers: the device, for the holder. No person does.
    fn registrar(&self, registration: &Registration<'_>) -> Asker {
        Asker {
            organisation: registration.holder.clone(),
            organisation_name: self.own.name.clone(),
            organisation_type: self.own.organisation_type.clone(),
            client_id: registration.device.to_owned(),
            user: None,
            responsible: None,
        }
    }
}

/// The `List` of a registration.
fn list(registration: &Registration<'_>, token: &str, category: Option<Category>) -> Value {
    let mut list = json!({
        "resourceType": "List", "status": "current", "mode": "working",
        "extension": [{
            "url": CUSTODIAN,
            "valueReference": {"identifier": {"system": naming::URA, "value": registration.holder}}
        }],
        "subject": {"identifier": {"system": TOKEN_SYSTEM, "value": token}},
        "source": {
            "type": "Device", "identifier": {"system": DEVICE_SYSTEM, "value": registration.device}
        },
        "emptyReason": {"coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/list-empty-reason", "code": "withheld"}
        ]}
    });
    if let Some(category) = category {
        list["code"] = json!({"coding": [{"system": category::SYSTEM, "code": category.code()}]});
    }
    list
}

#[cfg(test)]
mod tests;
