//! What a station has, as its clients may see it: of one source, served, and not behind a barrier.

use bytes::Bytes;
use jiff::Timestamp;
use samenhang_profiles::Bsn;
use sha2::{Digest as _, Sha256};
use sqlx::any::AnyRow;

use crate::error::StationError;
use crate::publish::Publication;
use crate::seal::hex;
use crate::segment::Kind;
use crate::source::{Scope, Scoped};
use crate::station::Station;
use crate::store::versions::{self, VersionRow};

/// Most resources of one page.
const LARGEST_PAGE: i64 = 1_000;

/// What may be seen: the rest of a condition on `version`.
const VISIBLE: &str = "served = 1 AND NOT EXISTS (SELECT 1 FROM patient p WHERE p.source = version.source \
                       AND p.patient = version.patient AND p.barrier IS NOT NULL)";

/// A version of a resource.
#[derive(Clone)]
pub struct Stored {
    /// Type of resource.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Number of the version at this station, from 1, in order of arrival.
    pub version: i64,
    /// When the source made it, by its own clock.
    pub clock: Timestamp,
    /// Whether it says that the resource was deleted; then there is no body.
    pub deleted: bool,
    /// `valid`, `invalid` or `unchecked`.
    pub verdict: String,
    /// Which map made it, with its version and the hash of its files; `as-sent` where none did.
    pub map: String,
    /// The resource in JSON.
    pub body: Bytes,
    /// What the source sent in another version of FHIR (STU3), in JSON, when this was made of all of it.
    pub original: Option<Bytes>,
    /// Whether it was made of a part of what the source sent, for which another stands.
    pub is_part: bool,
}

/// Part of a list, and where it goes on.
pub struct Page {
    /// The resources, in order of type and id.
    pub resources: Vec<Stored>,
    /// Type and id of the last one, when there are more.
    pub next: Option<(String, String)>,
}

/// How a source stands, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Whether the kill switch is on.
    pub stopped: bool,
    /// Messages by state.
    pub messages: std::collections::BTreeMap<String, i64>,
    /// Current resources by type.
    pub resources: std::collections::BTreeMap<String, i64>,
    /// Current resources that are kept and not served.
    pub not_served: i64,
    /// How far its registrations at the index are.
    pub publication: Publication,
    /// Counts over the life of the station.
    pub tallies: std::collections::BTreeMap<String, i64>,
    /// SHA-256 over type, id and keyed content hash of every current resource: the same state gives the same hash.
    pub state: String,
}

impl Station {
    async fn may_read(&self, scope: &Scope) -> Result<(), StationError> {
        if self.database.is_stopped(scope.source()).await? {
            return Err(StationError::Stopped);
        }
        Ok(())
    }

    async fn fetch_version(&self, scope: &Scope, row: VersionRow) -> Result<Stored, StationError> {
        let (mut body, mut original, mut is_part) = (Bytes::new(), None, false);
        if !row.deleted {
            let record = self.objects.record(scope, Kind::Store, &row.place).await?;
            if scope.key.tag("resource", &[&record.body()]) != row.hash {
                return Err(StationError::Damaged("a resource is not the one that was stored"));
            }
            let head;
            (head, body, original) = record.parts()?;
            is_part = head.part;
        }
        Ok(Stored {
            kind: row.kind,
            id: row.id,
            version: row.version,
            clock: Timestamp::from_microsecond(row.clock).unwrap_or_default(),
            deleted: row.deleted,
            verdict: row.verdict,
            map: row.map,
            body,
            original,
            is_part,
        })
    }

    /// The current version of a resource; `None` when it is not there, not served, or behind a barrier. One that was
    /// deleted is its tombstone.
    ///
    /// # Errors
    /// [`StationError`], among others when the source is stopped or what is stored is damaged.
    pub async fn read(
        &self,
        scope: &Scope,
        kind: &str,
        id: &str,
    ) -> Result<Option<Scoped<Stored>>, StationError> {
        let found = self.history(scope, kind, id).await?;
        let mut found = found.into_iter().filter(|row| row.1).map(|row| row.0);
        let Some(row) = found.next() else { return Ok(None) };
        self.fetch_version(scope, row)
            .await
            .map(|stored| Some(scope.own(stored)))
    }

    /// A version of a resource by its number.
    ///
    /// # Errors
    /// As [`Station::read`].
    pub async fn read_version(
        &self,
        scope: &Scope,
        kind: &str,
        id: &str,
        version: i64,
    ) -> Result<Option<Scoped<Stored>>, StationError> {
        let found = self.history(scope, kind, id).await?;
        let Some((row, _)) = found.into_iter().find(|(row, _)| row.version == version) else {
            return Ok(None);
        };
        self.fetch_version(scope, row)
            .await
            .map(|stored| Some(scope.own(stored)))
    }

    /// The numbers of the versions of a resource that may be seen, latest source clock first.
    ///
    /// # Errors
    /// As [`Station::read`].
    pub async fn versions(&self, scope: &Scope, kind: &str, id: &str) -> Result<Vec<i64>, StationError> {
        let found = self.history(scope, kind, id).await?;
        Ok(found.into_iter().map(|(row, _)| row.version).collect())
    }

