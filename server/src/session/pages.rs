//! Answers of searches that are given a page at a time: kept in memory for their next pages, for whoever asked.
//!
//! Bound to the session or the access token that asked, in number, bytes and age, as [`super::answers`] are; the address
//! of a page says nothing, and to anybody else there is no such page. A page goes out under the permits of the first one:
//! when one of them holds no longer, the whole answer is forgotten.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use jiff::{SignedDuration, Timestamp};
use samenhang_gather::consent::{Permit, Register};
use samenhang_gather::query::Question;
use sha2::{Digest, Sha256};

use super::{SessionId, Sessions};
use crate::access::Context;
use crate::search::sheet::Sheet;

/// Most answers of one asker: the oldest makes room.
const MOST: usize = 16;
/// Part of the bytes of all sessions that all pages may take.
const SHARE: usize = 4;
/// Bytes that an answer is counted for beside its sheet.
const BESIDE: usize = 4096;

/// Who may read the pages of an answer.
#[derive(Clone, PartialEq, Eq)]
pub enum Owner {
    /// A person, in the session that asked.
    Session(SessionId),
    /// Whoever holds the access token that asked: its hash.
    Token([u8; 32]),
    /// Who needs neither: the demonstration's own user.
    Nobody,
}

impl Owner {
    /// Who asks.
    #[must_use]
    pub fn of(context: &Context, headers: &HeaderMap) -> Owner {
        if let Some(session) = context.session() {
            return Owner::Session(session.clone());
        }
        match headers.get(AUTHORIZATION) {
            Some(value) => Owner::Token(Sha256::digest(value.as_bytes()).into()),
            None => Owner::Nobody,
        }
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Owner")
    }
}

/// An answer of which pages are still to be read.
pub struct Paged {
    /// Who may read them.
    pub owner: Owner,
    /// When the holders were asked.
    pub since: Timestamp,
    /// When the first page was given.
    pub given: Timestamp,
    /// The question.
    pub question: Question,
    /// Under which its resources may be shown.
    pub permits: Vec<Permit>,
    /// What is on the pages.
    pub sheet: Sheet,
    /// Matches on a page.
    pub count: usize,
    /// Value of the completeness header.
    pub completeness: String,
}

impl Paged {
    fn bytes(&self) -> usize {
        self.sheet.bytes() + BESIDE
    }

    fn is_within(&self, age: SignedDuration, now: Timestamp) -> bool {
        now >= self.given && now.duration_since(self.given) < age
    }

    fn holds(&self, register: &Register, now: Timestamp) -> bool {
        self.permits
            .iter()
            .all(|permit| register.still_valid(permit, now))
    }
}

/// The pages of everybody, by an id that cannot be guessed.
#[derive(Default)]
pub(super) struct Pages(HashMap<String, Arc<Paged>>);

impl Pages {
    pub(super) fn bytes(&self) -> usize {
        self.0.values().map(|paged| paged.bytes()).sum()
    }

    pub(super) fn sweep(&mut self, now: Timestamp, age: SignedDuration) {
        self.0.retain(|_, paged| paged.is_within(age, now));
        if self.0.is_empty() {
            self.0.shrink_to_fit();
        }
    }

    pub(super) fn forget_changed(&mut self, register: &Register, now: Timestamp) {
        self.0.retain(|_, paged| paged.holds(register, now));
    }

    pub(super) fn end(&mut self, session: &SessionId) {
        let owner = Owner::Session(session.clone());
        self.0.retain(|_, paged| paged.owner != owner);
    }

    pub(super) fn clear(&mut self) {
        self.0 = HashMap::new();
    }

    /// Lets go of the oldest, of one owner or of all. Returns whether there was one.
    fn drop_oldest(&mut self, owner: Option<&Owner>) -> bool {
        let of = self
            .0
            .iter()
            .filter(|(_, paged)| owner.is_none_or(|owner| paged.owner == *owner));
        let oldest = of
            .min_by_key(|(id, paged)| (paged.given, *id))
            .map(|(id, _)| id.clone());
        oldest.is_some_and(|id| self.0.remove(&id).is_some())
    }

    /// How many answers an owner has here, and their bytes.
    fn of(&self, owner: &Owner) -> (usize, usize) {
        let own = self.0.values().filter(|paged| paged.owner == *owner);
        own.fold((0, 0), |(count, bytes), paged| (count + 1, bytes + paged.bytes()))
    }
}

impl Sessions {
    /// How long pages can be read after the first one; zero when answers are not kept, and then there are none.
    #[must_use]
    pub fn pages_last(&self) -> SignedDuration {
        self.config.reuse()
    }

    /// Keeps an answer for its next pages, and gives its id. The oldest answers make room. `None` when it is too
    /// large.
    #[must_use]
    pub fn keep_pages(&self, paged: Paged) -> Option<(String, Arc<Paged>)> {
        let now = self.clock.now();
        let bytes = paged.bytes();
        let (most, total) = (self.config.session_bytes, self.config.total_bytes / SHARE);
        if bytes > most || bytes > total || !paged.is_within(self.pages_last(), now) {
            return None;
        }
        let mut pages = self.pages();
        pages.sweep(now, self.pages_last());
        loop {
            let (count, own) = pages.of(&paged.owner);
            let is_full = count >= MOST || own + bytes > most;
            if !is_full || !pages.drop_oldest(Some(&paged.owner)) {
                break;
            }
        }
        while pages.bytes() + bytes > total && pages.drop_oldest(None) {}
        let id = self.page_id();
        let paged = Arc::new(paged);
        pages.0.insert(id.clone(), Arc::clone(&paged));
        Some((id, paged))
    }

    /// The answer that a page is of, for who asked it.
    #[must_use]
    pub fn paged(&self, id: &str, owner: &Owner) -> Option<Arc<Paged>> {
        let now = self.clock.now();
        let mut pages = self.pages();
        pages.sweep(now, self.pages_last());
        pages.0.get(id).filter(|paged| paged.owner == *owner).cloned()
    }

    /// Forgets an answer and its pages.
    pub fn forget_pages(&self, id: &str) {
        let mut pages = self.pages();
        pages.0.remove(id);
    }

    /// 128 bits of chance in letters: an address of digits could look like the number of a citizen.
    pub(super) fn page_id(&self) -> String {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        let letters = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        letters.map(|four| char::from(b'a' + four)).collect()
    }
}
