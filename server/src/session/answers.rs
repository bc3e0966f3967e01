//! The answers of one session: shown again for a few minutes instead of asking the holders again.
//!
//! What is kept, and what may be made of it, stands in [`crate::overview::kept`]. Here is only where and how long: in
//! the session that it was shown in, bounded in number, bytes and age. No key tells about whom an answer is.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use jiff::{SignedDuration, Timestamp};
use samenhang_gather::consent::Register;
use samenhang_gather::query::Question;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::{SessionId, Sessions};
use crate::overview::kept::Kept;

/// Most answers of one session: the oldest makes room.
const MOST: usize = 16;

/// Which answer: a keyed hash of the question and its asker. It does not tell about whom.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AnswerKey([u8; 32]);

/// Held by the question of a session that asks the holders; the same question waits for it.
pub type Flight = Arc<Mutex<()>>;

#[derive(Default)]
pub(super) struct Answers {
    kept: HashMap<AnswerKey, Arc<Kept>>,
    flights: HashMap<AnswerKey, Weak<Mutex<()>>>,
}

impl Answers {
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.kept.values().map(|answer| answer.bytes()).sum()
    }

    pub(super) fn sweep(&mut self, now: Timestamp, keep: SignedDuration) {
        self.kept.retain(|_, answer| answer.is_within(keep, now));
        self.flights.retain(|_, flight| flight.strong_count() > 0);
    }

    fn oldest(&self) -> Option<(Timestamp, AnswerKey)> {
        let oldest = self.kept.iter().min_by_key(|(_, answer)| answer.since());
        oldest.map(|(key, answer)| (answer.since(), key.clone()))
    }

    fn drop_oldest(&mut self) -> bool {
        self.oldest()
            .is_some_and(|(_, key)| self.kept.remove(&key).is_some())
    }
}

impl Sessions {
    /// The key of the answer to a question: everything that the answer depends on, the asker included.
    #[must_use]
    pub fn key(&self, question: &Question) -> AnswerKey {
        let mut digest = Sha256::new();
        let mut part = |text: &[u8]| {
            // With its length before it, so that no two lists of parts run together.
            digest.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(text);
        };
        let asker = &question.asker;
        part(&self.salt);
        part(question.patient.expose().as_bytes());
        part(question.purpose.code().as_bytes());
        part(asker.organisation.as_str().as_bytes());
        part(asker.organisation_type.as_bytes());
        part(asker.client_id.as_bytes());
        for person in [&asker.user, &asker.responsible] {
            let of = |text: fn(&samenhang_gather::query::User) -> &str| person.as_ref().map_or("", text);
            part(of(|user| &user.number).as_bytes());
            part(of(|user| &user.role).as_bytes());
        }
        part(&question.categories.len().to_be_bytes());
        for category in &question.categories {
            part(category.code().as_bytes());
        }
        part(&question.confirmed_identity.len().to_be_bytes());
        for holder in &question.confirmed_identity {
            part(holder.as_str().as_bytes());
        }
        for given in [&question.birth_date, &question.family_name] {
            part(&[u8::from(given.is_some())]);
            part(given.as_deref().unwrap_or_default().as_bytes());
        }
        AnswerKey(digest.finalize().into())
    }

    /// The turn of a question in a session: who holds it asks the holders. `None` when the session has ended.
    #[must_use]
    pub fn flight(&self, id: &SessionId, key: &AnswerKey) -> Option<Flight> {
        let mut sessions = self.locked();
        let flights = &mut sessions.get_mut(id)?.answers.flights;
        if let Some(flight) = flights.get(key).and_then(Weak::upgrade) {
            return Some(flight);
        }
        flights.retain(|_, flight| flight.strong_count() > 0);
        let flight = Flight::default();
        flights.insert(key.clone(), Arc::downgrade(&flight));
        Some(flight)
    }

    /// Keeps an answer in a session, in the place of an earlier one to the same question. It is not kept when the
    /// session has ended, when it does not fit, or when it is too old already. The oldest answers make room: those of
    /// this session for its own bound, those of any session for the bound of all.
    pub fn keep(&self, id: &SessionId, key: AnswerKey, answer: Kept) {
        let now = self.clock.now();
        let (keep, most) = (self.config.keep(), self.config.session_bytes);
        let bytes = answer.bytes();
        let mut sessions = self.locked();
        let Some(session) = sessions.get_mut(id).filter(|session| session.ends > now) else {
            return;
        };
        let answers = &mut session.answers;
        answers.kept.remove(&key);
        answers.sweep(now, keep);
        if bytes > most || bytes > self.config.total_bytes || !answer.is_within(keep, now) {
            return;
        }
        while answers.len() >= MOST || answers.bytes() + bytes > most {
            if !answers.drop_oldest() {
                break;
            }
        }
        answers.kept.insert(key, Arc::new(answer));
        let mut total: usize = sessions.values().map(|session| session.answers.bytes()).sum();
        while total > self.config.total_bytes {
            let oldest = sessions
                .values_mut()
                .filter(|session| session.answers.len() > 0)
                .min_by_key(|session| session.answers.oldest().map(|(since, _)| since));
            let Some(session) = oldest else { break };
            total -= session.answers.bytes();
            session.answers.drop_oldest();
            total += session.answers.bytes();
        }
    }

    /// Puts what may still be known in the place of an answer, when that is still the one that is kept.
    pub fn replace(&self, id: &SessionId, key: &AnswerKey, before: &Arc<Kept>, rest: Kept) {
        let mut sessions = self.locked();
        if let Some(kept) = sessions
            .get_mut(id)
            .and_then(|session| session.answers.kept.get_mut(key))
            && Arc::ptr_eq(kept, before)
        {
            *kept = Arc::new(rest);
        }
    }

    /// An answer that is kept in a session. Whether it may be shown again without asking is for
    /// [`Kept::is_within`] and [`super::SessionConfig::reuse`] to say.
    #[must_use]
    pub fn recall(&self, id: &SessionId, key: &AnswerKey) -> Option<Arc<Kept>> {
        let now = self.clock.now();
        let mut sessions = self.locked();
        if sessions.get(id)?.ends <= now {
            sessions.remove(id);
            return None;
        }
        let answers = &mut sessions.get_mut(id)?.answers;
        answers.sweep(now, self.config.keep());
        answers.kept.get(key).map(Arc::clone)
    }

    /// Forgets every answer about a patient whose choices have changed since it was asked for.
    pub fn forget_changed(&self, register: &Register) {
        self.pages().forget_changed(register, self.clock.now());
        for session in self.locked().values_mut() {
            session
                .answers
                .kept
                .retain(|_, answer| answer.is_of_now(register));
        }
    }

    /// Ends every session, with all that is kept in it: the server stops.
    pub fn end_all(&self) {
        self.pages().clear();
        self.locked().clear();
    }
}
