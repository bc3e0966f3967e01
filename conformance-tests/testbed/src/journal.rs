//! The request journal: what every service of the testbed was asked, for assertions.
//!
//! Bounded: the oldest entries go first, long bodies are cut. It holds synthetic data only and is never written to disk.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;

use crate::faults::ServiceId;

/// Entries that are kept.
const MAX_ENTRIES: usize = 50_000;
/// Bytes of one request body that are kept.
const MAX_BODY: usize = 256 << 10;

/// One request and how it was answered.
#[derive(Clone)]
pub struct Entry {
    /// Counts up from 1 over all services.
    pub sequence: u64,
    /// When the request was complete, in the time of the simulated country.
    pub at: Timestamp,
    /// The service that got it.
    pub service: ServiceId,
    /// HTTP method.
    pub method: String,
    /// Path, as sent.
    pub path: String,
    /// Query, as sent, without the question mark; empty when there is none.
    pub query: String,
    /// Header names (lower case) and values, as sent.
    pub headers: Vec<(String, String)>,
    /// Body, cut when very long.
    pub body: Bytes,
    /// Status of the answer; 0 while there is none.
    pub status: u16,
    /// Names of the faults that were applied, joined by a comma.
    pub fault: String,
}

impl Entry {
    /// The first header with this name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Path and query.
    #[must_use]
    pub fn target(&self) -> String {
        if self.query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query)
        }
    }

    /// The body as text; bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whether the target or a header holds this text.
    #[must_use]
    pub fn head_contains(&self, text: &str) -> bool {
        self.path.contains(text)
            || self.query.contains(text)
            || self.headers.iter().any(|(_, value)| value.contains(text))
    }
}

// Bodies stay out of a failed assertion's message: they are long, and the habit must not spread.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "#{} {} {} {} -> {}",
            self.sequence, self.service, self.method, self.path, self.status
        )
    }
}

/// A request that is about to be written down.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The service that got it.
    pub service: ServiceId,
    /// HTTP method.
    pub method: String,
    /// Path, as sent.
    pub path: String,
    /// Query without the question mark.
    pub query: String,
    /// Header names (lower case) and values.
    pub headers: Vec<(String, String)>,
    /// Whole body.
    pub body: Bytes,
}

#[derive(Default)]
struct State {
    last: u64,
    entries: VecDeque<Entry>,
}

/// The journal; clones share it.
#[derive(Clone, Default)]
pub struct Journal(Arc<Mutex<State>>);

impl Journal {
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes a request down and returns its number, by which [`Journal::finish`] completes it.
    pub fn begin(&self, at: Timestamp, incoming: Incoming) -> u64 {
        self.with(|state| {
            state.last += 1;
            if state.entries.len() >= MAX_ENTRIES {
                state.entries.pop_front();
            }
            let cut = incoming.body.len().min(MAX_BODY);
            state.entries.push_back(Entry {
                sequence: state.last,
                at,
                service: incoming.service,
                method: incoming.method,
                path: incoming.path,
                query: incoming.query,
                headers: incoming.headers,
                body: incoming.body.slice(..cut),
                status: 0,
                fault: String::new(),
            });
            state.last
        })
    }

    /// Completes an entry with the status of its answer and the faults that were applied.
    pub fn finish(&self, sequence: u64, status: u16, fault: &str) {
        self.with(|state| {
            // The oldest go first, so the place of an entry follows from its number.
            let first = state.entries.front().map_or(0, |entry| entry.sequence);
            let place = sequence
                .checked_sub(first)
                .and_then(|place| usize::try_from(place).ok());
            if let Some(entry) = place.and_then(|place| state.entries.get_mut(place)) {
                entry.status = status;
                fault.clone_into(&mut entry.fault);
            }
        });
    }

    /// Every entry, oldest first.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.find(|_| true)
    }

    /// The entries for which `wanted` holds, oldest first.
    #[must_use]
    pub fn find(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        self.with(|state| {
            state
                .entries
                .iter()
                .filter(|entry| wanted(entry))
                .cloned()
                .collect()
        })
    }

    /// How many entries there are for which `wanted` holds.
    #[must_use]
    pub fn count(&self, wanted: impl Fn(&Entry) -> bool) -> usize {
        self.with(|state| state.entries.iter().filter(|entry| wanted(entry)).count())
    }

    /// What one service was asked, oldest first.
    #[must_use]
    pub fn of(&self, service: &ServiceId) -> Vec<Entry> {
        self.find(|entry| entry.service == *service)
    }

    /// Entries whose target or headers hold this text: where a BSN must never be.
    #[must_use]
    pub fn heads_with(&self, text: &str) -> Vec<Entry> {
        self.find(|entry| entry.head_contains(text))
    }

    /// Entries whose body holds this text.
    #[must_use]
    pub fn bodies_with(&self, text: &str) -> Vec<Entry> {
        self.find(|entry| body_contains(entry, text))
    }

    /// Number of the newest entry; 0 when nothing was asked yet.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.with(|state| state.last)
    }

    /// Forgets everything; numbers go on counting.
    pub fn clear(&self) {
        self.with(|state| state.entries.clear());
    }
}

fn body_contains(entry: &Entry, text: &str) -> bool {
    text.is_empty()
        || entry
            .body
            .windows(text.len())
            .any(|window| window == text.as_bytes())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use jiff::Timestamp;

    use super::{Incoming, Journal, MAX_BODY};
    use crate::faults::ServiceId;

    fn incoming(path: &str, body: &'static str) -> Incoming {
        Incoming {
            service: ServiceId::Nvi,
            method: "POST".to_owned(),
            path: path.to_owned(),
            query: "a=b".to_owned(),
            headers: vec![("accept".to_owned(), "x/y".to_owned())],
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    #[test]
    fn entries_are_found_by_head_and_by_body() {
        let journal = Journal::default();
        let first = journal.begin(Timestamp::UNIX_EPOCH, incoming("/one", "hello"));
        journal.begin(Timestamp::UNIX_EPOCH, incoming("/two", "world"));
        journal.finish(first, 200, "latency:5");
        assert_eq!(journal.heads_with("/one").len(), 1);
        assert_eq!(journal.bodies_with("orl").len(), 1);
        assert_eq!(journal.of(&ServiceId::Nvi).len(), 2);
        assert_eq!(journal.count(|entry| entry.status == 200), 1);
        assert_eq!(journal.entries()[0].header("accept"), Some("x/y"));
        assert_eq!(journal.entries()[0].target(), "/one?a=b");
        journal.clear();
        let third = journal.begin(Timestamp::UNIX_EPOCH, incoming("/three", ""));
        journal.finish(third, 404, "");
        assert_eq!(journal.entries()[0].status, 404);
        assert_eq!(journal.last(), 3);
    }

    #[test]
    fn long_bodies_are_cut() {
        let journal = Journal::default();
        let mut long = incoming("/", "");
        long.body = Bytes::from(vec![b'x'; MAX_BODY + 1]);
        journal.begin(Timestamp::UNIX_EPOCH, long);
        assert_eq!(journal.entries()[0].body.len(), MAX_BODY);
    }
}
