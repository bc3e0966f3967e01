//! Subscribes to changes in a patient's choices, so that Mitz tells of a withdrawal (section 3.5).

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::Holder;
use crate::clock::Clock;
use crate::config::MitzConfig;
use crate::error::{GatherError, Service};
use crate::http::{Http, Outgoing, Peer, Target};
use crate::ledger::{Call, Ledger, Step};
use crate::oauth::pin;
use crate::pseudonym::outcome_of;
use crate::query::Question;

/// A subscription that Mitz has taken on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribed {
    /// Its id at Mitz, when it told one.
    pub id: Option<String>,
}

/// Client of subscriptions.
pub struct Subscriptions {
    http: Http,
    peer: Peer,
    timeout: Duration,
    notify_url: String,
    gateway_system: Option<String>,
    source_system: Option<String>,
    clock: Arc<dyn Clock>,
    ledger: Arc<dyn Ledger>,
}

impl Subscriptions {
    /// Sets up for one Mitz.
    ///
    /// # Errors
    /// [`GatherError::Configuration`] when it is not said where Mitz shall send notifications.
    pub fn new(
        http: Http,
        config: &MitzConfig,
        clock: Arc<dyn Clock>,
        ledger: Arc<dyn Ledger>,
    ) -> Result<Self, GatherError> {
        let notify_url = config
            .notify_url
            .clone()
            .ok_or(GatherError::Configuration("a subscription needs notify_url"))?;
        Ok(Subscriptions {
            peer: pin(&http, &config.url, Service::Mitz)?,
            http,
            timeout: Duration::from_millis(config.timeout_ms),
            notify_url,
            gateway_system: config.gateway_system.clone(),
            source_system: config.source_system.clone(),
            clock,
            ledger,
        })
    }

    /// Subscribes to changes in the choices of the patient of a question about one holder.
    ///
    /// # Errors
    /// [`GatherError`] when Mitz does not take it on.
    pub async fn subscribe(
        &self,
        question: &Question,
        holder: &Holder,
        deadline: Instant,
    ) -> Result<Subscribed, GatherError> {
        let call =
            Call::begin(&*self.clock, question, Step::Subscribe, self.peer.label()).holder(&holder.ura);
        let result = self.send(self.resource(question, holder), deadline).await;
        call.end(&*self.ledger, outcome_of(&result), None).await?;
        result
    }

    fn resource(&self, question: &Question, holder: &Holder) -> Vec<u8> {
        let mut extensions = Vec::new();
        if let Some(birth_date) = &question.birth_date {
            extensions.push(json!({
                "url": "http://fhir.nl/StructureDefinition/Patient.birthDate", "valueDate": birth_date}));
        }
        for (url, oid) in [
            (
                "http://fhir.nl/StructureDefinition/GatewaySystem",
                &self.gateway_system,
            ),
            (
                "http://fhir.nl/StructureDefinition/SourceSystem",
                &self.source_system,
            ),
        ] {
            if let Some(oid) = oid {
                extensions.push(json!({"url": url, "valueOid": format!("urn:oid:{oid}")}));
            }
        }
        let criteria = format!(
            "Consent?_query=otv&patientid={}&providerid={}&providertype={}",
            question.patient.expose(),
            holder.ura,
            holder.organisation_type,
        );
        json!({
            "resourceType": "Subscription",
            "status": "requested",
            "reason": "OTV",
            "criteria": criteria,
            "channel": {
                "type": "rest-hook",
                "endpoint": self.notify_url,
                "payload": "application/fhir+json",
            },
            "extension": extensions,
        })
        .to_string()
        .into_bytes()
    }

    async fn send(&self, resource: Vec<u8>, deadline: Instant) -> Result<Subscribed, GatherError> {
        let outgoing = Outgoing::post(
            Target::Path("abonnementen/fhir/Subscription"),
            "application/fhir+json",
            resource,
        )
        .accept("application/fhir+json")
        .at_most(64 << 10);
        let answer = self
            .http
            .send(&self.peer, outgoing, deadline.min(Instant::now() + self.timeout))
            .await
            .map_err(|source| GatherError::Unreachable {
                service: Service::Mitz,
                source,
            })?;
        if answer.status != 202 && answer.status != 201 {
            return Err(GatherError::Status {
                service: Service::Mitz,
                status: answer.status,
            });
        }
        let id = answer
            .header("location")
            .and_then(|location| location.split("Subscription/").nth(1))
            .and_then(|rest| rest.split('/').next())
            .filter(|id| !id.is_empty() && id.len() <= 64)
            .map(ToOwned::to_owned);
        Ok(Subscribed { id })
    }
}
