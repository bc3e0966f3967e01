//! All of gathering put together: from a question that is allowed to the events of its answer.
//!
//! [`Gather`] is the only maker of localised and permitted questions. It keeps no patient data: what it holds between
//! questions are tokens, capability statements, consent decisions under keyed hashes and the replica of the directory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::stream::{self, StreamExt};
use samenhang_profiles::{FhirVersion, Ura};
use samenhang_terminology::{Category, Status};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::address::{AuthorizationKind, DataEndpoint, Directory, Readiness, UpdateReport, Updater};
use crate::clock::{Clock, Random};
use crate::consent::{self, Consent, Mitz, Permit, Register};
use crate::error::GatherError;
use crate::fanout::{
    Detail, Document, DocumentError, DocumentPlace, EndpointJob, Events, FanOut, HolderJob, Notice,
};
use crate::http::{Http, HttpError};
use crate::ledger::{Ledger, Recording};
use crate::locate::{CareTeam, Kept, LocalisedHolder, Localiser, Locate, MitzOpen, Nvi, Partners};
use crate::mitz::MitzLine;
use crate::nvi::NviLine;
use crate::query::{Authorised, Decision, Localised, Permitted, PermittedHolder, Query, Question};
use crate::source::http::HttpSource;
use crate::source::{IdentityCheck, SourceApi};
use crate::token::{Authoriser, NoAuthorisation, Protocol, Tokens, UnknownProtocol};

mod config;

pub use config::{GatherConfig, Material, MaterialError};

/// Holders about which the consent service is asked at once.
const CONSENT_CONCURRENCY: usize = 8;

/// All of gathering.
pub struct Gather {
    http: Http,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    updater: Updater,
    locate: Locate,
    consent: Consent,
    tokens: Arc<Tokens>,
    fan_out: Arc<FanOut>,
}

impl Gather {
    /// Sets up all parts. Asks nobody anything yet: [`Gather::refresh_directory`] does.
    ///
    /// # Errors
    /// [`GatherError::Configuration`] when an address, key or file cannot be used.
    pub fn new(
        config: &GatherConfig,
        material: Material,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        ledger: Arc<dyn Ledger>,
    ) -> Result<Self, GatherError> {
        let national = &config.national;
        let http = Http::new(&config.egress, &material.tls)
            .map_err(|_| GatherError::Configuration("the certificates or keys cannot be used"))?;
        let updater = Updater::new(
            http.clone(),
            &national.directory,
            Arc::clone(&clock),
            Arc::clone(&random),
        )?;
        let directory = Arc::clone(updater.directory());
        let line = MitzLine::new(
            http.clone(),
            &national.mitz,
            Arc::clone(&clock),
            Arc::clone(&random),
            Arc::clone(&ledger),
        )?;
        let mitz = Mitz::new(line.clone(), national.mitz.several_actions);
        let register = Arc::new(Register::new(&*random));
        let consent = Consent::new(
            &national.consent,
            Arc::new(mitz),
            Arc::clone(&directory) as _,
            Arc::clone(&register),
            Arc::clone(&clock),
        );
        let nvi = nvi(config, &http, &material, &clock, &random, &ledger)?;
        let locate = Locate::new(
            Box::new(Kept::new(Box::new(nvi), register, Arc::clone(&clock))),
            further_localisers(config, line)?,
            config.own.ura.clone(),
            Arc::clone(&directory) as _,
        );
        let tokens = Tokens::new(
            http.clone(),
            material.keys,
            Arc::clone(&clock),
            Arc::clone(&random),
        );
        // The maps are compiled now, so that no question waits for that.
        let _ = samenhang_conform::pack_between(FhirVersion::Stu3, FhirVersion::R4);
        let fan_out = FanOut::new(
            config.fanout.clone(),
            Arc::clone(&clock),
            Arc::clone(&random),
            ledger,
        );
        Ok(Gather {
            http,
            clock,
            random,
            updater,
            locate,
            consent,
            tokens: Arc::new(tokens),
            fan_out: Arc::new(fan_out),
        })
    }

