//! Every outbound call is an event: the log is the ledger of the fan-out.
//!
//! A call names its question by correlation only. Why the question was asked and on which ground is learnt from the
//! event of its decision, so that each call's event states its purpose and policy, as NEN 7513 asks.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use samenhang_gather::ledger::{Fact, Ledger, LedgerClosed, Outcome, Step};
use samenhang_gather::query::Purpose;
use uuid::Uuid;

use crate::audit::event::{Activity, Event, Result as EventResult};
use crate::audit::log::Log;

/// Most questions that are remembered at once.
const MOST: usize = 10_000;
/// How long a question is remembered: well over its deadline.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(5);

/// The detail of a call that is written as the patient's reference.
const PATIENT_REFERENCE: &str = "patient-reference";

/// The purpose and policy of running questions.
#[derive(Default)]
pub(super) struct Grounds(Mutex<HashMap<Uuid, Ground>>);

#[derive(Clone)]
struct Ground {
    since: Timestamp,
    purpose: Option<Purpose>,
    policy: Option<String>,
    request_id: Option<String>,
}

impl Grounds {
    /// Learns from the event of a decision that allowed a question.
    pub(super) fn learn(&self, event: &Event, now: Timestamp) {
        let (Activity::Decision, EventResult::Success, Some(correlation)) =
            (event.activity, event.result, event.correlation)
        else {
            return;
        };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, ground| now.duration_since(ground.since) < REMEMBERED);
        }
        if known.len() < MOST {
            let ground = Ground {
                since: now,
                purpose: event.purpose,
                policy: event.policy.clone(),
                request_id: event.request_id.clone(),
            };
            known.insert(correlation, ground);
        }
    }

    /// The id that the asker gave the question of an event, when the event does not name it itself.
    pub(super) fn request_id(&self, event: &Event) -> Option<String> {
        event
            .request_id
            .clone()
            .or_else(|| self.of(event.correlation.as_ref()?)?.request_id)
    }

    fn of(&self, correlation: &Uuid) -> Option<Ground> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(correlation).cloned()
    }
}

fn activity(step: Step) -> Activity {
    match step {
        Step::Pseudonymise => Activity::Pseudonymise,
        Step::Localise => Activity::Localise,
        Step::OpenQuestion => Activity::OpenQuestion,
        Step::ConsentQuestion => Activity::ConsentQuestion,
        Step::HolderToken => Activity::HolderToken,
        Step::Capabilities => Activity::Capabilities,
        Step::FindPatient => Activity::PatientSearch,
        Step::Search => Activity::Search,
        Step::Read => Activity::Read,
        Step::Register => Activity::Register,
        Step::Deregister => Activity::Deregister,
    }
}

impl Log {
    fn event_of(&self, mut fact: Fact) -> Event {
        // The patient as the holder knows it: an address without a BSN, when the caller has one.
        let reference = fact
            .detail
            .iter()
            .position(|(name, _)| *name == PATIENT_REFERENCE);
        let reference = reference.map(|index| fact.detail.swap_remove(index).1);
        let ground = self.grounds().of(&fact.correlation);
        Event {
            result: match fact.outcome {
                Outcome::Success => EventResult::Success,
                Outcome::Refused => EventResult::Refused("refused by the other party"),
                Outcome::Failed(reason) => EventResult::Failed(reason),
            },
            at: Some(fact.at),
            asker: Some(fact.asker),
            purpose: ground.as_ref().and_then(|ground| ground.purpose),
            policy: ground.and_then(|ground| ground.policy),
            // That call has no patient in it, and what a holder offers is nobody's record.
            patient: Some(fact.patient).filter(|_| fact.step != Step::Capabilities),
            patient_reference: reference,
            holder: fact.holder,
            peer: Some(fact.peer),
            categories: fact.category.into_iter().collect(),
            correlation: Some(fact.correlation),
            count: fact.count,
            duration_ms: Some(fact.duration_ms),
            detail: fact.detail,
            ..Event::new(activity(fact.step))
        }
    }
}

#[async_trait]
impl Ledger for Log {
    async fn record(&self, fact: Fact) -> Result<(), LedgerClosed> {
        let event = self.event_of(fact);
        // The cause is logged by the writer; the fan-out needs only to know that it must stop. Nobody waits for the
        // disk here: what is shown is behind a barrier, and a barrier has every fact before it.
        self.note(event).await.map_err(|_| LedgerClosed)
    }
}
