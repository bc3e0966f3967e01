//! Terminology with a server behind it, without asking it here.
//!
//! What the local terminology does not know is answered [`Unknown::Deferred`] and noted as a [`Question`]. The caller
//! takes the questions after a run, has them asked in one batch, settles the answers, and runs again. Answers are kept
//! for later runs, in memory, up to a bound.
//!
//! A question is a value set, a system and a code: never a display, never who is asked about. A code that is too long
//! or of another form than FHIR's, and one of a system of identifiers of persons, is never asked about.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use crate::answer::{DisplayCheck, Membership, Subsumption, Translation, Unknown};
use crate::coding::Coding;
use crate::naming::{BSN, BSN_OID, ORGANIZATION_TYPE, ROLE};
use crate::service::Terminology;

/// A longer code is never asked about: codes are short, and what is longer may be something else.
const MAX_CODE: usize = 64;

/// More questions than this are not noted in one run; what is beyond stays unknown for its own reason.
const MAX_QUESTIONS: usize = 10_000;

/// A question to a terminology server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Question {
    /// Canonical of the value set, with its version behind `|` where it has one.
    pub value_set: String,
    /// Uri of the code system.
    pub system: String,
    /// The code.
    pub code: String,
}

/// Answers of a terminology server, shared between runs. Of more than `most`, the oldest goes.
#[derive(Debug)]
pub struct Answers {
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    answers: BTreeMap<Question, Membership>,
    order: VecDeque<Question>,
}

impl Answers {
    /// An empty store of at most `most` answers.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Answers {
            most,
            kept: Mutex::default(),
        }
    }

    /// Keeps an answer. One that is unknown is not kept: the server may know later.
    pub fn settle(&self, question: Question, answer: Membership) {
        if answer.is_unknown() || self.most == 0 {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.answers.insert(question.clone(), answer).is_none() {
            kept.order.push_back(question);
            if kept.order.len() > self.most
                && let Some(oldest) = kept.order.pop_front()
            {
                kept.answers.remove(&oldest);
            }
        }
    }

    fn get(&self, question: &Question) -> Option<Membership> {
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .answers
            .get(question)
            .copied()
    }
}

/// A terminology that notes what it does not know. One for each run; the answers are shared.
#[derive(Debug)]
pub struct Deferring<T> {
    local: T,
    answers: Arc<Answers>,
    /// Questions of this run that are still open, and whether a server was silent about them.
    open: Mutex<BTreeSet<Question>>,
    silent: BTreeSet<Question>,
}

impl<T: Terminology> Deferring<T> {
    /// Asks `local` first, then `answers`.
    #[must_use]
    pub fn new(local: T, answers: Arc<Answers>) -> Self {
        Deferring {
            local,
            answers,
            open: Mutex::default(),
            silent: BTreeSet::new(),
        }
    }

    /// Takes the questions that were noted, each once, in order.
    #[must_use]
    pub fn take_questions(&mut self) -> Vec<Question> {
        let open = self.open.get_mut().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(open).into_iter().collect()
    }

    /// Settles a question. One without an answer is not deferred again in this run.
    pub fn settle(&mut self, question: Question, answer: Membership) {
        if answer.is_unknown() {
            self.silent.insert(question);
        } else {
            self.answers.settle(question, answer);
        }
    }
}

impl<T: Terminology> Terminology for Deferring<T> {
    fn member(&self, value_set: &str, coding: Coding<'_>) -> Membership {
        let local = self.local.member(value_set, coding);
        let Membership::Unknown(why) = local else {
            return local;
        };
        let Some(question) = question(value_set, coding, why) else {
            return local;
        };
        if let Some(answer) = self.answers.get(&question) {
            return answer;
        }
        if self.silent.contains(&question) {
            return Membership::Unknown(Unknown::ServerSilent);
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= MAX_QUESTIONS && !open.contains(&question) {
            return local;
        }
        open.insert(question);
        Membership::Unknown(Unknown::Deferred)
    }

    fn code(&self, coding: Coding<'_>) -> Membership {
        self.local.code(coding)
    }

    fn subsumes(&self, system: &str, first: &str, second: &str) -> Subsumption {
        self.local.subsumes(system, first, second)
    }

    fn display(&self, coding: Coding<'_>, language: Option<&str>) -> DisplayCheck {
        self.local.display(coding, language)
    }

    fn translate(&self, map: &str, coding: Coding<'_>) -> Translation {
        self.local.translate(map, coding)
    }
}

/// The question to ask, where one may be asked.
fn question(value_set: &str, coding: Coding<'_>, why: Unknown) -> Option<Question> {
    let system = coding.system?;
    let code = coding.code;
    // Value sets in a circle stay so wherever they are asked about.
    let asked = !matches!(why, Unknown::TooDeep | Unknown::Deferred | Unknown::ServerSilent);
    // Numbers of persons have naming systems of their own; no value set takes them, and no server is told them. A few
    // code systems have a uri of that form.
    let of_a_person = system == BSN
        || system.strip_prefix("urn:oid:") == Some(BSN_OID)
        || (system.contains("/NamingSystem/") && system != ROLE && system != ORGANIZATION_TYPE);
    let form = !code.is_empty()
        && code.len() <= MAX_CODE
        && code.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        && code.trim() == code;
    (asked && form && !of_a_person).then(|| Question {
        value_set: value_set.to_owned(),
        system: system.to_owned(),
        code: code.to_owned(),
    })
}
