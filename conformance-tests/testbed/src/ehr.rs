//! The EHR of the asking organisation, as host of Samenhang: it starts an application with a patient in context (SMART
//! App Launch, EHR launch), issues tokens that are bound to a patient and tells a resource server whose they are (RFC
//! 7662), and shows the patient's log from the audit repository.
//!
//! Its patients are our own synthetic ones, under ids of its own: no address ever holds a BSN. Refuses a launch, code
//! or verifier that is not its own, is too old, or was used before.

mod introspection;
mod launch;
pub mod patient_log;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use http::{HeaderMap, Response, Uri, header};
use samenhang_profiles::Bsn;
use serde_json::json;

use crate::answer;
use crate::audit_sink::AuditSink;
use crate::client::{ASKER_URA, USER_NUMBER};
use crate::net::Shared;
use crate::patients;
use launch::Launches;

struct Inner {
    shared: Shared,
    base: String,
    sink: AuditSink,
    launches: Mutex<Launches>,
}

/// The host.
#[derive(Clone)]
pub struct EhrHost(Arc<Inner>);

impl EhrHost {
    /// A host at this address, whose log reads this audit repository.
    #[must_use]
    pub fn new(shared: &Shared, base: &str, sink: &AuditSink) -> Self {
        EhrHost(Arc::new(Inner {
            shared: shared.clone(),
            base: base.to_owned(),
            sink: sink.clone(),
            launches: Mutex::new(Launches::new(shared.rng("ehr launches"))),
        }))
    }

    /// Its pages.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/launch/{patient}", get(start))
            .route("/fhir/.well-known/smart-configuration", get(configuration))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/introspect", post(introspect))
            .route("/fhir/Patient/{id}", get(patient))
            .route("/log", get(log))
            .route("/log/completeness", get(completeness))
            .with_state(self.clone())
    }

    /// The id at this host of one of our own patients.
    #[must_use]
    pub fn patient_id(bsn: &Bsn) -> Option<String> {
        let place = patients::ALL.iter().position(|known| *known == bsn.expose())?;
        Some(format!("ehr-{}", place + 1))
    }

    /// Lets applications ask for tokens for a resource server, by the address of its FHIR service (`aud`).
    pub fn protect(&self, resource: &str) {
        self.launches().protect(resource);
    }

    /// A token for one of our own patients, as after a launch: what a test needs when the launch is not its subject.
    #[must_use]
    pub fn issue(&self, bsn: &Bsn, scope: &str, audience: &str) -> Option<String> {
        let patient = Self::patient_id(bsn)?;
        let now = self.0.shared.clock().seconds();
        Some(self.launches().issue(&patient, scope, audience, now).0)
    }

    /// Withdraws a token.
    pub fn withdraw(&self, token: &str) {
        self.launches().withdraw(token);
    }

    fn launches(&self) -> MutexGuard<'_, Launches> {
        self.0.launches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn issuer(&self) -> String {
        format!("{}/fhir", self.0.base)
    }
}

/// The number behind an id of [`EhrHost::patient_id`].
fn number(id: &str) -> Option<&'static str> {
    let place: usize = id.strip_prefix("ehr-")?.parse().ok()?;
    patients::ALL.get(place.checked_sub(1)?).copied()
}

fn found(location: &str) -> Response<Body> {
    answer::located(answer::empty(302), location)
}

/// A clinician presses the button: `?app=` is the application's launch address.
async fn start(State(host): State<EhrHost>, Path(patient): Path<String>, uri: Uri) -> Response<Body> {
    let query = answer::pairs(uri.query().unwrap_or_default());
    let app = answer::value(&query, "app").and_then(|app| url::Url::parse(app).ok());
    let (Some(mut app), Some(_)) = (app, number(&patient)) else {
        return answer::outcome(404, "not-found", "no such patient, or app is not an address");
    };
    let launch = host.launches().begin(&patient, &app);
    app.query_pairs_mut()
        .append_pair("iss", &host.issuer())
        .append_pair("launch", &launch);
    found(app.as_str())
}

async fn configuration(State(host): State<EhrHost>) -> Response<Body> {
    let base = &host.0.base;
    let body = json!({
        "issuer": host.issuer(), "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"), "grant_types_supported": ["authorization_code"],
        "introspection_endpoint": format!("{base}/introspect"), "scopes_supported": launch::SCOPES,
        "response_types_supported": ["code"], "code_challenge_methods_supported": ["S256"],
        "capabilities": ["launch-ehr", "client-public", "context-ehr-patient", "permission-v2"],
    });
    answer::json(200, &body)
}

