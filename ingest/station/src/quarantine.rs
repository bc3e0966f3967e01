//! What is held, grouped by problem, and what a person may do about it: mend the cause and replay, let through for a
//! while, or discard. What is held because of identity is never let through.

use bytes::Bytes;
use jiff::Timestamp;

use crate::error::StationError;
use crate::lift::Stage;
use crate::source::{Scope, Scoped};
use crate::station::Station;
use crate::store::messages::MessageRow;
use crate::work::{Outcome, Progress};

/// Messages of one dry run.
const DRY_RUN: usize = 1_000;

/// A problem that holds messages.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The same for the same problem.
    pub fingerprint: String,
    /// Where in the pipeline.
    pub stage: String,
    /// The rule.
    pub rule: String,
    /// The element.
    pub path: String,
    /// A code, where the rule has several.
    pub code: String,
    /// `new`, `mapping-fix`, `source-resend`, `waived`, `discarded` or `closed`.
    pub state: String,
    /// Messages that have it.
    pub messages: i64,
    /// The first of these.
    pub first: i64,
    /// Of files with rows: the first row of a file with it, from one, the header included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<i64>,
    /// When the first of these was held.
    pub since: Timestamp,
}

/// What a replay does, or would do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replayed {
    /// Messages that were tried.
    pub messages: u64,
    /// Messages that are held again.
    pub held: u64,
    /// Versions that came of it.
    pub versions: u64,
    /// Whether nothing was changed.
    pub dry_run: bool,
}

