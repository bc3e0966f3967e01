//! Asking all holders at once, within one deadline, so that every holder and category gets exactly one answer.
//!
//! Holders do not wait for each other and cannot harm each other: each has its own concurrency, circuit breaker and
//! retry budget, over all questions. A question that nobody listens to any more stops. No request is ever hedged.
//! It decides nothing about consent or identity: it gets permits and asks an [`IdentityCheck`].

use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use samenhang_profiles::Ura;
use samenhang_terminology::{Category, Status};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::clock::{Clock, Random};
use crate::ledger::Ledger;
use crate::query::Question;
use crate::source::IdentityCheck;
use crate::source::capabilities::CapabilityCache;

mod assign;
pub mod breaker;
pub mod budget;
mod call;
pub mod config;
mod document;
mod event;
mod finding;
mod health;
mod holder;
mod intake;
mod lift;
mod pace;
mod problem;
mod quirks;
mod reads;
mod sink;
mod visit;

pub use config::FanoutConfig;
pub use document::{Document, DocumentError, MAX_DOCUMENT, Media, Place as DocumentPlace};
pub use event::{Detail, Event, Events, Notice};
pub use health::HolderHealth;
pub use holder::{EndpointJob, HolderJob};

use call::{Caller, Gate};
use finding::Row;
use holder::{HolderRun, Report};
use pace::Pace;
use quirks::{Later, Shown};
use samenhang_conform::quirks::Quirk;
use sink::Sink;

/// Asks holders.
pub struct FanOut {
    config: Arc<FanoutConfig>,
    clock: Arc<dyn Clock>,
    ledger: Arc<dyn Ledger>,
    gates: Mutex<HashMap<Ura, Arc<Gate>>>,
    capabilities: Arc<CapabilityCache>,
    pace: Arc<Pace>,
    quirks: Arc<Shown>,
}

/// A holder that has been started.
struct Running {
    holder: Ura,
    categories: Vec<Category>,
    began: Instant,
}

impl FanOut {
    /// A fan-out in which every breaker is closed and nothing is known of any endpoint.
    #[must_use]
    pub fn new(
        config: FanoutConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        ledger: Arc<dyn Ledger>,
    ) -> Self {
        let capabilities = CapabilityCache::new(
            Duration::from_secs(config.capability_seconds),
            Duration::from_secs(config.no_capability_seconds),
        );
        FanOut {
            config: Arc::new(config),
            clock,
            ledger,
            gates: Mutex::default(),
            capabilities: Arc::new(capabilities),
            pace: Arc::new(Pace::new(random)),
            quirks: Arc::default(),
        }
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &FanoutConfig {
        &self.config
    }

    /// Releases a holder whose breaker was shut for good; only a person decides that.
    pub fn release(&self, holder: &Ura) {
        let gate = self.gate(holder);
        gate.breaker().release();
        gate.observe(self.clock.now());
    }

    /// The state of every breaker that was used, for metrics.
    #[must_use]
    pub fn breakers(&self) -> Vec<(Ura, &'static str)> {
        let gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let mut states: Vec<_> = gates
            .iter()
            .map(|(holder, gate)| (holder.clone(), gate.breaker().state_name()))
            .collect();
        states.sort();
        states
    }

    /// How every holder does that was asked since the start, in the order of their numbers; for the operator.
    #[must_use]
    pub fn health(&self) -> Vec<HolderHealth> {
        let gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = gates
            .iter()
            .map(|(holder, gate)| gate.health().told(holder))
            .collect();
        all.sort_by(|a, b| a.holder.cmp(&b.holder));
        all
    }

    /// In what ways holders differed from the specification since the start, and how often, for the operator.
    #[must_use]
    pub fn quirks(&self) -> Vec<(Ura, Quirk, u64)> {
        self.quirks.list()
    }

    fn gate(&self, holder: &Ura) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            gates
                .entry(holder.clone())
                .or_insert_with(|| Arc::new(Gate::new(&self.config))),
        )
    }

    /// Asks holders. Needs a Tokio runtime.
    #[must_use]
    pub fn ask(
        self: &Arc<Self>,
        question: Arc<Question>,
        mut jobs: Vec<HolderJob>,
        notices: Vec<Notice>,
        identity: Arc<dyn IdentityCheck>,
        deadline: Instant,
    ) -> Events {
        jobs.sort_by(|a, b| a.holder.cmp(&b.holder));
        let (sender, receiver) = mpsc::channel(self.config.event_buffer.max(1));
        let stop = CancellationToken::new();
        let events = Events::new(receiver, stop.clone().drop_guard());
        let conductor = Conductor {
            fan_out: Arc::clone(self),
            question,
            identity,
            deadline,
            events: sender,
            stop,
            closed: CancellationToken::new(),
            began: Instant::now(),
            later: Arc::default(),
        };
        tokio::spawn(Box::pin(conductor.conduct(jobs, notices)).in_current_span());
        events
    }
}

/// How long what is done for the account of the holders waits until nobody listens any more.
const AFTERWARDS: Duration = Duration::from_secs(2);

/// Conducts one question.
struct Conductor {
    fan_out: Arc<FanOut>,
    question: Arc<Question>,
    identity: Arc<dyn IdentityCheck>,
    deadline: Instant,
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
    closed: CancellationToken,
    began: Instant,
    later: Arc<Later>,
}

