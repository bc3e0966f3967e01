//! One call to a holder: in turn, within the deadline, noted in the ledger, retried within the budget.
//!
//! Every call is noted, also one that is broken off. When the ledger is closed the whole question stops (P6).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use samenhang_profiles::Ura;
use samenhang_terminology::Category;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Closed;
use super::breaker::Breaker;
use super::budget::Budget;
use super::config::FanoutConfig;
use super::health::Health;
use super::problem::Problem;
use super::quirks::{Later, Shown};
use crate::clock::Clock;
use crate::http::HttpError;
use crate::ledger::{Call, Ledger, Outcome, Step};
use crate::query::Question;
use crate::source::content::{self, ContentProblem};
use crate::source::{Ask, Authorisation, Reply, SourceApi};
use crate::token::Token;

/// How long after the deadline the ledger may still take a note.
const LEDGER_GRACE: Duration = Duration::from_secs(2);

/// What all questions share about one holder.
pub(super) struct Gate {
    breaker: Mutex<Breaker>,
    budget: Mutex<Budget>,
    health: Mutex<Health>,
    slots: Semaphore,
}

impl Gate {
    pub(super) fn new(config: &FanoutConfig) -> Self {
        Gate {
            breaker: Mutex::new(Breaker::new(config.breaker())),
            budget: Mutex::new(Budget::new(config.budget())),
            health: Mutex::new(Health::new()),
            slots: Semaphore::new(config.holder_concurrency.max(1)),
        }
    }

    pub(super) fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how the breaker stands.
    pub(super) fn observe(&self, at: Timestamp) {
        let state = self.breaker().state_name();
        self.health().breaker(at, state);
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the calls of one question to one holder share.
pub(super) struct Caller {
    pub(super) question: Arc<Question>,
    pub(super) holder: Ura,
    pub(super) config: Arc<FanoutConfig>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) gate: Arc<Gate>,
    pub(super) deadline: Instant,
    /// Ends this holder.
    pub(super) stop: CancellationToken,
    /// Ends the question: the ledger is closed.
    pub(super) closed: Closed,
    /// Bytes that the question may still receive.
    pub(super) question_bytes: Arc<AtomicUsize>,
    /// Bytes that this holder may still send.
    pub(super) holder_bytes: AtomicUsize,
    /// What holders show of the quirk catalogue.
    pub(super) quirks: Arc<Shown>,
    /// What is looked over for that when the question has been answered.
    pub(super) later: Arc<Later>,
}

/// A try that brought nothing.
struct Missed {
    problem: Problem,
    retry_after: Option<Duration>,
    /// The source asks for the same request with its nonce.
    challenged: bool,
}

/// What a call is for.
#[derive(Clone, Copy)]
pub(super) struct Purpose {
    pub(super) step: Step,
    pub(super) category: Option<Category>,
}

impl Caller {
    /// Sends a request and reads its answer with `read`, which also counts the records in it.
    pub(super) async fn call<T>(
        &self,
        api: &dyn SourceApi,
        purpose: Purpose,
        ask: Ask<'_>,
        read: impl Fn(&Reply) -> Result<(T, usize), ContentProblem> + Send + Sync,
    ) -> Result<T, Problem> {
        let mut refused: Option<Arc<Token>> = None;
        let mut challenged = false;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let token = Box::pin(self.token(api, refused.as_ref())).await?;
            let sent = Box::pin(self.once(api, purpose, ask, token.as_deref(), attempt, &read)).await?;
            match sent {
                Ok(value) => return Ok(value),
                // A nonce is fetched once; a source that wants another one each time refuses.
                Err(missed) if missed.challenged && !challenged => {
                    challenged = true;
                    attempt -= 1;
                }
                // A token is renewed once; refused again means refused.
                Err(Missed {
                    problem: Problem::Refused(401),
                    challenged: false,
                    ..
                }) if refused.is_none() && token.is_some() => {
                    refused = token;
                    attempt -= 1;
                }
                Err(missed) => match self.retry_at(missed.problem, attempt, missed.retry_after) {
                    Some(at) => self.wait_until(at).await?,
                    None => return Err(missed.problem),
                },
            }
        }
    }

