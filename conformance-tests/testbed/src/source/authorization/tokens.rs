//! Tokens that were issued, and numbers that may be used once.
//!
//! Bounded: the oldest token goes when there are too many.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::RngCore as _;
use rand_chacha::ChaCha20Rng;
use sha2::{Digest as _, Sha256};

use crate::keys::base64url;

/// Tokens that are remembered.
const MAX_TOKENS: usize = 10_000;
/// Once-only numbers that are remembered.
const MAX_ONCE: usize = 100_000;

/// Seconds after which there is another nonce.
const NONCE_LIFE: i64 = 60;

/// What stands behind a token.
#[derive(Debug, Clone)]
pub(in crate::source) struct Token {
    /// The client.
    pub(in crate::source) client: String,
    /// Scopes, separated by a blank.
    pub(in crate::source) scope: String,
    /// The issuer, which stands for its holder.
    pub(in crate::source) audience: String,
    /// Seconds since 1970.
    pub(in crate::source) expires: i64,
    /// Seconds since 1970.
    pub(in crate::source) issued: i64,
    /// Number of the user, when one was presented.
    pub(in crate::source) user: Option<String>,
    /// Thumbprint of the key that it is bound to (RFC 7638); absent for a bearer token.
    pub(in crate::source) key: Option<String>,
}

struct State {
    rng: ChaCha20Rng,
    tokens: HashMap<String, Token>,
    order: VecDeque<String>,
    once: HashSet<String>,
    /// What nonces are made from.
    secret: [u8; 32],
}

/// The tokens of one authorization server; clones share them.
#[derive(Clone)]
pub(in crate::source) struct Tokens(Arc<Mutex<State>>);

impl Tokens {
    pub(in crate::source) fn new(mut rng: ChaCha20Rng) -> Tokens {
        let mut secret = [0; 32];
        rng.fill_bytes(&mut secret);
        Tokens(Arc::new(Mutex::new(State {
            rng,
            tokens: HashMap::new(),
            order: VecDeque::new(),
            once: HashSet::new(),
            secret,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new token.
    pub(super) fn issue(&self, token: Token) -> String {
        let mut state = self.state();
        let mut bytes = [0_u8; 32];
        state.rng.fill_bytes(&mut bytes);
        let text = base64url(&bytes);
        if state.order.len() >= MAX_TOKENS
            && let Some(oldest) = state.order.pop_front()
        {
            state.tokens.remove(&oldest);
        }
        state.order.push_back(text.clone());
        state.tokens.insert(text.clone(), token);
        text
    }

    /// What stands behind a token, expired or not.
    pub(in crate::source) fn find(&self, text: &str) -> Option<Token> {
        self.state().tokens.get(text).cloned()
    }

    /// Whether a number is seen for the first time.
    pub(super) fn first_use(&self, number: &str) -> bool {
        let mut state = self.state();
        if state.once.len() >= MAX_ONCE {
            state.once.clear();
        }
        state.once.insert(number.to_owned())
    }

    /// The nonce for proofs of possession at a moment (seconds since 1970); another one every so many seconds.
    pub(super) fn nonce(&self, now: i64) -> String {
        let mut hash = Sha256::new();
        hash.update(self.state().secret);
        hash.update(now.div_euclid(NONCE_LIFE).to_le_bytes());
        base64url(&hash.finalize())
    }

    /// Whether a nonce is this period's or that of the one before.
    pub(super) fn is_nonce(&self, nonce: &str, now: i64) -> bool {
        nonce == self.nonce(now) || nonce == self.nonce(now - NONCE_LIFE)
    }
}
