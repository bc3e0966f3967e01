//! How often one user of one client may ask: a token bucket each (control C60).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use samenhang_gather::query::Asker;

use crate::access::config::RateConfig;

/// Most buckets. A full bucket says nothing and is thrown away first.
const MOST: usize = 50_000;
/// One request, in thousandths, so that a bucket fills evenly.
const ONE: i64 = 1000;

/// The buckets.
pub struct Limiter {
    burst: i64,
    per_minute: i64,
    buckets: Mutex<HashMap<(String, String), Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    level: i64,
    at: Timestamp,
}

impl Limiter {
    /// Buckets of this size.
    #[must_use]
    pub fn new(config: RateConfig) -> Self {
        Limiter {
            burst: i64::from(config.burst.max(1)) * ONE,
            per_minute: i64::from(config.per_minute.max(1)),
            buckets: Mutex::new(HashMap::new()),
        }
    }

    /// Takes one request out of the asker's bucket.
    ///
    /// # Errors
    /// The seconds after which there is one again.
    pub fn take(&self, asker: &Asker, now: Timestamp) -> Result<(), u64> {
        let user = asker.user.as_ref().map_or("", |user| user.number.as_str());
        self.take_key(asker.client_id.clone(), user.to_owned(), now)
    }

    pub(super) fn take_key(&self, client: String, user: String, now: Timestamp) -> Result<(), u64> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST {
            buckets.retain(|_, bucket| self.filled(*bucket, now) < self.burst);
        }
        let key = (client, user);
        if buckets.len() >= MOST && !buckets.contains_key(&key) {
            return Err(60);
        }
        let bucket = buckets.entry(key).or_insert(Bucket {
            level: self.burst,
            at: now,
        });
        bucket.level = self.filled(*bucket, now);
        bucket.at = bucket.at.max(now);
        if bucket.level < ONE {
            let missing = (ONE - bucket.level) * 60;
            return Err(missing.div_euclid(self.per_minute * ONE).unsigned_abs() + 1);
        }
        bucket.level -= ONE;
        Ok(())
    }

    fn filled(&self, bucket: Bucket, now: Timestamp) -> i64 {
        let elapsed = now
            .as_millisecond()
            .saturating_sub(bucket.at.as_millisecond())
            .max(0);
        let gained = elapsed.saturating_mul(self.per_minute) / 60;
        bucket.level.saturating_add(gained).min(self.burst)
    }
}
