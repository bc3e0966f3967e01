//! The retry budget of one holder: a state machine without I/O.
//!
//! Retries may add a share of the load at most, so that a holder in trouble is not pushed further (I5). Only
//! idempotent reads are retried, and never is a second request sent while the first is still under way.

use std::time::Duration;

use tokio::time::Instant;

/// Hundredths of a retry that one request earns are kept as integers, so that the sum is exact.
const WHOLE: u32 = 100;

/// How many retries are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetLimits {
    /// Retries per hundred requests.
    pub percent: u32,
    /// Retries that are allowed before any request has earned one, and the most that can be saved up.
    pub reserve: u32,
    /// Tries of one request, the first included.
    pub attempts: u32,
    /// Pause before a retry when the source names none.
    pub pause: Duration,
}

/// The budget.
#[derive(Debug)]
pub struct Budget {
    limits: BudgetLimits,
    balance: u32,
}

impl Budget {
    /// A budget with its reserve.
    #[must_use]
    pub fn new(limits: BudgetLimits) -> Self {
        Budget {
            limits,
            balance: limits.reserve.saturating_mul(WHOLE),
        }
    }

    /// A first try is sent.
    pub fn request(&mut self) {
        let most = self.limits.reserve.saturating_mul(WHOLE).max(WHOLE);
        self.balance = self.balance.saturating_add(self.limits.percent).min(most);
    }

    /// Asks for a retry after `attempt` tries. Returns when to send it, or `None` when it must not be: the budget is
    /// spent, the tries are, or the deadline would pass first.
    pub fn retry(
        &mut self,
        attempt: u32,
        retry_after: Option<Duration>,
        now: Instant,
        deadline: Instant,
    ) -> Option<Instant> {
        if attempt >= self.limits.attempts {
            return None;
        }
        let at = now.checked_add(retry_after.unwrap_or(self.limits.pause))?;
        if at >= deadline {
            return None;
        }
        self.balance = self.balance.checked_sub(WHOLE)?;
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Budget, BudgetLimits};

    const LIMITS: BudgetLimits = BudgetLimits {
        percent: 20,
        reserve: 2,
        attempts: 2,
        pause: Duration::from_millis(100),
    };

    #[test]
    fn i5_retries_stay_within_the_share() {
        let now = Instant::now();
        let deadline = now + Duration::from_secs(10);
        let mut budget = Budget::new(LIMITS);
        let retries = (0..1000)
            .filter(|_| {
                budget.request();
                budget.retry(1, None, now, deadline).is_some()
            })
            .count();
        assert_eq!(
            retries, 201,
            "a fifth of the requests, and the reserve less what was full"
        );
    }

    #[test]
    fn tries_and_deadline_bound_a_retry() {
        let now = Instant::now();
        let deadline = now + Duration::from_secs(3);
        let mut budget = Budget::new(LIMITS);
        assert_eq!(budget.retry(2, None, now, deadline), None);
        assert_eq!(budget.retry(1, Some(Duration::from_secs(3)), now, deadline), None);
        assert_eq!(
            budget.retry(1, Some(Duration::from_secs(2)), now, deadline),
            Some(now + Duration::from_secs(2))
        );
        assert_eq!(budget.retry(1, None, now, deadline), Some(now + LIMITS.pause));
        assert_eq!(budget.retry(1, None, now, deadline), None, "the reserve is spent");
    }
}