    /// One try. The outer error ends the holder; the inner one is this try's.
    async fn once<T>(
        &self,
        api: &dyn SourceApi,
        purpose: Purpose,
        ask: Ask<'_>,
        token: Option<&Token>,
        attempt: u32,
        read: &(impl Fn(&Reply) -> Result<(T, usize), ContentProblem> + Send + Sync),
    ) -> Result<Result<T, Missed>, Problem> {
        let slot = tokio::select! {
            biased;
            () = self.stop.cancelled() => return Err(Problem::Stopped),
            () = tokio::time::sleep_until(self.deadline) => return Err(Problem::TimedOut),
            slot = self.gate.slots.acquire() => slot.map_err(|_| Problem::Stopped)?,
        };
        let most = self.config.max_page_bytes.min(self.bytes_left());
        if most == 0 {
            return Err(Problem::TooMuch);
        }
        if attempt == 1 {
            self.gate.budget().request();
        }
        let mut call =
            Call::begin(&*self.clock, &self.question, purpose.step, api.label()).holder(&self.holder);
        if let Some(category) = purpose.category {
            call = call.category(category);
        }
        let began = Instant::now();
        let deadline = self.deadline.min(began + self.config.request());
        let sent = tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            sent = tokio::time::timeout_at(deadline, api.send(&self.question, ask, token, most, deadline)) => {
                Some(sent.unwrap_or(Err(HttpError::Timeout)))
            }
        };
        drop(slot);
        let (result, retry_after, challenged) = match sent {
            None => (Err(Problem::Stopped), None, false),
            Some(Err(error)) => (Err(Problem::Transport(error)), None, false),
            Some(Ok(reply)) => {
                self.took(reply.body.len());
                let parse = tracing::debug_span!("parse", holder = %self.holder);
                let result = parse.in_scope(|| status(reply.status).and_then(|()| Ok(read(&reply)?)));
                if result.is_ok() {
                    content::quirks(&reply).for_each(|quirk| self.met(quirk));
                }
                (result, reply.retry_after, reply.challenged)
            }
        };
        self.sample(result.as_ref().err().copied(), began);
        if let Some(quirk) = result
            .as_ref()
            .err()
            .and_then(|problem| problem.quirk(purpose.step))
        {
            self.met(quirk);
        }
        let (outcome, count) = match &result {
            Ok((_, count)) => (Outcome::Success, Some(*count)),
            Err(Problem::Refused(_)) => (Outcome::Refused, None),
            Err(problem) => (Outcome::Failed(problem.code()), None),
        };
        self.note(call, outcome, count).await?;
        match result {
            Ok((value, _)) => Ok(Ok(value)),
            Err(Problem::Stopped) => Err(Problem::Stopped),
            Err(problem) => {
                if !challenged {
                    self.warn(problem, attempt);
                }
                Ok(Err(Missed {
                    problem,
                    retry_after,
                    challenged,
                }))
            }
        }
    }

    /// A token, when the endpoint asks for one. Asking for it is noted too.
    async fn token(
        &self,
        api: &dyn SourceApi,
        refused: Option<&Arc<Token>>,
    ) -> Result<Option<Arc<Token>>, Problem> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let call = Call::begin(
                &*self.clock,
                &self.question,
                Step::HolderToken,
                api.authorisation_label(),
            )
            .holder(&self.holder);
            let deadline = self.deadline.min(Instant::now() + self.config.request());
            let asked = tokio::select! {
                biased;
                () = self.stop.cancelled() => None,
                asked = tokio::time::timeout_at(deadline, api.authorise(&self.question, refused, deadline)) => {
                    Some(asked.unwrap_or(Err(HttpError::Timeout.into())))
                }
            };
            let problem = match asked {
                Some(Ok(authorisation)) => {
                    if matches!(authorisation, Authorisation::Issued(_)) {
                        self.note(call, Outcome::Success, None).await?;
                    }
                    return Ok(authorisation.token().cloned());
                }
                Some(Err(error)) => Problem::Token(error),
                None => Problem::Stopped,
            };
            let outcome = match problem.end() {
                super::finding::End::Refused(_) => Outcome::Refused,
                _ => Outcome::Failed(problem.code()),
            };
            self.note(call, outcome, None).await?;
            self.warn(problem, attempt);
            match self.retry_at(problem, attempt, None) {
                Some(at) => self.wait_until(at).await?,
                None => return Err(problem),
            }
        }
    }

    /// When to try again, if at all.
    fn retry_at(&self, problem: Problem, attempt: u32, retry_after: Option<Duration>) -> Option<Instant> {
        let worth_it = match problem {
            Problem::Status(_) => true,
            // What took too long once would take too long again.
            Problem::Transport(error) => error.is_transient() && error != HttpError::Timeout,
            Problem::Token(error) => error.is_transient() && error.code() != HttpError::Timeout.code(),
            _ => false,
        };
        if !worth_it {
            return None;
        }
        self.gate
            .budget()
            .retry(attempt, retry_after, Instant::now(), self.deadline)
    }

    async fn wait_until(&self, at: Instant) -> Result<(), Problem> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Problem::Stopped),
            () = tokio::time::sleep_until(at) => Ok(()),
        }
    }

    /// Notes a call, and stops the question when that does not succeed in time.
    pub(super) async fn note(
        &self,
        call: Call,
        outcome: Outcome,
        count: Option<usize>,
    ) -> Result<(), Problem> {
        let until = self.deadline.max(Instant::now()) + LEDGER_GRACE;
        match tokio::time::timeout_at(until, call.end(&*self.ledger, outcome, count)).await {
            Ok(Ok(())) => Ok(()),
            _ => {
                self.closed.close();
                Err(Problem::LedgerClosed)
            }
        }
    }

    /// Tells the breaker and the operator how a call went.
    fn sample(&self, problem: Option<Problem>, began: Instant) {
        self.judge(problem);
        let now = self.clock.now();
        // That the question ended says nothing about the holder.
        if !matches!(problem, Some(Problem::Stopped | Problem::LedgerClosed)) {
            let code = problem.map(Problem::code);
            self.gate.health().call(now, began.elapsed(), code);
        }
        self.gate.observe(now);
    }

    fn judge(&self, problem: Option<Problem>) {
        let mut breaker = self.gate.breaker();
        match problem {
            // Neither says anything about the holder.
            Some(Problem::Stopped | Problem::TooMuch | Problem::LedgerClosed | Problem::Token(_)) => {}
            Some(Problem::Status(_) | Problem::Transport(_) | Problem::Content(_) | Problem::TimedOut) => {
                breaker.failure(Instant::now());
            }
            _ => breaker.success(),
        }
    }

    fn bytes_left(&self) -> usize {
        self.holder_bytes
            .load(Ordering::Relaxed)
            .min(self.question_bytes.load(Ordering::Relaxed))
    }

    fn took(&self, bytes: usize) {
        for left in [&self.holder_bytes, &*self.question_bytes] {
            let _ = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                Some(left.saturating_sub(bytes))
            });
        }
    }

    fn warn(&self, problem: Problem, attempt: u32) {
        if problem.is_security_event() {
            tracing::error!(holder = %self.holder, code = problem.code(), attempt, "a holder's answer is not safe");
        } else {
            tracing::warn!(holder = %self.holder, code = problem.code(), attempt, "a call to a holder failed");
        }
    }
}

/// What a status means.
pub(super) fn status(status: u16) -> Result<(), Problem> {
    match status {
        200 => Ok(()),
        401 | 403 => Err(Problem::Refused(status)),
        410 => Err(Problem::Gone),
        429 => Err(Problem::Status(status)),
        400..=499 | 501 => Err(Problem::Rejected(status)),
        _ => Err(Problem::Status(status)),
    }
}
