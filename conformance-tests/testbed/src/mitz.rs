//! The consent register (section 3): closed and open questions over SOAP, subscriptions, and notifications.
//!
//! Decisions come from a matrix that tests can change. It uses plain numbers, as the real one does.

mod closed;
mod matrix;
mod notify;
mod open;
mod soap;
mod subscription;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::routing::post;
use samenhang_profiles::{Bsn, Ura};

use crate::net::Shared;

pub use matrix::{Decision, Matrix, Rule};
pub use notify::{Format, Notification, NotifyError};
use subscription::Subscription;

/// How the register answers, apart from what it decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Behaviour {
    /// As specified.
    #[default]
    Normal,
    /// A SOAP fault on every question: `soap-fault`.
    SoapFault,
    /// An answer to another question, by its `RelatesTo`: `wrong-relates-to`.
    WrongRelatesTo,
    /// One result fewer than was asked: `missing-result`.
    MissingResult,
}

impl Behaviour {
    /// Its name in the control interface.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Some(match text {
            "normal" => Behaviour::Normal,
            "soap-fault" => Behaviour::SoapFault,
            "wrong-relates-to" => Behaviour::WrongRelatesTo,
            "missing-result" => Behaviour::MissingResult,
            _ => return None,
        })
    }
}

#[derive(Default)]
struct State {
    matrix: Matrix,
    behaviour: Behaviour,
    /// Holders that take part for a patient: what the open question finds.
    holders: BTreeMap<Bsn, Vec<Ura>>,
    subscriptions: Vec<Subscription>,
    answers: u64,
}

struct Inner {
    shared: Shared,
    base: String,
    state: Mutex<State>,
}

/// The register.
#[derive(Clone)]
pub struct Mitz(Arc<Inner>);

impl Mitz {
    /// A register at this address that permits everything.
    #[must_use]
    pub fn new(shared: &Shared, base: &str) -> Self {
        Mitz(Arc::new(Inner {
            shared: shared.clone(),
            base: base.to_owned(),
            state: Mutex::default(),
        }))
    }

    /// Its pages.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/geslotenautorisatievraag/xacml3", post(closed::answer))
            .route("/openautorisatievraag", post(open::answer))
            .route("/abonnementen/fhir/Subscription", post(subscription::create))
            .with_state(self.clone())
    }

    /// Adds a rule; the most specific rule decides, and of equals the newest.
    pub fn rule(&self, rule: Rule) {
        self.state().matrix.add(rule);
    }

    /// Takes all rules away: everything is permitted.
    pub fn clear_rules(&self) {
        self.state().matrix = Matrix::default();
    }

    /// Changes how it answers.
    pub fn behave(&self, behaviour: Behaviour) {
        self.state().behaviour = behaviour;
    }

    /// Says that a holder takes part for a patient: the open question then finds it.
    pub fn take_part(&self, bsn: &Bsn, holder: &Ura) {
        let mut state = self.state();
        let holders = state.holders.entry(bsn.clone()).or_default();
        if !holders.contains(holder) {
            holders.push(holder.clone());
        }
    }

    /// How many subscriptions there are.
    #[must_use]
    pub fn subscriptions(&self) -> usize {
        self.state().subscriptions.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A fresh message identifier.
    fn message_id(&self) -> String {
        let mut state = self.state();
        state.answers += 1;
        let name = format!("mitz {} {}", self.0.shared.seed(), state.answers);
        uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, name.as_bytes()).to_string()
    }
}
