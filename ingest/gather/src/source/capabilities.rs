//! Keeps what endpoints offer, so that a CapabilityStatement is not fetched for every question.
//!
//! A statement says nothing about patients and is fetched without a token. That there is none is kept too, but
//! for a short time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::plan::capability::Capabilities;

/// Endpoints that are kept; the directory lists fewer.
const MAX_ENDPOINTS: usize = 4096;

/// What is known of one endpoint: `None` when it publishes no readable statement.
pub type Known = Option<Arc<Capabilities>>;

/// The cache.
#[derive(Debug)]
pub struct CapabilityCache {
    ttl: Duration,
    negative_ttl: Duration,
    kept: Mutex<HashMap<String, (Instant, Known)>>,
}

impl CapabilityCache {
    /// An empty cache.
    #[must_use]
    pub fn new(ttl: Duration, negative_ttl: Duration) -> Self {
        CapabilityCache {
            ttl,
            negative_ttl,
            kept: Mutex::default(),
        }
    }

    /// What is known of an endpoint; `None` when it has to be asked.
    #[must_use]
    pub fn get(&self, base: &str, now: Instant) -> Option<Known> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(base)
            .filter(|(until, _)| now < *until)
            .map(|(_, known)| known.clone())
    }

    /// Keeps what was found.
    pub fn put(&self, base: &str, known: Known, now: Instant) {
        let ttl = if known.is_some() {
            self.ttl
        } else {
            self.negative_ttl
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_ENDPOINTS {
            kept.retain(|_, (until, _)| now < *until);
        }
        if kept.len() < MAX_ENDPOINTS {
            kept.insert(base.to_owned(), (now + ttl, known));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::time::Instant;

    use super::CapabilityCache;
    use crate::plan::capability::Capabilities;

    #[test]
    fn that_there_is_none_is_kept_for_a_shorter_time() {
        let cache = CapabilityCache::new(Duration::from_secs(60), Duration::from_secs(5));
        let now = Instant::now();
        assert_eq!(cache.get("a", now), None);
        cache.put("a", Some(Arc::new(Capabilities::default())), now);
        cache.put("b", None, now);
        assert!(
            cache
                .get("a", now + Duration::from_secs(59))
                .is_some_and(|known| known.is_some())
        );
        assert_eq!(cache.get("a", now + Duration::from_secs(60)), None);
        assert_eq!(cache.get("b", now + Duration::from_secs(4)), Some(None));
        assert_eq!(cache.get("b", now + Duration::from_secs(5)), None);
    }
}
