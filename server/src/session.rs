//! Viewer sessions: who is logged in, and the answers that were just shown to them. Memory only (P2).
//!
//! A session ends 15 minutes after the login, with the token that a patient came with, at logout, and with the process;
//! what was kept in it goes with it. The browser holds a random token; this server holds only its hash. An answer is shown
//! again for at most 5 minutes, and kept for at most 15 to fall back on. Nothing here is written anywhere, and no key of
//! the map tells which patient it is about. Section 5.3 of the generic functions notes.

mod answers;
mod config;
mod pages;
mod questions;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use samenhang_gather::clock::{Clock, Random};
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;

use crate::access::Context;

use answers::Answers;
pub use answers::{AnswerKey, Flight};
pub use config::SessionConfig;
use pages::Pages;
pub use pages::{Owner, Paged};
use questions::Questions;
pub use questions::Remembered;

/// How long a session lasts.
pub const LIFETIME: SignedDuration = SignedDuration::from_mins(15);
/// How often ended sessions are cleared away when nobody asks.
const SWEEP_EVERY: std::time::Duration = std::time::Duration::from_secs(15);
/// Most sessions at once.
const MOST: usize = 10_000;

/// A session, as this server knows it: the hash of the browser's token.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SessionId([u8; 32]);

impl SessionId {
    /// The session that a browser's token names, if it is one.
    #[must_use]
    pub fn of_token(token: &str) -> SessionId {
        SessionId(Sha256::digest(token.as_bytes()).into())
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId")
    }
}

/// No more sessions fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many sessions at once, try again later")]
pub struct Full;

struct Session {
    context: Context,
    ends: Timestamp,
    /// When the login was last found not to be withdrawn.
    checked: Timestamp,
    /// Where that can be asked again.
    status_address: Option<String>,
    answers: Answers,
    questions: Questions,
}

/// A session that is going on.
#[derive(Clone)]
pub struct Live {
    /// Who is logged in.
    pub context: Context,
    /// When it ends.
    pub ends: Timestamp,
    /// When the login was last found not to be withdrawn.
    pub checked: Timestamp,
    /// Where that can be asked again.
    pub status_address: Option<String>,
}

/// All sessions.
pub struct Sessions {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    salt: [u8; 32],
    config: SessionConfig,
    sessions: Mutex<HashMap<SessionId, Session>>,
    pages: Mutex<Pages>,
}

impl Sessions {
    /// No sessions yet, with the default bounds.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Sessions::with(SessionConfig::default(), clock, random)
    }

    /// No sessions yet.
    #[must_use]
    pub fn with(config: SessionConfig, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        let mut salt = [0; 32];
        random.fill(&mut salt);
        Sessions {
            clock,
            random,
            salt,
            config,
            sessions: Mutex::new(HashMap::new()),
            pages: Mutex::default(),
        }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<SessionId, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a session and returns the token for the browser; it is not kept here. What the session began with may end before
    /// it would.
    ///
    /// # Errors
    /// [`Full`].
    pub fn begin(&self, context: &Context, status_address: Option<String>) -> Result<String, Full> {
        let now = self.clock.now();
        self.sweep(now);
        let mut token = [0; 32];
        self.random.fill(&mut token);
        let token = URL_SAFE_NO_PAD.encode(token);
        let id = SessionId::of_token(&token);
        let end = now.saturating_add(LIFETIME).unwrap_or(now);
        let session = Session {
            context: context.in_session(&id),
            ends: context.ends().map_or(end, |until| until.min(end)),
            checked: now,
            status_address,
            answers: Answers::default(),
            questions: Questions::default(),
        };
        let mut sessions = self.locked();
        if sessions.len() >= MOST {
            return Err(Full);
        }
        sessions.insert(id, session);
        Ok(token)
    }

    /// The session that a browser's token names; `None` when there is none or it has ended.
    #[must_use]
    pub fn find(&self, token: &str) -> Option<Live> {
        let id = SessionId::of_token(token);
        let now = self.clock.now();
        let mut sessions = self.locked();
        let session = sessions.get(&id)?;
        if session.ends <= now {
            sessions.remove(&id);
            return None;
        }
        Some(Live {
            context: session.context.clone(),
            ends: session.ends,
            checked: session.checked,
            status_address: session.status_address.clone(),
        })
    }

    /// Notes that the login was found not to be withdrawn.
    pub fn checked(&self, id: &SessionId) {
        let now = self.clock.now();
        if let Some(session) = self.locked().get_mut(id) {
            session.checked = now;
        }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a session, with the pages that it may read. Returns whether there was one.
    pub fn end(&self, id: &SessionId) -> bool {
        self.pages().end(id);
        self.locked().remove(id).is_some()
    }

    /// Clears away what has ended by `now`: sessions, and answers that may not be shown again. Returns how many
    /// sessions are left.
    pub fn sweep(&self, now: Timestamp) -> usize {
        self.pages().sweep(now, self.pages_last());
        let mut sessions = self.locked();
        sessions.retain(|_, session| session.ends > now);
        for session in sessions.values_mut() {
            session.answers.sweep(now, self.config.keep());
        }
        if sessions.is_empty() {
            sessions.shrink_to_fit();
        }
        sessions.len()
    }

    /// How many sessions there are, ended or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.locked().len()
    }

    /// Whether there is no session.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many answers are kept, over all sessions.
    #[must_use]
    pub fn answers(&self) -> usize {
        self.locked().values().map(|session| session.answers.len()).sum()
    }

    /// How many bytes of answers are kept, over all sessions and pages.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let pages = self.pages().bytes();
        let sessions = self.locked();
        let answers = sessions.values().map(|session| session.answers.bytes());
        pages + answers.sum::<usize>()
    }

    /// What is kept for how long.
    #[must_use]
    pub fn config(&self) -> &SessionConfig {
        &self.config
    }

    /// Starts the task that clears away what has ended. It ends with the last other handle to the sessions.
    pub fn start_sweeping(self: &Arc<Self>) -> JoinHandle<()> {
        let sessions = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(SWEEP_EVERY);
            loop {
                ticks.tick().await;
                let Some(sessions) = sessions.upgrade() else {
                    return;
                };
                sessions.sweep(sessions.clock.now());
            }
        })
    }
}

#[cfg(test)]
mod tests;
