//! Rows of `message`.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::{Database, Writing};
use crate::error::StationError;
use crate::message::Format;
use crate::segment::{MessageHead, Place};
use crate::source::SourceId;

/// A message that waits, or one that is looked at again.
#[derive(Debug, Clone)]
pub(crate) struct MessageRow {
    pub sequence: i64,
    pub external: String,
    pub hash: String,
    pub received: i64,
    pub clock: Option<i64>,
    pub changed: bool,
    pub bytes: i64,
    pub place: Place,
}

const COLUMNS: &str =
    "sequence, external, hash, received, clock, changed, bytes, object, number, place, length";

fn row(row: &AnyRow) -> Result<MessageRow, sqlx::Error> {
    Ok(MessageRow {
        sequence: row.try_get(0)?,
        external: row.try_get(1)?,
        hash: row.try_get(2)?,
        received: row.try_get(3)?,
        clock: row.try_get(4)?,
        changed: row.try_get::<i64, _>(5)? != 0,
        bytes: row.try_get(6)?,
        place: Place {
            object: row.try_get(7)?,
            number: row.try_get(8)?,
            offset: row.try_get(9)?,
            length: row.try_get(10)?,
        },
    })
}

impl Database {
    /// The messages by the name that the sender gave: number and hash of each.
    pub(crate) async fn named(
        &self,
        source: &SourceId,
        external: &str,
    ) -> Result<Vec<(i64, String)>, StationError> {
        Ok(sqlx::query_as(
            "SELECT sequence, hash FROM message WHERE source = $1 AND external = $2 ORDER BY 1",
        )
        .bind(source.as_str())
        .bind(external)
        .fetch_all(&self.pool)
        .await?)
    }

    /// Bytes that wait, and bytes that are kept altogether.
    pub(crate) async fn amounts(&self, source: &SourceId) -> Result<(u64, u64), StationError> {
        let (waiting, total): (i64, i64) = sqlx::query_as(
            "SELECT CAST(COALESCE(SUM(CASE WHEN state = 'pending' THEN bytes ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM message WHERE source = $1 AND state NOT IN ('erased', 'expired')",
        )
        .bind(source.as_str())
        .fetch_one(&self.pool)
        .await?;
        Ok((waiting.unsigned_abs(), total.unsigned_abs()))
    }

    /// The first messages that wait, at most `count` of at most `bytes` together, and at least one.
    pub(crate) async fn pending(
        &self,
        source: &SourceId,
        count: i64,
        bytes: i64,
    ) -> Result<Vec<MessageRow>, StationError> {
        let query = format!(
            "SELECT {COLUMNS} FROM message WHERE source = $1 AND state = 'pending' ORDER BY sequence LIMIT $2"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(source.as_str())
            .bind(count)
            .fetch_all(&self.pool)
            .await?;
        let mut messages = Vec::with_capacity(rows.len());
        let mut sum = 0;
        for found in &rows {
            let message = row(found)?;
            sum += message.bytes;
            if sum > bytes && !messages.is_empty() {
                break;
            }
            messages.push(message);
        }
        Ok(messages)
    }

    /// The messages that a problem holds.
    pub(crate) async fn holding(
        &self,
        source: &SourceId,
        fingerprint: &str,
    ) -> Result<Vec<i64>, StationError> {
        let rows: Vec<(i64,)> = sqlx::query_as(
            "SELECT m.sequence FROM message m JOIN quarantine q ON q.message = m.sequence AND q.source = m.source \
             WHERE q.source = $1 AND q.fingerprint = $2 AND m.state = 'held' \
             AND q.state IN ('new', 'mapping-fix', 'waived') ORDER BY 1",
        )
        .bind(source.as_str())
        .bind(fingerprint)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|(sequence,)| sequence).collect())
    }

    /// Messages by number, those in a state.
    pub(crate) async fn by_sequence(
        &self,
        source: &SourceId,
        sequences: &[i64],
        state: &str,
    ) -> Result<Vec<MessageRow>, StationError> {
        let query =
            format!("SELECT {COLUMNS} FROM message WHERE source = $1 AND sequence = $2 AND state = $3");
        let mut messages = Vec::with_capacity(sequences.len());
        for sequence in sequences {
            let found = sqlx::query(sqlx::AssertSqlSafe(query.as_str()))
                .bind(source.as_str())
                .bind(*sequence)
                .bind(state)
                .fetch_optional(&self.pool)
                .await?;
            messages.extend(found.as_ref().map(row).transpose()?);
        }
        Ok(messages)
    }

    /// Every message of a source whose bytes are there, in order.
    pub(crate) async fn kept(&self, source: &SourceId) -> Result<Vec<MessageRow>, StationError> {
        let query =
            format!("SELECT {COLUMNS} FROM message WHERE source = $1 AND object <> '' ORDER BY sequence");
        let rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(source.as_str())
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.iter().map(row).collect::<Result<_, _>>()?)
    }
}

impl Writing<'_> {
    /// Adds a message. One that is there already is left as it is.
    pub(crate) async fn add_message(
        &mut self,
        source: &SourceId,
        head: &MessageHead,
        bytes: usize,
        place: &Place,
        changed: bool,
        state: &str,
    ) -> Result<(), StationError> {
        sqlx::query(
            "INSERT INTO message (sequence, source, external, hash, format, received, clock, bytes, object, number, \
             place, length, changed, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
             ON CONFLICT DO NOTHING",
        )
        .bind(head.sequence)
        .bind(source.as_str())
        .bind(head.external.as_str())
        .bind(head.hash.as_str())
        .bind(format_name(head.format))
        .bind(head.received)
        .bind(head.clock)
        .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
        .bind(place.object.as_str())
        .bind(place.number)
        .bind(place.offset)
        .bind(place.length)
        .bind(i64::from(changed))
        .bind(state)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

/// A format as it stands in the database.
fn format_name(format: Format) -> &'static str {
    match format {
        Format::FhirR4 => "fhir-r4",
        Format::FhirStu3 => "fhir-stu3",
        Format::Cda => "cda",
        Format::Hl7v2 => "hl7v2",
        Format::Csv => "csv",
        Format::CsvPart => "csv-part",
        Format::Manifest => "manifest",
        Format::Deletions => "deletions",
    }
}
