//! Assertions and launches that have been used: none is used twice while it could still be valid.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::access::error::AccessError;
use crate::access::jwt::JwtError;

/// Most assertions that are remembered. When all of them could still be replayed, no more are accepted.
const MOST: usize = 100_000;

/// Assertions that have been used, until they expire.
#[derive(Default)]
pub(super) struct Seen(Mutex<HashMap<(String, String), i64>>);

impl Seen {
    /// Notes the use of an assertion of a client, and refuses the second.
    pub(super) fn first_time(
        &self,
        client: &str,
        id: &str,
        until: i64,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST {
            seen.retain(|_, until| *until > now.as_second());
        }
        if seen.len() >= MOST {
            return Err(AccessError::Full);
        }
        match seen.insert((client.to_owned(), id.to_owned()), until) {
            None => Ok(()),
            Some(_) => Err(JwtError::Replayed.into()),
        }
    }
}
