//! Tokens that were issued: known by their hash, for five minutes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use samenhang_gather::clock::Random;
use sha2::{Digest, Sha256};

use crate::access::context::Context;
use crate::access::error::AccessError;

/// Life of a token, in seconds.
pub(super) const LIFETIME_S: i64 = 300;
/// Most tokens at once.
const MOST: usize = 100_000;
/// Length of a token, in characters.
const LENGTH: usize = 43;

/// Tokens that were issued.
#[derive(Default)]
pub(super) struct Issued(Mutex<HashMap<[u8; 32], (Context, i64)>>);

impl Issued {
    pub(super) fn issue(
        &self,
        context: Context,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<String, AccessError> {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        let token = URL_SAFE_NO_PAD.encode(bytes);
        let mut issued = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if issued.len() >= MOST {
            issued.retain(|_, (_, expires)| *expires > now.as_second());
        }
        if issued.len() >= MOST {
            return Err(AccessError::Full);
        }
        issued.insert(hash(&token), (context, now.as_second() + LIFETIME_S));
        Ok(token)
    }

    pub(super) fn find(&self, token: &str, now: Timestamp) -> Option<Context> {
        if token.len() != LENGTH {
            return None;
        }
        let mut issued = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = hash(token);
        let (context, expires) = issued.get(&key)?;
        if *expires <= now.as_second() {
            issued.remove(&key);
            return None;
        }
        Some(context.clone())
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
