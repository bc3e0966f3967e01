//! Tells the referral index for whom the station has data: each change at least once, in order for each patient.
//!
//! A registration is repeated until it succeeded, and may arrive twice when the process ends between the two: the index
//! takes the same registration again as the same. A registration that is missing makes a patient's data invisible, and
//! one that is left over says what is no longer true: both show in [`Publication`] until they are told.

use async_trait::async_trait;
use jiff::Timestamp;
use samenhang_profiles::{Bsn, Ura};

use crate::error::StationError;
use crate::failpoint::failpoint;
use crate::source::{Scope, SourceId};
use crate::station::Station;

/// Longest wait before the next attempt, in microseconds: an hour.
const LONGEST_WAIT: i64 = 3_600_000_000;
/// Wait after the first attempt, in microseconds.
const FIRST_WAIT: i64 = 1_000_000;
/// Entries that are looked at in one go.
const BATCH: i64 = 256;

/// The index did not take it. It is tried again later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotTaken {
    /// Why: a stable code, for who looks after the station.
    pub code: &'static str,
}

/// How far a source's registrations are.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Publication {
    /// Patients who are registered, or are to be by what waits.
    pub announced: i64,
    /// Entries that wait to be told.
    pub waiting: i64,
    /// Entries among them that the index did not take before.
    pub failing: i64,
    /// Since when the oldest of them waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest: Option<Timestamp>,
    /// Why the one that was tried last was not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// The referral index, as a holder sees it.
#[async_trait]
pub trait Registrar: Send + Sync {
    /// The holder has data on this patient. The same again changes nothing.
    ///
    /// # Errors
    /// [`NotTaken`] when it is to be tried again.
    async fn register(&self, holder: &Ura, source: &SourceId, patient: &Bsn) -> Result<(), NotTaken>;

    /// The holder has no data on this patient any more. The same again changes nothing.
    ///
    /// # Errors
    /// [`NotTaken`] when it is to be tried again.
    async fn deregister(&self, holder: &Ura, source: &SourceId, patient: &Bsn) -> Result<(), NotTaken>;
}

/// What a call of [`Station::publish`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    /// Entries that the index took.
    pub sent: u64,
    /// Entries that are tried again later.
    pub failed: u64,
    /// Registrations that wait because the quality of the source is too low.
    pub held_back: u64,
}

impl Station {
    /// Publishes what waits in the outbox of a source and is due.
    ///
    /// # Errors
    /// [`StationError`]; what was not published still waits.
    pub async fn publish(
        &self,
        source: &SourceId,
        registrar: &dyn Registrar,
    ) -> Result<Published, StationError> {
        let scope = self.scope(source)?;
        let mut published = Published::default();
        if self.database.is_stopped(source).await? {
            return Err(StationError::Stopped);
        }
        let holds_back = self.holds_back(&scope).await?;
        if holds_back {
            self.void_withdrawn(&scope).await?;
        }
        loop {
            if self.database.is_stopped(source).await? {
                return Err(StationError::Stopped);
            }
            let now = self.surroundings.now().as_microsecond();
            // Only the first entry of a patient: a withdrawal never overtakes a registration.
            let due: Vec<(i64, String, String, String, i64)> = sqlx::query_as(
                "SELECT entry, patient, action, sealed, attempts FROM outbox WHERE source = $1 AND state = 'waiting' \
                 AND due <= $2 AND ($4 = 0 OR action <> 'register') AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.source = outbox.source \
                 AND o.patient = outbox.patient AND o.state = 'waiting' AND o.entry < outbox.entry) \
                 ORDER BY entry LIMIT $3",
            )
            .bind(source.as_str())
            .bind(now)
            .bind(BATCH)
            .bind(i64::from(holds_back))
            .fetch_all(&self.database.pool)
            .await?;
            if due.is_empty() {
                if holds_back {
                    let (held_back,): (i64,) = sqlx::query_as(
                        "SELECT COUNT(*) FROM outbox WHERE source = $1 AND state = 'waiting' AND action = 'register'",
                    )
                    .bind(source.as_str())
                    .fetch_one(&self.database.pool)
                    .await?;
                    published.held_back = held_back.unsigned_abs();
                }
                return Ok(published);
            }
            for (entry, patient, action, sealed, attempts) in due {
                let bsn = scope.key.open_number(&sealed, &patient)?;
                let holder = &scope.config().ura;
                let taken = match action.as_str() {
                    "register" => registrar.register(holder, source, &bsn).await,
                    _ => registrar.deregister(holder, source, &bsn).await,
                };
                failpoint!("publish-after-send");
                let mut writing = self.database.write().await?;
                match taken {
                    Ok(()) => {
                        published.sent += 1;
                        sqlx::query(
                            "UPDATE outbox SET state = 'sent', sealed = NULL, problem = NULL WHERE entry = $1",
                        )
                        .bind(entry)
                        .execute(&mut *writing.tx)
                        .await?;
                    }
                    Err(NotTaken { code }) => {
                        published.failed += 1;
                        let wait = FIRST_WAIT << attempts.clamp(0, 12);
                        sqlx::query(
                            "UPDATE outbox SET attempts = attempts + 1, due = $2, problem = $3 WHERE entry = $1",
                        )
                        .bind(entry)
                        .bind(now + wait.min(LONGEST_WAIT))
                        .bind(code)
                        .execute(&mut *writing.tx)
                        .await?;
                    }
                }
                writing.commit().await?;
                failpoint!("publish-after-commit");
            }
        }
    }

