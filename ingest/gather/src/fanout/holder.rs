//! One holder of one question: its breaker, its endpoints, its rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use samenhang_conform::quirks::Quirk;
use samenhang_profiles::{FhirVersion, Limits, Ura};
use samenhang_terminology::{Category, Status};
use tokio::time::Instant;

use super::assign::{Offering, assign};
use super::breaker::Admission;
use super::call::{Caller, status};
use super::event::{Detail, Notice};
use super::finding::{End, Findings, Row};
use super::pace::Pace;
use super::problem::Problem;
use super::sink::Sink;
use super::visit::Visit;
use crate::consent::Permit;
use crate::http::HttpError;
use crate::ledger::{Call, Outcome, Step};
use crate::plan::capability::Capabilities;
use crate::plan::plan;
use crate::source::capabilities::{CapabilityCache, Known};
use crate::source::content;
use crate::source::{Ask, IdentityCheck, SourceApi};

/// What is left of a question's time when a wait ends that nothing is asked in.
const LEFT: Duration = Duration::from_millis(250);
/// Bytes of a CapabilityStatement.
const MAX_STATEMENT: usize = 5 << 20;

/// An endpoint that may be asked.
pub struct EndpointJob {
    /// How to reach it.
    pub api: Arc<dyn SourceApi>,
    /// What the directory lists it for.
    pub categories: BTreeSet<Category>,
}

/// A holder that belongs to a question.
pub struct HolderJob {
    /// The holder.
    pub holder: Ura,
    /// Its name in the directory.
    pub name: Arc<str>,
    /// Its endpoints.
    pub endpoints: Vec<EndpointJob>,
    /// What may be asked, and by which consent.
    pub permits: BTreeMap<Category, Permit>,
    /// What is not asked: `None` stands for an empty row, which says nothing more.
    pub settled: BTreeMap<Category, Option<(Status, Detail)>>,
}

impl HolderJob {
    /// Whether there is anything to ask.
    pub(super) fn is_asked(&self) -> bool {
        !self.permits.is_empty()
    }

    /// The rows when nothing can be asked after all.
    pub(super) fn all(&self, status: Status, detail: Detail) -> Vec<Row> {
        let asked = self
            .permits
            .keys()
            .map(|category| Row::unasked(*category, status, detail));
        asked.chain(self.settled_rows()).collect()
    }

    fn settled_rows(&self) -> impl Iterator<Item = Row> + '_ {
        self.settled.iter().map(|(category, settled)| match settled {
            Some((status, detail)) => Row::unasked(*category, *status, *detail),
            None => Row::empty(*category),
        })
    }
}

/// What became of a holder.
pub(super) struct Report {
    pub(super) rows: Vec<Row>,
    pub(super) notices: Vec<Notice>,
}

impl Report {
    /// Whether the holder honestly has nothing.
    fn is_nothing(&self) -> bool {
        let says = |row: &Row, status| row.status == status;
        self.rows.iter().any(|row| says(row, Status::Empty))
            && self
                .rows
                .iter()
                .all(|row| says(row, Status::Empty) || says(row, Status::Unsupported))
    }
}

/// What a holder is asked with.
pub(super) struct HolderRun {
    pub(super) job: HolderJob,
    pub(super) caller: Arc<Caller>,
    pub(super) sink: Arc<Sink>,
    pub(super) identity: Arc<dyn IdentityCheck>,
    pub(super) capabilities: Arc<CapabilityCache>,
    pub(super) pace: Arc<Pace>,
}

impl HolderRun {
    /// Asks the holder.
    pub(super) async fn run(self) -> Report {
        let caller = Arc::clone(&self.caller);
        let report = self.ask().await;
        // A probe, or another patient's data, may have moved the breaker.
        caller.gate.observe(caller.clock.now());
        report
    }

    async fn ask(self) -> Report {
        let began = Instant::now();
        if !self.job.is_asked() {
            self.seem_asked(began).await;
            return Report {
                rows: self.job.settled_rows().collect(),
                notices: Vec::new(),
            };
        }
        let admission = self.caller.gate.breaker().admit(Instant::now());
        let is_admitted = match admission {
            Admission::Ask => true,
            Admission::Refuse => false,
            Admission::Probe => Box::pin(self.probe()).await,
        };
        if !is_admitted {
            let rows = self.job.all(Status::Skipped, Detail::BreakerOpen);
            return Report {
                rows,
                notices: Vec::new(),
            };
        }
        match Box::pin(self.visit()).await {
            Ok(findings) => {
                let report = self.report(&findings);
                if report.is_nothing() {
                    self.pace.note(&self.job.holder, began.elapsed());
                }
                report
            }
            Err(problem) => self.broken(problem),
        }
    }

