//! The EHR of the asking organisation, as host of Samenhang: it starts an application with a patient in context (SMART
//! App Launch, EHR launch), issues tokens that are bound to a patient and tells a resource server whose they are (RFC
//! 7662), and shows the patient's log from the audit repository.
//!
//! Its patients are our own synthetic ones, under ids of its own: no address ever holds a BSN. Refuses a launch, code
//! or verifier that is not its own, is too old, or was used before.

mod introspection;
mod launch;
mod mode;
mod pages;
pub mod patient_log;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use http::{Response, Uri};
use samenhang_profiles::Bsn;
use serde_json::json;

use crate::answer;
use crate::audit_sink::AuditSink;
use crate::client::{ASKER_URA, USER_NUMBER};
use crate::error::TestbedError;
use crate::keys::EcKey;
use crate::net::Shared;
use crate::patients;
use launch::Launches;
pub use mode::EhrMode;

struct Inner {
    shared: Shared,
    base: String,
    sink: AuditSink,
    key: EcKey,
    launches: Mutex<Launches>,
    mode: Mutex<EhrMode>,
}

/// The host.
#[derive(Clone)]
pub struct EhrHost(Arc<Inner>);

impl EhrHost {
    /// A host at this address, whose log reads this audit repository.
    ///
    /// # Errors
    /// [`TestbedError::Key`] when its key cannot be made.
    pub fn new(shared: &Shared, base: &str, sink: &AuditSink) -> Result<Self, TestbedError> {
        Ok(EhrHost(Arc::new(Inner {
            shared: shared.clone(),
            base: base.to_owned(),
            sink: sink.clone(),
            key: EcKey::from_seed(shared.seed(), "ehr id tokens")?,
            launches: Mutex::new(Launches::new(shared.rng("ehr launches"))),
            mode: Mutex::default(),
        })))
    }

    /// Its pages.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", get(pages::workplace))
            .route("/launch/{patient}", get(start))
            .route("/fhir/.well-known/smart-configuration", get(configuration))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/introspect", post(introspect))
            .route("/jwks.json", get(jwks))
            .route("/fhir/Patient/{id}", get(pages::patient))
            .route("/fhir/Practitioner/{id}", get(pages::practitioner))
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

    /// Changes what goes wrong.
    pub fn set_mode(&self, mode: EhrMode) {
        *self.0.mode.lock().unwrap_or_else(PoisonError::into_inner) = mode;
    }

    fn mode(&self) -> EhrMode {
        *self.0.mode.lock().unwrap_or_else(PoisonError::into_inner)
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
        "jwks_uri": format!("{base}/jwks.json"),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES384"],
        "capabilities": ["launch-ehr", "client-public", "client-confidential-asymmetric", "sso-openid-connect",
            "context-ehr-patient", "permission-v2"],
    });
    answer::json(200, &body)
}

async fn authorize(State(host): State<EhrHost>, uri: Uri) -> Response<Body> {
    let query = answer::pairs(uri.query().unwrap_or_default());
    let now = host.0.shared.clock().seconds();
    let client = host.0.shared.client();
    let clients = [client.smart_client_id.as_str(), &client.viewer_client_id];
    match host.launches().authorize(&query, &clients, &host.issuer(), now) {
        Ok(back) => found(&host.mode().back(back)),
        // Not a redirect: the address to go back to cannot be trusted either.
        Err(text) => answer::oauth_error(400, "invalid_request", text),
    }
}

/// The keys of the `id_token`.
async fn jwks(State(host): State<EhrHost>) -> Response<Body> {
    answer::json(200, &json!({"keys": [host.0.key.jwk()]}))
}

/// A code for a token. The viewer proves itself by an assertion (`private_key_jwt`); another application is public.
async fn token(State(host): State<EhrHost>, body: axum::body::Bytes) -> Response<Body> {
    let form = answer::pairs(&String::from_utf8_lossy(&body));
    let shared = &host.0.shared;
    let now = shared.clock().seconds();
    let viewer = shared.client().viewer_client_id.as_str();
    let has_proof = answer::value(&form, "client_assertion").is_some();
    if has_proof || answer::value(&form, "client_id") == Some(viewer) {
        let place = format!("{}/token", host.0.base);
        if let Err(text) = introspection::authenticate(shared.client(), (viewer, &place), &form, now) {
            return answer::oauth_error(401, "invalid_client", text);
        }
    }
    let redeemed = host.launches().redeem(&form, has_proof.then_some(viewer), now);
    match redeemed {
        Ok(given) => {
            let user = format!("{}/Practitioner/{USER_NUMBER}", host.issuer());
            let mut answer = json!({
                "access_token": given.token, "token_type": "Bearer", "expires_in": given.bound.expires - now,
                "scope": given.bound.scope, "patient": given.bound.patient, "need_patient_banner": false,
                "tenant": ASKER_URA, "fhirUser": user,
            });
            if given.bound.scope.split(' ').any(|scope| scope == "openid") {
                let claims = json!({"iss": host.issuer(), "sub": "a.voorbeeld", "aud": given.client, "iat": now,
                    "exp": now + 300, "nonce": host.mode().nonce(given.nonce), "fhirUser": user});
                match host.0.key.sign(&claims, |_| {}) {
                    Ok(token) => answer["id_token"] = token.into(),
                    Err(_) => return answer::oauth_error(500, "server_error", "no token could be signed"),
                }
            }
            answer::json(200, &answer)
        }
        Err(text) => answer::oauth_error(400, "invalid_grant", text),
    }
}

/// Whose a token is, told to a resource server that proves itself.
async fn introspect(State(host): State<EhrHost>, body: axum::body::Bytes) -> Response<Body> {
    let form = answer::pairs(&String::from_utf8_lossy(&body));
    let shared = &host.0.shared;
    let now = shared.clock().seconds();
    if let Err(text) = introspection::authenticate(
        shared.client(),
        (&shared.client().smart_client_id, &host.issuer()),
        &form,
        now,
    ) {
        return answer::oauth_error(401, "invalid_client", text);
    }
    let token = answer::value(&form, "token").unwrap_or_default();
    let bound = host.launches().bound(token, now).cloned();
    let told = introspection::tell(bound.as_ref(), &host.issuer(), &shared.client().smart_client_id);
    answer::json(200, &told)
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
