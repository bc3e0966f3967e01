//! Checks that the database and the objects agree, and clears away what nothing refers to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::error::StationError;
use crate::segment::{Kind, MessageHead, Place, Record, VersionHead};
use crate::source::Scope;
use crate::station::Station;
use crate::store::versions;

/// How long an object that nothing refers to is left alone: it may be about to be referred to.
const GRACE: SignedDuration = SignedDuration::from_hours(24);

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fsck {
    /// Messages that are where they should be, and what they were.
    pub messages: u64,
    /// Versions that are where they should be, and what they were.
    pub versions: u64,
    /// Objects that are missing or damaged, and messages or versions that are not where they should be.
    pub damaged: Vec<String>,
    /// Objects that nothing refers to: left by a crash, and no loss.
    pub unreferenced: u64,
    /// Of these, objects that were old enough to be deleted.
    pub swept: u64,
}

impl Station {
    /// Reads everything of a source and checks it against its names and hashes.
    ///
    /// # Errors
    /// [`StationError`] when the database fails. Damage is no error: it is in the result.
    pub async fn fsck(&self, scope: &Scope) -> Result<Fsck, StationError> {
        let source = scope.source();
        let mut report = Fsck::default();
        let _turn = self.turn(source).await?;
        let mut objects: BTreeMap<String, Vec<(Place, String)>> = BTreeMap::new();
        for row in self.database.kept(source).await? {
            objects
                .entry(row.place.object.clone())
                .or_default()
                .push((row.place, row.hash));
        }
        report.messages = self.check(scope, Kind::Inbox, objects, &mut report.damaged).await;
        let query = format!("SELECT {} FROM version WHERE source = $1", versions::COLUMNS);
        let rows = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(source.as_str())
            .fetch_all(&self.database.pool)
            .await?;
        let mut objects: BTreeMap<String, Vec<(Place, String)>> = BTreeMap::new();
        for row in &rows {
            let row = versions::row(row)?;
            objects
                .entry(row.place.object.clone())
                .or_default()
                .push((row.place, row.hash));
        }
        report.versions = self.check(scope, Kind::Store, objects, &mut report.damaged).await;
        let _pause = self.pause(source).await?;
        let before = self.surroundings.now().saturating_sub(GRACE).unwrap_or_default();
        let (unreferenced, swept) = self.sweep(scope, before).await?;
        report.unreferenced = unreferenced;
        report.swept = swept;
        Ok(report)
    }

    /// Checks the records that the database has of each object; gives how many are well.
    async fn check(
        &self,
        scope: &Scope,
        kind: Kind,
        objects: BTreeMap<String, Vec<(Place, String)>>,
        damaged: &mut Vec<String>,
    ) -> u64 {
        let mut well = 0;
        for (object, expected) in objects {
            let records = match self.objects.all(scope, kind, &object).await {
                Ok(records) => records,
                Err(error) => {
                    damaged.push(format!("{}/{object}: {error}", kind.folder()));
                    continue;
                }
            };
            for (place, hash) in expected {
                let number = usize::try_from(place.number).unwrap_or(usize::MAX);
                let found = records.get(number).filter(|(there, _)| *there == place);
                if found.is_some_and(|(_, record)| is(scope, kind, record, &hash)) {
                    well += 1;
                } else {
                    damaged.push(format!(
                        "{}/{object}: record {} is another",
                        kind.folder(),
                        place.number
                    ));
                }
            }
        }
        well
    }

    /// Deletes objects that nothing refers to and that were written before a moment. Says how many there are, and how
    /// many were deleted. Only while nothing is on its way: the caller holds the turn and the pause of the source.
    pub(crate) async fn sweep(&self, scope: &Scope, before: Timestamp) -> Result<(u64, u64), StationError> {
        let source = scope.source().as_str();
        let pool = &self.database.pool;
        let (mut unreferenced, mut swept) = (0, 0);
        for kind in [Kind::Inbox, Kind::Store] {
            let rows: Vec<(String,)> = match kind {
                Kind::Inbox => sqlx::query_as("SELECT DISTINCT object FROM message WHERE source = $1"),
                Kind::Store => sqlx::query_as("SELECT DISTINCT object FROM version WHERE source = $1"),
            }
            .bind(source)
            .fetch_all(pool)
            .await?;
            let referred: BTreeSet<String> = rows.into_iter().map(|(object,)| object).collect();
            for (object, written) in self.objects.names(scope, kind).await? {
                if referred.contains(&object) {
                    continue;
                }
                unreferenced += 1;
                if written < before {
                    self.objects.delete(scope, kind, &object).await?;
                    swept += 1;
                }
            }
        }
        Ok((unreferenced, swept))
    }
}

/// Whether a record is the one that the database means.
fn is(scope: &Scope, kind: Kind, record: &Record, hash: &str) -> bool {
    match kind {
        Kind::Inbox => {
            let head = record.head::<MessageHead>();
            head.is_ok_and(|head| head.hash == hash && scope.key.tag("message", &[&record.body()]) == hash)
        }
        Kind::Store => {
            let head = record.head::<VersionHead>();
            head.is_ok_and(|head| {
                head.hash == hash && (head.deleted || scope.key.tag("resource", &[&record.body()]) == hash)
            })
        }
    }
}
