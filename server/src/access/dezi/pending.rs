//! Logins that have begun and not ended: what must come back, from which browser.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::error::LoginError;

/// How long a login may take.
pub(super) const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// Most logins at once.
const MOST: usize = 10_000;

/// A login that has begun.
pub(super) struct Begun {
    /// PKCE code verifier.
    pub verifier: String,
    /// What the id token must repeat.
    pub nonce: String,
    /// What the browser's cookie must hold.
    pub browser: String,
    /// The page to return to.
    pub return_to: String,
    /// When it began.
    pub at: Timestamp,
}

/// All logins that have begun, by their state.
#[derive(Default)]
pub(super) struct Pending(Mutex<HashMap<String, Begun>>);

impl Pending {
    pub(super) fn put(&self, state: String, begun: Begun, now: Timestamp) -> Result<(), LoginError> {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.len() >= MOST {
            pending.retain(|_, begun| now.duration_since(begun.at) < LIFETIME);
        }
        if pending.len() >= MOST {
            return Err(LoginError::TooMany);
        }
        pending.insert(state, begun);
        Ok(())
    }

    /// Takes a login out: it cannot be tried twice.
    pub(super) fn take(&self, state: &str, now: Timestamp) -> Option<Begun> {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pending
            .remove(state)
            .filter(|begun| now.duration_since(begun.at) < LIFETIME)
    }
}
