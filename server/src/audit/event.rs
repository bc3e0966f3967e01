//! What is noted: one thing that someone did or tried to do.
//!
//! An [`Event`] carries the patient's BSN on its way to the log, so there is no `Debug`; what is written is the
//! keyed pseudonym. Details are fixed names with short texts; whatever in them looks like a BSN is struck out.

use std::sync::Arc;

use jiff::Timestamp;
use samenhang_gather::query::{Asker, Grant, Purpose, Question, Refusal};
use samenhang_profiles::{Bsn, Ura};
use samenhang_terminology::Category;
use uuid::Uuid;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Activity {
    /// A person logged in, or failed to.
    Login,
    /// A person's session ended.
    Logout,
    /// A record system started the viewer with a patient, or tried to.
    Launch,
    /// A system asked for an access token.
    SystemToken,
    /// A question was asked.
    Question,
    /// The access policy decided on it.
    Decision,
    /// A request was refused before it became a question.
    Refusal,
    /// The pseudonym service was called.
    Pseudonymise,
    /// The referral index was asked who knows the patient.
    Localise,
    /// Mitz was asked who knows the patient and may share.
    OpenQuestion,
    /// Mitz was asked whether a holder may share.
    ConsentQuestion,
    /// A holder's authorisation server was asked for a token.
    HolderToken,
    /// A holder was asked what it offers; the call names no patient.
    Capabilities,
    /// A holder was asked for the patient.
    PatientSearch,
    /// A holder was asked for resources.
    Search,
    /// A holder was asked for one resource.
    Read,
    /// The referral index was told that we have data on the patient.
    Register,
    /// The referral index was told that we have none any more.
    Deregister,
    /// Patient data is about to be shown to the asker.
    Disclosure,
    /// A consent was withdrawn while a question ran: what was still to come is held back.
    Withdrawal,
    /// A person had the number of a patient shown whole.
    Number,
    /// A person recorded that two records are not the same.
    Unlink,
    /// A person took that back.
    Relink,
    /// The log itself was read.
    LogRead,
}

impl Activity {
    /// Stable code in our own code system, found in every event's `subtype`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Activity::Login => "login",
            Activity::Logout => "logout",
            Activity::Launch => "launch",
            Activity::SystemToken => "system-token",
            Activity::Question => "question",
            Activity::Decision => "decision",
            Activity::Refusal => "refusal",
            Activity::Pseudonymise => "pseudonymise",
            Activity::Localise => "localise",
            Activity::OpenQuestion => "open-question",
            Activity::ConsentQuestion => "consent-question",
            Activity::HolderToken => "holder-token",
            Activity::Capabilities => "capabilities",
            Activity::PatientSearch => "patient-search",
            Activity::Search => "search",
            Activity::Read => "read",
            Activity::Register => "register",
            Activity::Deregister => "deregister",
            Activity::Disclosure => "disclosure",
            Activity::Withdrawal => "withdrawal",
            Activity::Number => "number-shown",
            Activity::Unlink => "unlink",
            Activity::Relink => "relink",
            Activity::LogRead => "log-read",
        }
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Result {
    /// As asked.
    Success,
    /// It was refused; the reason in fixed words.
    Refused(&'static str),
    /// It failed; the reason in fixed words.
    Failed(&'static str),
}

/// One thing to note.
#[derive(Clone)]
pub struct Event {
    /// What was done.
    pub activity: Activity,
    /// How it ended.
    pub result: Result,
    /// When; the moment of recording when absent.
    pub at: Option<Timestamp>,
    /// Who did it; absent when that is not known (yet).
    pub asker: Option<Arc<Asker>>,
    /// The network address that the request came from.
    pub from: Option<String>,
    /// Why.
    pub purpose: Option<Purpose>,
    /// On which ground: policy, version and rule.
    pub policy: Option<String>,
    /// About whom. Written as a keyed pseudonym.
    pub patient: Option<Bsn>,
    /// The patient at the holder, `https://.../Patient/id`: an address without a BSN.
    pub patient_reference: Option<String>,
    /// The holder that was asked or that the data came from.
    pub holder: Option<Ura>,
    /// Where the call went, `host:port`.
    pub peer: Option<String>,
    /// Which categories of data.
    pub categories: Vec<Category>,
    /// Ties together the events of one question.
    pub correlation: Option<Uuid>,
    /// The id that the asker gave its request. Events of a question that do not name it get it from its decision.
    pub request_id: Option<String>,
    /// How many records.
    pub count: Option<usize>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// More, in fixed names and without clinical content.
    pub detail: Vec<(&'static str, String)>,
}

impl Event {
    /// An event of which nothing more is known.
    #[must_use]
    pub fn new(activity: Activity) -> Self {
        Event {
            activity,
            result: Result::Success,
            at: None,
            asker: None,
            from: None,
            purpose: None,
            policy: None,
            patient: None,
            patient_reference: None,
            holder: None,
            peer: None,
            categories: Vec::new(),
            correlation: None,
            request_id: None,
            count: None,
            duration_ms: None,
            detail: Vec::new(),
        }
    }

    /// An event about a question: who, why, about whom and what.
    #[must_use]
    pub fn about(activity: Activity, question: &Question) -> Self {
        Event {
            asker: Some(Arc::clone(&question.asker)),
            purpose: Some(question.purpose),
            patient: Some(question.patient.clone()),
            categories: question.categories.iter().copied().collect(),
            correlation: Some(question.correlation),
            ..Event::new(activity)
        }
    }

    /// The decision that a question may be asked.
    #[must_use]
    pub fn allowed(question: &Question, grant: &Grant) -> Self {
        Event::about(Activity::Decision, question).under(grant)
    }

    /// The decision that a question may not be asked.
    #[must_use]
    pub fn denied(question: &Question, refusal: &Refusal) -> Self {
        Event {
            result: Result::Refused(refusal.reason),
            policy: Some(format!("{}#{}", refusal.policy, refusal.rule)),
            ..Event::about(Activity::Decision, question)
        }
    }

    /// On the ground of a decision.
    #[must_use]
    pub fn under(mut self, grant: &Grant) -> Self {
        self.policy = Some(policy_text(grant));
        self
    }

    /// With how it ended.
    #[must_use]
    pub fn ended(mut self, result: Result) -> Self {
        self.result = result;
        self
    }

    /// With the holder.
    #[must_use]
    pub fn holder(mut self, holder: &Ura) -> Self {
        self.holder = Some(holder.clone());
        self
    }

    /// With the network address that the request came from.
    #[must_use]
    pub fn from_address(mut self, address: impl Into<String>) -> Self {
        self.from = Some(address.into());
        self
    }

    /// With one more detail. The name is fixed; the text is short and has no clinical content.
    #[must_use]
    pub fn detail(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.detail.push((name, text.into()));
        self
    }
}

/// How a decision is cited: policy, version and rule.
pub(super) fn policy_text(grant: &Grant) -> String {
    format!("{}|{}#{}", grant.policy, grant.version, grant.rule)
}
