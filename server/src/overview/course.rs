//! The course of one question: turns what the fan-out tells into what may be told, one thing at a time.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use samenhang_conform::Retyped;
use samenhang_gather::consent::Register;
use samenhang_gather::fanout::{Event, Notice};
use samenhang_gather::query::{Grant, Question};
use samenhang_profiles::{Received, Ura};
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::answer::Assembly;
use samenhang_reconcile::apart::Apart;
use samenhang_reconcile::completeness::Statement;
use samenhang_reconcile::identity::Standing;
use samenhang_reconcile::view::View;
use samenhang_terminology::{Category, Status};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::app::App;
use crate::error::{Kind, Problem};
use crate::fhir::outcome::Issue;
use crate::overview::feed::Feed;
use crate::overview::identity::Identity;
use crate::overview::kept::Place;
use crate::overview::memory::Memory;
use crate::overview::release::{Announced, Batch, Gate, Release, Withheld};
use crate::overview::tally::{Tally, Told};
use crate::telemetry::metrics::{Ending, InFlight};

/// What is told of a running question.
pub enum News {
    /// A holder belongs to the question.
    HolderStarted(Ura),
    /// Resources came in. They have not left yet: see [`Course::release`].
    Arrived(Batch),
    /// What became of a category at a holder.
    Category(Ura, Category, Told),
    /// A holder is done, after so many milliseconds.
    HolderDone(Ura, u64),
    /// Something about the whole.
    Notice(Notice),
}

/// What a course follows.
pub struct Way {
    /// The question.
    pub question: Arc<Question>,
    /// The ground on which it is answered.
    pub grant: Grant,
    /// What is told.
    pub feed: Feed,
    /// Who the holders say that the patient is.
    pub identity: Arc<Identity>,
    /// What the answer shows first.
    pub view: &'static View,
    /// What was ignored of the request.
    pub ignored: Vec<Issue>,
}

/// How the course of a question ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    /// Everything was told.
    Done,
    /// The server stops: what was not told has no answer.
    Cut,
}

/// A question on its way back. Dropping it ends the question: calls under way are broken off.
pub struct Course {
    app: Arc<App>,
    question: Arc<Question>,
    grant: Grant,
    register: Arc<Register>,
    feed: Feed,
    /// Told already by the feed, or by the memory of the session in its place.
    pending: VecDeque<Event>,
    memory: Option<Memory>,
    identity: Arc<Identity>,
    dropped: BTreeSet<Ura>,
    tally: Tally,
    view: &'static View,
    ignored: Vec<Issue>,
    state: State,
    began: Instant,
    ending: Ending,
    _in_flight: InFlight,
    _place: OwnedSemaphorePermit,
    _running: TaskTrackerToken,
}

/// What the question holds while it runs; released with it.
pub struct Hold {
    /// Counts it as in flight.
    pub in_flight: InFlight,
    /// Its place among the questions that run at once.
    pub place: OwnedSemaphorePermit,
    /// Keeps the server from stopping before it has ended.
    pub running: TaskTrackerToken,
    /// When it began.
    pub began: Instant,
    /// What is to be kept of it in its session.
    pub memory: Option<Memory>,
}

impl Course {
    /// Follows the events of a question.
    #[must_use]
    pub fn new(app: Arc<App>, way: Way, hold: Hold) -> Self {
        let Way {
            question,
            grant,
            feed,
            identity,
            view,
            ignored,
        } = way;
        let tally = Tally::new(question.categories.clone());
        let register = app.register();
        Course {
            app,
            question,
            grant,
            register,
            feed,
            pending: VecDeque::new(),
            memory: hold.memory,
            identity,
            dropped: BTreeSet::new(),
            tally,
            view,
            ignored,
            state: State::Running,
            began: hold.began,
            // Dropped before it has ended: the asker went away.
            ending: Ending::Abandoned,
            _in_flight: hold.in_flight,
            _place: hold.place,
            _running: hold.running,
        }
    }

    /// The next thing to tell; `None` when the question has ended. Who knows the patient, and that a holder has
    /// nothing, is told only when the calls that it comes from are durable in the audit log (P7).
    ///
    /// # Errors
    /// When the answer must not go on: access cannot be recorded.
    pub async fn next(&mut self) -> Result<Option<News>, Problem> {
        let news = self.step().await?;
        // A batch has a record of its own: see `release`.
        if !matches!(news, Some(News::Arrived(_))) {
            self.recorded().await?;
        }
        Ok(news)
    }

    /// Everything that comes in until the end of the question. Nothing of it is told on the way, so nothing waits
    /// for the disk.
    ///
    /// # Errors
    /// When the answer must not go on: access cannot be recorded.
    pub async fn batches(&mut self) -> Result<Vec<Batch>, Problem> {
        let mut batches = Vec::new();
        while let Some(news) = self.step().await? {
            if let News::Arrived(batch) = news {
                batches.push(batch);
            }
        }
        Ok(batches)
    }

