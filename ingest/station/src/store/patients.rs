//! Rows of `patient` and of the outbox, and the kill switch.

use super::{Database, Writing};
use crate::error::StationError;
use crate::source::SourceId;

impl Database {
    /// Whether the kill switch of a source is on.
    pub(crate) async fn is_stopped(&self, source: &SourceId) -> Result<bool, StationError> {
        let (count,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM stopped WHERE source = $1")
            .bind(source.as_str())
            .fetch_one(&self.pool)
            .await?;
        Ok(count > 0)
    }

    /// Turns the kill switch of a source on or off.
    pub(crate) async fn set_stopped(
        &self,
        source: &SourceId,
        stopped: Option<(&str, i64)>,
    ) -> Result<(), StationError> {
        let mut writing = self.write().await?;
        sqlx::query("DELETE FROM stopped WHERE source = $1")
            .bind(source.as_str())
            .execute(&mut *writing.tx)
            .await?;
        if let Some((reason, at)) = stopped {
            sqlx::query("INSERT INTO stopped (source, at, reason) VALUES ($1, $2, $3)")
                .bind(source.as_str())
                .bind(at)
                .bind(reason)
                .execute(&mut *writing.tx)
                .await?;
        }
        writing.commit().await
    }

    /// Whether a patient's data may not be read or added.
    pub(crate) async fn is_barred(&self, source: &SourceId, patient: &str) -> Result<bool, StationError> {
        let (count,): (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM patient WHERE source = $1 AND patient = $2 AND barrier IS NOT NULL",
        )
        .bind(source.as_str())
        .bind(patient)
        .fetch_one(&self.pool)
        .await?;
        Ok(count > 0)
    }
}

impl Writing<'_> {
    /// Notes a patient, and the number in sealed form when there is one.
    pub(crate) async fn note_patient(
        &mut self,
        source: &SourceId,
        patient: &str,
        sealed: Option<&str>,
    ) -> Result<(), StationError> {
        sqlx::query(
            "INSERT INTO patient (source, patient, announced, sealed) VALUES ($1, $2, 0, $3) \
             ON CONFLICT (source, patient) DO UPDATE SET sealed = COALESCE(patient.sealed, excluded.sealed)",
        )
        .bind(source.as_str())
        .bind(patient)
        .bind(sealed)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Sets the barrier before a patient's data.
    pub(crate) async fn set_barrier(
        &mut self,
        source: &SourceId,
        patient: &str,
        barrier: &str,
    ) -> Result<(), StationError> {
        // What was erased needs no number any more; the outbox has its own until the withdrawal is sent.
        sqlx::query(
            "UPDATE patient SET barrier = $3, sealed = CASE WHEN $3 = 'erased' THEN NULL ELSE sealed END \
             WHERE source = $1 AND patient = $2",
        )
        .bind(source.as_str())
        .bind(patient)
        .bind(barrier)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Puts in the outbox what a change of what is served for a patient asks: to be announced with the first served
    /// resource, and to be withdrawn with the last. Only who has a number can be announced.
    pub(crate) async fn announce(
        &mut self,
        database: &Database,
        source: &SourceId,
        patient: &str,
        now: i64,
    ) -> Result<(), StationError> {
        let found: Option<(i64, Option<String>, Option<String>)> = sqlx::query_as(
            "SELECT announced, sealed, barrier FROM patient WHERE source = $1 AND patient = $2",
        )
        .bind(source.as_str())
        .bind(patient)
        .fetch_optional(&mut *self.tx)
        .await?;
        let Some((announced, Some(sealed), barrier)) = found else {
            return Ok(());
        };
        let served = if barrier.is_some() {
            0
        } else {
            let (served,): (i64,) = sqlx::query_as(
                "SELECT COUNT(*) FROM (SELECT 1 FROM version WHERE source = $1 AND patient = $2 AND current = 1 \
                 AND deleted = 0 AND served = 1 LIMIT 1) AS one",
            )
            .bind(source.as_str())
            .bind(patient)
            .fetch_one(&mut *self.tx)
            .await?;
            served
        };
        if (announced != 0) == (served != 0) {
            return Ok(());
        }
        sqlx::query("UPDATE patient SET announced = $3 WHERE source = $1 AND patient = $2")
            .bind(source.as_str())
            .bind(patient)
            .bind(i64::from(served != 0))
            .execute(&mut *self.tx)
            .await?;
        sqlx::query(
            "INSERT INTO outbox (entry, source, patient, action, sealed, made, due, attempts, state) \
             VALUES ($1, $2, $3, $4, $5, $6, $6, 0, 'waiting')",
        )
        .bind(database.next())
        .bind(source.as_str())
        .bind(patient)
        .bind(if served != 0 { "register" } else { "deregister" })
        .bind(sealed)
        .bind(now)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}
