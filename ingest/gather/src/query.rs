//! The question, and how far it has come: `Query<Asked>` -> `Query<Authorised>` -> `Query<Localised>` ->
//! `Query<Permitted>`.
//!
//! The types carry the promises: only an access policy makes a question authorised, only [`crate::gather::Gather`]
//! makes it localised (P1: no broadcast) and permitted (P6). There is no way to skip a step and no way to change
//! the question in between. This module sends nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use samenhang_profiles::{Bsn, Ura};
use samenhang_terminology::Category;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::address::DataEndpoint;
use crate::consent::Permit;
use crate::fanout::Notice;
use crate::ledger::About;
use crate::locate::{LocalisedHolder, Located};

/// What a clinician asks: what is known about this patient.
///
/// It holds a BSN, so there is no `Debug`.
#[derive(Clone)]
pub struct Question {
    /// The patient.
    pub patient: Bsn,
    /// The categories asked for, in clinical priority.
    pub categories: BTreeSet<Category>,
    /// Why it is asked.
    pub purpose: Purpose,
    /// Who asks.
    pub asker: Arc<Asker>,
    /// Ties together every record of this question.
    pub correlation: Uuid,
    /// The patient's date of birth as the asker knows it (`YYYY-MM-DD`), to check a holder's patient against.
    pub birth_date: Option<String>,
    /// The patient's family name as the asker knows it.
    pub family_name: Option<String>,
    /// Holders whose patient the asker has looked at and confirmed, though the demographics deviate.
    pub confirmed_identity: BTreeSet<Ura>,
}

impl Question {
    /// What its outbound calls are about.
    #[must_use]
    pub fn about(&self) -> About {
        About {
            correlation: self.correlation,
            asker: Arc::clone(&self.asker),
            patient: self.patient.clone(),
        }
    }
}

/// Why a question is asked (HL7 v3 `ActReason`; Mitz `purposeofuse`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// `TREAT`: treatment, consent asked explicitly.
    Treatment,
    /// `COC`: coordination of care, consent presumed from a referral.
    CareCoordination,
}

impl Purpose {
    /// The code in `http://terminology.hl7.org/CodeSystem/v3-ActReason`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Purpose::Treatment => "TREAT",
            Purpose::CareCoordination => "COC",
        }
    }

    /// Reads an `ActReason` code; `None` for every reason that is not ours to serve.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Purpose> {
        match code {
            "TREAT" => Some(Purpose::Treatment),
            "COC" => Some(Purpose::CareCoordination),
            _ => None,
        }
    }
}

/// Who asks: an organisation, through a system, and mostly a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// The organisation's URA.
    pub organisation: Ura,
    /// Its name.
    pub organisation_name: String,
    /// Its type (`RoleCodeNL` organisation types), for example `V6` or `Z3`.
    pub organisation_type: String,
    /// The system that asks, as it is known to the authorisation server.
    pub client_id: String,
    /// The person; `None` for a system that asks on nobody's behalf.
    pub user: Option<User>,
    /// The care professional on whose responsibility a system asks; `None` when a person asks. Mitz and most holders
    /// answer nobody without one.
    pub responsible: Option<User>,
}

impl Asker {
    /// The person who asks, or on whose responsibility it is asked.
    #[must_use]
    pub fn person(&self) -> Option<&User> {
        self.user.as_ref().or(self.responsible.as_ref())
    }
}

/// The person who asks.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// Dezi or UZI number.
    pub number: String,
    /// Role code (`RoleCodeNL`), for example `01.015`.
    pub role: String,
    /// Name as it is recorded.
    pub name: String,
    /// What Dezi signed to prove the above.
    pub declaration: Option<Declaration>,
}

/// What Dezi signed about a user, as it came. It is a credential: it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Declaration {
    /// Its form, which a holder has to be told.
    pub form: DeclarationForm,
    /// The JWT.
    pub jwt: String,
}

/// A form in which Dezi says who a user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum DeclarationForm {
    /// `v0.7`: one organisation and one role, a status address, and the address of the keys in the header.
    #[serde(rename = "v0.7")]
    V07,
    /// `2024`: every organisation of the user with its roles (`relations`), and no status address.
    #[serde(rename = "2024")]
    Of2024,
}

impl fmt::Debug for User {
    // The signed statement is a credential: it never reaches a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("number", &self.number)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// The decision that let a question through: which rule of which policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The policy's id.
    pub policy: String,
    /// The policy's version.
    pub version: String,
    /// The rule that granted.
    pub rule: String,
}

/// The decision that stopped a question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("access is refused by rule {rule} of policy {policy}: {reason}")]
pub struct Refusal {
    /// The policy's id.
    pub policy: String,
    /// The rule that refused.
    pub rule: String,
    /// Why, in fixed words without patient data.
    pub reason: &'static str,
}

/// Decides whether a question may be asked at all. Implemented by the server's access module.
pub trait AccessPolicy: Send + Sync {
    /// Decides on one question.
    ///
    /// # Errors
    /// The [`Refusal`], to be told to the asker and audited.
    fn decide(&self, question: &Question) -> Result<Grant, Refusal>;
}

/// A question in a state.
#[derive(Clone)]
pub struct Query<S> {
    question: Arc<Question>,
    state: S,
}

/// Asked, and nothing more.
#[derive(Debug, Clone)]
pub struct Asked(());

/// Allowed by the access policy.
#[derive(Debug, Clone)]
pub struct Authorised {
    grant: Grant,
}

/// Localised: the holders that may be asked are known.
#[derive(Debug, Clone)]
pub struct Localised {
    grant: Grant,
    located: Located,
}

