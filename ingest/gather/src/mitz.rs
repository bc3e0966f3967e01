//! The line to Mitz: one SOAP exchange within its time. What is asked and how an answer is judged is the callers' own.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::time::Instant;
use uuid::Uuid;

use crate::clock::{Clock, Random, random_uuid};
use crate::config::MitzConfig;
use crate::error::{GatherError, Service};
use crate::http::{Http, Outgoing, Peer, Target};
use crate::ledger::{Call, Ledger, Step};
use crate::oauth::pin;
use crate::pseudonym::outcome_of;
use crate::query::Question;
use crate::xml::soap;

/// A line to one Mitz, with the time, the chance and the ledger of the questions that go over it.
#[derive(Clone)]
pub struct MitzLine {
    http: Http,
    peer: Peer,
    timeout: Duration,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    ledger: Arc<dyn Ledger>,
}

impl MitzLine {
    /// Sets up for one Mitz.
    ///
    /// # Errors
    /// [`GatherError`] when its address cannot be used.
    pub fn new(
        http: Http,
        config: &MitzConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        ledger: Arc<dyn Ledger>,
    ) -> Result<Self, GatherError> {
        Ok(MitzLine {
            peer: pin(&http, &config.url, Service::Mitz)?,
            http,
            timeout: Duration::from_millis(config.timeout_ms),
            clock,
            random,
            ledger,
        })
    }

    /// An id that no other message has.
    pub(crate) fn message(&self) -> Uuid {
        random_uuid(&*self.random)
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Begins the note of a question.
    pub(crate) fn note(&self, question: &Question, step: Step) -> Call {
        Call::begin(&*self.clock, question, step, self.peer.label())
    }

    /// Ends it.
    ///
    /// # Errors
    /// [`GatherError::Ledger`] when the ledger is closed.
    pub(crate) async fn noted<T>(
        &self,
        call: Call,
        result: &Result<T, GatherError>,
        count: Option<usize>,
    ) -> Result<(), GatherError> {
        call.end(&*self.ledger, outcome_of(result), count).await?;
        Ok(())
    }

    /// The address of a function, for `wsa:To`.
    pub(crate) fn address(&self, path: &str) -> String {
        format!("{}/{path}", self.peer.base())
    }

    /// Sends an envelope and gives the envelope that comes back.
    ///
    /// # Errors
    /// [`GatherError`] when none comes in time, or anything but 200.
    pub(crate) async fn exchange(
        &self,
        path: &str,
        envelope: String,
        deadline: Instant,
    ) -> Result<Bytes, GatherError> {
        let outgoing = Outgoing::post(Target::Path(path), soap::MEDIA_TYPE, envelope)
            .accept("application/soap+xml")
            .at_most(crate::xml::MAX_BYTES);
        let deadline = deadline.min(Instant::now() + self.timeout);
        let answer = self
            .http
            .send(&self.peer, outgoing, deadline)
            .await
            .map_err(|source| GatherError::Unreachable {
                service: Service::Mitz,
                source,
            })?;
        match answer.status {
            200 => Ok(answer.body),
            status => Err(GatherError::Status {
                service: Service::Mitz,
                status,
            }),
        }
    }
}
