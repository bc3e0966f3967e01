//! Rows of `version`.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::{Database, Writing};
use crate::error::StationError;
use crate::segment::{Place, VersionHead};
use crate::source::SourceId;

/// The current version of a resource.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    /// The highest number that was given, also to versions that came late.
    pub last: i64,
    pub clock: i64,
    pub hash: String,
    pub patient: Option<String>,
    pub deleted: bool,
}

/// A version as it stands in the database.
#[derive(Debug, Clone)]
pub(crate) struct VersionRow {
    pub kind: String,
    pub id: String,
    pub version: i64,
    pub clock: i64,
    pub hash: String,
    pub deleted: bool,
    pub verdict: String,
    pub place: Place,
    pub map: String,
}

/// The columns of a [`VersionRow`].
pub(crate) const COLUMNS: &str =
    "kind, id, version, clock, hash, deleted, verdict, object, number, place, length, map";

/// Reads a row of [`COLUMNS`].
pub(crate) fn row(row: &AnyRow) -> Result<VersionRow, sqlx::Error> {
    Ok(VersionRow {
        kind: row.try_get(0)?,
        id: row.try_get(1)?,
        version: row.try_get(2)?,
        clock: row.try_get(3)?,
        hash: row.try_get(4)?,
        deleted: row.try_get::<i64, _>(5)? != 0,
        verdict: row.try_get(6)?,
        place: Place {
            object: row.try_get(7)?,
            number: row.try_get(8)?,
            offset: row.try_get(9)?,
            length: row.try_get(10)?,
        },
        map: row.try_get(11)?,
    })
}

impl Database {
    /// The current version of a resource.
    pub(crate) async fn head(
        &self,
        source: &SourceId,
        kind: &str,
        id: &str,
    ) -> Result<Option<Head>, StationError> {
        let row = sqlx::query(
            "SELECT (SELECT MAX(version) FROM version WHERE source = $1 AND kind = $2 AND id = $3), clock, hash, \
             patient, deleted FROM version WHERE source = $1 AND kind = $2 AND id = $3 AND current = 1",
        )
        .bind(source.as_str())
        .bind(kind)
        .bind(id)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Head {
            last: row.try_get(0)?,
            clock: row.try_get(1)?,
            hash: row.try_get(2)?,
            patient: row.try_get(3)?,
            deleted: row.try_get::<i64, _>(4)? != 0,
        }))
    }

    /// Whether a version is there, current or not.
    pub(crate) async fn has_version(
        &self,
        source: &SourceId,
        kind: &str,
        id: &str,
        clock: i64,
        hash: &str,
    ) -> Result<bool, StationError> {
        let (count,): (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM version WHERE source = $1 AND kind = $2 AND id = $3 AND clock = $4 AND hash = $5",
        )
        .bind(source.as_str())
        .bind(kind)
        .bind(id)
        .bind(clock)
        .bind(hash)
        .fetch_one(&self.pool)
        .await?;
        Ok(count > 0)
    }

    /// Type and id of every resource of a source that is there now and came before a message, in order.
    pub(crate) async fn present(
        &self,
        source: &SourceId,
        before: i64,
    ) -> Result<Vec<(String, String)>, StationError> {
        Ok(sqlx::query_as(
            "SELECT kind, id FROM version WHERE source = $1 AND current = 1 AND deleted = 0 AND EXISTS (SELECT 1 \
             FROM version e WHERE e.source = version.source AND e.kind = version.kind AND e.id = version.id \
             AND e.message < $2) ORDER BY kind, id",
        )
        .bind(source.as_str())
        .bind(before)
        .fetch_all(&self.pool)
        .await?)
    }
}

impl Writing<'_> {
    /// Adds a version. One that becomes current takes the place of the one that was.
    pub(crate) async fn add_version(
        &mut self,
        source: &SourceId,
        head: &VersionHead,
        current: bool,
        place: &Place,
        message: i64,
    ) -> Result<(), StationError> {
        if current && head.version > 1 {
            sqlx::query(
                "UPDATE version SET current = 0 WHERE source = $1 AND kind = $2 AND id = $3 AND current = 1",
            )
            .bind(source.as_str())
            .bind(head.kind.as_str())
            .bind(head.id.as_str())
            .execute(&mut *self.tx)
            .await?;
        }
        self.insert_version(source, head, current, place, message).await
    }

    /// Adds a version that was there before the database was lost, with the message that it knows it comes from.
    pub(crate) async fn restore_version(
        &mut self,
        source: &SourceId,
        head: &VersionHead,
        current: bool,
        place: &Place,
    ) -> Result<(), StationError> {
        self.insert_version(source, head, current, place, head.sequence)
            .await
    }

    async fn insert_version(
        &mut self,
        source: &SourceId,
        head: &VersionHead,
        current: bool,
        place: &Place,
        message: i64,
    ) -> Result<(), StationError> {
        sqlx::query(
            "INSERT INTO version (source, kind, id, version, clock, hash, patient, deleted, current, served, verdict, \
             stored, object, number, place, length, message, map) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        )
        .bind(source.as_str())
        .bind(head.kind.as_str())
        .bind(head.id.as_str())
        .bind(head.version)
        .bind(head.clock)
        .bind(head.hash.as_str())
        .bind(head.patient.as_deref())
        .bind(i64::from(head.deleted))
        .bind(i64::from(current))
        .bind(i64::from(head.served))
        .bind(head.verdict.as_str())
        .bind(head.stored)
        .bind(place.object.as_str())
        .bind(place.number)
        .bind(place.offset)
        .bind(place.length)
        .bind(message)
        .bind(head.map.as_str())
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// The current version was sent again with a later clock and the same content.
    pub(crate) async fn touch(
        &mut self,
        source: &SourceId,
        kind: &str,
        id: &str,
        clock: i64,
        message: i64,
    ) -> Result<(), StationError> {
        sqlx::query(
            "UPDATE version SET clock = $4, touched = $5 WHERE source = $1 AND kind = $2 AND id = $3 AND current = 1 \
             AND clock < $4",
        )
        .bind(source.as_str())
        .bind(kind)
        .bind(id)
        .bind(clock)
        .bind(message)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}
