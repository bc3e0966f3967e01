//! Starting and stopping the simulated country as a whole.

use std::collections::BTreeSet;

use samenhang_profiles::{Bsn, FhirVersion, Ura};
use samenhang_terminology::Category;
use serde::Serialize;

use crate::admin;
use crate::audit_sink::AuditSink;
use crate::client::ClientMaterial;
use crate::clock::SimClock;
use crate::dezi::{Dezi, signing_key};
use crate::ehr::EhrHost;
use crate::error::TestbedError;
use crate::faults::{FaultBoard, ServiceId};
use crate::holder::{self, HolderSpec, TestbedConfig};
use crate::journal::Journal;
use crate::keys::failed;
use crate::lrza::{DataEndpoint, Listing, Lrza};
use crate::mitz::{Decision, Mitz, Rule};
use crate::net::{Shared, bind};
use crate::nvi::Nvi;
use crate::oauth::Oauth;
use crate::patients;
use crate::prs::{Prs, recipient_key};
use crate::source::{self, Quirk, Report};

/// Where one FHIR endpoint of a holder is.
#[derive(Debug, Clone, Serialize)]
pub struct SourceAddress {
    /// URA of the holder.
    pub ura: Ura,
    /// Its name.
    pub name: String,
    /// The version that this endpoint speaks.
    pub fhir: FhirVersion,
    /// Base address, without a trailing slash.
    pub base: String,
    /// Address of its authorization server; `None` when no token is asked.
    pub authorization_server: Option<String>,
}

/// Where the services are: addresses without a trailing slash.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Addresses {
    /// Control interface.
    pub admin: String,
    /// Authorization server in front of PRS and NVI; the token endpoint is `/oauth/token` below it.
    pub oauth: String,
    /// Pseudonym service.
    pub prs: String,
    /// National reference index; the FHIR base is `/fhir` below it.
    pub nvi: String,
    /// Directory: the FHIR base itself.
    pub lrza: String,
    /// Consent register.
    pub mitz: String,
    /// Login for care professionals.
    pub dezi: String,
    /// Receiver of audit events: the FHIR base itself.
    pub audit_sink: String,
    /// EHR of the asking organisation; its FHIR base is `/fhir` below it.
    pub ehr_host: String,
    /// FHIR endpoints of the holders.
    pub sources: Vec<SourceAddress>,
}

/// The national services, by which a test changes what they do.
#[derive(Clone)]
pub struct Services {
    /// Pseudonym service.
    pub prs: Prs,
    /// National reference index.
    pub nvi: Nvi,
    /// Directory.
    pub lrza: Lrza,
    /// Consent register.
    pub mitz: Mitz,
    /// Login for care professionals.
    pub dezi: Dezi,
    /// Receiver of audit events.
    pub audit_sink: AuditSink,
}

/// What became of the data of one holder.
#[derive(Debug, Clone)]
pub struct HolderReport {
    /// URA of the holder.
    pub ura: Ura,
    /// How many patients the index names it for.
    pub registered: usize,
    /// Per endpoint.
    pub endpoints: Vec<Report>,
}

/// A running simulated country. It ends with [`Testbed::stop`], or on its own time when it is dropped.
pub struct Testbed {
    shared: Shared,
    addresses: Addresses,
    services: Services,
    ehr: EhrHost,
    reports: Vec<HolderReport>,
    patients: BTreeSet<Bsn>,
}

impl Testbed {
    /// Starts all services on loopback.
    ///
    /// With [`TestbedConfig::first_port`] the ports are, in this order: admin, oauth, prs, nvi, lrza, mitz, dezi,
    /// audit sink, then each holder's authorization server (if any) and source, and then the EHR host.
    ///
    /// # Errors
    /// [`TestbedError`] when a port is taken, key material cannot be made or data cannot be read.
    pub async fn start(config: TestbedConfig) -> Result<Testbed, TestbedError> {
        let shared = prepare(&config).await?;
        match Box::pin(build(&shared, config)).await {
            Ok(testbed) => Ok(testbed),
            Err(error) => {
                shared.stop().await;
                Err(error)
            }
        }
    }

    /// Where the services are.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// The national services, to change what they do.
    #[must_use]
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// The EHR of the asking organisation, which also issues tokens for patients.
    #[must_use]
    pub fn ehr(&self) -> &EhrHost {
        &self.ehr
    }

    /// What became of the data of each holder.
    #[must_use]
    pub fn reports(&self) -> &[HolderReport] {
        &self.reports
    }

    /// Every patient that the index knows, each once.
    #[must_use]
    pub fn patients(&self) -> &BTreeSet<Bsn> {
        &self.patients
    }

    /// What every service was asked.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        self.shared.journal()
    }

    /// The faults that are on.
    #[must_use]
    pub fn faults(&self) -> &FaultBoard {
        self.shared.faults()
    }

    /// The clock of all services.
    #[must_use]
    pub fn clock(&self) -> &SimClock {
        self.shared.clock()
    }

    /// What the asker holds.
    #[must_use]
    pub fn client(&self) -> &ClientMaterial {
        self.shared.client()
    }

    /// What all services share, among it the certificates of the asker.
    #[must_use]
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Stops all services and waits until nothing of them runs.
    pub async fn stop(self) {
        self.shared.stop().await;
    }
}

impl Drop for Testbed {
    fn drop(&mut self) {
        self.shared.stopping().cancel();
    }
}

