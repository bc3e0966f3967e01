//! Section `[session]`: how much of what was shown is kept in memory, and for how long.

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LIFETIME;

/// The longest that an answer is shown again without asking the holders (generic functions, section 5.3).
const MOST_REUSE_S: u64 = 300;
/// The longest that an answer is kept at all (promise P2).
const MOST_KEEP_S: u64 = 900;
/// The largest total that makes sense on one machine: 64 GiB.
const MOST_BYTES: usize = 64 << 30;

/// What viewer sessions keep of the answers that they showed, and the next pages of searches. In memory only; of a system's
/// answers nothing but those pages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SessionConfig {
    /// Seconds that an answer is shown again without asking the holders. Default and most: 300. 0: every question is
    /// asked anew.
    pub reuse_seconds: u64,
    /// Seconds that an answer is kept, to fall back on when a holder does not answer. Default and most: 900.
    /// 0: nothing is kept.
    pub keep_seconds: u64,
    /// Bytes of answers that one session keeps; the oldest makes room. Default: 32 MiB.
    pub session_bytes: usize,
    /// Bytes of answers that all sessions keep together; the oldest makes room. The pages of searches may take a quarter
    /// of it besides. Default: 512 MiB.
    pub total_bytes: usize,
}

impl Default for SessionConfig {
    fn default() -> Self {
        SessionConfig {
            reuse_seconds: MOST_REUSE_S,
            keep_seconds: MOST_KEEP_S,
            session_bytes: 32 << 20,
            total_bytes: 512 << 20,
        }
    }
}

impl SessionConfig {
    /// How long an answer is shown again without asking the holders.
    #[must_use]
    pub fn reuse(&self) -> SignedDuration {
        seconds(self.reuse_seconds.min(MOST_REUSE_S))
    }

    /// How long an answer is kept. Never longer than a session lasts.
    #[must_use]
    pub fn keep(&self) -> SignedDuration {
        seconds(self.keep_seconds.min(MOST_KEEP_S)).min(LIFETIME)
    }

    /// Everything that is wrong with the section: key and reason.
    #[must_use]
    pub fn check(&self) -> Vec<(&'static str, &'static str)> {
        let rules = [
            (
                self.reuse_seconds > MOST_REUSE_S,
                "session.reuse_seconds",
                "it is at most 300: the national agreement is five minutes",
            ),
            (
                self.keep_seconds > MOST_KEEP_S,
                "session.keep_seconds",
                "it is at most 900: no patient data is kept for more than fifteen minutes",
            ),
            (
                self.reuse_seconds > self.keep_seconds,
                "session.reuse_seconds",
                "it is more than session.keep_seconds",
            ),
            (
                self.session_bytes > self.total_bytes,
                "session.session_bytes",
                "it is more than session.total_bytes",
            ),
            (
                self.keep_seconds > 0 && self.session_bytes < 1 << 10,
                "session.session_bytes",
                "it is at least 1024; set session.keep_seconds to 0 to keep nothing",
            ),
            (
                self.total_bytes > MOST_BYTES,
                "session.total_bytes",
                "it is at most 64 GiB",
            ),
        ];
        let wrong = rules.into_iter().filter(|(is_wrong, _, _)| *is_wrong);
        wrong.map(|(_, key, reason)| (key, reason)).collect()
    }
}

fn seconds(count: u64) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(count).unwrap_or_default())
}
