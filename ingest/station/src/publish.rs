//! Tells the referral index for whom the station has data: each change once, in order for each patient.
//!
//! A registration is repeated until it succeeded, and may arrive twice when the process ends between the two: the index
//! takes the same registration again as the same.

use async_trait::async_trait;
use samenhang_profiles::{Bsn, Ura};

use crate::error::StationError;
use crate::failpoint::failpoint;
use crate::source::SourceId;
use crate::station::Station;

/// Longest wait before the next attempt, in microseconds: an hour.
const LONGEST_WAIT: i64 = 3_600_000_000;
/// Wait after the first attempt, in microseconds.
const FIRST_WAIT: i64 = 1_000_000;
/// Entries that are looked at in one go.
const BATCH: i64 = 256;

/// The index did not take it. It is tried again later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotTaken;

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
        loop {
            if self.database.is_stopped(source).await? {
                return Err(StationError::Stopped);
            }
            let now = self.surroundings.now().as_microsecond();
            // Only the first entry of a patient: a withdrawal never overtakes a registration.
            let due: Vec<(i64, String, String, String, i64)> = sqlx::query_as(
                "SELECT entry, patient, action, sealed, attempts FROM outbox WHERE source = $1 AND state = 'waiting' \
                 AND due <= $2 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.source = outbox.source \
                 AND o.patient = outbox.patient AND o.state = 'waiting' AND o.entry < outbox.entry) \
                 ORDER BY entry LIMIT $3",
            )
            .bind(source.as_str())
            .bind(now)
            .bind(BATCH)
            .fetch_all(&self.database.pool)
            .await?;
            if due.is_empty() {
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
                if taken.is_ok() {
                    published.sent += 1;
                    sqlx::query("UPDATE outbox SET state = 'sent', sealed = NULL WHERE entry = $1")
                        .bind(entry)
                        .execute(&mut *writing.tx)
                        .await?;
                } else {
                    published.failed += 1;
                    let wait = FIRST_WAIT << attempts.clamp(0, 12);
                    sqlx::query("UPDATE outbox SET attempts = attempts + 1, due = $2 WHERE entry = $1")
                        .bind(entry)
                        .bind(now + wait.min(LONGEST_WAIT))
                        .execute(&mut *writing.tx)
                        .await?;
                }
                writing.commit().await?;
                failpoint!("publish-after-commit");
            }
        }
    }
}
