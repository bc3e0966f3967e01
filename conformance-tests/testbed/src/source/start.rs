//! Starts the endpoints and the authorization server of one holder.
//!
//! A holder listens on one port for all of its FHIR versions, and on another for its authorization server.

use axum::Router;
use bytes::Bytes;
use samenhang_profiles::{Bsn, FhirVersion};

use super::authorization::{self, NUTS_SCOPE, SMART_SCOPE, Server, Tokens};
use super::folder::{self, FolderError, Loaded, Repeated, Skipped};
use super::pep::Pep;
use super::server::{self, Endpoint};
use super::{patient, shape};
use crate::error::TestbedError;
use crate::faults::{Fault, ServiceId};
use crate::holder::{HolderAuthorization, HolderData, HolderSpec, VersionSpec};
use crate::net::{self, Shared};
use crate::patients;
use crate::testbed::SourceAddress;

/// What became of the data of one endpoint.
#[derive(Debug, Clone)]
pub struct Report {
    /// The version.
    pub fhir: FhirVersion,
    /// Resources that are served.
    pub resources: usize,
    /// Files that gave at least one resource.
    pub files: usize,
    /// What was not loaded, and why.
    pub skipped: Vec<Skipped>,
    /// Resources that are served under another id, since theirs was taken.
    pub repeated: Vec<Repeated>,
    /// Ids of Patients without a valid BSN, whom nobody will localise.
    pub not_localised: Vec<String>,
}

/// A holder that is being served.
#[derive(Clone)]
pub struct Started {
    /// Its endpoints.
    pub addresses: Vec<SourceAddress>,
    /// The BSNs in its data, each once: what it registers with the NVI.
    pub bsns: Vec<Bsn>,
    /// What became of its data, per endpoint.
    pub reports: Vec<Report>,
}

/// Starts a holder. Its faults are switched on, those of tokens at its authorization server; its endpoints are `/fhir/r4` and `/fhir/stu3`.
///
/// # Errors
/// [`TestbedError`] when its data cannot be read or no port is free.
pub async fn start(holder: &HolderSpec, shared: &Shared) -> Result<Started, TestbedError> {
    let mut data = Vec::new();
    for version in &holder.versions {
        let loaded = load(holder, version).map_err(|error| TestbedError::Data {
            holder: holder.ura.to_string(),
            reason: format!("{} ({})", error, error.code()),
        })?;
        data.push((version.fhir, loaded));
    }
    if holder.authorization == HolderAuthorization::None {
        shared.demand_certificate(&holder.ura);
    }
    let (place, tokens) = authorization_server(holder, shared).await?;
    let bound = net::bind(ServiceId::Source(holder.ura.clone()), shared).await?;
    let mut started = Started {
        addresses: Vec::new(),
        bsns: Vec::new(),
        reports: Vec::new(),
    };
    let mut router = Router::new();
    for (fhir, loaded) in data {
        let path = match fhir {
            FhirVersion::R4 => "/fhir/r4",
            FhirVersion::Stu3 => "/fhir/stu3",
        };
        let base = format!("{}{path}", bound.url());
        started.bsns.extend(patient::known_bsns(&loaded.store));
        started.addresses.push(SourceAddress {
            ura: holder.ura.clone(),
            name: holder.name.clone(),
            fhir,
            base: base.clone(),
            authorization_server: place.as_ref().map(|place| place.issuer.clone()),
        });
        let store = shape::apply(holder.quirk, fhir, &loaded.store, &base);
        started.reports.push(report(fhir, loaded));
        let endpoint = Endpoint {
            ura: holder.ura.clone(),
            name: holder.name.clone(),
            version: fhir,
            quirk: holder.quirk,
            base,
            path: path.to_owned(),
            store,
            pep: place
                .as_ref()
                .map(|place| pep(holder, shared, &tokens, &place.issuer)),
            token_endpoint: place.as_ref().map(|place| place.token_endpoint.clone()),
            smart_configuration: place
                .as_ref()
                .filter(|_| holder.authorization == HolderAuthorization::SmartBackend)
                .map(|place| server::smart_configuration(&place.issuer, &place.token_endpoint)),
        };
        router = router.merge(server::router(endpoint, shared));
    }
    if let Some(place) = &place {
        authorization::register(holder, place, &started.addresses, shared);
    }
    started.bsns.sort();
    started.bsns.dedup();
    let served = bound.serve(router);
    for fault in &holder.faults {
        let service = match fault.fault {
            Fault::ExpiredToken | Fault::BearerToken | Fault::ClockSkew(_) => {
                ServiceId::Authorization(holder.ura.clone())
            }
            _ => served.service.clone(),
        };
        shared.faults().add(service, fault.clone());
    }
    Ok(started)
}

/// Starts the authorization server, when the holder has one.
async fn authorization_server(
    holder: &HolderSpec,
    shared: &Shared,
) -> Result<(Option<authorization::Place>, Tokens), TestbedError> {
    let tokens = Tokens::new(shared.rng(&format!("tokens {}", holder.ura)));
    if holder.authorization == HolderAuthorization::None {
        return Ok((None, tokens));
    }
    let bound = net::bind(ServiceId::Authorization(holder.ura.clone()), shared).await?;
    let Some(place) = authorization::place(holder.authorization, bound.url(), &holder.ura) else {
        return Ok((None, tokens));
    };
    let server = Server {
        issuer: place.issuer.clone(),
        ura: holder.ura.clone(),
        tokens: tokens.clone(),
        shared: shared.clone(),
    };
    if let Some(router) = authorization::router(holder.authorization, server) {
        let _served = bound.serve(router);
    }
    Ok((Some(place), tokens))
}

fn pep(holder: &HolderSpec, shared: &Shared, tokens: &Tokens, issuer: &str) -> Pep {
    let scope = match holder.authorization {
        HolderAuthorization::SmartBackend => SMART_SCOPE,
        _ => NUTS_SCOPE,
    };
    Pep::new(tokens.clone(), shared.clock().clone(), issuer.to_owned(), scope)
}

fn load(holder: &HolderSpec, version: &VersionSpec) -> Result<Loaded, FolderError> {
    match &version.data {
        HolderData::Folder { path, bsns } => folder::load(path, version.fhir, bsns),
        HolderData::Own => {
            let files: Vec<(String, Bytes)> = patients::holders()
                .into_iter()
                .filter(|own| own.ura == holder.ura)
                .flat_map(|own| own.endpoints)
                .filter(|endpoint| endpoint.fhir == version.fhir)
                .flat_map(|endpoint| endpoint.files)
                .collect();
            let files = files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone()));
            folder::load_embedded(files, version.fhir, &[])
        }
    }
}

fn report(fhir: FhirVersion, loaded: Loaded) -> Report {
    Report {
        fhir,
        resources: loaded.store.len(),
        files: loaded.files,
        skipped: loaded.skipped,
        repeated: loaded.repeated,
        not_localised: loaded.not_localised,
    }
}

#[cfg(test)]
#[path = "start/tests.rs"]
mod tests;
