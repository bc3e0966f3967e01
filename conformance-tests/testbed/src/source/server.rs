//! One FHIR endpoint of a simulated care provider: metadata, search, read, `$lastn`, `$match`.
//!
//! Refuses a BSN in a URL, a request without a token where one is asked, and what its quirk does not support. Serves
//! resources with the bytes that were loaded, but for what the quirk or a fault changes.

mod capability;
mod content;
mod matching;
mod paging;
mod policy;
mod request;
mod search;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri};
use samenhang_profiles::{FhirVersion, Ura};

use super::answer::{self, Refusal};
use super::authorization::{Nonces, Shown};
use super::json::Json;
use super::pep::Pep;
use super::quirk::Quirk;
use super::store::{Resource, Store};
use super::xml;
use paging::Cursors;
use request::Request;

use crate::faults::{Fault, ServiceId};
use crate::net::Shared;

/// Entries on a page when the client does not say.
const DEFAULT_COUNT: usize = 50;
/// Entries on a page at most.
const MAX_COUNT: usize = 500;

/// What an endpoint is made of.
pub(super) struct Endpoint {
    pub(super) ura: Ura,
    pub(super) name: String,
    pub(super) version: FhirVersion,
    pub(super) quirk: Quirk,
    /// Address, without a trailing slash.
    pub(super) base: String,
    /// The path of `base`.
    pub(super) path: String,
    /// As the quirk shapes it.
    pub(super) store: Store,
    /// Absent when no token is asked.
    pub(super) pep: Option<Pep>,
    /// Token endpoint and the whole of `smart-configuration`, when there is an authorization server.
    pub(super) token_endpoint: Option<String>,
    pub(super) smart_configuration: Option<Vec<u8>>,
}

struct Source {
    endpoint: Endpoint,
    shared: Shared,
    kinds: BTreeSet<String>,
    cursors: Mutex<Cursors>,
}

/// The router of one endpoint; it answers below the endpoint's path only.
pub(super) fn router(endpoint: Endpoint, shared: &Shared) -> Router {
    let purpose = format!("cursors {} {}", endpoint.ura, endpoint.path);
    let source = Source {
        kinds: capability::kinds(endpoint.version, &endpoint.store),
        cursors: Mutex::new(Cursors::new(shared.rng(&purpose))),
        shared: shared.clone(),
        endpoint,
    };
    let path = source.endpoint.path.clone();
    Router::new()
        .route(&path, axum::routing::any(handle))
        .route(&format!("{path}/{{*rest}}"), axum::routing::any(handle))
        .with_state(Arc::new(source))
}

async fn handle(
    State(source): State<Arc<Source>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let version = source.claimed();
    let response = match source.answer(&method, &uri, &headers, &body) {
        Ok(response) => response,
        Err(refusal) => refusal.answer(version),
    };
    if source.endpoint.quirk == Quirk::Xml {
        return xml::answer(response, version).await;
    }
    response
}

