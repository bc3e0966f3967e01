//! Consent: may this holder share this category of this patient with this asker, now (promise P6)?
//!
//! Mitz is asked before a holder is. Only `Permit` is consent: a denial, doubt, a fault, silence, an answer to another
//! request or an answer that cannot be read all mean that the holder is not asked. A [`Permit`] can be made here only,
//! holds for a minute, and ends at once when the patient's choices change. Which of these it was is never told per
//! holder; that the service itself failed is told once, through [`HolderConsent::fault`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::SignedDuration;
use samenhang_profiles::Ura;
use samenhang_terminology::Category;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::config::ConsentConfig;
use crate::error::GatherError;
use crate::query::Question;

mod answer;
mod cache;
mod mitz;
mod notification;
mod permit;
mod request;
pub(crate) mod subject;

pub use mitz::Mitz;
pub use notification::{Notification, NotificationError};
pub use permit::{Basis, PatientKey, Permit, Register};

use cache::{Cache, Key};

/// The longest that a decision holds, whatever is configured.
const LONGEST_TTL_S: u64 = 60;

/// What the consent service decided on one data category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The patient permits.
    Permit,
    /// Anything else that the service may decide: `Deny`, `Indeterminate`, `NotApplicable`.
    NoPermit,
}

/// A holder as the consent service knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its URA.
    pub ura: Ura,
    /// Its type of organisation (OID 2.16.840.1.113883.2.4.15.1060).
    pub organisation_type: String,
}

/// A consent service: answers closed questions.
#[async_trait::async_trait]
pub trait ConsentService: Send + Sync {
    /// Asks whether a holder may share data categories (`GGC...`) of a patient with the asker of a question. The
    /// answer has every category that was asked and no other.
    ///
    /// # Errors
    /// [`GatherError`] when there is no answer to this question; that is no consent.
    async fn closed_question(
        &self,
        question: &Question,
        holder: &Holder,
        categories: &BTreeSet<&'static str>,
        deadline: Instant,
    ) -> Result<BTreeMap<&'static str, Verdict>, GatherError>;
}

/// Tells the type of an organisation.
pub trait OrganisationTypes: Send + Sync {
    /// The type (OID 2.16.840.1.113883.2.4.15.1060), when it is known without doubt.
    fn type_of(&self, ura: &Ura) -> Option<String>;
}

/// What holds for one holder and one category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The holder may be asked.
    Permit(Permit),
    /// It may not be asked. Why is not told.
    NotPermitted,
}

/// What holds for one holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderConsent {
    /// The decision for every category asked.
    pub decisions: BTreeMap<Category, Decision>,
    /// Set when the consent service did not do its part: the answer as a whole is incomplete.
    pub fault: Option<GatherError>,
}

/// Asks for consent, and keeps decisions while they hold.
pub struct Consent {
    service: Arc<dyn ConsentService>,
    types: Arc<dyn OrganisationTypes>,
    register: Arc<Register>,
    overrides: BTreeMap<Ura, String>,
    ttl: SignedDuration,
    cache: Cache,
    clock: Arc<dyn Clock>,
}

impl Consent {
    /// Sets up over a consent service.
    #[must_use]
    pub fn new(
        config: &ConsentConfig,
        service: Arc<dyn ConsentService>,
        types: Arc<dyn OrganisationTypes>,
        register: Arc<Register>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let ttl = config.ttl_s.min(LONGEST_TTL_S);
        Consent {
            service,
            types,
            register,
            overrides: config.organisation_types.clone(),
            ttl: SignedDuration::from_secs(i64::try_from(ttl).unwrap_or_default()),
            cache: Cache::new(config.max_kept),
            clock,
        }
    }

    /// The register in which permits end.
    #[must_use]
    pub fn register(&self) -> &Arc<Register> {
        &self.register
    }

    /// Decides for one holder and categories of a question.
    ///
    /// # Errors
    /// [`GatherError::Ledger`] only; every other failure is a decision not to ask, with its fault.
    pub async fn decide(
        &self,
        question: &Question,
        holder: &Ura,
        categories: &BTreeSet<Category>,
        deadline: Instant,
    ) -> Result<HolderConsent, GatherError> {
        let patient = self.register.key(&question.patient);
        // Read before asking: a withdrawal that arrives while the answer is on its way ends the permit too.
        let epoch = self.register.epoch(patient);
        let now = self.clock.now();
        let mut verdicts: BTreeMap<&'static str, (Verdict, permit::Decided)> = BTreeMap::new();
        let mut open: BTreeSet<&'static str> = BTreeSet::new();
        for group in categories.iter().map(|category| category.gegevenscategorie()) {
            match self
                .cache
                .get(&Key::new(patient, holder, group, question), epoch, now)
            {
                Some(kept) => drop(verdicts.insert(group, kept)),
                None => drop(open.insert(group)),
            }
        }
        let mut fault = None;
        if !open.is_empty() {
            match self.ask(question, holder, &open, deadline).await {
                Ok(fresh) => {
                    let decided = permit::Decided {
                        at: now,
                        until: now.saturating_add(self.ttl).unwrap_or(now),
                        epoch,
                    };
                    for (group, verdict) in fresh {
                        let key = Key::new(patient, holder, group, question);
                        self.cache.put(key, verdict, decided, now);
                        verdicts.insert(group, (verdict, decided));
                    }
                }
                Err(GatherError::Ledger(closed)) => return Err(closed.into()),
                Err(error) => {
                    tracing::warn!(code = error.cause_code(), service = "mitz", "no consent decision");
                    fault = Some(error);
                }
            }
        }
        let decisions = categories
            .iter()
            .map(|category| {
                let group = category.gegevenscategorie();
                let decision = match verdicts.get(group) {
                    Some((Verdict::Permit, decided)) => Decision::Permit(Permit::new(
                        holder.clone(),
                        *category,
                        patient,
                        question.asker.organisation.clone(),
                        *decided,
                        Basis::Mitz { category: group },
                    )),
                    _ => Decision::NotPermitted,
                };
                (*category, decision)
            })
            .collect();
        Ok(HolderConsent { decisions, fault })
    }

    async fn ask(
        &self,
        question: &Question,
        holder: &Ura,
        open: &BTreeSet<&'static str>,
        deadline: Instant,
    ) -> Result<BTreeMap<&'static str, Verdict>, GatherError> {
        let organisation_type = self
            .overrides
            .get(holder)
            .cloned()
            .or_else(|| self.types.type_of(holder))
            .ok_or(GatherError::Configuration(
                "a holder's type of organisation is not known",
            ))?;
        let holder = Holder {
            ura: holder.clone(),
            organisation_type,
        };
        let mut verdicts = self
            .service
            .closed_question(question, &holder, open, deadline)
            .await?;
        verdicts.retain(|group, _| open.contains(group));
        Ok(verdicts)
    }
}

#[cfg(test)]
mod tests;
