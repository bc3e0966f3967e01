//! Who looked at a patient's data, in plain words: what the audit log says, for the patient.
//!
//! Looks of one organisation and role that follow each other, for the same reason and with the same end, are one line with a
//! count: whoever reads ten pages looked once.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use samenhang_terminology::Category;

use crate::language::Language;
use crate::moment::{clock_time, day, moment};

/// Looks further apart than this are lines of their own.
const TOGETHER: SignedDuration = SignedDuration::from_mins(15);

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Data was asked.
    Asked,
    /// Two records were kept apart.
    Unlinked,
    /// That was taken back.
    Relinked,
    /// This list was read.
    ReadLog,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was allowed.
    Allowed,
    /// It was refused.
    Refused,
    /// It failed.
    Failed,
}

/// Somebody who looked, or tried to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub deed: Deed,
    /// How it ended.
    pub ended: Ended,
    /// The organisation.
    pub organisation: Option<String>,
    /// The role of the person (`RoleCodeNL`); `None` for a system.
    pub role: Option<String>,
    /// Whether the patient did it.
    pub own: bool,
    /// The code of the purpose (v3-ActReason).
    pub purpose: Option<&'static str>,
    /// Which categories were asked.
    pub categories: Vec<Category>,
    /// Whose data was shown, by name, with how many records.
    pub shown: BTreeMap<String, usize>,
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When, in Dutch local time.
    pub when: String,
    /// The organisation; none when the log does not say.
    pub organisation: Option<String>,
    /// In which role, in plain words.
    pub role: String,
    /// Whether the patient did it.
    pub own: bool,
    /// Why, in plain words.
    pub why: String,
    /// What was asked, in plain words.
    pub what: String,
    /// How many times in a row.
    pub times: usize,
    /// How it ended, in plain words.
    pub ended: String,
    /// Whether it did not go through.
    pub is_refused: bool,
    /// Whose data was shown.
    pub shown: Vec<String>,
}

/// A line that grows while earlier looks are taken in.
struct Growing {
    last: Look,
    first: Timestamp,
    times: usize,
}

impl Growing {
    fn takes(&self, look: &Look) -> bool {
        let key = |look: &Look| {
            (
                look.deed,
                look.ended,
                look.own,
                look.organisation.clone(),
                look.role.clone(),
                look.purpose,
            )
        };
        key(&self.last) == key(look)
            && day(self.first) == day(look.at)
            && self.first.duration_since(look.at) <= TOGETHER
    }

    fn take(&mut self, look: Look) {
        self.first = look.at;
        self.times += 1;
        for category in look.categories {
            if !self.last.categories.contains(&category) {
                self.last.categories.push(category);
            }
        }
        for (holder, count) in look.shown {
            // The same records are shown again on another page: the most of one look, not the sum.
            let most = self.last.shown.entry(holder).or_default();
            *most = (*most).max(count);
        }
    }
}

/// Puts looks, newest first, in lines.
#[must_use]
pub fn entries(looks: Vec<Look>, language: Language) -> Vec<Entry> {
    let mut lines: Vec<Growing> = Vec::new();
    for look in looks {
        match lines.last_mut() {
            Some(line) if line.takes(&look) => line.take(look),
            _ => lines.push(Growing {
                first: look.at,
                last: look,
                times: 1,
            }),
        }
    }
    lines.into_iter().map(|line| entry(line, language)).collect()
}

fn entry(line: Growing, language: Language) -> Entry {
    let t = language.texts();
    let Growing { last, first, times } = line;
    let when = if moment(first) == moment(last.at) {
        moment(first)
    } else {
        let (from, to) = (moment(first), clock_time(last.at));
        t.fill("log-from-to", &[("from", &from), ("to", &to)])
    };
    let is_refused = last.ended != Ended::Allowed;
    let ended = match (last.ended, last.deed) {
        (Ended::Refused, _) => t.say("log-refused"),
        (Ended::Failed, _) => t.say("log-failed"),
        (Ended::Allowed, Deed::Asked) if last.shown.is_empty() => t.say("log-nothing"),
        (Ended::Allowed, Deed::Asked) => t.say("log-shown"),
        (Ended::Allowed, _) => t.say("log-done"),
    };
    let shown = last.shown.iter();
    Entry {
        when,
        organisation: last.organisation.clone(),
        role: role(&last, language),
        own: last.own,
        why: why(&last, language),
        what: what(&last, language),
        times,
        ended,
        is_refused,
        shown: shown
            .map(|(holder, count)| t.count("log-shown-of", *count, &[("holder", holder)]))
            .collect(),
    }
}

/// Who it was, in plain words. The codes are those of the UZI register (`RoleCodeNL`).
fn role(look: &Look, language: Language) -> String {
    let code = look.role.as_deref().unwrap_or_default();
    let key = match code.split_once('.').map_or(code, |(profession, _)| profession) {
        _ if look.own => "who-you",
        "" => "who-system",
        _ if code == "01.015" => "who-general-practitioner",
        "01" => "who-physician",
        "02" => "who-dentist",
        "03" => "who-midwife",
        "04" => "who-physiotherapist",
        "17" => "who-pharmacist",
        "30" => "who-nurse",
        _ => "who-professional",
    };
    language.texts().say(key)
}

fn why(look: &Look, language: Language) -> String {
    let t = language.texts();
    match (look.deed, look.purpose) {
        (Deed::ReadLog, _) => t.say("why-log"),
        _ if look.own => t.say("why-own"),
        (Deed::Unlinked | Deed::Relinked, _) => t.say("why-correction"),
        (_, Some("TREAT")) => t.say("why-treatment"),
        (_, Some("COC")) => t.say("why-coordination"),
        _ => t.say("why-unknown"),
    }
}

fn what(look: &Look, language: Language) -> String {
    let t = language.texts();
    match look.deed {
        Deed::Unlinked => t.say("what-unlinked"),
        Deed::Relinked => t.say("what-relinked"),
        Deed::ReadLog => t.say("what-log"),
        Deed::Asked if look.categories.len() == Category::ALL.len() => t.say("what-all"),
        Deed::Asked => {
            let names = look
                .categories
                .iter()
                .map(|category| language.category(*category));
            names.collect::<Vec<_>>().join(", ")
        }
    }
}

#[cfg(test)]
mod tests;
