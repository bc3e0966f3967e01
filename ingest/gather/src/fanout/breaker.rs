//! The circuit breaker of one holder: a state machine without I/O.
//!
//! It spares a holder that is down, and the asker's time. It opens after some failures in a row; after a pause one
//! probe (`GET /metadata`) decides. A holder that answered with another patient's data stays shut until a person
//! releases it (F18).

use std::time::Duration;

use tokio::time::Instant;

/// When the breaker opens and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerLimits {
    /// Failures in a row that open it.
    pub failures: u32,
    /// How long it stays open before a probe.
    pub pause: Duration,
}

/// What may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Ask.
    Ask,
    /// Send one probe first and report its outcome.
    Probe,
    /// Do not ask.
    Refuse,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed { failures: u32 },
    Open { until: Instant },
    HalfOpen { probe_ends: Instant },
    Held,
}

/// The breaker.
#[derive(Debug)]
pub struct Breaker {
    limits: BreakerLimits,
    state: State,
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub fn new(limits: BreakerLimits) -> Self {
        Breaker {
            limits,
            state: State::Closed { failures: 0 },
        }
    }

    /// Whether a question may be asked now. After [`Admission::Probe`] others are refused until the probe's outcome
    /// is reported, or, should it never be, until another pause has passed.
    pub fn admit(&mut self, now: Instant) -> Admission {
        match self.state {
            State::Closed { .. } => Admission::Ask,
            State::Held => Admission::Refuse,
            State::Open { until } | State::HalfOpen { probe_ends: until } if now >= until => {
                self.state = State::HalfOpen {
                    probe_ends: now + self.limits.pause,
                };
                Admission::Probe
            }
            State::Open { .. } | State::HalfOpen { .. } => Admission::Refuse,
        }
    }

    /// A call was answered.
    pub fn success(&mut self) {
        if self.state != State::Held {
            self.state = State::Closed { failures: 0 };
        }
    }

    /// A call failed: no answer, an answer that cannot be read, or a status 5xx.
    pub fn failure(&mut self, now: Instant) {
        let until = now + self.limits.pause;
        self.state = match self.state {
            State::Held => State::Held,
            State::Closed { failures } if failures + 1 < self.limits.failures => State::Closed {
                failures: failures + 1,
            },
            State::Closed { .. } | State::HalfOpen { .. } => State::Open { until },
            // Calls that were under way when it opened do not prolong it.
            State::Open { until } => State::Open { until },
        };
    }

    /// Shuts it until a person releases it.
    pub fn hold(&mut self) {
        self.state = State::Held;
    }

    /// A person looked into it.
    pub fn release(&mut self) {
        self.state = State::Closed { failures: 0 };
    }

    /// `closed`, `open`, `half-open` or `held`, for metrics.
    #[must_use]
    pub fn state_name(&self) -> &'static str {
        match self.state {
            State::Closed { .. } => "closed",
            State::Open { .. } => "open",
            State::HalfOpen { .. } => "half-open",
            State::Held => "held",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Admission, Breaker, BreakerLimits};

    const PAUSE: Duration = Duration::from_secs(30);

    fn broken(now: Instant) -> Breaker {
        let mut breaker = Breaker::new(BreakerLimits {
            failures: 3,
            pause: PAUSE,
        });
        for _ in 0..3 {
            assert_eq!(breaker.admit(now), Admission::Ask);
            breaker.failure(now);
        }
        breaker
    }

    #[test]
    fn f05_opens_after_failures_in_a_row_only() {
        let now = Instant::now();
        let mut breaker = Breaker::new(BreakerLimits {
            failures: 2,
            pause: PAUSE,
        });
        breaker.failure(now);
        breaker.success();
        breaker.failure(now);
        assert_eq!(breaker.admit(now), Admission::Ask);
        breaker.failure(now);
        assert_eq!(breaker.admit(now), Admission::Refuse);
        assert_eq!(breaker.state_name(), "open");
    }

    #[test]
    fn one_probe_decides() {
        let now = Instant::now();
        let mut breaker = broken(now);
        assert_eq!(
            breaker.admit(now + PAUSE - Duration::from_millis(1)),
            Admission::Refuse
        );
        assert_eq!(breaker.admit(now + PAUSE), Admission::Probe);
        assert_eq!(breaker.admit(now + PAUSE), Admission::Refuse, "one at a time");
        breaker.failure(now + PAUSE);
        assert_eq!(breaker.admit(now + PAUSE), Admission::Refuse);
        assert_eq!(breaker.admit(now + PAUSE * 2), Admission::Probe);
        breaker.success();
        assert_eq!(breaker.admit(now + PAUSE * 2), Admission::Ask);
    }

    #[test]
    fn a_probe_that_is_never_reported_does_not_shut_it_for_ever() {
        let now = Instant::now();
        let mut breaker = broken(now);
        assert_eq!(breaker.admit(now + PAUSE), Admission::Probe);
        assert_eq!(breaker.admit(now + PAUSE * 2), Admission::Probe);
    }

    #[test]
    fn late_failures_do_not_prolong_the_pause() {
        let now = Instant::now();
        let mut breaker = broken(now);
        breaker.failure(now + PAUSE / 2);
        assert_eq!(breaker.admit(now + PAUSE), Admission::Probe);
    }

    #[test]
    fn f18_only_a_person_releases_a_held_breaker() {
        let now = Instant::now();
        let mut breaker = Breaker::new(BreakerLimits {
            failures: 3,
            pause: PAUSE,
        });
        breaker.hold();
        breaker.success();
        breaker.failure(now);
        assert_eq!(breaker.admit(now + PAUSE * 100), Admission::Refuse);
        breaker.release();
        assert_eq!(breaker.admit(now), Admission::Ask);
    }
}
