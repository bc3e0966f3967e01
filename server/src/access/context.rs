//! Who asks: what every request becomes before it may do anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use samenhang_gather::query::{Asker, User};
use samenhang_profiles::Bsn;

use crate::access::AccessError;
use crate::session::SessionId;

/// As what someone asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A person who logged in.
    Professional,
    /// A system that proved itself with its key.
    System,
    /// The demonstration, which knows synthetic patients only.
    Demo,
}

impl Kind {
    /// Stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Kind::Professional => "professional",
            Kind::System => "system",
            Kind::Demo => "demo",
        }
    }
}

/// Who asks, and with what. Only this module makes one.
#[derive(Clone)]
pub struct Context {
    asker: Arc<Asker>,
    kind: Kind,
    scopes: Arc<BTreeSet<String>>,
    session: Option<SessionId>,
    /// Numbers that the demonstration may name besides those of the test range.
    known: Arc<BTreeSet<Bsn>>,
    /// Tokens of the demonstration that are bound to a patient.
    tokens: Arc<BTreeMap<String, Bsn>>,
    /// The patient to whom the token of the request is bound.
    patient: Option<Bsn>,
    /// Whether it is that patient who asks.
    is_patient: bool,
    /// Whose bucket of requests is used, when it is not the asker's.
    bucket: Option<Arc<str>>,
    /// When the token of the request ends, if it says so.
    until: Option<Timestamp>,
}

/// The client of the demonstration that stands for a patient's own (a PGO or a portal).
const OWN_CLIENT: &str = "patient-portal";

/// Scopes that let a token of a patient ask (SMART App Launch 1 and 2).
const OF_PATIENT: [&str; 2] = ["patient/*.read", "patient/*.rs"];

impl Context {
    pub(crate) fn professional(asker: Arc<Asker>) -> Self {
        Context {
            asker,
            kind: Kind::Professional,
            scopes: Arc::new(BTreeSet::new()),
            session: None,
            known: Arc::default(),
            tokens: Arc::default(),
            patient: None,
            is_patient: false,
            bucket: None,
            until: None,
        }
    }

    pub(super) fn system(asker: Arc<Asker>, scopes: Arc<BTreeSet<String>>) -> Self {
        Context {
            asker,
            kind: Kind::System,
            scopes,
            session: None,
            known: Arc::default(),
            tokens: Arc::default(),
            patient: None,
            is_patient: false,
            bucket: None,
            until: None,
        }
    }

    /// A system with a token that is bound to a patient. Each token has requests of its own: one system asks for many
    /// patients. `token` is the hash of the token.
    pub(super) fn of_patient(
        asker: Arc<Asker>,
        scopes: Arc<BTreeSet<String>>,
        patient: Bsn,
        token: &[u8; 32],
    ) -> Self {
        let bucket: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
        Context {
            patient: Some(patient),
            bucket: Some(bucket.into()),
            ..Context::system(asker, scopes)
        }
    }

    /// The same, with the end of its token.
    pub(crate) fn until(self, until: Option<Timestamp>) -> Self {
        Context { until, ..self }
    }

    /// When the token of the request ends, if it says so: a session that begins with it ends no later.
    pub(crate) fn ends(&self) -> Option<Timestamp> {
        self.until
    }

    /// The same, asked by the patient to whom it is bound.
    pub(super) fn by_patient(self) -> Self {
        let is_patient = self.patient.is_some();
        Context { is_patient, ..self }
    }

    /// The demonstration as one of its patients, whose own client asks on the responsibility of the demonstration's user.
    /// Nothing for anybody else.
    pub(super) fn as_patient(&self, patient: &Bsn) -> Option<Self> {
        let is_own = self.kind == Kind::Demo && self.patient.is_none();
        let responsible = self.asker.user.clone().map(|user| User {
            declaration: None,
            ..user
        });
        is_own.then(|| {
            let context = Context {
                asker: Arc::new(Asker {
                    client_id: OWN_CLIENT.to_owned(),
                    user: None,
                    responsible,
                    ..Asker::clone(&self.asker)
                }),
                patient: Some(patient.clone()),
                ..self.clone()
            };
            context.by_patient()
        })
    }

