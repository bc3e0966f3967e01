//! What a person said is not the same: kept until it is withdrawn, and honoured by every answer about that patient.
//!
//! A database file beside the audit log. It holds keyed hashes of who the patient is and of the addresses of two records,
//! the ground as a code, when, and the number of the professional: no content of a record, no address and no number
//! of a patient (P2, P9). What is in force is in memory too, so that an answer waits for no disk.

mod store;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use samenhang_profiles::{Bsn, Received};
use samenhang_reconcile::apart::{Apart, Ground};

use crate::audit::Key;
use store::{Reference, Store};

/// Corrections of one patient that are in force, at most.
const MOST: usize = 1_000;

/// Why a correction could not be kept or read. Says nothing about a patient.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CorrectionsError {
    /// The database cannot be opened, read or written.
    #[error("the database of corrections: {0}")]
    Database(Arc<sqlx::Error>),
    /// A patient has too many of them.
    #[error("a patient has more than {MOST} corrections")]
    TooMany,
}

impl From<sqlx::Error> for CorrectionsError {
    fn from(error: sqlx::Error) -> Self {
        CorrectionsError::Database(Arc::new(error))
    }
}

/// One correction: two records of a patient are not the same.
#[derive(Clone, Copy)]
pub struct Correction<'a> {
    /// The patient.
    pub patient: &'a Bsn,
    /// The address of the one.
    pub a: &'a str,
    /// The address of the other.
    pub b: &'a str,
    /// Who says so: a number of a professional.
    pub by: &'a str,
    /// When.
    pub at: Timestamp,
}

/// One correction that is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held {
    a: Reference,
    b: Reference,
    at: Timestamp,
    ground: Ground,
}

/// The corrections of this server.
pub struct Corrections {
    key: Key,
    store: Store,
    held: RwLock<HashMap<Reference, Vec<Held>>>,
}

impl Corrections {
    /// Where they are kept: beside the audit log.
    #[must_use]
    pub fn path(audit: &Path) -> PathBuf {
        let mut name = audit.as_os_str().to_owned();
        name.push(".corrections");
        name.into()
    }

    /// Opens the database, makes it when it is not there, and reads what is in force.
    ///
    /// # Errors
    /// [`CorrectionsError::Database`].
    pub async fn open(path: &Path, key: Key) -> Result<Corrections, CorrectionsError> {
        let store = Store::open(path).await?;
        let mut held: HashMap<Reference, Vec<Held>> = HashMap::new();
        for (patient, one) in store.in_force().await? {
            held.entry(patient).or_default().push(one);
        }
        Ok(Corrections {
            key,
            store,
            held: RwLock::new(held),
        })
    }

    /// Keeps two records apart from now on; durable when it returns. Whether they were not already.
    ///
    /// # Errors
    /// [`CorrectionsError`]: nothing was kept.
    pub async fn unlink(&self, of: Correction<'_>, ground: Ground) -> Result<bool, CorrectionsError> {
        let (patient, a, b) = self.references(of);
        let known = self.held_of(&patient);
        if known.iter().any(|held| (held.a, held.b) == (a, b)) {
            return Ok(false);
        }
        if known.len() >= MOST {
            return Err(CorrectionsError::TooMany);
        }
        let held = Held {
            a,
            b,
            at: of.at,
            ground,
        };
        let is_new = self.store.insert(&patient, &held, of.by).await?;
        if is_new {
            let mut all = self.held.write().unwrap_or_else(PoisonError::into_inner);
            all.entry(patient).or_default().push(held);
        }
        Ok(is_new)
    }

    /// Takes it back; durable when it returns. Whether there was something to take back.
    ///
    /// # Errors
    /// [`CorrectionsError`]: it is still in force.
    pub async fn withdraw(&self, of: Correction<'_>) -> Result<bool, CorrectionsError> {
        let (patient, a, b) = self.references(of);
        let was = self.store.withdraw(&patient, (&a, &b), of.by, of.at).await?;
        let mut all = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(list) = all.get_mut(&patient) {
            list.retain(|held| (held.a, held.b) != (a, b));
        }
        Ok(was)
    }

    /// What is in force about a patient, as far as both records are here.
    #[must_use]
    pub fn of(&self, patient: &Bsn, items: &[Received]) -> Vec<Apart> {
        let held = self.held_of(&self.key.reference(patient, None));
        if held.is_empty() {
            return Vec::new();
        }
        let mut addresses: HashMap<Reference, &str> = HashMap::new();
        for item in items {
            let reference = self.key.reference(patient, Some(&item.full_url));
            addresses.insert(reference, &item.full_url);
        }
        let pair = |held: &Held| {
            Some(Apart {
                a: (*addresses.get(&held.a)?).to_owned(),
                b: (*addresses.get(&held.b)?).to_owned(),
                at: Some(held.at),
                ground: held.ground,
            })
        };
        held.iter().filter_map(pair).collect()
    }

    /// The two records as they are named in the audit log: by the first half of their keyed hashes.
    #[must_use]
    pub fn told(&self, of: Correction<'_>) -> [(&'static str, String); 2] {
        let (_, a, b) = self.references(of);
        let name = |reference: Reference| -> String {
            let half = reference.iter().take(16);
            half.map(|byte| format!("{byte:02x}")).collect()
        };
        [("record-a", name(a)), ("record-b", name(b))]
    }

    fn held_of(&self, patient: &Reference) -> Vec<Held> {
        let all = self.held.read().unwrap_or_else(PoisonError::into_inner);
        all.get(patient).cloned().unwrap_or_default()
    }

    /// The patient and the two records, these in a fixed order.
    fn references(&self, of: Correction<'_>) -> (Reference, Reference, Reference) {
        let record = |address| self.key.reference(of.patient, Some(address));
        let (a, b) = (record(of.a), record(of.b));
        (self.key.reference(of.patient, None), a.min(b), a.max(b))
    }
}