    /// Waits until every call so far is durable in the audit log.
    async fn recorded(&mut self) -> Result<(), Problem> {
        self.app.audit().barrier().await.map_err(|_| self.unrecorded())
    }

    /// Access cannot be recorded: the question fails.
    fn unrecorded(&mut self) -> Problem {
        self.ending = Ending::Failed;
        Kind::AuditUnavailable.into()
    }

    async fn step(&mut self) -> Result<Option<News>, Problem> {
        if self.state != State::Running {
            return Ok(None);
        }
        if self.pending.is_empty() {
            let drain = self.app.drain().clone();
            let event = tokio::select! {
                biased;
                () = drain.cut() => {
                    self.state = State::Cut;
                    return Ok(None);
                }
                event = self.feed.next_event() => event,
            };
            match (event, &mut self.memory) {
                (Some(event), Some(memory)) => self.pending = memory.attend(event, &self.identity),
                (event, _) => self.pending.extend(event),
            }
        }
        let event = self.pending.pop_front();
        Ok(Some(match event {
            None | Some(Event::Done) => {
                self.state = State::Done;
                return Ok(None);
            }
            Some(Event::HolderStarted { holder, name }) => {
                self.tally.holder(holder.clone(), name);
                News::HolderStarted(holder)
            }
            Some(Event::Batch {
                holder,
                permit,
                resources,
            }) => News::Arrived(Batch {
                holder,
                permit,
                resources,
            }),
            Some(Event::Category {
                holder,
                category,
                status,
                count,
                retrieved,
                detail,
            }) => {
                let told = self.tally.decide(
                    &holder,
                    category,
                    Told {
                        status,
                        count,
                        retrieved,
                        detail,
                    },
                );
                News::Category(holder, category, told)
            }
            Some(Event::HolderDone { holder, duration_ms }) => News::HolderDone(holder, duration_ms),
            Some(Event::Notice(Notice::AuditUnavailable)) => {
                return Err(self.unrecorded());
            }
            Some(Event::Notice(notice)) => {
                self.tally.notice(notice.clone());
                News::Notice(notice)
            }
        }))
    }

    /// Lets a batch out; `None` when consent no longer holds, which then reads as if there were no data.
    ///
    /// # Errors
    /// When access cannot be recorded: nothing may leave.
    pub async fn release(&mut self, batch: Batch) -> Result<Option<Release>, Problem> {
        let announced = self.announce(vec![batch]).await?;
        Ok(self.release_all(announced).await?.pop())
    }

    /// Announces that batches are about to leave, in their order: their records go to disk in one commit, and whoever
    /// wants can put them in order meanwhile. What consent no longer holds for is left out.
    ///
    /// # Errors
    /// When access cannot be recorded: nothing may leave.
    pub async fn announce(&mut self, batches: Vec<Batch>) -> Result<Vec<Announced>, Problem> {
        let mut announced = Vec::with_capacity(batches.len());
        for batch in batches {
            let place = (batch.holder.clone(), batch.permit.category());
            let outcome = Announced::announce(batch, self.gate()).await;
            announced.extend(self.unless_withheld(&place, outcome)?);
        }
        Ok(announced)
    }

    /// Lets out what was announced, when its records are durable. What consent no longer holds for is left out.
    ///
    /// # Errors
    /// When access cannot be recorded: nothing may leave.
    pub async fn release_all(&mut self, announced: Vec<Announced>) -> Result<Vec<Release>, Problem> {
        let mut releases = Vec::with_capacity(announced.len());
        for batch in announced {
            let place = batch.place();
            let outcome = batch.open(self.gate()).await;
            if let Some(release) = self.unless_withheld(&place, outcome)? {
                self.tally.shown(&place.0, place.1, release.resources());
                releases.push(release);
            }
        }
        let count = releases.iter().map(|release| release.resources().len()).sum();
        self.app.metrics().released(count);
        Ok(releases)
    }

    /// What may go on; `None` when consent no longer holds, which the cell then reads as if there were no data.
    fn unless_withheld<T>(
        &mut self,
        place: &Place,
        outcome: Result<T, Withheld>,
    ) -> Result<Option<T>, Problem> {
        match outcome {
            Ok(kept) => Ok(Some(kept)),
            Err(Withheld::Consent) => {
                self.tally.withhold(&place.0, place.1);
                Ok(None)
            }
            Err(Withheld::Audit) => Err(self.unrecorded()),
        }
    }

    /// The last look before what was released is written together: what no longer holds is left out, and its cell
    /// reads as if there were no data; so is what came from a holder that is dropped.
    pub fn together(&mut self, releases: &[Release], dropped: &BTreeSet<Ura>) -> Vec<Received> {
        let mut items = Vec::new();
        for release in releases {
            if !release.holds(self.gate()) {
                self.tally.withhold(release.holder(), release.category());
            } else if !dropped.contains(release.holder()) {
                items.extend_from_slice(release.resources());
            }
        }
        items
    }

