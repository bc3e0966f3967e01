//! Replaces the key of a source: new writes under the new key at once, what is old sealed anew while the station works,
//! and the old key destroyed when nothing needs it any more.
//!
//! 1. A new key is put first in the key file. From then on it wraps what is new; what is old is read by either.
//! 2. Each object that the old key wraps is put once more with its key wrapped by the new one: its records stay as they
//!    are, and so do their places. Then one transaction moves the references, and at the end the old objects go. The
//!    numbers in the database are sealed anew.
//! 3. When every object and every number opens by the new key alone, the old one is taken out of the file.
//!
//! Each step can be done twice. A rotation that a crash cut off goes on where it was, at the next call.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::error::StationError;
use crate::failpoint::failpoint;
use crate::seal::{SourceKey, hex, rotation, unhex};
use crate::segment::{self, Kind, Segment};
use crate::source::{Scope, SourceId};
use crate::station::{Station, lock};
use crate::surroundings::Surroundings;

/// What a rotation did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resealed {
    /// Objects that were put under the new key.
    pub objects: u64,
    /// Numbers in the database that were sealed under the new key.
    pub numbers: u64,
    /// Objects that nothing referred to, and that went.
    pub swept: u64,
    /// Whether an old key was destroyed.
    pub ended: bool,
}

impl Station {
    /// Begins to replace the key of a source, while no process has the station open: puts a new key first in the key file.
    /// One that was begun is left as it is, and `false`. The next [`Station::open`] writes by the new key, and
    /// [`Station::reseal`] does the rest.
    ///
    /// # Errors
    /// [`StationError::Locked`], [`StationError::UnknownSource`], or when the key file cannot be read or written.
    pub async fn begin_rotation(
        config: &Config,
        source: &SourceId,
        surroundings: &dyn Surroundings,
    ) -> Result<bool, StationError> {
        let found = config.sources.iter().find(|other| other.id == *source);
        let found = found.ok_or(StationError::UnknownSource)?;
        let _lock = lock(config)?;
        rotation::begin(&config.path(&found.key_file), surroundings).await
    }

    /// Seals everything of a source anew when its key is being replaced, and then destroys the old one. Messages are taken
    /// and worked on meanwhile. Nothing to do otherwise.
    ///
    /// # Errors
    /// [`StationError::Damaged`] when an object is not what its name says: the old key then stays. Any other when the
    /// database, the objects or the key file fail; it goes on with the next call.
    pub async fn reseal(&self, scope: &Scope) -> Result<Resealed, StationError> {
        let mut resealed = Resealed::default();
        if !scope.key.is_being_replaced() {
            return Ok(resealed);
        }
        let current = scope.key.current_only();
        for kind in [Kind::Inbox, Kind::Store] {
            self.objects_anew(scope, kind, &current, &mut resealed).await?;
        }
        self.numbers_anew(scope, &current, &mut resealed).await?;
        self.confirm(scope, &current).await?;
        rotation::end(&scope.key_file).await?;
        // SQLite keeps what was overwritten beside the database for a while.
        self.database.tidy().await?;
        resealed.ended = true;
        Ok(resealed)
    }

    async fn objects_anew(
        &self,
        scope: &Scope,
        kind: Kind,
        current: &SourceKey,
        resealed: &mut Resealed,
    ) -> Result<(), StationError> {
        let mut old = BTreeSet::new();
        for (name, _) in self.objects.names(scope, kind).await? {
            // Nothing of the source is on its way or changes place.
            let _turn = self.turn(scope.source()).await?;
            let _pause = self.pause(scope.source()).await?;
            if !self.is_referred_to(scope, kind, &name).await? {
                // Left by a crash, or by the steps below before one; never acknowledged, or there under another name.
                self.objects.delete(scope, kind, &name).await?;
                resealed.swept += 1;
                continue;
            }
            let header = self.objects.header(scope, kind, &name).await?;
            if segment::open_header(&header, scope.source(), kind, current).is_ok() {
                continue;
            }
            let bytes = self.objects.bytes(scope, kind, &name).await?;
            let (new, bytes) =
                segment::rewrapped(&bytes, scope.source(), kind, &scope.key, &*self.surroundings)?;
            let segment = Segment {
                kind,
                name: new,
                bytes,
                places: Vec::new(),
            };
            self.objects.put(scope, &segment).await?;
            failpoint!("reseal-after-object");
            let mut writing = self.database.write().await?;
            sqlx::query(match kind {
                Kind::Inbox => "UPDATE message SET object = $3 WHERE source = $1 AND object = $2",
                Kind::Store => "UPDATE version SET object = $3 WHERE source = $1 AND object = $2",
            })
            .bind(scope.source().as_str())
            .bind(name.as_str())
            .bind(segment.name.as_str())
            .execute(&mut *writing.tx)
            .await?;
            writing.commit().await?;
            failpoint!("reseal-after-commit");
            resealed.objects += 1;
            // Who has just looked up where something stands still finds it there.
            old.insert(name);
        }
        for name in old {
            self.objects.delete(scope, kind, &name).await?;
        }
        Ok(())
    }