impl Conductor {
    async fn conduct(self, jobs: Vec<HolderJob>, notices: Vec<Notice>) {
        for notice in notices {
            self.tell(Event::Notice(notice)).await;
        }
        for job in &jobs {
            self.tell(Event::HolderStarted {
                holder: job.holder.clone(),
                name: Arc::clone(&job.name),
            })
            .await;
        }
        let mut holders = JoinSet::new();
        let mut running = HashMap::new();
        let mut late: Vec<(Ura, Vec<Row>)> = Vec::new();
        let bytes = Arc::new(AtomicUsize::new(self.fan_out.config.max_question_bytes));
        let (mut asked, mut over) = (0, 0);
        for job in jobs {
            asked += usize::from(job.is_asked());
            if job.is_asked() && asked > self.fan_out.config.max_holders {
                over += 1;
                let rows = job.all(Status::Skipped, Detail::FanoutLimit);
                self.close(job.holder, rows, self.began, &mut late).await;
                continue;
            }
            let started = Running {
                holder: job.holder.clone(),
                categories: job.permits.keys().chain(job.settled.keys()).copied().collect(),
                began: Instant::now(),
            };
            let run = self.holder(job, &bytes);
            running.insert(holders.spawn(Box::pin(run.run()).in_current_span()).id(), started);
        }
        if over > 0 {
            self.tell(Event::Notice(Notice::FanoutLimit(over))).await;
        }
        while let Some(joined) = holders.join_next_with_id().await {
            let (id, report) = match joined {
                Ok((id, report)) => (id, Some(report)),
                Err(error) => (error.id(), None),
            };
            let Some(Running {
                holder,
                categories,
                began,
            }) = running.remove(&id)
            else {
                continue;
            };
            // A holder's task that panicked still gets its rows (F54).
            let report = report.unwrap_or_else(|| Report {
                rows: categories
                    .into_iter()
                    .map(|category| Row::unasked(category, Status::Failed, Detail::Internal))
                    .collect(),
                notices: Vec::new(),
            });
            for notice in report.notices {
                self.tell(Event::Notice(notice)).await;
            }
            self.close(holder, report.rows, began, &mut late).await;
        }
        self.finish(late).await;
    }

    /// Tells the rows of a holder, but keeps back the empty ones, and then the end of the holder with them.
    async fn close(&self, holder: Ura, mut rows: Vec<Row>, began: Instant, late: &mut Vec<(Ura, Vec<Row>)>) {
        rows.sort_by_key(|row| row.category);
        let (empty, told): (Vec<Row>, Vec<Row>) =
            rows.into_iter().partition(|row| row.status == Status::Empty);
        for row in told {
            self.row(&holder, row).await;
        }
        if empty.is_empty() {
            self.tell(Event::HolderDone {
                holder,
                duration_ms: millis(began),
            })
            .await;
        } else {
            late.push((holder, empty));
        }
    }

    async fn finish(self, mut late: Vec<(Ura, Vec<Row>)>) {
        late.sort_by(|(a, _), (b, _)| a.cmp(b));
        if self.closed.is_cancelled() {
            self.tell(Event::Notice(Notice::AuditUnavailable)).await;
        }
        let duration_ms = millis(self.began);
        for (holder, rows) in late {
            for row in rows {
                self.row(&holder, row).await;
            }
            self.tell(Event::HolderDone { holder, duration_ms }).await;
        }
        self.tell(Event::Done).await;
        if !self.later.is_empty() {
            // Whoever asked is answered first.
            let _ = tokio::time::timeout(AFTERWARDS, self.events.closed()).await;
            let shown = Arc::clone(&self.fan_out.quirks);
            let _ = tokio::task::spawn_blocking(move || self.later.look_over(&shown)).await;
        }
    }

    fn holder(&self, job: HolderJob, bytes: &Arc<AtomicUsize>) -> HolderRun {
        let fan_out = &self.fan_out;
        // A closed ledger ends every holder; a holder that is ended ends nobody else.
        let stop = self.stop.child_token();
        let permits = Arc::new(job.permits.clone());
        let sink = Sink {
            events: self.events.clone(),
            holder: job.holder.clone(),
            permits,
            deadline: self.deadline,
            stop: stop.clone(),
        };
        let caller = Caller {
            question: Arc::clone(&self.question),
            holder: job.holder.clone(),
            config: Arc::clone(&fan_out.config),
            clock: Arc::clone(&fan_out.clock),
            ledger: Arc::clone(&fan_out.ledger),
            gate: fan_out.gate(&job.holder),
            deadline: self.deadline,
            stop,
            closed: Closed::new(&self.closed, &self.stop),
            question_bytes: Arc::clone(bytes),
            holder_bytes: AtomicUsize::new(fan_out.config.max_holder_bytes),
            quirks: Arc::clone(&fan_out.quirks),
            later: Arc::clone(&self.later),
        };
        HolderRun {
            job,
            caller: Arc::new(caller),
            sink: Arc::new(sink),
            identity: Arc::clone(&self.identity),
            capabilities: Arc::clone(&fan_out.capabilities),
            pace: Arc::clone(&fan_out.pace),
        }
    }

    async fn row(&self, holder: &Ura, row: Row) {
        let Row {
            category,
            status,
            count,
            retrieved,
            detail,
        } = row;
        tracing::debug!(%holder, category = category.code(), status = status.code(), count, "a category is done");
        let holder = holder.clone();
        self.tell(Event::Category {
            holder,
            category,
            status,
            count,
            retrieved,
            detail,
        })
        .await;
    }

    /// Tells an event. When nobody listens any more the holders have been stopped already.
    async fn tell(&self, event: Event) {
        let _ = self.events.send(event).await;
    }
}

/// The audit ledger is closed: remembers that, and ends every holder.
#[derive(Clone)]
struct Closed {
    is_closed: CancellationToken,
    stop: CancellationToken,
}

impl Closed {
    fn new(is_closed: &CancellationToken, stop: &CancellationToken) -> Self {
        Closed {
            is_closed: is_closed.clone(),
            stop: stop.clone(),
        }
    }

    fn close(&self) {
        self.is_closed.cancel();
        self.stop.cancel();
    }
}

fn millis(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
