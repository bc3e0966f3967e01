//! Permits, and the register in which they end (controls C03 and C18, fault F30).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use hkdf::Hkdf;
use jiff::{SignedDuration, Timestamp};
use samenhang_profiles::{Bsn, Ura};
use samenhang_terminology::Category;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::clock::Random;

/// How long a withdrawal is remembered: longer than any permit that it could end.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(10);

/// A patient, as a keyed hash: the same within this process, meaningless outside it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PatientKey([u8; 32]);

impl std::fmt::Debug for PatientKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PatientKey(..)")
    }
}

/// On what a permit rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// A decision of Mitz on a data category (`GGC...`).
    Mitz {
        /// The data category.
        category: &'static str,
    },
}

/// When a decision was taken, until when it holds, and in which state of the patient's choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decided {
    pub(super) at: Timestamp,
    pub(super) until: Timestamp,
    pub(super) epoch: u64,
}

/// The patient lets this holder share this category with this asker. Made by [`super::Consent`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    holder: Ura,
    category: Category,
    patient: PatientKey,
    requester: Ura,
    decided: Decided,
    basis: Basis,
}

impl Permit {
    pub(super) fn new(
        holder: Ura,
        category: Category,
        patient: PatientKey,
        requester: Ura,
        decided: Decided,
        basis: Basis,
    ) -> Self {
        Permit {
            holder,
            category,
            patient,
            requester,
            decided,
            basis,
        }
    }

    /// The holder that may be asked.
    #[must_use]
    pub fn holder(&self) -> &Ura {
        &self.holder
    }

    /// The category that may be asked for.
    #[must_use]
    pub fn category(&self) -> Category {
        self.category
    }

    /// The patient.
    #[must_use]
    pub fn patient(&self) -> PatientKey {
        self.patient
    }

    /// The organisation that asks.
    #[must_use]
    pub fn requester(&self) -> &Ura {
        &self.requester
    }

    /// When it was decided.
    #[must_use]
    pub fn decided_at(&self) -> Timestamp {
        self.decided.at
    }

    /// From when it holds no more.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.decided.until
    }

    /// On what it rests.
    #[must_use]
    pub fn basis(&self) -> Basis {
        self.basis
    }
}

/// Remembers whose choices changed lately. Numbers are kept as keyed hashes, in memory only.
pub struct Register {
    key: Zeroizing<[u8; 32]>,
    changes: Mutex<Changes>,
}

#[derive(Default)]
struct Changes {
    count: u64,
    latest: HashMap<PatientKey, (u64, Timestamp)>,
}

impl Register {
    /// An empty register with its own key.
    #[must_use]
    pub fn new(random: &dyn Random) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        random.fill(&mut *key);
        Register {
            key,
            changes: Mutex::default(),
        }
    }

    /// The keyed hash of a patient's number.
    #[must_use]
    pub fn key(&self, patient: &Bsn) -> PatientKey {
        let mut hash = [0; 32];
        // HKDF with a secret salt is HMAC with that key; 32 bytes are always possible.
        let expanded =
            Hkdf::<Sha256>::new(Some(&*self.key), patient.expose().as_bytes()).expand(b"patient", &mut hash);
        debug_assert!(expanded.is_ok(), "32 bytes can be expanded");
        PatientKey(hash)
    }

    /// The state of a patient's choices; it changes with every withdrawal or other change.
    #[must_use]
    pub fn epoch(&self, patient: PatientKey) -> u64 {
        let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.latest.get(&patient).map_or(0, |(epoch, _)| *epoch)
    }

    /// A patient's choices changed: every permit about this patient ends now.
    pub fn revoke(&self, patient: &Bsn, now: Timestamp) {
        let key = self.key(patient);
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.count += 1;
        let count = changes.count;
        // A forgotten change can revive no permit: those from before it have expired, and those from after it carry
        // a count that is found no more.
        changes
            .latest
            .retain(|_, (_, at)| now.duration_since(*at) < REMEMBERED);
        changes.latest.insert(key, (count, now));
    }

    /// Whether a permit still holds: asked before a holder is, and again before its data is shown.
    #[must_use]
    pub fn still_valid(&self, permit: &Permit, now: Timestamp) -> bool {
        now >= permit.decided.at
            && now < permit.decided.until
            && self.epoch(permit.patient) == permit.decided.epoch
    }
}