/// Makes the shared parts, and the slow keys beside them.
async fn prepare(config: &TestbedConfig) -> Result<Shared, TestbedError> {
    let seed = config.seed;
    let index = tokio::task::spawn_blocking(move || recipient_key(seed).map(drop));
    let login = tokio::task::spawn_blocking(move || signing_key(seed).map(drop));
    let config = config.clone();
    let shared = tokio::task::spawn_blocking(move || Shared::new(&config));
    let ended = |error| failed("key generation", error);
    index.await.map_err(ended)??;
    login.await.map_err(ended)??;
    shared.await.map_err(ended)?
}

async fn build(shared: &Shared, config: TestbedConfig) -> Result<Testbed, TestbedError> {
    let admin_at = bind(ServiceId::Admin, shared).await?;
    let oauth_at = bind(ServiceId::Oauth, shared).await?;
    let prs_at = bind(ServiceId::Prs, shared).await?;
    let nvi_at = bind(ServiceId::Nvi, shared).await?;
    let lrza_at = bind(ServiceId::Lrza, shared).await?;
    let mitz_at = bind(ServiceId::Mitz, shared).await?;
    let dezi_at = bind(ServiceId::Dezi, shared).await?;
    let audit_at = bind(ServiceId::AuditSink, shared).await?;

    let audiences = vec![prs_at.url().to_owned(), nvi_at.url().to_owned()];
    let oauth = Oauth::new(shared, oauth_at.url(), audiences)?;
    let services = Services {
        prs: Prs::new(shared, oauth.gate(prs_at.url()))?,
        nvi: Nvi::new(shared, oauth.gate(nvi_at.url()))?,
        lrza: Lrza::new(shared, lrza_at.url()),
        mitz: Mitz::new(shared, mitz_at.url()),
        dezi: Dezi::new(shared, dezi_at.url())?,
        audit_sink: AuditSink::default(),
    };
    let mut holders = config.holders;
    if config.own_patients {
        holders.extend(holder::own());
        own_choices(&services.mitz);
    }
    let (listings, reports, patients, sources) = start_holders(shared, &services, &holders).await?;
    services.lrza.fill(&listings)?;

    let mut addresses = Addresses {
        admin: admin_at.url().to_owned(),
        sources,
        ..Addresses::default()
    };
    addresses.oauth = oauth_at.serve(oauth.router()).url;
    addresses.prs = prs_at.serve(services.prs.router()).url;
    addresses.nvi = nvi_at.serve(services.nvi.router()).url;
    addresses.lrza = lrza_at.serve(services.lrza.router()).url;
    addresses.mitz = mitz_at.serve(services.mitz.router()).url;
    addresses.dezi = dezi_at.serve(services.dezi.router()).url;
    addresses.audit_sink = audit_at.serve(services.audit_sink.router()).url;
    let ehr_at = bind(ServiceId::EhrHost, shared).await?;
    let ehr = EhrHost::new(shared, ehr_at.url(), &services.audit_sink)?;
    addresses.ehr_host = ehr_at.serve(ehr.router()).url;
    let _served = admin_at.serve(admin::router(shared, &addresses, &services, &ehr));
    Ok(Testbed {
        shared: shared.clone(),
        addresses,
        services,
        ehr,
        reports,
        patients,
    })
}

type Holders = (Vec<Listing>, Vec<HolderReport>, BTreeSet<Bsn>, Vec<SourceAddress>);

/// Starts every holder, and tells index and register which patients it has.
async fn start_holders(
    shared: &Shared,
    services: &Services,
    holders: &[HolderSpec],
) -> Result<Holders, TestbedError> {
    let codes: Vec<&str> = Category::ALL
        .iter()
        .filter(|category| **category != Category::Other)
        .map(|category| category.code())
        .collect();
    let (mut listings, mut reports) = (Vec::new(), Vec::new());
    let (mut patients, mut sources) = (BTreeSet::new(), Vec::new());
    for holder in holders {
        let started = source::start(holder, shared).await?;
        let registered: BTreeSet<Bsn> = started
            .bsns
            .iter()
            .chain(&holder.also_registered)
            .filter(|bsn| !holder.not_registered.contains(bsn))
            .cloned()
            .collect();
        for bsn in &registered {
            if let Some(pseudonym) = services.prs.pseudonym(bsn) {
                let device = format!("epd-{}-1", holder.ura);
                services.nvi.register(&holder.ura, &device, pseudonym, &codes);
            }
            services.mitz.take_part(bsn, &holder.ura);
        }
        listings.push(Listing {
            ura: holder.ura.clone(),
            name: holder.name.clone(),
            facility_type: holder.facility_type.clone(),
            endpoints: started
                .addresses
                .iter()
                .map(|address| DataEndpoint {
                    fhir: address.fhir,
                    base: address.base.clone(),
                    xml: holder.quirk == Quirk::Xml,
                })
                .collect(),
            authorization: holder.authorization,
            authorization_server: started
                .addresses
                .first()
                .and_then(|address| address.authorization_server.clone()),
            off: holder.endpoint_off,
        });
        reports.push(HolderReport {
            ura: holder.ura.clone(),
            registered: registered.len(),
            endpoints: started.reports,
        });
        patients.extend(registered);
        sources.extend(started.addresses);
    }
    Ok((listings, reports, patients, sources))
}

/// The choices of our own patients: P2 refuses medication, and for P7 the register does not answer.
fn own_choices(mitz: &Mitz) {
    for (number, category, decision) in [
        (patients::P2, Some("GGC013"), Decision::Deny),
        (patients::P7, None, Decision::Hang),
    ] {
        // Without a patient the rule would hold for everyone.
        if let Ok(patient) = Bsn::parse(number) {
            mitz.rule(Rule {
                patient: Some(patient),
                holder: None,
                category: category.map(str::to_owned),
                decision,
            });
        }
    }
}

#[cfg(test)]
mod tests;