    async fn is_referred_to(&self, scope: &Scope, kind: Kind, name: &str) -> Result<bool, StationError> {
        let (count,): (i64,) = sqlx::query_as(match kind {
            Kind::Inbox => "SELECT COUNT(*) FROM message WHERE source = $1 AND object = $2",
            Kind::Store => "SELECT COUNT(*) FROM version WHERE source = $1 AND object = $2",
        })
        .bind(scope.source().as_str())
        .bind(name)
        .fetch_one(&self.database.pool)
        .await?;
        Ok(count > 0)
    }

    /// The numbers of patients, and those that wait in the outbox.
    async fn numbers_anew(
        &self,
        scope: &Scope,
        current: &SourceKey,
        resealed: &mut Resealed,
    ) -> Result<(), StationError> {
        let source = scope.source();
        for (select, update) in [
            (
                "SELECT patient, patient, sealed FROM patient WHERE source = $1 AND sealed IS NOT NULL",
                "UPDATE patient SET sealed = $4 WHERE source = $1 AND patient = $2 AND sealed = $3",
            ),
            (
                "SELECT CAST(entry AS TEXT), patient, sealed FROM outbox WHERE source = $1 AND sealed IS NOT NULL",
                "UPDATE outbox SET sealed = $4 WHERE source = $1 AND CAST(entry AS TEXT) = $2 AND sealed = $3",
            ),
        ] {
            let rows: Vec<(String, String, String)> = sqlx::query_as(select)
                .bind(source.as_str())
                .fetch_all(&self.database.pool)
                .await?;
            for rows in rows.chunks(NUMBERS) {
                let mut writing = self.database.write().await?;
                for (row, patient, sealed) in rows {
                    if opens(current, sealed, patient) {
                        continue;
                    }
                    let bsn = scope.key.open_number(sealed, patient)?;
                    let anew = scope.key.seal_number(&bsn, patient, &*self.surroundings)?;
                    // One that was sent meanwhile has no number any more.
                    sqlx::query(update)
                        .bind(source.as_str())
                        .bind(row.as_str())
                        .bind(sealed.as_str())
                        .bind(hex(&anew))
                        .execute(&mut *writing.tx)
                        .await?;
                    resealed.numbers += 1;
                }
                writing.commit().await?;
            }
        }
        Ok(())
    }

    /// Nothing needs the old key: every object that is there, and every number, opens by the current one alone.
    async fn confirm(&self, scope: &Scope, current: &SourceKey) -> Result<(), StationError> {
        const LEFT: StationError =
            StationError::Damaged("something still needs the key that is being replaced");
        let source = scope.source();
        let _turn = self.turn(source).await?;
        let _pause = self.pause(source).await?;
        for kind in [Kind::Inbox, Kind::Store] {
            for (name, _) in self.objects.names(scope, kind).await? {
                let header = self.objects.header(scope, kind, &name).await?;
                segment::open_header(&header, source, kind, current).map_err(|_| LEFT)?;
            }
        }
        let numbers: Vec<(String, String)> = sqlx::query_as(
            "SELECT patient, sealed FROM patient WHERE source = $1 AND sealed IS NOT NULL UNION ALL \
             SELECT patient, sealed FROM outbox WHERE source = $1 AND sealed IS NOT NULL",
        )
        .bind(source.as_str())
        .fetch_all(&self.database.pool)
        .await?;
        let all = numbers
            .iter()
            .all(|(patient, sealed)| opens(current, sealed, patient));
        all.then_some(()).ok_or(LEFT)
    }
}

/// Numbers in one transaction.
const NUMBERS: usize = 500;

fn opens(key: &SourceKey, sealed: &str, patient: &str) -> bool {
    unhex(sealed).is_some_and(|sealed| key.open(&sealed, patient.as_bytes()).is_ok())
}
