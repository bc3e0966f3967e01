//! What was localised a moment ago, for when the referral index is down (faults F31 and F33).
//!
//! For five minutes, and only when the index or the pseudonym service cannot be reached: what they refuse is refused.
//! The answer says that it rests on it. Memory only; a patient is a keyed hash, and a record belongs to the organisation
//! that asked.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use samenhang_profiles::Ura;
use tokio::time::Instant;

use super::{Found, Localiser, Origin};
use crate::clock::Clock;
use crate::consent::{PatientKey, Register};
use crate::error::GatherError;
use crate::query::Question;

/// How long a localisation may be used again.
const LIFE: SignedDuration = SignedDuration::from_mins(5);
/// Localisations that are kept.
const MOST: usize = 10_000;

type Key = (PatientKey, Ura);

/// A localiser that helps itself for a few minutes when it cannot be reached.
pub struct Kept {
    inner: Box<dyn Localiser>,
    register: Arc<Register>,
    clock: Arc<dyn Clock>,
    kept: Mutex<HashMap<Key, (BTreeSet<Ura>, Timestamp)>>,
}

impl Kept {
    /// Around a localiser.
    #[must_use]
    pub fn new(inner: Box<dyn Localiser>, register: Arc<Register>, clock: Arc<dyn Clock>) -> Self {
        Kept {
            inner,
            register,
            clock,
            kept: Mutex::default(),
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<Key, (BTreeSet<Ura>, Timestamp)>, Timestamp) -> T) -> T {
        let now = self.clock.now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (_, since)| now >= *since && now.duration_since(*since) < LIFE);
        work(&mut kept, now)
    }
}

#[async_trait]
impl Localiser for Kept {
    fn origin(&self) -> Origin {
        self.inner.origin()
    }

    async fn localise(&self, question: &Question, deadline: Instant) -> Result<Found, GatherError> {
        let key = (
            self.register.key(&question.patient),
            question.asker.organisation.clone(),
        );
        match self.inner.localise(question, deadline).await {
            Ok(found) => {
                self.with(|kept, now| {
                    // What was not read wholly would hide holders later on.
                    if found.unreadable > 0 || kept.len() >= MOST {
                        kept.remove(&key);
                    } else {
                        kept.insert(key, (found.holders.clone(), now));
                    }
                });
                Ok(found)
            }
            Err(error) if error.is_transient() => {
                let (holders, since) = self
                    .with(|kept, _| kept.get(&key).cloned())
                    .ok_or_else(|| error.clone())?;
                tracing::warn!(
                    code = error.cause_code(),
                    "a localisation of a moment ago is used"
                );
                Ok(Found {
                    holders,
                    unreadable: 0,
                    kept_since: Some(since),
                })
            }
            Err(error) => Err(error),
        }
    }
}
