//! Notifications: the register tells a subscriber that a patient changed a choice, in JSON or XML.

use std::time::Duration;

use samenhang_profiles::{Bsn, Ura};
use serde_json::json;

use super::{Decision, Mitz, Rule};

const PROFILE: &str = "http://vzvz.nl/fhir/StructureDefinition/Consent-Mitz-Notify|3.8.0";
const BSN: &str = "http://fhir.nl/fhir/NamingSystem/bsn";
const URA: &str = "http://fhir.nl/fhir/NamingSystem/ura";
const CATEGORY: &str = "http://fhir.nl/otv/CodeSystem/gegevenscategorie";
const PROVIDER_CATEGORY: &str = "http://fhir.nl/StructureDefinition/OTV-ProviderCategory";

/// Form of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// `application/fhir+json`.
    #[default]
    Json,
    /// `application/fhir+xml`.
    Xml,
}

/// A change of a patient's choice.
#[derive(Clone)]
pub struct Notification {
    /// The patient.
    pub patient: Bsn,
    /// The holder; `None` for all holders.
    pub holder: Option<Ura>,
    /// The data category; `None` for all.
    pub category: Option<String>,
    /// Whether consent is given (`active`) or withdrawn (`inactive`).
    pub permitted: bool,
    /// Form.
    pub format: Format,
    /// Where to send it, instead of to the subscribers.
    pub endpoint: Option<String>,
}

/// Why a notification did not arrive.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotifyError {
    /// Nobody subscribed and no endpoint was given.
    #[error("nobody subscribed for this patient")]
    NoSubscriber,
    /// The receiver could not be reached.
    #[error("failed to reach the receiver: {0}")]
    Unreachable(#[from] reqwest::Error),
}

impl Mitz {
    /// Changes the matrix as the patient did, and tells the subscribers; gives the status of each answer.
    ///
    /// # Errors
    /// [`NotifyError`] when nobody listens or a receiver cannot be reached.
    pub async fn notify(&self, notification: &Notification) -> Result<Vec<u16>, NotifyError> {
        self.rule(Rule {
            patient: Some(notification.patient.clone()),
            holder: notification.holder.clone(),
            category: notification.category.clone(),
            decision: if notification.permitted {
                Decision::Permit
            } else {
                Decision::Deny
            },
        });
        let receivers = self.receivers(notification);
        if receivers.is_empty() {
            return Err(NotifyError::NoSubscriber);
        }
        let http = self.http()?;
        let mut statuses = Vec::new();
        for (endpoint, holder, holder_type) in receivers {
            let id = self.message_id();
            let now = self.0.shared.clock().now().to_string();
            let (content_type, body) = match notification.format {
                Format::Json => (
                    "application/fhir+json; charset=utf-8",
                    as_json(notification, &id, &now, &holder, &holder_type),
                ),
                Format::Xml => (
                    "application/fhir+xml; charset=utf-8",
                    as_xml(notification, &id, &now, &holder, &holder_type),
                ),
            };
            let answer = http
                .post(endpoint)
                .header("content-type", content_type)
                .body(body)
                .send()
                .await?;
            statuses.push(answer.status().as_u16());
        }
        Ok(statuses)
    }

    /// Endpoint, holder and type of holder for everyone who must hear of it.
    fn receivers(&self, notification: &Notification) -> Vec<(String, String, String)> {
        if let Some(endpoint) = &notification.endpoint {
            let holder = notification.holder.as_ref().map_or("00000000", Ura::as_str);
            return vec![(endpoint.clone(), holder.to_owned(), "Z3".to_owned())];
        }
        self.state()
            .subscriptions
            .iter()
            .filter(|subscription| {
                subscription.patient == notification.patient
                    && notification
                        .holder
                        .as_ref()
                        .is_none_or(|holder| *holder == subscription.holder)
            })
            .map(|subscription| {
                (
                    subscription.endpoint.clone(),
                    subscription.holder.to_string(),
                    subscription.holder_type.clone(),
                )
            })
            .collect()
    }

    fn http(&self) -> Result<reqwest::Client, reqwest::Error> {
        // A provider may have been installed by whoever runs the testbed; either will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let ca = reqwest::Certificate::from_pem(self.0.shared.client().ca_pem.as_bytes())?;
        reqwest::Client::builder()
            .tls_certs_only([ca])
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(10))
            .build()
    }
}

fn status(notification: &Notification) -> &'static str {
    if notification.permitted {
        "active"
    } else {
        "inactive"
    }
}

fn as_json(notification: &Notification, id: &str, now: &str, holder: &str, holder_type: &str) -> String {
    let mut provision = json!({"type": "permit"});
    if let Some(category) = &notification.category {
        provision["code"] = json!([{"coding": [{"system": CATEGORY, "code": category}]}]);
    }
    let consent = json!({
        "resourceType": "Consent", "id": id, "meta": {"profile": [PROFILE]}, "status": status(notification),
        "extension": [{"url": PROVIDER_CATEGORY, "valueCode": holder_type}],
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": {"identifier": {"system": BSN, "value": notification.patient.expose()}},
        "dateTime": now, "organization": [{"identifier": {"system": URA, "value": holder}}],
        "provision": provision,
    });
    json!({"resourceType": "Bundle", "type": "transaction", "entry": [{"fullUrl": format!("urn:uuid:{id}"),
        "resource": consent, "request": {"method": "POST", "url": "Consent"}}]})
    .to_string()
}

fn as_xml(notification: &Notification, id: &str, now: &str, holder: &str, holder_type: &str) -> String {
    let code = notification
        .category
        .as_ref()
        .map_or_else(String::new, |category| {
            let category = quick_xml::escape::escape(category.as_str());
            format!(r#"<code><coding><system value="{CATEGORY}"/><code value="{category}"/></coding></code>"#)
        });
    let holder_type = quick_xml::escape::escape(holder_type);
    let (status, number) = (status(notification), notification.patient.expose());
    format!(
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8"?><Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/>"#,
            r#"<entry><fullUrl value="urn:uuid:{id}"/><resource><Consent><id value="{id}"/>"#,
            r#"<meta><profile value="{profile}"/></meta>"#,
            r#"<extension url="{extension}"><valueCode value="{holder_type}"/></extension><status value="{status}"/>"#,
            r#"<scope><coding><system value="http://terminology.hl7.org/CodeSystem/consentscope"/>"#,
            r#"<code value="patient-privacy"/></coding></scope>"#,
            r#"<category><coding><system value="http://loinc.org"/><code value="59284-0"/></coding></category>"#,
            r#"<patient><identifier><system value="{bsn}"/><value value="{number}"/></identifier></patient>"#,
            r#"<dateTime value="{now}"/>"#,
            r#"<organization><identifier><system value="{ura}"/><value value="{holder}"/></identifier></organization>"#,
            r#"<provision><type value="permit"/>{code}</provision></Consent></resource>"#,
            r#"<request><method value="POST"/><url value="Consent"/></request></entry></Bundle>"#
        ),
        id = id,
        profile = PROFILE,
        extension = PROVIDER_CATEGORY,
        holder_type = holder_type,
        status = status,
        bsn = BSN,
        number = number,
        now = now,
        ura = URA,
        holder = holder,
        code = code,
    )
}
