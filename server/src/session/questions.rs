//! The questions of one session, each behind a handle: the pages after the first ask the same again.
//!
//! What is kept is the question and nothing of its answer. The handle is random and says nothing; it is worth something
//! in its own session only, and goes with it. A page behind it goes the whole way of a question.

use samenhang_gather::query::Purpose;
use samenhang_profiles::Bsn;

use super::{SessionId, Sessions};

/// Most questions of one session: the oldest makes room.
const MOST: usize = 16;

/// A question that was asked in a session.
#[derive(Clone, PartialEq, Eq)]
pub struct Remembered {
    /// The patient.
    pub patient: Bsn,
    /// What for.
    pub purpose: Purpose,
    /// The date of birth that the asker gave.
    pub birth_date: Option<String>,
}

/// The questions of a session, the oldest first.
#[derive(Default)]
pub(super) struct Questions(Vec<(String, Remembered)>);

impl Sessions {
    /// Remembers a question in a session, and gives its handle: the same question has one. `None` when the session has
    /// ended.
    #[must_use]
    pub fn remember(&self, id: &SessionId, question: Remembered) -> Option<String> {
        let handle = self.page_id();
        let now = self.clock.now();
        let mut sessions = self.locked();
        let session = sessions.get_mut(id).filter(|session| session.ends > now)?;
        let questions = &mut session.questions.0;
        if let Some(at) = questions.iter().position(|(_, known)| *known == question) {
            let known = questions.remove(at);
            let handle = known.0.clone();
            questions.push(known);
            return Some(handle);
        }
        if questions.len() >= MOST {
            questions.remove(0);
        }
        questions.push((handle.clone(), question));
        Some(handle)
    }

    /// The question behind a handle, in the session that it was asked in.
    #[must_use]
    pub fn remembered(&self, id: &SessionId, handle: &str) -> Option<Remembered> {
        let now = self.clock.now();
        let sessions = self.locked();
        let session = sessions.get(id).filter(|session| session.ends > now)?;
        let found = session.questions.0.iter().find(|(known, _)| known == handle);
        found.map(|(_, question)| question.clone())
    }

    /// Seconds until a session ends.
    #[must_use]
    pub fn seconds_left(&self, id: &SessionId) -> Option<u64> {
        let left = self
            .locked()
            .get(id)?
            .ends
            .duration_since(self.clock.now())
            .as_secs();
        u64::try_from(left).ok()
    }
}
