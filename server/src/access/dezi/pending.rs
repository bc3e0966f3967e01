//! Logins that have begun and not ended: what must come back, from which browser.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

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
    /// Notes a login. When too many have begun, the oldest makes room: a flood of logins that nobody ends then has to
    /// be faster than a person who does.
    pub(super) fn put(&self, state: String, begun: Begun, now: Timestamp) {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.len() >= MOST {
            pending.retain(|_, begun| now.duration_since(begun.at) < LIFETIME);
        }
        if pending.len() >= MOST {
            let oldest = pending.iter().min_by_key(|(_, begun)| begun.at);
            if let Some(oldest) = oldest.map(|(state, _)| state.clone()) {
                pending.remove(&oldest);
            }
        }
        pending.insert(state, begun);
    }

    /// Takes a login out: it cannot be tried twice.
    pub(super) fn take(&self, state: &str, now: Timestamp) -> Option<Begun> {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pending
            .remove(state)
            .filter(|begun| now.duration_since(begun.at) < LIFETIME)
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{Begun, MOST, Pending};

    #[test]
    fn a_flood_of_logins_pushes_out_the_oldest_only() {
        let pending = Pending::default();
        for number in 0..=MOST {
            let at = Timestamp::UNIX_EPOCH + SignedDuration::from_millis(i64::try_from(number).unwrap());
            let begun = Begun {
                verifier: String::new(),
                nonce: String::new(),
                browser: String::new(),
                return_to: String::new(),
                at,
            };
            pending.put(number.to_string(), begun, at);
        }
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(20);
        assert!(pending.take("0", now).is_none());
        assert!(pending.take("1", now).is_some());
        assert!(pending.take("1", now).is_none(), "once");
    }
}
