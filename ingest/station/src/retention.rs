//! How long messages are kept as they were received.
//!
//! A message may go when it was worked on (or given up, or settled by a later one), when it is older than the source keeps
//! them, and when everything that it changed is told to the index. What waits or is held never goes. Resources, their
//! versions and tombstones stay: they are in the store, and the database can be built anew from it.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use crate::error::StationError;
use crate::failpoint::failpoint;
use crate::source::Scope;
use crate::station::Station;

/// Messages that are taken out in one go.
const BATCH: i64 = 1_000;

/// What [`Station::expire`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Expired {
    /// Messages whose bytes are gone.
    pub messages: u64,
    /// Their bytes as received.
    pub bytes: u64,
}

impl Station {
    /// Takes messages out of the inbox that the source keeps no longer, see
    /// [`SourceConfig::keep_messages_days`](crate::config::SourceConfig::keep_messages_days). Their keyed names and hashes
    /// stay, so that the same message is still known.
    ///
    /// # Errors
    /// [`StationError::Config`] when the source keeps all of them; [`StationError`] when database or objects fail.
    pub async fn expire(&self, scope: &Scope) -> Result<Expired, StationError> {
        let source = scope.source();
        let Some(days) = scope.config().keep_messages_days else {
            return Err(StationError::Config(format!(
                "the source {source} has no `keep_messages_days`: its messages are kept"
            )));
        };
        let age = SignedDuration::from_hours(24 * i64::from(days));
        let before = self.surroundings.now().checked_sub(age).unwrap_or(Timestamp::MIN);
        let mut expired = Expired::default();
        loop {
            let _turn = self.turn(source).await?;
            let _pause = self.pause(source).await?;
            // The clock of a version may come from a message that brought nothing else: that one stays while it does.
            let rows: Vec<(i64, i64)> = sqlx::query_as(
                "SELECT m.sequence, m.bytes FROM message m WHERE m.source = $1 AND m.state IN ('done', 'closed') \
                 AND m.object <> '' AND m.received < $2 \
                 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.source = m.source AND o.patient = m.patient \
                 AND o.state = 'waiting') \
                 AND NOT EXISTS (SELECT 1 FROM version v WHERE v.source = m.source AND v.touched = m.sequence \
                 AND v.current = 1) ORDER BY m.sequence LIMIT $3",
            )
            .bind(source.as_str())
            .bind(before.as_microsecond())
            .bind(BATCH)
            .fetch_all(&self.database.pool)
            .await?;
            if rows.is_empty() {
                return Ok(expired);
            }
            let gone: HashSet<i64> = rows.iter().map(|(sequence, _)| *sequence).collect();
            let bytes = rows.iter().map(|(_, bytes)| bytes.unsigned_abs()).sum::<u64>();
            self.leave_out(scope, &gone, "expired").await?;
            failpoint!("expire-after-batch");
            self.load(source)?.gone(bytes);
            expired.messages += rows.len() as u64;
            expired.bytes += bytes;
        }
    }
}