    /// Waits as long as an honest empty answer takes, when some of the rows will read like one; never as long as the
    /// question may take.
    async fn seem_asked(&self, began: Instant) {
        if self.job.settled.values().all(Option::is_some) {
            return;
        }
        let until = began + self.pace.draw(&self.job.holder);
        let latest = self.caller.deadline.checked_sub(LEFT).unwrap_or(began);
        tokio::select! {
            () = self.caller.stop.cancelled() => {}
            () = tokio::time::sleep_until(until.min(latest)) => {}
        }
    }

    /// Visits every endpoint that is chosen for a category.
    async fn visit(&self) -> Result<Findings, Problem> {
        let permitted: BTreeSet<Category> = self.job.permits.keys().copied().collect();
        let known = join_all(
            self.job
                .endpoints
                .iter()
                .map(|endpoint| self.known(&*endpoint.api)),
        )
        .await
        .into_iter()
        .collect::<Result<Vec<Known>, Problem>>()?;
        let mut offerings = Vec::new();
        for (endpoint, known) in self.job.endpoints.iter().zip(&known) {
            let version = version(&*endpoint.api, known);
            let listed: BTreeSet<Category> = endpoint.categories.intersection(&permitted).copied().collect();
            let unsupported = plan(version, endpoint.api.version(), &listed, known.as_deref()).unsupported;
            offerings.push(Offering {
                version,
                listed,
                unsupported,
            });
        }
        let assigned = assign(&permitted, &offerings);
        let mut findings = Findings::default();
        let is_offered = |category: &Category| assigned.iter().any(|assigned| assigned.contains(category));
        let offered_nowhere = permitted.iter().copied().filter(|category| !is_offered(category));
        let not_offered: Vec<Category> = offered_nowhere.collect();
        let is_unsupported = |category: &&Category| {
            let mut offerings = offerings.iter();
            offerings.any(|offering| offering.unsupported.contains(category))
        };
        let unsupported = not_offered.iter().filter(is_unsupported).count();
        self.caller.met_all([(Quirk::NotOffered, unsupported)]);
        findings.add_all(not_offered, End::Unsupported);
        let mut visits = Vec::new();
        for ((endpoint, known), categories) in self.job.endpoints.iter().zip(known).zip(assigned) {
            if categories.is_empty() {
                continue;
            }
            if known.as_ref().is_some_and(|known| known.foreign_version) {
                findings.add_all(categories, End::Failed(Detail::OtherVersion));
                continue;
            }
            let visit = Visit {
                caller: Arc::clone(&self.caller),
                version: version(&*endpoint.api, &known),
                api: Arc::clone(&endpoint.api),
                identity: Arc::clone(&self.identity),
                sink: Arc::clone(&self.sink),
                holder_name: Arc::clone(&self.job.name),
                categories,
                permitted: permitted.iter().copied().collect(),
                capabilities: known,
            };
            visits.push(Box::pin(async {
                let found = Box::pin(visit.run()).await;
                if found.is_err() {
                    // Nothing more of this holder: the other endpoints stop too.
                    self.caller.stop.cancel();
                }
                found
            }));
        }
        let mut serious = None;
        for found in join_all(visits).await {
            match found {
                Ok(found) => findings.merge(found),
                // A mix-up weighs more than what followed from stopping.
                Err(problem) if serious != Some(Problem::WrongPatient) => serious = Some(problem),
                Err(_) => {}
            }
        }
        serious.map_or(Ok(findings), Err)
    }

    /// The rows of a holder that was asked.
    fn report(&self, findings: &Findings) -> Report {
        let rows: Vec<Row> = self
            .job
            .permits
            .keys()
            .map(|category| findings.row(*category))
            .chain(self.job.settled_rows())
            .collect();
        let is_unsafe = rows.iter().any(|row| row.detail == Some(Detail::UnsafeLink));
        let notices = if is_unsafe {
            vec![Notice::UnsafeLink(self.job.holder.clone())]
        } else {
            Vec::new()
        };
        Report { rows, notices }
    }