    /// Compares the holders with each other, at the end; gives those whose data may not be shown (any more).
    pub fn settle(&mut self) -> BTreeSet<Ura> {
        let mut dropped = self.tally.mixed_up();
        for (ura, standing) in self.identity.standings(&self.question) {
            if standing != Standing::Agrees {
                self.tally.set_aside(&ura, standing);
                dropped.insert(ura);
            }
        }
        self.dropped.clone_from(&dropped);
        dropped
    }

    fn gate(&self) -> Gate<'_> {
        Gate {
            register: &self.register,
            audit: self.app.audit(),
            clock: self.app.clock(),
            question: &self.question,
            grant: &self.grant,
        }
    }

    /// When the holders were asked, when the answer comes from the memory of the session.
    #[must_use]
    pub fn from_memory(&self) -> Option<Timestamp> {
        match self.feed {
            Feed::Holders(_) => None,
            Feed::Memory { since, .. } => Some(since),
        }
    }

    /// The statement so far; final when [`Course::next`] has given `None`. It tells what the calls brought, so they
    /// are durable in the audit log by then. Then the session may keep the answer.
    ///
    /// # Errors
    /// When access cannot be recorded: nothing may leave.
    pub async fn statement(&mut self) -> Result<Statement, Problem> {
        self.recorded().await?;
        let statement = self.tally.finish(self.rest());
        if self.state != State::Running {
            self.ending = if statement.is_complete() {
                Ending::Complete
            } else {
                Ending::Partial
            };
        }
        if self.state == State::Done
            && let Some(memory) = self.memory.take()
        {
            memory.keep(&self.register, &self.tally, &self.dropped, &self.identity);
        }
        Ok(statement)
    }

    /// The statement as it will be if everything that was announced may leave. Nothing of it may be told: see
    /// [`Course::statement`].
    #[must_use]
    pub fn expected(&self, announced: &[Announced]) -> Statement {
        let mut tally = self.tally.clone();
        for batch in announced {
            let (holder, category) = batch.place();
            tally.shown(&holder, category, batch.resources());
        }
        tally.finish(self.rest())
    }

    /// What is said of cells that were not decided.
    fn rest(&self) -> Status {
        match self.state {
            State::Cut => Status::TimedOut,
            // The fan-out promises every cell; a missing one is a defect and must not look like an answer.
            State::Running | State::Done => Status::Failed,
        }
    }

    /// What is known of holders and categories so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Reconciles what may be shown, with what a person said of this patient's records before. References follow what a
    /// map made another type on another page.
    #[must_use]
    pub fn reconcile(&self, items: Vec<Received>) -> Arc<Reconciled> {
        let said = self.app.corrections().of(&self.question.patient, &items);
        match &self.feed {
            Feed::Memory { settled, .. } => {
                settled.of(items, said, |items, said| self.put_in_order(items, said))
            }
            Feed::Holders(_) => Arc::new(self.put_in_order(items, &said)),
        }
    }

    /// Reconciles a part of what may be shown, as long as not all of it is there.
    #[must_use]
    pub fn reconcile_part(&self, items: Vec<Received>) -> Reconciled {
        let said = self.app.corrections().of(&self.question.patient, &items);
        self.put_in_order(items, &said)
    }

    fn put_in_order(&self, mut items: Vec<Received>, said: &[Apart]) -> Reconciled {
        Retyped::default().settle(&mut items);
        Reconciled::by(items, said, self.app.maps())
    }

    /// The ground on which it is answered.
    #[must_use]
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Who puts what is known together, and when: at the moment that the last of it came in, so that an answer that is
    /// told again is the same.
    #[must_use]
    pub fn assembly(&self, known: &Reconciled) -> Assembly<'static> {
        let received = known.items().iter().map(|item| item.lineage.retrieved).max();
        let asked = || self.from_memory().unwrap_or_else(|| self.app.clock().now());
        Assembly {
            software: "Samenhang",
            version: env!("CARGO_PKG_VERSION"),
            at: Some(received.unwrap_or_else(asked)),
            view: self.view,
        }
    }

    /// What was ignored of the request, to be told in the answer.
    #[must_use]
    pub fn ignored(&self) -> &[Issue] {
        &self.ignored
    }

    /// The question.
    #[must_use]
    pub fn question(&self) -> &Question {
        &self.question
    }
}

impl Drop for Course {
    fn drop(&mut self) {
        let duration_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let metrics = self.app.metrics();
        metrics.question_ended(self.ending, duration_ms);
        for (holder, _) in self.tally.holders() {
            for category in self.tally.asked() {
                if let Some(told) = self.tally.cell(holder, *category) {
                    metrics.outcome(told.status);
                }
            }
        }
        tracing::info!(
            duration_ms,
            correlation = %self.question.correlation,
            count = self.tally.holders().count(),
            state = ?self.ending,
            "question ended"
        );
    }
}
