//! The answers of one session: shown again for a few minutes instead of asking the holders again.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use samenhang_gather::query::Question;
use sha2::{Digest, Sha256};

use super::{FRESH, SessionId, Sessions};

/// Most answers of one session: the oldest makes room.
const MOST: usize = 16;

/// Which answer: a keyed hash of the question and of the form of the answer. It does not tell about whom.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AnswerKey([u8; 32]);

#[derive(Default)]
pub(super) struct Answers(HashMap<AnswerKey, Kept>);

struct Kept {
    answer: Arc<dyn Any + Send + Sync>,
    since: Timestamp,
}

impl Answers {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn sweep(&mut self, now: Timestamp) {
        self.0.retain(|_, kept| now.duration_since(kept.since) < FRESH);
    }
}

impl Sessions {
    /// The key of the answer to a question in a form, for example a media type.
    #[must_use]
    pub fn key(&self, question: &Question, form: &str) -> AnswerKey {
        let mut digest = Sha256::new();
        let mut part = |text: &[u8]| {
            digest.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(text);
        };
        part(&self.salt);
        part(question.patient.expose().as_bytes());
        part(question.purpose.code().as_bytes());
        part(form.as_bytes());
        for category in &question.categories {
            part(category.code().as_bytes());
        }
        part(b"|");
        for holder in &question.confirmed_identity {
            part(holder.as_str().as_bytes());
        }
        part(question.birth_date.as_deref().unwrap_or_default().as_bytes());
        part(question.family_name.as_deref().unwrap_or_default().as_bytes());
        AnswerKey(digest.finalize().into())
    }

    /// Keeps an answer in a session. When the session has ended it is not kept. An answer that consists of bytes is
    /// best handed over as `Zeroizing<Vec<u8>>`: it is wiped when it goes.
    pub fn keep<T: Any + Send + Sync>(&self, id: &SessionId, key: AnswerKey, answer: Arc<T>) {
        let now = self.clock.now();
        let mut sessions = self.locked();
        let Some(session) = sessions.get_mut(id).filter(|session| session.ends > now) else {
            return;
        };
        let answers = &mut session.answers;
        answers.sweep(now);
        if answers.0.len() >= MOST && !answers.0.contains_key(&key) {
            let oldest = answers.0.iter().min_by_key(|(_, kept)| kept.since);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                answers.0.remove(&oldest);
            }
        }
        answers.0.insert(key, Kept { answer, since: now });
    }

    /// An answer that was kept in a session at most 5 minutes ago, and when that was.
    #[must_use]
    pub fn recall<T: Any + Send + Sync>(
        &self,
        id: &SessionId,
        key: &AnswerKey,
    ) -> Option<(Arc<T>, Timestamp)> {
        let now = self.clock.now();
        let mut sessions = self.locked();
        if sessions.get(id)?.ends <= now {
            sessions.remove(id);
            return None;
        }
        let answers = &mut sessions.get_mut(id)?.answers;
        answers.sweep(now);
        let kept = answers.0.get(key)?;
        let answer = Arc::clone(&kept.answer).downcast().ok()?;
        Some((answer, kept.since))
    }

    /// Forgets every answer about which a choice has changed: all of them, because the keys do not tell which.
    pub fn forget_answers(&self) {
        for session in self.locked().values_mut() {
            session.answers = Answers::default();
        }
    }
}
