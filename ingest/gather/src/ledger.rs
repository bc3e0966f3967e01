//! The ledger: a note of every outbound call.
//!
//! The audit log (the server's) implements [`Ledger`]. A call is noted when it has ended, whatever its outcome, before
//! what it brought goes on; when the ledger is closed nothing more goes out and nothing is shown (P6). A note is taken
//! here and made durable by the ledger: whoever shows something waits for that (P7), a call does not.
//! Sections 5.1 step 11 and 5.5 of the generic functions notes.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::future::BoxFuture;
use jiff::Timestamp;
use samenhang_profiles::{Bsn, Ura};
use samenhang_terminology::Category;
use tokio::time::Instant;
use tracing::field::{Empty, display};
use tracing::{Instrument, Span};
use uuid::Uuid;

use crate::clock::Clock;
use crate::query::{Asker, Question};

/// Which outbound call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The pseudonym service evaluates a blinded number.
    Pseudonymise,
    /// The referral index (NVI) is asked who knows the patient.
    Localise,
    /// Mitz is asked who knows the patient and may share (open question).
    OpenQuestion,
    /// Mitz is asked whether a holder may share (closed question).
    ConsentQuestion,
    /// A holder's authorisation server is asked for a token.
    HolderToken,
    /// A holder is asked what it offers. Nothing about a patient goes out.
    Capabilities,
    /// A holder is asked for the patient.
    FindPatient,
    /// A holder is asked for resources.
    Search,
    /// A holder is asked for one resource by its id.
    Read,
    /// The referral index is told that a holder has data on the patient.
    Register,
    /// The referral index is told that a holder has none any more.
    Deregister,
}

impl Step {
    /// Stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Step::Pseudonymise => "pseudonymise",
            Step::Localise => "localise",
            Step::OpenQuestion => "open-question",
            Step::ConsentQuestion => "consent-question",
            Step::HolderToken => "holder-token",
            Step::Capabilities => "capabilities",
            Step::FindPatient => "find-patient",
            Step::Search => "search",
            Step::Read => "read",
            Step::Register => "register",
            Step::Deregister => "deregister",
        }
    }
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered as asked.
    Success,
    /// The other party refused.
    Refused,
    /// It failed; the code says why, in fixed words.
    Failed(&'static str),
}

/// Whom an outbound call is about and for whom it is made. It holds a BSN, so there is no `Debug`.
#[derive(Clone)]
pub struct About {
    /// Ties together the calls of one question or errand.
    pub correlation: Uuid,
    /// Who asks, or on whose behalf the index is told something.
    pub asker: Arc<Asker>,
    /// The patient.
    pub patient: Bsn,
}

/// One outbound call. It holds a BSN, so there is no `Debug`.
#[derive(Clone)]
pub struct Fact {
    /// Which call.
    pub step: Step,
    /// Ties together the calls of one question.
    pub correlation: Uuid,
    /// Who asked.
    pub asker: Arc<Asker>,
    /// The patient.
    pub patient: Bsn,
    /// The holder that the call went to or was about.
    pub holder: Option<Ura>,
    /// Where it went: `host:port`.
    pub peer: String,
    /// The category asked for.
    pub category: Option<Category>,
    /// How it ended.
    pub outcome: Outcome,
    /// How many records came back.
    pub count: Option<usize>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// When it began.
    pub at: Timestamp,
    /// More, in fixed names and without clinical content.
    pub detail: Vec<(&'static str, String)>,
}

/// The ledger does not take a note: nothing may go out or be shown any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the audit ledger is closed")]
pub struct LedgerClosed;

/// The record of a question and of the decision on it, on its way to the disk. Until it is there nobody is told which
/// patient is asked about.
#[must_use = "nothing is recorded until it has been waited for"]
pub struct Recording(BoxFuture<'static, Result<(), LedgerClosed>>);

impl Recording {
    /// A record that is durable when `durable` ends well.
    pub fn new(durable: impl Future<Output = Result<(), LedgerClosed>> + Send + 'static) -> Self {
        Recording(Box::pin(durable))
    }

    /// Waits until the record is durable.
    ///
    /// # Errors
    /// [`LedgerClosed`]: it is not, so the question ends here.
    pub async fn durable(self) -> Result<(), LedgerClosed> {
        self.0.instrument(tracing::debug_span!("record")).await
    }
}

/// Takes notes of outbound calls. A note has its place in the order when `record` returns; when it is durable is the
/// ledger's own business, and nothing that follows it may be shown before that.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Notes one call. Waits only while the ledger has no room.
    ///
    /// # Errors
    /// [`LedgerClosed`]: the caller stops and fails closed.
    async fn record(&self, fact: Fact) -> Result<(), LedgerClosed>;
}

/// A call that has begun: remembers when, and about whom, until it is noted. In a trace it is a span of its own.
pub struct Call {
    fact: Fact,
    began: Instant,
    span: Span,
}

impl Call {
    /// Begins a call for a question.
    #[must_use]
    pub fn begin(clock: &dyn Clock, question: &Question, step: Step, peer: String) -> Self {
        Call::about(clock, question.about(), step, peer)
    }

