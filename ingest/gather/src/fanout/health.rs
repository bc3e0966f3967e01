//! How a holder does, for the operator: what its calls took lately, when one succeeded last, what the last failure was, and
//! since when its circuit breaker stands as it does. Numbers and codes; nothing about a patient or a question.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use samenhang_profiles::Ura;

/// Calls of which the time is remembered.
const KEPT: usize = 256;

/// How a holder does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderHealth {
    /// The holder.
    pub holder: Ura,
    /// `closed`, `open`, `half-open` or `held`.
    pub breaker: &'static str,
    /// Since when the breaker stands so; `None` when it was never otherwise.
    pub since: Option<Timestamp>,
    /// Calls since the start.
    pub calls: u64,
    /// Of these, calls that brought nothing.
    pub failures: u64,
    /// Milliseconds that half, 95 and 99 of a hundred of the last 256 calls took at most; `None` before the first.
    pub latency_ms: Option<[u64; 3]>,
    /// When a call last succeeded.
    pub last_success: Option<Timestamp>,
    /// When a call last brought nothing, and the code of why.
    pub last_failure: Option<(Timestamp, &'static str)>,
}

/// What is noted of a holder.
#[derive(Debug)]
pub(super) struct Health {
    calls: u64,
    failures: u64,
    took: VecDeque<Duration>,
    last_success: Option<Timestamp>,
    last_failure: Option<(Timestamp, &'static str)>,
    breaker: &'static str,
    since: Option<Timestamp>,
}

impl Health {
    /// Nothing is known yet; the breaker is closed.
    pub(super) fn new() -> Self {
        Health {
            calls: 0,
            failures: 0,
            took: VecDeque::new(),
            last_success: None,
            last_failure: None,
            breaker: "closed",
            since: None,
        }
    }

    /// A call has ended, with the code of what went wrong.
    pub(super) fn call(&mut self, at: Timestamp, took: Duration, failed: Option<&'static str>) {
        self.calls = self.calls.saturating_add(1);
        if self.took.len() >= KEPT {
            self.took.pop_front();
        }
        self.took.push_back(took);
        match failed {
            None => self.last_success = Some(at),
            Some(code) => {
                self.failures = self.failures.saturating_add(1);
                self.last_failure = Some((at, code));
            }
        }
    }

    /// The breaker stands so.
    pub(super) fn breaker(&mut self, at: Timestamp, state: &'static str) {
        if self.breaker != state {
            self.breaker = state;
            self.since = Some(at);
        }
    }

    /// What is known.
    pub(super) fn told(&self, holder: &Ura) -> HolderHealth {
        HolderHealth {
            holder: holder.clone(),
            breaker: self.breaker,
            since: self.since,
            calls: self.calls,
            failures: self.failures,
            latency_ms: self.latency(),
            last_success: self.last_success,
            last_failure: self.last_failure,
        }
    }

    fn latency(&self) -> Option<[u64; 3]> {
        let mut sorted: Vec<u64> = self
            .took
            .iter()
            .map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
            .collect();
        sorted.sort_unstable();
        // The nearest rank: the smallest that so many of a hundred do not pass.
        let rank = |percent: usize| {
            let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
            sorted.get(place).copied()
        };
        Some([rank(50)?, rank(95)?, rank(99)?])
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::{Health, KEPT};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn percentiles_are_of_the_last_calls_by_nearest_rank() {
        let mut health = Health::new();
        assert_eq!(health.latency(), None);
        health.call(at(1), Duration::from_millis(7), None);
        assert_eq!(health.latency(), Some([7, 7, 7]));
        for ms in 1..=u64::try_from(KEPT + 100).unwrap() {
            health.call(at(2), Duration::from_millis(ms), None);
        }
        // 101 to 356 are left.
        assert_eq!(health.latency(), Some([228, 344, 354]));
        assert_eq!(health.calls, 357);
    }

    #[test]
    fn the_last_failure_and_the_state_of_the_breaker_have_their_moments() {
        let holder = "00700700".parse().unwrap();
        let mut health = Health::new();
        health.call(at(1), Duration::ZERO, None);
        health.call(at(2), Duration::ZERO, Some("SAM-GAT-205"));
        health.breaker(at(2), "open");
        health.breaker(at(3), "open");
        let told = health.told(&holder);
        assert_eq!((told.calls, told.failures), (2, 1));
        assert_eq!(told.last_success, Some(at(1)));
        assert_eq!(told.last_failure, Some((at(2), "SAM-GAT-205")));
        assert_eq!((told.breaker, told.since), ("open", Some(at(2))));
        health.breaker(at(4), "half-open");
        assert_eq!(health.told(&holder).since, Some(at(4)));
    }
}