impl Source {
    fn answer(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Response, Refusal> {
        let rest = uri.path().strip_prefix(&self.endpoint.path).unwrap_or_default();
        let request = Request::read(method, rest, uri.query(), headers, body)?;
        match request {
            Request::Metadata => return self.metadata(),
            Request::SmartConfiguration => return self.smart_configuration(),
            _ => {}
        }
        if let Some(pep) = &self.endpoint.pep {
            let origin = self.endpoint.base.strip_suffix(&self.endpoint.path);
            let address = format!("{}{}", origin.unwrap_or_default(), uri.path());
            let shown = Shown {
                method: method.as_str(),
                address: &address,
                headers,
            };
            let service = ServiceId::Source(self.endpoint.ura.clone());
            pep.check(&shown, Nonces::of(self.shared.faults(), &service, uri.path()))?;
        }
        self.accepts(headers)?;
        let faults = self.faults(uri.path());
        match request {
            Request::Metadata | Request::SmartConfiguration => Err(Refusal::not_found("no such path")),
            Request::Read { kind, id } => self.read(&kind, &id),
            Request::Page { cursor } => self.page(&cursor, &faults),
            Request::Search { kind, pairs, posted } => self.search(&kind, &pairs, posted, false, &faults),
            Request::LastN { pairs, posted } => self.search("Observation", &pairs, posted, true, &faults),
            Request::Match => self.matching(body, &faults),
        }
    }

    /// The content faults that are on; uses up one of their times.
    fn faults(&self, path: &str) -> Vec<Fault> {
        let service = ServiceId::Source(self.endpoint.ura.clone());
        self.shared.faults().take(&service, path, content::is_content)
    }

    fn cursors(&self) -> std::sync::MutexGuard<'_, Cursors> {
        self.cursors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The version that the source says it is; `cgm` takes its STU3 for R4.
    fn claimed(&self) -> FhirVersion {
        match self.endpoint.quirk {
            Quirk::Cgm => FhirVersion::R4,
            _ => self.endpoint.version,
        }
    }

    fn now(&self) -> String {
        let now = self.shared.clock().now();
        now.round(jiff::Unit::Second).unwrap_or(now).to_string()
    }

    /// Refuses a client that wants another format or version.
    fn accepts(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let Some(accept) = headers
            .get(http::header::ACCEPT)
            .and_then(|value| value.to_str().ok())
        else {
            return Ok(());
        };
        let accept = accept.to_ascii_lowercase();
        let format = match self.endpoint.quirk {
            Quirk::Xml => "xml",
            _ => "json",
        };
        let spoken = accept.contains(format) || accept.contains("*/*");
        let own = self.endpoint.version.media_parameter();
        let other = accept.contains("fhirversion=") && !accept.contains(&format!("fhirversion={own}"));
        // A server that takes its STU3 for R4 cannot tell the two apart.
        if !spoken || (other && self.endpoint.quirk != Quirk::Cgm) {
            let text = "only the FHIR format of this endpoint's version";
            return Err(Refusal::new(StatusCode::NOT_ACCEPTABLE, "not-supported", text));
        }
        Ok(())
    }

    fn metadata(&self) -> Result<Response, Refusal> {
        if self.endpoint.quirk == Quirk::Bare {
            return Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "forbidden",
                "not for clients",
            ));
        }
        let statement = capability::Statement {
            version: self.endpoint.version,
            quirk: self.endpoint.quirk,
            name: &self.endpoint.name,
            base: &self.endpoint.base,
            date: self.now(),
            kinds: &self.kinds,
            token_endpoint: self.endpoint.token_endpoint.as_deref(),
        };
        Ok(answer::fhir(StatusCode::OK, self.claimed(), statement.to_bytes()))
    }

    fn smart_configuration(&self) -> Result<Response, Refusal> {
        let body = self.endpoint.smart_configuration.clone();
        let body = body.ok_or_else(|| Refusal::not_found("no SMART authorization server"))?;
        Ok(([(http::header::CONTENT_TYPE, "application/json")], body).into_response())
    }

    fn read(&self, kind: &str, id: &str) -> Result<Response, Refusal> {
        if !self.kinds.contains(kind) {
            return Err(Refusal::not_found("this type is not supported"));
        }
        let found = self
            .endpoint
            .store
            .find(kind, id)
            .and_then(|index| self.endpoint.store.get(index));
        let resource = found.ok_or_else(|| Refusal::not_found("no such resource"))?;
        Ok(answer::fhir(
            StatusCode::OK,
            self.claimed(),
            resource.bytes().to_vec(),
        ))
    }

    /// The resource as an entry.
    fn entry(&self, index: usize, mode: answer::Mode) -> Option<answer::Entry> {
        let resource: Resource = self.endpoint.store.get(index)?.clone();
        Some(answer::Entry {
            resource,
            mode,
            certain: false,
        })
    }

    fn matching(&self, body: &[u8], faults: &[Fault]) -> Result<Response, Refusal> {
        if !self.endpoint.quirk.matches_only() {
            return Err(Refusal::not_found("$match is not supported"));
        }
        let found = matching::find(&self.endpoint.store, body)?;
        let mut entries: Vec<answer::Entry> = found
            .into_iter()
            .filter_map(|index| self.entry(index, answer::Mode::Match))
            .map(|entry| answer::Entry {
                certain: true,
                ..entry
            })
            .collect();
        let version = self.endpoint.version;
        content::spoil(&mut entries, "Patient", version, &self.endpoint.store, faults);
        let set = answer::Searchset {
            id: self.cursors().name(),
            base: self.endpoint.base.clone(),
            last_updated: self.now(),
            total: entries.len(),
            self_link: format!("{}/Patient/$match", self.endpoint.base),
            next: None,
            entries,
        };
        Ok(answer::fhir(StatusCode::OK, self.claimed(), set.to_bytes()))
    }
}

/// The `smart-configuration` of an authorization server.
#[must_use]
pub(super) fn smart_configuration(issuer: &str, token_endpoint: &str) -> Vec<u8> {
    let list = |texts: &[&str]| Json::Array(texts.iter().map(|text| Json::text(*text)).collect());
    Json::object([
        ("issuer", Json::text(issuer)),
        ("token_endpoint", Json::text(token_endpoint)),
        ("grant_types_supported", list(&["client_credentials"])),
        (
            "token_endpoint_auth_methods_supported",
            list(&["private_key_jwt"]),
        ),
        (
            "token_endpoint_auth_signing_alg_values_supported",
            list(&["ES384"]),
        ),
        ("scopes_supported", list(&["system/*.read"])),
        (
            "capabilities",
            list(&["client-confidential-asymmetric", "permission-v1"]),
        ),
    ])
    .to_bytes()
}