/// Permitted: what may be asked of whom, and where.
#[derive(Debug, Clone)]
pub struct Permitted {
    grant: Grant,
    located: Located,
    holders: Vec<PermittedHolder>,
    consent_unavailable: bool,
}

/// A localised holder, with a decision for every category asked.
#[derive(Debug, Clone)]
pub struct PermittedHolder {
    pub(crate) holder: LocalisedHolder,
    pub(crate) decisions: BTreeMap<Category, Decision>,
    pub(crate) endpoints: Vec<(DataEndpoint, BTreeSet<Category>)>,
}

/// What holds for one holder and one category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The holder may be asked.
    Permit(Permit),
    /// It may not be asked. Why is not told.
    NotPermitted,
    /// The directory lists no endpoint.
    NoEndpoint,
    /// More holders than the limit: neither consent nor data was asked.
    OverLimit,
}

impl PermittedHolder {
    /// The holder.
    #[must_use]
    pub fn holder(&self) -> &LocalisedHolder {
        &self.holder
    }

    /// The decision for every category asked.
    #[must_use]
    pub fn decisions(&self) -> &BTreeMap<Category, Decision> {
        &self.decisions
    }

    /// Its endpoints, with the categories that the directory lists each for.
    #[must_use]
    pub fn endpoints(&self) -> &[(DataEndpoint, BTreeSet<Category>)] {
        &self.endpoints
    }
}

impl Query<Asked> {
    /// A new question.
    #[must_use]
    pub fn new(question: Question) -> Self {
        Query {
            question: Arc::new(question),
            state: Asked(()),
        }
    }

    /// Puts the question to the access policy.
    ///
    /// # Errors
    /// The policy's [`Refusal`].
    pub fn authorise(self, policy: &dyn AccessPolicy) -> Result<Query<Authorised>, Refusal> {
        let grant = policy.decide(&self.question)?;
        Ok(self.advance(|Asked(())| Authorised { grant }))
    }
}

impl Query<Authorised> {
    /// The decision that let the question through.
    #[must_use]
    pub fn grant(&self) -> &Grant {
        &self.state.grant
    }
}

impl Query<Authorised> {
    /// Takes over what was localised a moment ago for the same question: same patient, categories, purpose and asker.
    /// Every localisation is visible to the patient, so the index is not asked twice for one look. How old it may be
    /// is the caller's concern. Anything but the same question comes back as it was.
    ///
    /// # Errors
    /// The question, when it is not the same.
    pub fn localised_as(self, before: &Query<Localised>) -> Result<Query<Localised>, Self> {
        let (now, then) = (&*self.question, &*before.question);
        let is_same = now.patient == then.patient
            && now.categories == then.categories
            && now.purpose == then.purpose
            && now.asker == then.asker;
        if !is_same {
            return Err(self);
        }
        Ok(self.localised(before.state.located.clone()))
    }

    /// Takes in what the localisers found. Nothing but [`crate::locate::Locate`] makes a [`Located`].
    pub(crate) fn localised(self, located: Located) -> Query<Localised> {
        self.advance(|Authorised { grant }| Localised { grant, located })
    }
}

impl Query<Localised> {
    /// The decision that let the question through.
    #[must_use]
    pub fn grant(&self) -> &Grant {
        &self.state.grant
    }

    /// The holders that localisers named, and which localisers failed.
    #[must_use]
    pub fn located(&self) -> &Located {
        &self.state.located
    }

    /// Takes in what is permitted.
    pub(crate) fn permitted(
        self,
        holders: Vec<PermittedHolder>,
        consent_unavailable: bool,
    ) -> Query<Permitted> {
        self.advance(|Localised { grant, located }| Permitted {
            grant,
            located,
            holders,
            consent_unavailable,
        })
    }
}

impl Query<Permitted> {
    /// The decision that let the question through.
    #[must_use]
    pub fn grant(&self) -> &Grant {
        &self.state.grant
    }

    /// The holders that localisers named, and which localisers failed.
    #[must_use]
    pub fn located(&self) -> &Located {
        &self.state.located
    }

    /// What may be asked of each holder.
    #[must_use]
    pub fn holders(&self) -> &[PermittedHolder] {
        &self.state.holders
    }

    /// The question and what may be asked of each holder. By value: what is permitted is asked once.
    pub(crate) fn into_parts(self) -> (Arc<Question>, Vec<PermittedHolder>) {
        (self.question, self.state.holders)
    }

    /// What is to be said about the whole answer before anybody is asked.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        let warnings = self.located().warnings().iter();
        let mut notices: Vec<Notice> = warnings
            .map(|warning| Notice::LocaliserFailed(warning.origin))
            .collect();
        if self.located().kept_since().is_some() {
            notices.push(Notice::LocalisationKept);
        }
        if self.is_consent_unavailable() {
            notices.push(Notice::ConsentUnavailable);
        }
        let is_over =
            |holder: &&PermittedHolder| holder.decisions.values().any(|made| *made == Decision::OverLimit);
        let over = self.holders().iter().filter(is_over).count();
        if over > 0 {
            notices.push(Notice::FanoutLimit(over));
        }
        notices
    }

    /// Whether the consent service did not do its part: the answer is incomplete.
    #[must_use]
    pub fn is_consent_unavailable(&self) -> bool {
        self.state.consent_unavailable
    }
}

impl<S> Query<S> {
    /// The question; it never changes on its way.
    #[must_use]
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// The question, shared.
    #[must_use]
    pub fn shared(&self) -> Arc<Question> {
        Arc::clone(&self.question)
    }

    /// The next state. Private to this module and its children: nobody else can move a question on.
    fn advance<T>(self, next: impl FnOnce(S) -> T) -> Query<T> {
        Query {
            question: self.question,
            state: next(self.state),
        }
    }
}

#[cfg(test)]
mod tests;
