//! What has begun in a browser and not ended: a login, a launch. Each is taken once, within ten minutes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// How long something may take.
pub(super) const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// Most at once.
const MOST: usize = 10_000;

/// All that has begun, by a name that cannot be guessed.
pub(super) struct Pending<T>(Mutex<HashMap<String, (Timestamp, T)>>);

impl<T> Default for Pending<T> {
    fn default() -> Self {
        Pending(Mutex::default())
    }
}

impl<T> Pending<T> {
    /// Notes a beginning. When too many have begun, the oldest makes room: a flood of logins that nobody ends then has to
    /// be faster than a person who does.
    pub(super) fn put(&self, name: String, begun: T, now: Timestamp) {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What nobody came back for goes: it may name a patient.
        pending.retain(|_, (at, _)| now.duration_since(*at) < LIFETIME);
        if pending.len() >= MOST {
            let oldest = pending.iter().min_by_key(|(_, (at, _))| *at);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                pending.remove(&oldest);
            }
        }
        pending.insert(name, (now, begun));
    }

    /// Takes it out: it cannot be tried twice.
    pub(super) fn take(&self, name: &str, now: Timestamp) -> Option<T> {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, begun) = pending.remove(name)?;
        (now.duration_since(at) < LIFETIME).then_some(begun)
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{MOST, Pending};

    #[test]
    fn a_flood_of_logins_pushes_out_the_oldest_only() {
        let pending = Pending::default();
        for number in 0..=MOST {
            let at = Timestamp::UNIX_EPOCH + SignedDuration::from_millis(i64::try_from(number).unwrap());
            pending.put(number.to_string(), number, at);
        }
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(20);
        assert!(pending.take("0", now).is_none());
        assert_eq!(pending.take("1", now), Some(1));
        assert!(pending.take("1", now).is_none(), "once");
        let late = now + SignedDuration::from_mins(10);
        assert!(pending.take("2", late).is_none(), "too late");
    }
}
