//! Who may read of a source: nobody without a token for that source. Every reading is in the audit log before its first
//! byte leaves, and every refusal of somebody who showed a token.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::Router;
use http::header::AUTHORIZATION;
use http::request::Parts;
use samenhang_gather::clock::Clock;
use samenhang_gather::query::{Asker, Purpose};
use samenhang_profiles::{Bsn, Ura};
use samenhang_station::{Scope, SourceId};
use samenhang_terminology::Category;

use super::introspection::Introspection;
use crate::access::{Access, AccessError, token_routes};
use crate::audit::{Activity, Event, EventResult, Log};
use crate::error::{Kind, Problem};
use crate::http::correlation::Correlation;

/// The scope that a token of the station itself needs.
const SCOPE: &str = "system/*.read";

/// Who may read.
pub enum Gate {
    /// Whoever reaches it. For a station on this machine only, behind what its holder has for login, consent and audit.
    Open,
    /// Who has a token.
    Login(Box<Login>),
}

/// The way in with a token.
pub struct Login {
    pub(super) accesses: HashMap<SourceId, Access>,
    pub(super) introspections: HashMap<SourceId, Introspection>,
    pub(super) log: Log,
    pub(super) clock: Arc<dyn Clock>,
}

/// Who reads. Only the gate makes one.
pub(super) struct Caller {
    asker: Option<Arc<Asker>>,
    correlation: Option<Correlation>,
}

/// What is about to leave.
#[derive(Default)]
pub(super) struct Reading {
    /// Which interaction, in fixed words, and the type of resource.
    pub(super) what: (&'static str, String),
    /// About whom.
    pub(super) patient: Option<Bsn>,
    /// The patient by logical id.
    pub(super) reference: Option<String>,
    /// What kinds of data.
    pub(super) categories: BTreeSet<Category>,
    /// How many resources.
    pub(super) count: usize,
}

impl Gate {
    /// Finds out who reads of a source.
    pub(super) async fn enter(&self, scope: &Scope, parts: &Parts) -> Result<Caller, Problem> {
        let correlation = parts.extensions.get::<Correlation>().cloned();
        let login = match self {
            Gate::Open => {
                return Ok(Caller {
                    asker: None,
                    correlation,
                });
            }
            Gate::Login(login) => login,
        };
        match login.authenticate(scope.source(), parts).await {
            Ok(asker) => Ok(Caller {
                asker: Some(asker),
                correlation,
            }),
            Err(error) => {
                if parts.headers.contains_key(AUTHORIZATION) {
                    let event = Event {
                        holder: Some(scope.config().ura.clone()),
                        ..noted(Activity::Refusal, correlation.as_ref())
                    };
                    let event = event.ended(EventResult::Refused("the token is not accepted"));
                    login.record(event).await?;
                }
                Err(error.into())
            }
        }
    }

    /// Notes a reading, so that it may leave.
    pub(super) async fn release(
        &self,
        caller: &Caller,
        holder: &Ura,
        reading: Reading,
    ) -> Result<(), Problem> {
        let Gate::Login(login) = self else { return Ok(()) };
        let (interaction, kind) = reading.what;
        let event = Event {
            asker: caller.asker.clone(),
            purpose: Some(Purpose::Treatment),
            patient: reading.patient,
            patient_reference: reading.reference,
            holder: Some(holder.clone()),
            categories: reading.categories.into_iter().collect(),
            count: Some(reading.count),
            ..noted(Activity::Disclosure, caller.correlation.as_ref())
        };
        let event = event.detail("interaction", interaction).detail("type", kind);
        login.record(event).await
    }

    /// The routes by which systems get tokens of the station itself.
    pub(super) fn token_routes(&self) -> Router {
        let Gate::Login(login) = self else {
            return Router::new();
        };
        login
            .accesses
            .iter()
            .fold(Router::new(), |router, (source, access)| {
                router.merge(token_routes(access.clone(), &format!("/{source}")))
            })
    }
}

fn noted(activity: Activity, correlation: Option<&Correlation>) -> Event {
    Event {
        from: correlation.and_then(|correlation| correlation.from.clone()),
        correlation: correlation.map(|correlation| correlation.id),
        request_id: correlation.and_then(Correlation::given).map(str::to_owned),
        ..Event::new(activity)
    }
}

impl Login {
    async fn authenticate(&self, source: &SourceId, parts: &Parts) -> Result<Arc<Asker>, AccessError> {
        let access = self.accesses.get(source).ok_or(AccessError::Anonymous)?;
        match access.authenticate(parts).await {
            Ok(context) => {
                context.require(SCOPE)?;
                access.admit(&context)?;
                Ok(Arc::clone(context.asker()))
            }
            Err(AccessError::Token) => {
                let foreign = self.introspections.get(source).ok_or(AccessError::Token)?;
                let token = parts
                    .headers
                    .get(AUTHORIZATION)
                    .and_then(|value| value.to_str().ok());
                let token = token
                    .and_then(|value| value.split_once(' '))
                    .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
                    .ok_or(AccessError::Token)?;
                let asker = Box::pin(foreign.ask(token.1, self.clock.now())).await?;
                access.admit_asker(&asker)?;
                Ok(asker)
            }
            Err(error) => Err(error),
        }
    }

    async fn record(&self, event: Event) -> Result<(), Problem> {
        let recorded = self.log.record(event).await.map(drop);
        recorded.map_err(|error| Problem::new(Kind::AuditUnavailable).code(error.code()))
    }
}