    pub(crate) fn in_session(&self, session: &SessionId) -> Self {
        Context {
            session: Some(session.clone()),
            ..self.clone()
        }
    }

    /// Who asks.
    #[must_use]
    pub fn asker(&self) -> &Arc<Asker> {
        &self.asker
    }

    /// As what.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The role code of the person, when a person asks.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        self.asker.user.as_ref().map(|user| user.role.as_str())
    }

    /// The viewer session, when the request came in one. Answers may be kept there, and nowhere else.
    #[must_use]
    pub fn session(&self) -> Option<&SessionId> {
        self.session.as_ref()
    }

    /// The patient to whom the request is bound by its token; no other may be asked about.
    #[must_use]
    pub fn patient(&self) -> Option<&Bsn> {
        self.patient.as_ref()
    }

    /// Whether it is that patient who asks, through a client of their own (a PGO or a portal).
    #[must_use]
    pub fn is_patient(&self) -> bool {
        self.is_patient
    }

    /// Whether it is this patient who asks.
    pub(super) fn is_of(&self, patient: &Bsn) -> bool {
        self.is_patient && self.patient.as_ref() == Some(patient)
    }

    /// Whose bucket of requests is used, when it is not the asker's.
    pub(super) fn bucket(&self) -> Option<&str> {
        self.bucket.as_deref()
    }

    /// The demonstration, bound to the patient of one of its tokens.
    pub(super) fn bound(&self, token: &str) -> Option<Self> {
        let patient = self.tokens.get(token)?.clone();
        Some(Context {
            patient: Some(patient),
            ..self.clone()
        })
    }

    /// Checks that a system's token covers a scope. A token of a patient has scopes of its own for all of that patient. A
    /// person has no scopes: the policy decides on the question.
    ///
    /// # Errors
    /// [`AccessError::Scope`].
    pub fn require(&self, scope: &'static str) -> Result<(), AccessError> {
        match self.kind {
            Kind::System if self.patient.is_some() => OF_PATIENT
                .iter()
                .any(|held| self.scopes.contains(*held))
                .then_some(())
                .ok_or(AccessError::Scope(OF_PATIENT[0])),
            Kind::System if !self.scopes.contains(scope) => Err(AccessError::Scope(scope)),
            _ => Ok(()),
        }
    }

    /// Checks that this context may ask about this number at all: the demonstration may name the numbers of the
    /// public test range, which start with 9999, and those in the folders that it was started with. Who is bound to a
    /// patient may name no other.
    ///
    /// # Errors
    /// [`AccessError::RealPatient`] and [`AccessError::OtherPatient`].
    pub fn may_name(&self, patient: &Bsn) -> Result<(), AccessError> {
        if self.patient.as_ref().is_some_and(|bound| bound != patient) {
            return Err(AccessError::OtherPatient);
        }
        match self.kind {
            Kind::Demo if !patient.expose().starts_with("9999") && !self.known.contains(patient) => {
                Err(AccessError::RealPatient)
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("kind", &self.kind)
            .field("client", &self.asker.client_id)
            .finish_non_exhaustive()
    }
}

/// The context of the demonstration, which logs in by itself. For the command `demo` only: no configuration leads
/// here. `known` are the numbers of the patients in its own simulated country, `tokens` access tokens that stand for one
/// of them.
#[must_use]
pub fn demo_context(asker: Arc<Asker>, known: BTreeSet<Bsn>, tokens: BTreeMap<String, Bsn>) -> Context {
    Context {
        asker,
        kind: Kind::Demo,
        scopes: Arc::new(BTreeSet::new()),
        session: None,
        known: Arc::new(known),
        tokens: Arc::new(tokens),
        patient: None,
        is_patient: false,
        bucket: None,
        until: None,
    }
}
