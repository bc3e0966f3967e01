//! The clock of the simulated country: it follows real time with an offset, or stands still.
//!
//! All services of one testbed share it, so that tokens expire for all at once. It does not drive timers: latency and
//! hanging use tokio time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A shared clock that can be moved.
#[derive(Debug, Clone, Default)]
pub struct SimClock(Arc<Mutex<State>>);

#[derive(Debug, Clone, Copy)]
enum State {
    Following { offset: SignedDuration },
    Frozen { at: Timestamp },
}

impl Default for State {
    fn default() -> Self {
        State::Following {
            offset: SignedDuration::ZERO,
        }
    }
}

impl SimClock {
    /// A clock that shows real time.
    #[must_use]
    pub fn real() -> Self {
        Self::default()
    }

    /// A clock that shows `start` now and runs on with real time.
    #[must_use]
    pub fn starting_at(start: Timestamp) -> Self {
        let offset = start.duration_since(Timestamp::now());
        SimClock(Arc::new(Mutex::new(State::Following { offset })))
    }

    /// A clock that stands still until it is moved.
    #[must_use]
    pub fn frozen(at: Timestamp) -> Self {
        SimClock(Arc::new(Mutex::new(State::Frozen { at })))
    }

    /// The time in the simulated country (UTC).
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Following { offset } => shift(Timestamp::now(), offset),
            State::Frozen { at } => at,
        }
    }

    /// Seconds since 1970, as JWT claims use.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.now().as_second()
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = match *state {
            State::Following { offset } => State::Following {
                offset: offset.saturating_add(by),
            },
            State::Frozen { at } => State::Frozen { at: shift(at, by) },
        };
    }

    /// Sets the clock; a frozen clock stays frozen.
    pub fn set(&self, to: Timestamp) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = match *state {
            State::Following { .. } => State::Following {
                offset: to.duration_since(Timestamp::now()),
            },
            State::Frozen { .. } => State::Frozen { at: to },
        };
    }
}

fn shift(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::SimClock;

    #[test]
    fn a_frozen_clock_moves_only_when_told() {
        let start: Timestamp = "2026-09-01T08:00:00Z".parse().unwrap();
        let clock = SimClock::frozen(start);
        let other = clock.clone();
        other.advance(Duration::from_secs(600));
        assert_eq!(clock.now().to_string(), "2026-09-01T08:10:00Z");
        clock.set(start);
        assert_eq!(other.seconds(), start.as_second());
    }

    #[test]
    fn a_following_clock_starts_where_told() {
        let start: Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
        let clock = SimClock::starting_at(start);
        assert!(clock.now() >= start);
        clock.advance(Duration::from_secs(3600));
        assert!(clock.seconds() >= start.as_second() + 3600);
    }
}