    /// Begins a call about a patient.
    #[must_use]
    pub fn about(clock: &dyn Clock, about: About, step: Step, peer: String) -> Self {
        Call {
            fact: Fact {
                step,
                correlation: about.correlation,
                asker: about.asker,
                patient: about.patient,
                holder: None,
                peer,
                category: None,
                outcome: Outcome::Success,
                count: None,
                duration_ms: 0,
                at: clock.now(),
                detail: Vec::new(),
            },
            began: Instant::now(),
            span: tracing::debug_span!(
                "call",
                step = step.code(),
                holder = Empty,
                category = Empty,
                count = Empty
            ),
        }
    }

    /// Names the holder.
    #[must_use]
    pub fn holder(mut self, holder: &Ura) -> Self {
        self.span.record("holder", display(holder));
        self.fact.holder = Some(holder.clone());
        self
    }

    /// Names the category.
    #[must_use]
    pub fn category(mut self, category: Category) -> Self {
        self.span.record("category", category.code());
        self.fact.category = Some(category);
        self
    }

    /// Adds a detail: a fixed name and a text without clinical content.
    pub fn detail(&mut self, name: &'static str, text: impl Into<String>) {
        self.fact.detail.push((name, text.into()));
    }

    /// Notes the call.
    ///
    /// # Errors
    /// [`LedgerClosed`].
    pub async fn end(
        mut self,
        ledger: &dyn Ledger,
        outcome: Outcome,
        count: Option<usize>,
    ) -> Result<(), LedgerClosed> {
        self.fact.outcome = outcome;
        self.fact.count = count;
        if let Some(count) = count {
            self.span.record("count", count);
        }
        self.fact.duration_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        ledger.record(self.fact).await
    }
}

/// A ledger in memory, for tests: keeps every fact, and can be closed.
#[derive(Default)]
pub struct MemoryLedger(Mutex<(bool, Vec<Fact>)>);

impl MemoryLedger {
    /// An open ledger without facts.
    #[must_use]
    pub fn new() -> Self {
        MemoryLedger::default()
    }

    /// Closes the ledger: every later note is refused.
    pub fn close(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = true;
    }

    /// The facts so far, in order.
    #[must_use]
    pub fn facts(&self) -> Vec<Fact> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    async fn record(&self, fact: Fact) -> Result<(), LedgerClosed> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.0 {
            return Err(LedgerClosed);
        }
        inner.1.push(fact);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Call, LedgerClosed, MemoryLedger, Outcome, Step};
    use crate::clock::SystemClock;
    use crate::fixtures;

    #[tokio::test]
    async fn a_closed_ledger_refuses() {
        let ledger = MemoryLedger::new();
        let question = fixtures::question();
        let call = || Call::begin(&SystemClock, &question, Step::Localise, "nvi:443".to_owned());
        assert_eq!(call().end(&ledger, Outcome::Success, Some(2)).await, Ok(()));
        ledger.close();
        assert_eq!(
            call().end(&ledger, Outcome::Success, None).await,
            Err(LedgerClosed)
        );
        let facts = ledger.facts();
        assert_eq!(facts.len(), 1);
        assert_eq!((facts[0].step, facts[0].count), (Step::Localise, Some(2)));
    }
}