    /// Whether questions can be asked: the replica of the directory may be used.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.directory().readiness() == Readiness::Ready
    }

    /// The replica of the directory.
    #[must_use]
    pub fn directory(&self) -> &Arc<Directory> {
        self.updater.directory()
    }

    /// Updates the replica of the directory once.
    ///
    /// # Errors
    /// [`GatherError`]; the replica stays as it was.
    pub async fn refresh_directory(&self) -> Result<UpdateReport, GatherError> {
        Box::pin(self.updater.update()).await
    }

    /// Keeps the replica of the directory up to date until it is stopped.
    pub async fn keep_directory(&self, stop: CancellationToken) {
        Box::pin(self.updater.run(stop)).await;
    }

    /// The register in which permits end; withdrawals are told to it.
    #[must_use]
    pub fn register(&self) -> &Arc<Register> {
        self.consent.register()
    }

    /// The client for calls that the server makes itself, for example to the audit sink.
    #[must_use]
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// The part that asks holders: its configuration and breakers.
    #[must_use]
    pub fn fan_out_part(&self) -> &FanOut {
        &self.fan_out
    }

    /// Finds out who knows the patient. Goes no further than the referral index before the question is on record, and
    /// is not done before.
    ///
    /// # Errors
    /// [`GatherError::NotLocalised`] when the referral index failed: that is never "nobody"; [`GatherError::Ledger`].
    pub async fn localise(
        &self,
        query: Query<Authorised>,
        recording: Recording,
        deadline: Instant,
    ) -> Result<Query<Localised>, GatherError> {
        let located = Box::pin(self.locate.locate(query.question(), recording, deadline)).await?;
        Ok(query.localised(located))
    }

    /// Finds out where each holder can be asked, and for what it may be asked.
    ///
    /// # Errors
    /// [`GatherError::DirectoryNotReady`] and [`GatherError::Ledger`]. A consent service that fails is no error: then
    /// nothing is permitted, and the answer says that it is incomplete.
    pub async fn permit(
        &self,
        query: Query<Localised>,
        deadline: Instant,
    ) -> Result<Query<Permitted>, GatherError> {
        let question = query.question();
        let mut holders = Vec::new();
        let mut reachable = 0;
        for holder in query.located().holders() {
            let mut permitted = self.address(question, holder)?;
            let has_endpoint = !permitted.endpoints.is_empty();
            reachable += usize::from(has_endpoint);
            if has_endpoint && reachable > self.fan_out.config().max_holders {
                permitted
                    .decisions
                    .values_mut()
                    .for_each(|decision| *decision = Decision::OverLimit);
                permitted.endpoints.clear();
            }
            holders.push(permitted);
        }
        let mut is_unavailable = false;
        let decided = stream::iter(holders)
            .map(|holder| Box::pin(self.decide(question, holder, deadline)))
            .buffered(CONSENT_CONCURRENCY)
            .collect::<Vec<_>>()
            .await;
        let mut holders = Vec::new();
        for decided in decided {
            let (holder, has_fault) = decided?;
            is_unavailable |= has_fault;
            holders.push(holder);
        }
        Ok(query.permitted(holders, is_unavailable))
    }

    /// Asks every permitted holder. Dropping the events ends the question. Needs a Tokio runtime.
    #[must_use]
    pub fn fan_out(
        &self,
        query: Query<Permitted>,
        identity: Arc<dyn IdentityCheck>,
        deadline: Instant,
    ) -> Events {
        let mut notices = query.notices();
        let (question, holders) = query.into_parts();
        let mut jobs = Vec::new();
        for holder in &holders {
            let (job, is_unsafe) = self.job(holder);
            if is_unsafe {
                notices.push(Notice::UnsafeLink(job.holder.clone()));
            }
            jobs.push(job);
        }
        self.fan_out.ask(question, jobs, notices, identity, deadline)
    }

    /// Fetches one document of a holder that may be asked for its category, with the permit under which that was done.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub async fn document(
        &self,
        query: Query<Permitted>,
        holder: &Ura,
        place: DocumentPlace<'_>,
        deadline: Instant,
    ) -> Result<(Document, Permit), DocumentError> {
        let (question, holders) = query.into_parts();
        let permitted = holders.iter().find(|permitted| permitted.holder.ura() == holder);
        let (job, _) = self.job(permitted.ok_or(DocumentError::NotAsked)?);
        let permit = job.permits.get(&place.category).cloned();
        let permit = permit.ok_or(DocumentError::NotAsked)?;
        let document = Box::pin(self.fan_out.document(question, &job, place, deadline)).await?;
        Ok((document, permit))
    }

    /// The endpoints of a holder for the categories asked.
    fn address(&self, question: &Question, holder: &LocalisedHolder) -> Result<PermittedHolder, GatherError> {
        let now = self.clock.now();
        let mut endpoints: Vec<(DataEndpoint, BTreeSet<Category>)> = Vec::new();
        let mut decisions = BTreeMap::new();
        for category in &question.categories {
            let selection = self.directory().select(holder.ura(), *category, now)?;
            // Until consent is given nothing is permitted.
            let decision = if selection.is_empty() {
                Decision::NoEndpoint
            } else {
                Decision::NotPermitted
            };
            decisions.insert(*category, decision);
            for endpoint in selection.endpoints.into_iter().chain(selection.also) {
                match endpoints.iter_mut().find(|(known, _)| *known == endpoint) {
                    Some((_, categories)) => {
                        categories.insert(*category);
                    }
                    None => endpoints.push((endpoint, BTreeSet::from([*category]))),
                }
            }
        }
        Ok(PermittedHolder {
            holder: holder.clone(),
            decisions,
            endpoints,
        })
    }

    /// Asks for consent for every category that has an endpoint. Says whether the consent service failed.
    async fn decide(
        &self,
        question: &Question,
        mut holder: PermittedHolder,
        deadline: Instant,
    ) -> Result<(PermittedHolder, bool), GatherError> {
        let open = holder
            .decisions
            .iter()
            .filter(|(_, decision)| **decision == Decision::NotPermitted);
        let open: BTreeSet<Category> = open.map(|(category, _)| *category).collect();
        if open.is_empty() {
            return Ok((holder, false));
        }
        let decided = Box::pin(
            self.consent
                .decide(question, holder.holder.ura(), &open, deadline),
        )
        .await?;
        for (category, decision) in decided.decisions {
            if let (consent::Decision::Permit(permit), true) = (decision, open.contains(&category)) {
                holder.decisions.insert(category, Decision::Permit(permit));
            }
        }
        Ok((holder, decided.fault.is_some()))
    }

    /// What a holder is asked, and whether an address that the directory lists for it may not be called.
    fn job(&self, permitted: &PermittedHolder) -> (HolderJob, bool) {
        let holder = permitted.holder.ura();
        let mut endpoints = Vec::new();
        let mut reachable: BTreeSet<Category> = BTreeSet::new();
        for (endpoint, categories) in &permitted.endpoints {
            match self.source(holder, endpoint) {
                Ok(api) => {
                    reachable.extend(categories);
                    endpoints.push(EndpointJob {
                        api,
                        categories: categories.clone(),
                    });
                }
                Err(error) => {
                    tracing::error!(%holder, code = error.code(), "the directory lists an address that is not safe");
                }
            }
        }
        let mut permits = BTreeMap::new();
        let mut settled = BTreeMap::new();
        let mut is_unsafe = false;
        for (category, decision) in &permitted.decisions {
            let not_asked = match decision {
                Decision::Permit(permit) if reachable.contains(category) => {
                    permits.insert(*category, permit.clone());
                    continue;
                }
                Decision::Permit(_) => {
                    is_unsafe = true;
                    Some((Status::Failed, Detail::UnsafeLink))
                }
                Decision::NotPermitted => None,
                Decision::NoEndpoint => Some((Status::Unsupported, Detail::NoEndpoint)),
                Decision::OverLimit => Some((Status::Skipped, Detail::FanoutLimit)),
            };
            settled.insert(*category, not_asked);
        }
        let job = HolderJob {
            holder: holder.clone(),
            name: Arc::clone(permitted.holder.name()),
            endpoints,
            permits,
            settled,
        };
        (job, is_unsafe)
    }

    fn source(&self, holder: &Ura, endpoint: &DataEndpoint) -> Result<Arc<dyn SourceApi>, HttpError> {
        let peer = self.http.peer_of(holder, &endpoint.address)?;
        let authoriser: Arc<dyn Authoriser> = match &endpoint.authorization {
            None => Arc::new(NoAuthorisation),
            Some(server) => {
                let protocol = match server.kind {
                    AuthorizationKind::Nuts => Some(Protocol::Nuts),
                    AuthorizationKind::OAuth2 => Some(Protocol::SmartBackend),
                    AuthorizationKind::Fapi2 => Some(Protocol::GenericFunctions),
                    AuthorizationKind::Other => None,
                };
                let server = self.http.peer_of(holder, &server.address)?;
                match protocol {
                    Some(protocol) => self.tokens.at(holder, server, protocol),
                    None => Arc::new(UnknownProtocol::new(&server)),
                }
            }
        };
        Ok(Arc::new(HttpSource::new(
            self.http.clone(),
            peer,
            endpoint.fhir,
            endpoint.json,
            authoriser,
            Arc::clone(&self.clock),
            Arc::clone(&self.random),
        )))
    }
}

/// The referral index, as configured.
fn nvi(
    config: &GatherConfig,
    http: &Http,
    material: &Material,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
    ledger: &Arc<dyn Ledger>,
) -> Result<Nvi, GatherError> {
    let line = NviLine::new(
        http.clone(),
        config.national.index(),
        &config.own,
        &material.tls,
        Arc::clone(clock),
        Arc::clone(random),
        Arc::clone(ledger),
    )?;
    Ok(Nvi::new(line))
}

/// The localisers beside it, as configured.
fn further_localisers(config: &GatherConfig, line: MitzLine) -> Result<Vec<Box<dyn Localiser>>, GatherError> {
    let national = &config.national;
    let mut further: Vec<Box<dyn Localiser>> = Vec::new();
    if national.localisers.mitz_open_question {
        further.push(Box::new(MitzOpen::new(line)));
    }
    if let Some(file) = &national.localisers.care_team_file {
        let care_team = CareTeam::load(file)
            .map_err(|_| GatherError::Configuration("the care team file cannot be read"))?;
        further.push(Box::new(care_team));
    }
    if !national.localisers.partners.is_empty() {
        further.push(Box::new(Partners::new(&national.localisers.partners)));
    }
    Ok(further)
}

#[cfg(test)]
mod tests;
