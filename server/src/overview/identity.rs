//! Whether a holder's Patient is the person that was asked about: reconciliation decides, the fan-out asks.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use samenhang_gather::query::Question;
use samenhang_gather::source::{IdentityCheck, IdentityVerdict};
use samenhang_profiles::{RawResource, Ura};
use samenhang_reconcile::identity::{
    Anchor, Demographics, Judgement, NotLinked, Standing, compare_holders, judge,
};

/// The identity check of one question. Remembers what the accepted Patients say, to compare holders with each other.
#[derive(Default)]
pub struct Identity {
    accepted: Mutex<Vec<(Ura, Demographics)>>,
}

impl Identity {
    /// A check that knows what accepted Patients said before.
    #[must_use]
    pub fn knowing(accepted: Vec<(Ura, Demographics)>) -> Self {
        Identity {
            accepted: Mutex::new(accepted),
        }
    }

    /// What the accepted Patients say.
    #[must_use]
    pub fn accepted(&self) -> Vec<(Ura, Demographics)> {
        self.accepted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Takes in what a holder's Patient said before, unless it says something now.
    pub fn take_in(&self, holder: &Ura, demographics: &Demographics) {
        let mut accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        if accepted.iter().all(|(known, _)| known != holder) {
            accepted.push((holder.clone(), demographics.clone()));
        }
    }

    /// How the accepted holders stand among each other, when the asker gave nothing to compare with.
    #[must_use]
    pub fn standings(&self, question: &Question) -> BTreeMap<Ura, Standing> {
        if question.birth_date.is_some() {
            return BTreeMap::new();
        }
        let accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut standings = compare_holders(&accepted);
        standings.retain(|ura, _| !question.confirmed_identity.contains(ura));
        standings
    }
}

impl IdentityCheck for Identity {
    fn check(&self, question: &Question, holder: &Ura, patients: &[RawResource]) -> IdentityVerdict {
        let anchor = Anchor {
            bsn: question.patient.clone(),
            birth_date: question.birth_date.clone(),
            family_name: question.family_name.clone(),
            gender: None,
        };
        let confirmed = question.confirmed_identity.contains(holder);
        let judgement = judge(&anchor, patients);
        if let Some(found) = judgement.accepted(confirmed) {
            let mut accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
            accepted.push((holder.clone(), found.demographics.clone()));
            return IdentityVerdict::Accept {
                patient_id: found.id.to_string(),
                warning: !matches!(judgement, Judgement::Accept(_)),
            };
        }
        match judgement {
            Judgement::Hold(..) => IdentityVerdict::Hold,
            Judgement::Quarantine(_) => IdentityVerdict::Quarantine,
            Judgement::NotLinked(NotLinked::NoPatient) => IdentityVerdict::Unknown,
            Judgement::NotLinked(_) => IdentityVerdict::NotLinked,
            Judgement::Ambiguous { .. } => IdentityVerdict::Ambiguous,
            // Accepted ones have returned above; in doubt nothing is let in.
            _ => IdentityVerdict::Reject,
        }
    }
}