    /// Makes what waits in the outbox of a source due now, and puts every patient whose data is served in it again:
    /// for an index that lost registrations, or that was mended. Gives how many patients were put in.
    ///
    /// # Errors
    /// [`StationError`] when the source is stopped or the database fails.
    pub async fn announce_again(&self, scope: &Scope) -> Result<u64, StationError> {
        let source = scope.source();
        if self.database.is_stopped(source).await? {
            return Err(StationError::Stopped);
        }
        let now = self.surroundings.now().as_microsecond();
        let mut writing = self.database.write().await?;
        sqlx::query("UPDATE outbox SET due = $2 WHERE source = $1 AND state = 'waiting' AND due > $2")
            .bind(source.as_str())
            .bind(now)
            .execute(&mut *writing.tx)
            .await?;
        let patients: Vec<(String, String)> = sqlx::query_as(
            "SELECT patient, sealed FROM patient WHERE source = $1 AND announced = 1 AND sealed IS NOT NULL \
             AND barrier IS NULL AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.source = patient.source \
             AND o.patient = patient.patient AND o.state = 'waiting') ORDER BY patient",
        )
        .bind(source.as_str())
        .fetch_all(&mut *writing.tx)
        .await?;
        let count = patients.len() as u64;
        for (patient, sealed) in patients {
            sqlx::query(
                "INSERT INTO outbox (entry, source, patient, action, sealed, made, due, attempts, state) \
                 VALUES ($1, $2, $3, 'register', $4, $5, $5, 0, 'waiting')",
            )
            .bind(self.database.next())
            .bind(source.as_str())
            .bind(patient)
            .bind(sealed)
            .bind(now)
            .execute(&mut *writing.tx)
            .await?;
        }
        writing.commit().await?;
        Ok(count)
    }

    /// How far a source's registrations are.
    ///
    /// # Errors
    /// [`StationError`] when the database fails.
    pub async fn publication(&self, scope: &Scope) -> Result<Publication, StationError> {
        let source = scope.source().as_str();
        let pool = &self.database.pool;
        let (announced,): (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM patient WHERE source = $1 AND announced = 1")
                .bind(source)
                .fetch_one(pool)
                .await?;
        let (waiting, failing, oldest): (i64, i64, Option<i64>) = sqlx::query_as(
            "SELECT COUNT(*), COUNT(problem), MIN(made) FROM outbox WHERE source = $1 AND state = 'waiting'",
        )
        .bind(source)
        .fetch_one(pool)
        .await?;
        let problem: Option<(String,)> = sqlx::query_as(
            "SELECT problem FROM outbox WHERE source = $1 AND state = 'waiting' AND problem IS NOT NULL \
             ORDER BY due DESC LIMIT 1",
        )
        .bind(source)
        .fetch_optional(pool)
        .await?;
        Ok(Publication {
            announced,
            waiting,
            failing,
            oldest: oldest.and_then(|at| Timestamp::from_microsecond(at).ok()),
            problem: problem.map(|(code,)| code),
        })
    }
}