impl Station {
    /// The problems of a source, most messages first.
    ///
    /// # Errors
    /// [`StationError`] when the database fails.
    pub async fn problems(&self, scope: &Scope) -> Result<Vec<Problem>, StationError> {
        type Row = (
            String,
            String,
            String,
            String,
            String,
            String,
            i64,
            i64,
            Option<i64>,
            i64,
        );
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT fingerprint, stage, rule, path, code, state, COUNT(*), MIN(message), MIN(at_row), MIN(at) FROM quarantine \
             WHERE source = $1 GROUP BY fingerprint, stage, rule, path, code, state ORDER BY 7 DESC, 1, 6",
        )
        .bind(scope.source().as_str())
        .fetch_all(&self.database.pool)
        .await?;
        let problem = |row: Row| Problem {
            fingerprint: row.0,
            stage: row.1,
            rule: row.2,
            path: row.3,
            code: row.4,
            state: row.5,
            messages: row.6,
            first: row.7,
            row: row.8,
            since: Timestamp::from_microsecond(row.9).unwrap_or_default(),
        };
        Ok(rows.into_iter().map(problem).collect())
    }

    /// The bytes of a message that is held, to make a test case of after pseudonymisation.
    ///
    /// # Errors
    /// [`StationError::NotInQuarantine`], or when it cannot be read.
    pub async fn held_message(&self, scope: &Scope, sequence: i64) -> Result<Scoped<Bytes>, StationError> {
        let rows = self
            .database
            .by_sequence(scope.source(), &[sequence], "held")
            .await?;
        let mut waiting = self.fetch(scope, rows).await?;
        let message = waiting.pop().ok_or(StationError::NotInQuarantine)?;
        Ok(scope.own(message.body))
    }

    /// Works again on the messages that a problem holds, by the maps and rules of now. A dry run changes nothing and
    /// says what would come of (at most a thousand of) them.
    ///
    /// # Errors
    /// [`StationError::NotInQuarantine`] when the problem holds nothing.
    pub async fn replay(
        &self,
        scope: &Scope,
        fingerprint: &str,
        dry_run: bool,
    ) -> Result<Replayed, StationError> {
        let source = scope.source();
        let sequences = self.database.holding(source, fingerprint).await?;
        if sequences.is_empty() {
            return Err(StationError::NotInQuarantine);
        }
        if dry_run {
            return self.try_out(scope, &sequences).await;
        }
        let rows = self.database.by_sequence(source, &sequences, "held").await?;
        let bytes: i64 = rows.iter().map(|row| row.bytes).sum();
        let mut writing = self.database.write().await?;
        for row in &rows {
            writing.set_state(row.sequence, "pending", None).await?;
        }
        writing.commit().await?;
        self.load(source)?.again(bytes);
        let progress = self.work(source).await?;
        Ok(Replayed::of(progress, false))
    }

    async fn try_out(&self, scope: &Scope, sequences: &[i64]) -> Result<Replayed, StationError> {
        let some = &sequences[..sequences.len().min(DRY_RUN)];
        let rows: Vec<MessageRow> = self.database.by_sequence(scope.source(), some, "held").await?;
        let _turn = self.turn(scope.source()).await?;
        let mut tried = Replayed {
            dry_run: true,
            ..Replayed::default()
        };
        // One by one, so that no more than one message is in memory twice.
        for row in rows {
            let mut apart = Vec::new();
            for waiting in self.fetch(scope, vec![row]).await? {
                apart.extend(self.apart(scope, waiting).await);
            }
            let (steps, segment) = self.plan(scope, apart).await?;
            tried.messages += steps.len() as u64;
            tried.held += steps
                .iter()
                .filter(|step| matches!(step.outcome, Outcome::Held(_)))
                .count() as u64;
            tried.versions += segment.map_or(0, |segment| segment.places.len() as u64);
        }
        Ok(tried)
    }

    /// Lets through what a problem holds, until a moment; then replays it.
    ///
    /// # Errors
    /// [`StationError::NeverWaived`] for what is held because of identity or cannot be read, and as
    /// [`Station::replay`].
    pub async fn waive(
        &self,
        scope: &Scope,
        fingerprint: &str,
        by: &str,
        reason: &str,
        until: Timestamp,
    ) -> Result<Replayed, StationError> {
        let problems = self.problems(scope).await?;
        let problem = problems
            .iter()
            .find(|problem| problem.fingerprint == fingerprint)
            .ok_or(StationError::NotInQuarantine)?;
        if !Stage::may_be_waived(&problem.stage) {
            return Err(StationError::NeverWaived);
        }
        self.decide(scope, fingerprint, "waived", by, reason, Some(until))
            .await?;
        self.replay(scope, fingerprint, false).await
    }

    /// Gives up the messages that a problem holds. They stay in the inbox until it expires.
    ///
    /// # Errors
    /// [`StationError::NotInQuarantine`] when the problem holds nothing.
    pub async fn discard(
        &self,
        scope: &Scope,
        fingerprint: &str,
        by: &str,
        reason: &str,
    ) -> Result<u64, StationError> {
        let sequences = self.database.holding(scope.source(), fingerprint).await?;
        if sequences.is_empty() {
            return Err(StationError::NotInQuarantine);
        }
        self.decide(scope, fingerprint, "discarded", by, reason, None)
            .await?;
        let mut writing = self.database.write().await?;
        for sequence in &sequences {
            writing.set_state(*sequence, "closed", None).await?;
        }
        writing.commit().await?;
        Ok(sequences.len() as u64)
    }

    async fn decide(
        &self,
        scope: &Scope,
        fingerprint: &str,
        state: &str,
        by: &str,
        reason: &str,
        until: Option<Timestamp>,
    ) -> Result<(), StationError> {
        let mut writing = self.database.write().await?;
        sqlx::query(
            "UPDATE quarantine SET state = $3, by_whom = $4, reason = $5, until = $6 \
             WHERE source = $1 AND fingerprint = $2 AND state IN ('new', 'mapping-fix', 'waived')",
        )
        .bind(scope.source().as_str())
        .bind(fingerprint)
        .bind(state)
        .bind(by)
        .bind(reason)
        .bind(until.map(Timestamp::as_microsecond))
        .execute(&mut *writing.tx)
        .await?;
        writing.commit().await
    }
}

impl Replayed {
    fn of(progress: Progress, dry_run: bool) -> Self {
        Replayed {
            messages: progress.messages,
            held: progress.held,
            versions: progress.versions,
            dry_run,
        }
    }
}