    /// The rows of a holder of which nothing may be shown.
    fn broken(&self, problem: Problem) -> Report {
        let End::Failed(detail) = problem.end() else {
            return Report {
                rows: self.job.all(Status::Failed, Detail::Internal),
                notices: Vec::new(),
            };
        };
        let mut notices = Vec::new();
        if problem == Problem::WrongPatient {
            self.caller.gate.breaker().hold();
            self.caller.met(Quirk::AnotherPatient);
            tracing::error!(holder = %self.job.holder, code = problem.code(), "a holder sent data of another patient");
            notices.push(Notice::WrongPatient(self.job.holder.clone()));
        }
        Report {
            rows: self.job.all(Status::Failed, detail),
            notices,
        }
    }

    /// What an endpoint offers; asked without a token when it is not known.
    ///
    /// # Errors
    /// [`Problem::LedgerClosed`].
    async fn known(&self, api: &dyn SourceApi) -> Result<Known, Problem> {
        if let Some(known) = self.capabilities.get(api.base(), Instant::now()) {
            return Ok(known);
        }
        let (known, is_final) = match Box::pin(self.statement(api)).await? {
            Some(Ok(capabilities)) => (Some(Arc::new(capabilities)), true),
            // It publishes none that we can read; that is worth remembering. A call that failed is not.
            Some(Err(())) => {
                self.caller.met(Quirk::NoStatement);
                (None, true)
            }
            None => (None, false),
        };
        if is_final {
            self.capabilities.put(api.base(), known.clone(), Instant::now());
        }
        Ok(known)
    }

    /// Fetches a statement, and notes that; `None` when the call failed.
    ///
    /// # Errors
    /// [`Problem::LedgerClosed`]: the question stops, as after any other call.
    async fn statement(&self, api: &dyn SourceApi) -> Result<Option<Result<Capabilities, ()>>, Problem> {
        let caller = &self.caller;
        let call = Call::begin(&*caller.clock, &caller.question, Step::Capabilities, api.label())
            .holder(&caller.holder);
        let deadline = caller.deadline.min(Instant::now() + caller.config.request());
        let sent = tokio::select! {
            biased;
            () = caller.stop.cancelled() => None,
            sent = tokio::time::timeout_at(
                deadline,
                api.send(&caller.question, Ask::Capabilities, None, MAX_STATEMENT, deadline),
            ) => Some(sent.unwrap_or(Err(HttpError::Timeout))),
        };
        let outcome = match &sent {
            None => Outcome::Failed(Problem::Stopped.code()),
            Some(Err(error)) => Outcome::Failed(error.code()),
            Some(Ok(reply)) => match status(reply.status) {
                Ok(()) => Outcome::Success,
                Err(Problem::Refused(_)) => Outcome::Refused,
                Err(problem) => Outcome::Failed(problem.code()),
            },
        };
        caller.note(call, outcome, None).await?;
        let reply = match sent {
            Some(Ok(reply)) => reply,
            Some(Err(error)) => {
                tracing::warn!(holder = %caller.holder, code = error.code(), "no capability statement");
                return Ok(None);
            }
            None => return Ok(None),
        };
        Ok(match reply.status {
            200 => Some(
                content::json(&reply, api.version(), &Limits::default())
                    .map_err(|_| ())
                    .and_then(|body| Capabilities::read(&body).map_err(|_| ())),
            ),
            500.. | 429 => None,
            _ => Some(Err(())),
        })
    }

    /// Asks a holder that failed whether it is back.
    async fn probe(&self) -> bool {
        let Some(endpoint) = self.job.endpoints.first() else {
            return false;
        };
        // A closed ledger has stopped the question, and says nothing about the holder.
        let Ok(statement) = Box::pin(self.statement(&*endpoint.api)).await else {
            return false;
        };
        let is_back = statement.is_some();
        let mut breaker = self.caller.gate.breaker();
        if is_back {
            breaker.success();
        } else {
            breaker.failure(Instant::now());
        }
        is_back
    }
}

/// The version that an endpoint really speaks: what it says itself goes above what the directory promises.
fn version(api: &dyn SourceApi, known: &Known) -> FhirVersion {
    known
        .as_ref()
        .and_then(|known| known.version)
        .unwrap_or(api.version())
}
