//! The log as a patient may read it: who looked at their data, when, why, and what became of it.
//!
//! Read from the log itself, by the pseudonym of one patient, newest first and in bounded parts. Nothing about anybody
//! else comes out: the pseudonym is the condition of the query, and each event is compared with it again. Names and numbers
//! of persons stay in the log; a patient is told the organisation and the role (decision 28).
//!
//! NEN 7513, chapter on access for the patient; Wabvpz, article 15e.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use samenhang_gather::query::Purpose;
use samenhang_profiles::Bsn;
use samenhang_terminology::{Category, naming};
use serde::Deserialize;
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};

use super::Activity;
use super::AuditError;
use super::log::Log;

/// Looks of one part.
const TOGETHER: usize = 100;
/// Most events that are read for one part.
const MOST_EVENTS: usize = 5_000;
/// Events that are read at once.
const AT_ONCE: i64 = 500;

/// The detail that says that the patient asked.
pub(crate) const ASKED_BY: &str = "asked-by";
/// Its text when it was the patient.
pub(crate) const PATIENT: &str = "patient";

/// The condition is that of the index, word for word: without it SQLite would read the whole log.
const QUERY: &str = "SELECT sequence, event FROM audit_event \
    WHERE json_extract(CAST(event AS TEXT), '$.entity[0].what.identifier.value') = ? AND sequence < ? \
    AND (instr(CAST(event AS TEXT), '\"code\":\"decision\"') > 0 \
    OR instr(CAST(event AS TEXT), '\"code\":\"disclosure\"') > 0 \
    OR instr(CAST(event AS TEXT), '\"code\":\"unlink\"') > 0 \
    OR instr(CAST(event AS TEXT), '\"code\":\"relink\"') > 0 \
    OR instr(CAST(event AS TEXT), '\"code\":\"log-read\"') > 0) \
    ORDER BY sequence DESC LIMIT ?";

/// How a look ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookResult {
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
    /// What was done: a question ([`Activity::Decision`]), a correction or its withdrawal, or reading this log.
    pub activity: Activity,
    /// How it ended.
    pub result: LookResult,
    /// The name of the organisation that asked.
    pub organisation: Option<String>,
    /// The role of the person who asked (`RoleCodeNL`); `None` for a system.
    pub role: Option<String>,
    /// Whether the patient asked.
    pub by_patient: bool,
    /// Why; the code of the purpose.
    pub purpose: Option<Purpose>,
    /// Which categories of data were asked.
    pub categories: Vec<Category>,
    /// Which holders' data was shown (URA), with how many records.
    pub shown: BTreeMap<String, usize>,
}

/// A part of the log, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looks {
    /// What was found.
    pub looks: Vec<Look>,
    /// Where the next, earlier part begins; `None` when there is none.
    pub before: Option<i64>,
}

#[derive(Deserialize)]
struct Coding {
    system: String,
    code: String,
}

#[derive(Deserialize)]
struct Concept {
    coding: Vec<Coding>,
}

#[derive(Deserialize)]
struct Identifier {
    system: String,
    value: String,
}

#[derive(Deserialize)]
struct What {
    identifier: Identifier,
    display: Option<String>,
}

#[derive(Deserialize)]
struct Agent {
    #[serde(rename = "type")]
    kind: Concept,
    #[serde(default)]
    role: Vec<Concept>,
    who: Option<What>,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(rename = "type")]
    name: String,
    #[serde(rename = "valueString")]
    text: String,
}

#[derive(Deserialize)]
struct Entity {
    what: Option<What>,
    #[serde(default)]
    detail: Vec<Detail>,
}

#[derive(Deserialize)]
struct Written {
    subtype: Vec<Coding>,
    recorded: Timestamp,
    outcome: String,
    #[serde(rename = "purposeOfEvent", default)]
    purpose: Vec<Concept>,
    agent: Vec<Agent>,
    #[serde(default)]
    entity: Vec<Entity>,
}

impl Written {
    fn activity(&self) -> Option<Activity> {
        let own = [
            Activity::Decision,
            Activity::Disclosure,
            Activity::Unlink,
            Activity::Relink,
            Activity::LogRead,
        ];
        own.into_iter()
            .find(|activity| self.subtype.iter().any(|coding| coding.code == activity.code()))
    }

    fn is_about(&self, pseudonym: &str) -> bool {
        let mut whats = self.entity.iter().filter_map(|entity| entity.what.as_ref());
        whats.any(|what| what.identifier.value == pseudonym)
    }

    fn agent(&self, code: &str) -> Option<&Agent> {
        let is = |agent: &&Agent| agent.kind.coding.iter().any(|coding| coding.code == code);
        self.agent.iter().find(is)
    }

