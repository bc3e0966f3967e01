//! Rows of `quarantine`, `finding`, `loss` and `tally`, and what becomes of a message.

use std::collections::BTreeSet;

use super::{Database, Writing};
use crate::error::StationError;
use crate::lift::{Ledger, Reason};
use crate::source::SourceId;

impl Database {
    /// What a person let through, and until when that holds: message and problem.
    pub(crate) async fn waived(
        &self,
        source: &SourceId,
        now: i64,
    ) -> Result<BTreeSet<(i64, String)>, StationError> {
        let rows: Vec<(i64, String)> = sqlx::query_as(
            "SELECT message, fingerprint FROM quarantine WHERE source = $1 AND state = 'waived' AND until > $2",
        )
        .bind(source.as_str())
        .bind(now)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().collect())
    }

    /// Messages that wait and were held before.
    pub(crate) async fn held_before(&self, source: &SourceId) -> Result<BTreeSet<i64>, StationError> {
        let rows: Vec<(i64,)> = sqlx::query_as(
            "SELECT DISTINCT q.message FROM quarantine q JOIN message m ON m.sequence = q.message \
             WHERE q.source = $1 AND q.state IN ('new', 'mapping-fix', 'waived') AND m.state = 'pending'",
        )
        .bind(source.as_str())
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|(message,)| message).collect())
    }
}

impl Writing<'_> {
    /// A message was worked on.
    pub(crate) async fn set_state(
        &mut self,
        sequence: i64,
        state: &str,
        patient: Option<&str>,
    ) -> Result<(), StationError> {
        sqlx::query("UPDATE message SET state = $2, patient = $3 WHERE sequence = $1")
            .bind(sequence)
            .bind(state)
            .bind(patient)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Holds a message for a reason. The same reason again leaves what a person decided about it.
    pub(crate) async fn hold(
        &mut self,
        source: &SourceId,
        sequence: i64,
        reason: &Reason,
        at: i64,
    ) -> Result<(), StationError> {
        sqlx::query(
            "INSERT INTO quarantine (source, message, fingerprint, stage, rule, path, code, occurrences, at, state, at_row) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, 'new', $9) ON CONFLICT (source, message, fingerprint) \
             DO UPDATE SET occurrences = quarantine.occurrences + 1, at_row = excluded.at_row, \
             state = CASE WHEN quarantine.state IN ('waived', 'closed') THEN 'new' ELSE quarantine.state END",
        )
        .bind(source.as_str())
        .bind(sequence)
        .bind(reason.fingerprint())
        .bind(reason.stage.as_str())
        .bind(reason.rule.as_str())
        .bind(reason.path.as_str())
        .bind(reason.code.as_str())
        .bind(at)
        .bind(reason.row.map(|row| i64::try_from(row).unwrap_or(i64::MAX)))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// What held a message before holds it no more.
    pub(crate) async fn release(&mut self, source: &SourceId, sequence: i64) -> Result<(), StationError> {
        sqlx::query(
            "UPDATE quarantine SET state = 'closed' WHERE source = $1 AND message = $2 \
             AND state IN ('new', 'mapping-fix', 'waived')",
        )
        .bind(source.as_str())
        .bind(sequence)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// A message was sent again and passed: what was held under the same name before is settled.
    pub(crate) async fn settle_earlier(
        &mut self,
        source: &SourceId,
        external: &str,
        sequence: i64,
    ) -> Result<(), StationError> {
        sqlx::query(
            "UPDATE quarantine SET state = 'source-resend' WHERE source = $1 AND state IN ('new', 'mapping-fix') \
             AND message IN (SELECT sequence FROM message WHERE source = $1 AND external = $2 AND sequence < $3)",
        )
        .bind(source.as_str())
        .bind(external)
        .bind(sequence)
        .execute(&mut *self.tx)
        .await?;
        sqlx::query(
            "UPDATE message SET state = 'closed' WHERE source = $1 AND external = $2 AND sequence < $3 \
             AND state = 'held'",
        )
        .bind(source.as_str())
        .bind(external)
        .bind(sequence)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Counts what was found.
    pub(crate) async fn count_finding(
        &mut self,
        source: &SourceId,
        reason: &Reason,
        severity: &str,
        occurrences: u64,
    ) -> Result<(), StationError> {
        sqlx::query(
            "INSERT INTO finding (source, stage, rule, path, code, severity, occurrences) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (source, stage, rule, path, code) \
             DO UPDATE SET occurrences = finding.occurrences + excluded.occurrences",
        )
        .bind(source.as_str())
        .bind(reason.stage.as_str())
        .bind(reason.rule.as_str())
        .bind(reason.path.as_str())
        .bind(reason.code.as_str())
        .bind(severity)
        .bind(i64::try_from(occurrences).unwrap_or(i64::MAX))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Counts what became of the leaves at a place.
    pub(crate) async fn count_loss(
        &mut self,
        source: &SourceId,
        path: &str,
        loss: Ledger,
    ) -> Result<(), StationError> {
        let amount = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        sqlx::query(
            "INSERT INTO loss (source, path, mapped, ignored, unmapped) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (source, path) DO UPDATE SET mapped = loss.mapped + excluded.mapped, \
             ignored = loss.ignored + excluded.ignored, unmapped = loss.unmapped + excluded.unmapped",
        )
        .bind(source.as_str())
        .bind(path)
        .bind(amount(loss.mapped))
        .bind(amount(loss.ignored))
        .bind(amount(loss.unmapped))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Adds to a count.
    pub(crate) async fn tally(
        &mut self,
        source: &SourceId,
        name: &str,
        amount: u64,
    ) -> Result<(), StationError> {
        if amount == 0 {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO tally (source, name, amount) VALUES ($1, $2, $3) ON CONFLICT (source, name) \
             DO UPDATE SET amount = tally.amount + excluded.amount",
        )
        .bind(source.as_str())
        .bind(name)
        .bind(i64::try_from(amount).unwrap_or(i64::MAX))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}