    /// The versions of a resource that may be seen, and whether each is current.
    async fn history(
        &self,
        scope: &Scope,
        kind: &str,
        id: &str,
    ) -> Result<Vec<(VersionRow, bool)>, StationError> {
        self.may_read(scope).await?;
        let query = format!(
            "SELECT {}, current FROM version WHERE source = $1 AND kind = $2 AND id = $3 AND (deleted = 1 OR {VISIBLE}) \
             AND NOT EXISTS (SELECT 1 FROM patient p WHERE p.source = version.source AND p.patient = version.patient \
             AND p.barrier IS NOT NULL) ORDER BY clock DESC, deleted DESC, hash DESC",
            versions::COLUMNS
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(scope.source().as_str())
            .bind(kind)
            .bind(id)
            .fetch_all(&self.database.pool)
            .await?;
        let read = |row: &AnyRow| {
            let current: i64 = sqlx::Row::try_get(row, "current")?;
            Ok::<_, StationError>((versions::row(row)?, current != 0))
        };
        rows.iter().map(read).collect()
    }

    /// The current resources of a patient, of one type or of all, in order of type and id.
    ///
    /// # Errors
    /// As [`Station::read`].
    pub async fn of_patient(
        &self,
        scope: &Scope,
        patient: &Bsn,
        kind: Option<&str>,
        after: Option<(&str, &str)>,
        most: usize,
    ) -> Result<Scoped<Page>, StationError> {
        let patient = scope.key.patient(patient);
        self.page(scope, Some(&patient), kind, after, most).await
    }

    /// The current resources of the patient of whom a Patient resource is there by this id, also those under another id
    /// of the same patient. Nothing when there is no such Patient.
    ///
    /// # Errors
    /// As [`Station::read`].
    pub async fn of_record(
        &self,
        scope: &Scope,
        id: &str,
        kind: Option<&str>,
        after: Option<(&str, &str)>,
        most: usize,
    ) -> Result<Scoped<Page>, StationError> {
        let head = self.database.head(scope.source(), "Patient", id).await?;
        match head.and_then(|head| head.patient) {
            Some(patient) => self.page(scope, Some(&patient), kind, after, most).await,
            None => Ok(scope.own(Page {
                resources: Vec::new(),
                next: None,
            })),
        }
    }

    /// The current resources of a type, in order of id.
    ///
    /// # Errors
    /// As [`Station::read`].
    pub async fn of_kind(
        &self,
        scope: &Scope,
        kind: &str,
        after: Option<(&str, &str)>,
        most: usize,
    ) -> Result<Scoped<Page>, StationError> {
        self.page(scope, None, Some(kind), after, most).await
    }

    async fn page(
        &self,
        scope: &Scope,
        patient: Option<&str>,
        kind: Option<&str>,
        after: Option<(&str, &str)>,
        most: usize,
    ) -> Result<Scoped<Page>, StationError> {
        self.may_read(scope).await?;
        let most = i64::try_from(most).unwrap_or(LARGEST_PAGE).clamp(1, LARGEST_PAGE);
        let (after_kind, after_id) = after.unwrap_or(("", ""));
        let query = format!(
            "SELECT {} FROM version WHERE source = $1 AND current = 1 AND deleted = 0 \
             AND ($2 = '' OR patient = $2) AND ($3 = '' OR kind = $3) \
             AND (kind > $4 OR (kind = $4 AND id > $5)) AND {VISIBLE} ORDER BY kind, id LIMIT $6",
            versions::COLUMNS
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(scope.source().as_str())
            .bind(patient.unwrap_or_default())
            .bind(kind.unwrap_or_default())
            .bind(after_kind)
            .bind(after_id)
            .bind(most + 1)
            .fetch_all(&self.database.pool)
            .await?;
        let mut resources = Vec::with_capacity(rows.len());
        let wanted = usize::try_from(most).unwrap_or(usize::MAX);
        for row in rows.iter().take(wanted) {
            let row = versions::row(row)?;
            resources.push(self.fetch_version(scope, row).await?);
        }
        let last = resources.last().filter(|_| rows.len() > wanted);
        let next = last.map(|last| (last.kind.clone(), last.id.clone()));
        Ok(scope.own(Page { resources, next }))
    }

    /// How a source stands.
    ///
    /// # Errors
    /// [`StationError`] when the database fails.
    pub async fn status(&self, scope: &Scope) -> Result<Status, StationError> {
        let source = scope.source().as_str();
        let pool = &self.database.pool;
        let messages: Vec<(String, i64)> =
            sqlx::query_as("SELECT state, COUNT(*) FROM message WHERE source = $1 GROUP BY state")
                .bind(source)
                .fetch_all(pool)
                .await?;
        let resources: Vec<(String, i64)> = sqlx::query_as(
            "SELECT kind, COUNT(*) FROM version WHERE source = $1 AND current = 1 AND deleted = 0 GROUP BY kind",
        )
        .bind(source)
        .fetch_all(pool)
        .await?;
        let (not_served,): (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM version WHERE source = $1 AND current = 1 AND deleted = 0 AND served = 0",
        )
        .bind(source)
        .fetch_one(pool)
        .await?;
        let tallies: Vec<(String, i64)> = sqlx::query_as("SELECT name, amount FROM tally WHERE source = $1")
            .bind(source)
            .fetch_all(pool)
            .await?;
        let state: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT kind, id, hash FROM version WHERE source = $1 AND current = 1 ORDER BY kind, id",
        )
        .bind(source)
        .fetch_all(pool)
        .await?;
        let mut hash = Sha256::new();
        for (kind, id, content) in state {
            hash.update(format!("{kind}/{id} {content}\n"));
        }
        Ok(Status {
            stopped: self.database.is_stopped(scope.source()).await?,
            messages: messages.into_iter().collect(),
            resources: resources.into_iter().collect(),
            not_served,
            publication: self.publication(scope).await?,
            tallies: tallies.into_iter().collect(),
            state: hex(&hash.finalize()),
        })
    }
}