    fn details<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let details = self.entity.iter().flat_map(|entity| &entity.detail);
        details
            .filter(move |detail| detail.name == name)
            .map(|detail| detail.text.as_str())
    }

    fn look(&self, activity: Activity, shown: BTreeMap<String, usize>) -> Look {
        let organisation = self.agent("110153").and_then(|agent| agent.who.as_ref());
        let role = self.agent("humanuser").and_then(|person| person.role.first());
        let role = role.and_then(|role| role.coding.iter().find(|coding| coding.system == naming::ROLE));
        let purpose = self.purpose.first().and_then(|purpose| purpose.coding.first());
        Look {
            at: self.recorded,
            activity,
            result: match self.outcome.as_str() {
                "0" => LookResult::Allowed,
                "4" => LookResult::Refused,
                _ => LookResult::Failed,
            },
            organisation: organisation.and_then(|who| who.display.clone()),
            role: role.map(|coding| coding.code.clone()),
            by_patient: self.details(ASKED_BY).any(|text| text == PATIENT),
            purpose: purpose.and_then(|coding| Purpose::from_code(&coding.code)),
            categories: self
                .details("category")
                .filter_map(|code| code.parse().ok())
                .collect(),
            shown,
        }
    }
}

/// What is put together while events are read, the last first: a question comes after what was shown for it.
#[derive(Default)]
struct Reading {
    shown: BTreeMap<String, BTreeMap<String, usize>>,
    looks: Vec<Look>,
}

impl Reading {
    fn take(&mut self, event: &Written) {
        let Some(activity) = event.activity() else { return };
        let question = event
            .details("X-Request-Id")
            .next()
            .unwrap_or_default()
            .to_owned();
        if activity == Activity::Disclosure {
            let holder = event.agent("110152").and_then(|agent| agent.who.as_ref());
            if let Some(holder) = holder.filter(|who| who.identifier.system == naming::URA) {
                let count = event
                    .details("result-count")
                    .next()
                    .and_then(|text| text.parse().ok());
                let of_question = self.shown.entry(question).or_default();
                *of_question.entry(holder.identifier.value.clone()).or_default() += count.unwrap_or(0);
            }
            return;
        }
        let shown = match activity {
            Activity::Decision => self.shown.remove(&question).unwrap_or_default(),
            _ => BTreeMap::new(),
        };
        self.looks.push(event.look(activity, shown));
    }
}

impl Log {
    /// Who looked at a patient's data, newest first: the part of the log before an event, or its end. Reads only; that it
    /// was read is for the caller to record first (`access::Access::read_log`).
    ///
    /// # Errors
    /// [`AuditError::Read`]: the log cannot be read.
    pub async fn looks(&self, patient: &Bsn, before: Option<i64>) -> Result<Looks, AuditError> {
        let pseudonym = self.pseudonym(patient);
        let failed = |error| AuditError::Read(Arc::new(error));
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(self.path())
            .read_only(true)
            .disable_statement_logging();
        let mut connection = options.connect().await.map_err(failed)?;
        let read = read(&mut connection, &pseudonym, before.unwrap_or(i64::MAX)).await;
        // It was only read: closing can lose nothing.
        drop(connection.close().await);
        read.map_err(failed)
    }
}

async fn read(
    connection: &mut SqliteConnection,
    pseudonym: &str,
    mut before: i64,
) -> Result<Looks, sqlx::Error> {
    let mut reading = Reading::default();
    let mut seen = 0;
    loop {
        let rows = sqlx::query(QUERY)
            .bind(pseudonym)
            .bind(before)
            .bind(AT_ONCE)
            .fetch_all(&mut *connection)
            .await?;
        let is_last = rows.len() < usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
        for row in &rows {
            before = row.try_get(0)?;
            seen += 1;
            // What another version wrote and this one cannot read is in the log all the same; it is not guessed at.
            let event: &[u8] = row.try_get(1)?;
            let event = serde_json::from_slice::<Written>(event).ok();
            if let Some(event) = event.filter(|event| event.is_about(pseudonym)) {
                reading.take(&event);
            }
            // A question that runs beside another may have been decided before it and shown after: it is read to its end.
            if reading.looks.len() >= TOGETHER && reading.shown.is_empty() {
                return Ok(reading.part(Some(before)));
            }
        }
        if is_last || seen >= MOST_EVENTS {
            return Ok(reading.part((!is_last).then_some(before)));
        }
    }
}

impl Reading {
    fn part(self, before: Option<i64>) -> Looks {
        Looks {
            looks: self.looks,
            before,
        }
    }
}

#[cfg(test)]
mod tests;
