//! What an operator configures of the fan-out.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::breaker::BreakerLimits;
use super::budget::BudgetLimits;
use crate::source::paging::WalkLimits;

/// Limits of the fan-out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FanoutConfig {
    /// Seconds that a person waits for an answer. Default: 10.
    pub interactive_seconds: u64,
    /// Seconds for the whole set, when it is shown as it comes in. Default: 30.
    pub whole_seconds: u64,
    /// Seconds that one request to a holder may take. Default: 60.
    pub request_seconds: u64,
    /// Holders that one question asks; the rest is reported as skipped. Default: 64.
    pub max_holders: usize,
    /// Requests that are under way at one holder, over all questions. Default: 6.
    pub holder_concurrency: usize,
    /// Failures in a row that open a holder's circuit breaker. Default: 5.
    pub breaker_failures: u32,
    /// Seconds that a circuit breaker stays open before a probe. Default: 30.
    pub breaker_pause_seconds: u64,
    /// Retries per hundred requests to a holder. Default: 20.
    pub retry_percent: u32,
    /// Retries that are allowed before any request has earned one. Default: 3.
    pub retry_reserve: u32,
    /// Tries of one request, the first included. Default: 2.
    pub retry_attempts: u32,
    /// Milliseconds before a retry when the holder names no time. Default: 250.
    pub retry_pause_ms: u64,
    /// Pages of one search. Default: 200.
    pub max_pages: usize,
    /// Bytes of one page. Default: 10 MiB.
    pub max_page_bytes: usize,
    /// Bytes of all answers of one holder to one question. Default: 20 MiB.
    pub max_holder_bytes: usize,
    /// Bytes of all answers to one question. Default: 64 MiB.
    pub max_question_bytes: usize,
    /// Resources that are read at one endpoint because others refer to them. Default: 300.
    pub max_reads: usize,
    /// Steps from a result to what is read for it. Default: 2.
    pub read_depth: usize,
    /// Seconds that a CapabilityStatement is kept. Default: 3600.
    pub capability_seconds: u64,
    /// Seconds that the lack of one is kept. Default: 60.
    pub no_capability_seconds: u64,
    /// Events that wait for a slow reader before holders are held up. Default: 32.
    pub event_buffer: usize,
}

impl Default for FanoutConfig {
    fn default() -> Self {
        FanoutConfig {
            interactive_seconds: 10,
            whole_seconds: 30,
            request_seconds: 60,
            max_holders: 64,
            holder_concurrency: 6,
            breaker_failures: 5,
            breaker_pause_seconds: 30,
            retry_percent: 20,
            retry_reserve: 3,
            retry_attempts: 2,
            retry_pause_ms: 250,
            max_pages: 200,
            max_page_bytes: 10 << 20,
            max_holder_bytes: 20 << 20,
            max_question_bytes: 64 << 20,
            max_reads: 300,
            read_depth: 2,
            capability_seconds: 3600,
            no_capability_seconds: 60,
            event_buffer: 32,
        }
    }
}

impl FanoutConfig {
    /// Everything that is wrong with the section: key and reason. The deadlines are those of the national agreement
    /// (generic functions, section 5.3): a person waits for at most half a minute.
    #[must_use]
    pub fn check(&self) -> Vec<(&'static str, &'static str)> {
        let rules = [
            (
                !(1..=30).contains(&self.interactive_seconds),
                "fanout.interactive_seconds",
                "it is between 1 and 30",
            ),
            (
                !(1..=30).contains(&self.whole_seconds),
                "fanout.whole_seconds",
                "it is between 1 and 30",
            ),
            (
                self.whole_seconds < self.interactive_seconds,
                "fanout.whole_seconds",
                "it is less than fanout.interactive_seconds",
            ),
            (
                !(1..=60).contains(&self.request_seconds),
                "fanout.request_seconds",
                "it is between 1 and 60",
            ),
            (
                !(1..=3600).contains(&self.breaker_pause_seconds),
                "fanout.breaker_pause_seconds",
                "it is between 1 and 3600",
            ),
            (
                self.retry_pause_ms > 10_000,
                "fanout.retry_pause_ms",
                "it is at most 10000",
            ),
            (
                self.capability_seconds > 86_400,
                "fanout.capability_seconds",
                "it is at most 86400, a day",
            ),
            (
                self.no_capability_seconds > 86_400,
                "fanout.no_capability_seconds",
                "it is at most 86400, a day",
            ),
            (self.max_holders == 0, "fanout.max_holders", "it is at least 1"),
            (
                self.holder_concurrency == 0,
                "fanout.holder_concurrency",
                "it is at least 1",
            ),
        ];
        let wrong = rules.into_iter().filter(|(is_wrong, _, _)| *is_wrong);
        wrong.map(|(_, key, reason)| (key, reason)).collect()
    }

    /// How long a person waits.
    #[must_use]
    pub fn interactive(&self) -> Duration {
        Duration::from_secs(self.interactive_seconds)
    }

    /// How long the whole set may take.
    #[must_use]
    pub fn whole(&self) -> Duration {
        Duration::from_secs(self.whole_seconds)
    }

    /// How long one request may take.
    pub(super) fn request(&self) -> Duration {
        Duration::from_secs(self.request_seconds)
    }

    pub(super) fn breaker(&self) -> BreakerLimits {
        BreakerLimits {
            failures: self.breaker_failures.max(1),
            pause: Duration::from_secs(self.breaker_pause_seconds),
        }
    }

    pub(super) fn budget(&self) -> BudgetLimits {
        BudgetLimits {
            percent: self.retry_percent,
            reserve: self.retry_reserve,
            attempts: self.retry_attempts.max(1),
            pause: Duration::from_millis(self.retry_pause_ms),
        }
    }

    pub(super) fn walk(&self) -> WalkLimits {
        WalkLimits {
            max_pages: self.max_pages,
            max_bytes: self.max_holder_bytes,
            ..WalkLimits::default()
        }
    }
}
