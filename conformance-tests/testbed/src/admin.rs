//! The control interface: what a person or a test outside this process changes and reads.
//!
//! Plain HTTP on loopback. What it gives (journal, keys) is synthetic; it must not be reachable from elsewhere.

mod host;
mod national;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::routing::{get, post};
use http::{Response, Uri};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer;
use crate::ehr::EhrHost;
use crate::faults::{FaultSpec, ServiceId};
use crate::net::Shared;
use crate::testbed::{Addresses, Services};

/// Entries of the journal in one answer.
const MAX_ENTRIES: usize = 1000;

struct Inner {
    shared: Shared,
    addresses: Addresses,
    services: Services,
    ehr: EhrHost,
}

/// What the pages work on.
#[derive(Clone)]
pub(crate) struct Admin(Arc<Inner>);

/// An answer, or what is wrong with the request.
type Answer = Result<Response<Body>, String>;

fn send(answered: Answer) -> Response<Body> {
    answered.unwrap_or_else(|text| answer::json(400, &json!({"error": text})))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

/// The pages of the control interface.
pub(crate) fn router(shared: &Shared, addresses: &Addresses, services: &Services, ehr: &EhrHost) -> Router {
    let admin = Admin(Arc::new(Inner {
        shared: shared.clone(),
        addresses: addresses.clone(),
        services: services.clone(),
        ehr: ehr.clone(),
    }));
    Router::new()
        .route("/admin/addresses", get(addresses_page))
        .route("/admin/client", get(client))
        .route("/admin/faults", get(faults).post(set_fault).delete(clear_faults))
        .route("/admin/journal", get(journal).delete(clear_journal))
        .route("/admin/clock", get(clock).post(move_clock))
        .route("/admin/mitz", post(national::mitz))
        .route(
            "/admin/mitz/rules",
            post(national::rule).delete(national::clear_rules),
        )
        .route("/admin/mitz/notify", post(national::notify))
        .route("/admin/lrza", post(national::lrza))
        .route("/admin/dezi", post(national::dezi))
        .route("/admin/ehr-host", post(host::protect))
        .route("/admin/ehr-host/tokens", post(host::issue).delete(host::withdraw))
        .route("/admin/nvi", post(national::nvi))
        .route("/admin/prs/rotate", post(national::rotate))
        .with_state(admin)
}

async fn addresses_page(State(admin): State<Admin>) -> Response<Body> {
    answer::json(200, &json!(admin.0.addresses))
}

/// What an asker outside this process needs to take part, private keys included.
async fn client(State(admin): State<Admin>) -> Response<Body> {
    let client = admin.0.shared.client();
    answer::json(
        200,
        &json!({
            "ura": client.ura, "name": client.name, "organisation_type": client.organisation_type,
            "oin": client.oin, "source_id": client.source_id, "ca_pem": client.ca_pem,
            "client_cert_pem": client.client_cert_pem, "client_key_pem": client.client_key_pem,
            "signing_key_es256_pem": client.signing_key_es256_pem, "signing_kid": client.signing_kid,
            "did": client.did, "x509_credential": client.x509_credential,
            "smart_client_id": client.smart_client_id, "smart_key_es384_pem": client.smart_key_es384_pem,
            "smart_kid": client.smart_kid, "dezi_client_id": client.dezi_client_id,
            "dezi_jwe_key_pem": client.dezi_jwe_key_pem,
        }),
    )
}

async fn faults(State(admin): State<Admin>) -> Response<Body> {
    let list: Vec<Value> = admin
        .0
        .shared
        .faults()
        .list()
        .into_iter()
        .map(|(service, fault)| json!({"service": service, "fault": fault}))
        .collect();
    answer::json(200, &json!(list))
}

/// `{"service": "nvi", "fault": "status:503*1@/localize", "add": true}`; without `add` it replaces what is on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetFault {
    service: String,
    fault: String,
    #[serde(default)]
    add: bool,
}

async fn set_fault(State(admin): State<Admin>, body: Bytes) -> Response<Body> {
    let work = || {
        let asked: SetFault = read(&body)?;
        let service: ServiceId = asked.service.parse().map_err(text)?;
        let fault: FaultSpec = asked.fault.parse().map_err(text)?;
        if asked.add {
            admin.0.shared.faults().add(service, fault);
        } else {
            admin.0.shared.faults().set(service, fault);
        }
        Ok(answer::empty(204))
    };
    send(work())
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// All faults, or those of `?service=`.
async fn clear_faults(State(admin): State<Admin>, uri: Uri) -> Response<Body> {
    let work = || {
        let query = answer::pairs(uri.query().unwrap_or_default());
        match answer::value(&query, "service") {
            Some(service) => admin.0.shared.faults().clear(&service.parse().map_err(text)?),
            None => admin.0.shared.faults().clear_all(),
        }
        Ok(answer::empty(204))
    };
    send(work())
}

/// Entries after `?after=`, of `?service=`, whose path holds `?path=`.
async fn journal(State(admin): State<Admin>, uri: Uri) -> Response<Body> {
    let work = || {
        let query = answer::pairs(uri.query().unwrap_or_default());
        let part = |name| answer::value(&query, name);
        let after: u64 = part("after").unwrap_or("0").parse().map_err(text)?;
        let service: Option<ServiceId> = part("service").map(str::parse).transpose().map_err(text)?;
        let found = admin.0.shared.journal().find(|entry| {
            entry.sequence > after
                && service.as_ref().is_none_or(|service| *service == entry.service)
                && part("path").is_none_or(|path| entry.path.contains(path))
        });
        let entries: Vec<Value> = found
            .iter()
            .take(MAX_ENTRIES)
            .map(|entry| {
                json!({"sequence": entry.sequence, "at": entry.at.to_string(), "service": entry.service.to_string(),
                    "method": entry.method, "path": entry.path, "query": entry.query, "headers": entry.headers,
                    "body": entry.text(), "status": entry.status, "fault": entry.fault})
            })
            .collect();
        Ok(answer::json(
            200,
            &json!({"total": found.len(), "entries": entries}),
        ))
    };
    send(work())
}

async fn clear_journal(State(admin): State<Admin>) -> Response<Body> {
    admin.0.shared.journal().clear();
    answer::empty(204)
}

async fn clock(State(admin): State<Admin>) -> Response<Body> {
    answer::json(200, &json!({"now": admin.0.shared.clock().now().to_string()}))
}

/// `{"advance_seconds": 600}` or `{"set": "2026-09-01T08:00:00Z"}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoveClock {
    advance_seconds: Option<u64>,
    set: Option<Timestamp>,
}

async fn move_clock(State(admin): State<Admin>, body: Bytes) -> Response<Body> {
    let work = || {
        let asked: MoveClock = read(&body)?;
        let clock = admin.0.shared.clock();
        if let Some(to) = asked.set {
            clock.set(to);
        }
        if let Some(seconds) = asked.advance_seconds {
            clock.advance(Duration::from_secs(seconds));
        }
        Ok(answer::json(200, &json!({"now": clock.now().to_string()})))
    };
    send(work())
}