async fn authorize(State(host): State<EhrHost>, uri: Uri) -> Response<Body> {
    let query = answer::pairs(uri.query().unwrap_or_default());
    let now = host.0.shared.clock().seconds();
    let client = &host.0.shared.client().smart_client_id;
    match host.launches().authorize(&query, client, &host.issuer(), now) {
        Ok(back) => found(&back),
        // Not a redirect: the address to go back to cannot be trusted either.
        Err(text) => answer::oauth_error(400, "invalid_request", text),
    }
}

async fn token(State(host): State<EhrHost>, body: axum::body::Bytes) -> Response<Body> {
    let form = answer::pairs(&String::from_utf8_lossy(&body));
    let now = host.0.shared.clock().seconds();
    let client = &host.0.shared.client().smart_client_id;
    match host.launches().redeem(&form, client, now) {
        Ok((token, bound)) => answer::json(
            200,
            &json!({
                "access_token": token, "token_type": "Bearer", "expires_in": bound.expires - now, "scope": bound.scope,
                "patient": bound.patient, "need_patient_banner": false, "tenant": ASKER_URA,
                "fhirUser": format!("{}/Practitioner/{USER_NUMBER}", host.issuer()),
            }),
        ),
        Err(text) => answer::oauth_error(400, "invalid_grant", text),
    }
}

/// Whose a token is, told to a resource server that proves itself.
async fn introspect(State(host): State<EhrHost>, body: axum::body::Bytes) -> Response<Body> {
    let form = answer::pairs(&String::from_utf8_lossy(&body));
    let shared = &host.0.shared;
    let now = shared.clock().seconds();
    if let Err(text) = introspection::authenticate(shared.client(), &host.issuer(), &form, now) {
        return answer::oauth_error(401, "invalid_client", text);
    }
    let token = answer::value(&form, "token").unwrap_or_default();
    let bound = host.launches().bound(token, now).cloned();
    let told = introspection::tell(bound.as_ref(), &host.issuer(), &shared.client().smart_client_id);
    answer::json(200, &told)
}

/// The patient in context: the only one that the token is for.
async fn patient(State(host): State<EhrHost>, Path(id): Path<String>, headers: HeaderMap) -> Response<Body> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let now = host.0.shared.clock().seconds();
    let allowed = token.and_then(|token| {
        host.launches()
            .bound(token, now)
            .map(|bound| bound.patient.clone())
    });
    match (allowed, number(&id)) {
        (Some(allowed), Some(number)) if allowed == id => answer::fhir(
            200,
            &json!({"resourceType": "Patient", "id": id, "identifier": [
                {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": number}]}),
        ),
        (Some(_), _) => answer::outcome(403, "forbidden", "the token is for another patient"),
        (None, _) => answer::outcome(401, "login", "no token, or one that has expired"),
    }
}

/// The log of a patient: `?patient=` is the pseudonym under which the organisation keeps its log, `holder`, `from` and
/// `to` narrow it.
async fn log(State(host): State<EhrHost>, uri: Uri) -> Response<Body> {
    let query = answer::pairs(uri.query().unwrap_or_default());
    let value = |name: &str| answer::value(&query, name);
    let Some(patient) = value("patient") else {
        return answer::outcome(400, "required", "patient is missing");
    };
    let lines: Vec<_> = patient_log::lines(&host.0.sink.events(), patient)
        .into_iter()
        .filter(|line| value("holder").is_none_or(|holder| line.holder.as_deref() == Some(holder)))
        .filter(|line| value("from").is_none_or(|from| line.at.as_str() >= from))
        .filter(|line| value("to").is_none_or(|to| line.at.as_str() <= to))
        .collect();
    answer::json(200, &json!({"total": lines.len(), "line": lines}))
}

/// Whether the log of one question is complete: `?question=` is its id.
async fn completeness(State(host): State<EhrHost>, uri: Uri) -> Response<Body> {
    let query = answer::pairs(uri.query().unwrap_or_default());
    let Some(question) = answer::value(&query, "question") else {
        return answer::outcome(400, "required", "question is missing");
    };
    let entries = host.0.shared.journal().entries();
    let gaps = patient_log::gaps(question, &entries, &host.0.sink.events());
    answer::json(200, &json!({"complete": gaps.is_empty(), "gap": gaps}))
}
