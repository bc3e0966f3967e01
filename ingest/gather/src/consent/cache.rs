//! Decisions that still hold, so that one view does not ask the same thing again and again. Memory only.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use samenhang_profiles::Ura;

use super::Verdict;
use super::permit::{Decided, PatientKey};
use crate::query::{Purpose, Question};

/// Everything that a decision depends on: another asker never finds it (control C18).
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    patient: PatientKey,
    holder: Ura,
    category: &'static str,
    organisation: Ura,
    organisation_type: String,
    user: Option<(String, String)>,
    client: String,
    purpose: Purpose,
}

impl Key {
    pub(super) fn new(
        patient: PatientKey,
        holder: &Ura,
        category: &'static str,
        question: &Question,
    ) -> Self {
        let asker = &question.asker;
        Key {
            patient,
            holder: holder.clone(),
            category,
            organisation: asker.organisation.clone(),
            organisation_type: asker.organisation_type.clone(),
            user: asker
                .person()
                .map(|user| (user.number.clone(), user.role.clone())),
            client: asker.client_id.clone(),
            purpose: question.purpose,
        }
    }
}

/// Decisions by what they depend on.
pub(super) struct Cache {
    most: usize,
    kept: Mutex<HashMap<Key, (Verdict, Decided)>>,
}

impl Cache {
    pub(super) fn new(most: usize) -> Self {
        Cache {
            most,
            kept: Mutex::default(),
        }
    }

    /// A decision that holds now and was taken in this state of the patient's choices.
    pub(super) fn get(&self, key: &Key, epoch: u64, now: Timestamp) -> Option<(Verdict, Decided)> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(key)
            .filter(|(_, decided)| decided.epoch == epoch && now >= decided.at && now < decided.until)
            .copied()
    }

    pub(super) fn put(&self, key: Key, verdict: Verdict, decided: Decided, now: Timestamp) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= self.most {
            kept.retain(|_, (_, decided)| now < decided.until);
        }
        if kept.len() < self.most {
            kept.insert(key, (verdict, decided));
        }
    }
}
