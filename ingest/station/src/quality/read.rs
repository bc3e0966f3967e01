//! The counts behind a report, from the database; and every current resource, for completeness.

use std::collections::BTreeMap;

use super::completeness::Completeness;
use super::report::{Leaves, Line, Profile};
use crate::error::StationError;
use crate::segment::Kind;
use crate::source::Scope;
use crate::station::Station;
use crate::store::{Database, versions};

/// Resources that are read at a time.
const PAGE: i64 = 500;
/// Microseconds in a minute.
const MINUTE: i64 = 60_000_000;
/// How far a source's clock may be ahead, in minutes.
const AHEAD: i64 = 5;

/// What the database has counted of a source.
pub(super) struct Counts {
    /// What was found: stage and line.
    pub findings: Vec<(String, Line)>,
    pub tallies: BTreeMap<String, u64>,
    /// Current resources by verdict.
    pub verdicts: BTreeMap<String, u64>,
    /// Messages that were worked on.
    pub messages: u64,
    /// Of these, how many were held for identity.
    pub doubted: u64,
    /// Why.
    pub identity: Vec<Line>,
    /// Current resources by how long after the source's clock they came.
    pub delays: BTreeMap<String, u64>,
    pub leaves: Vec<Leaves>,
    /// When the first message came.
    pub first: Option<i64>,
}

fn count(amount: i64) -> u64 {
    u64::try_from(amount).unwrap_or_default()
}

pub(super) async fn counts(database: &Database, scope: &Scope) -> Result<Counts, StationError> {
    let source = scope.source().as_str();
    let pool = &database.pool;
    type Found = (String, String, String, String, String, i64);
    let findings: Vec<Found> = sqlx::query_as(
        "SELECT stage, rule, path, code, severity, occurrences FROM finding WHERE source = $1 ORDER BY 1, 2, 3, 4",
    )
    .bind(source)
    .fetch_all(pool)
    .await?;
    let tallies: Vec<(String, i64)> = sqlx::query_as("SELECT name, amount FROM tally WHERE source = $1")
        .bind(source)
        .fetch_all(pool)
        .await?;
    let verdicts: Vec<(String, i64)> = sqlx::query_as(
        "SELECT verdict, COUNT(*) FROM version WHERE source = $1 AND current = 1 AND deleted = 0 GROUP BY verdict",
    )
    .bind(source)
    .fetch_all(pool)
    .await?;
    let (messages, first): (i64, Option<i64>) = sqlx::query_as(
        "SELECT COUNT(*), MIN(received) FROM message WHERE source = $1 AND state <> 'pending'",
    )
    .bind(source)
    .fetch_one(pool)
    .await?;
    let (doubted,): (i64,) = sqlx::query_as(
        "SELECT COUNT(DISTINCT message) FROM quarantine WHERE source = $1 AND stage = 'identity'",
    )
    .bind(source)
    .fetch_one(pool)
    .await?;
    let identity: Vec<(String, String, String, i64)> = sqlx::query_as(
        "SELECT rule, path, code, COUNT(DISTINCT message) FROM quarantine WHERE source = $1 AND stage = 'identity' \
         GROUP BY rule, path, code ORDER BY 1, 2, 3",
    )
    .bind(source)
    .fetch_all(pool)
    .await?;
    let delays: Vec<(String, i64)> = sqlx::query_as(
        "SELECT CASE WHEN m.received IS NOT NULL AND v.clock = m.received THEN 'no-clock' \
         WHEN v.clock > v.stored + $2 THEN 'clock-ahead' WHEN v.stored - v.clock <= $3 THEN 'within-hour' \
         WHEN v.stored - v.clock <= $4 THEN 'within-day' WHEN v.stored - v.clock <= $5 THEN 'within-week' \
         ELSE 'later' END AS delay, COUNT(*) FROM version v LEFT JOIN message m ON m.sequence = v.message \
         WHERE v.source = $1 AND v.current = 1 AND v.deleted = 0 GROUP BY 1",
    )
    .bind(source)
    .bind(AHEAD * MINUTE)
    .bind(60 * MINUTE)
    .bind(24 * 60 * MINUTE)
    .bind(7 * 24 * 60 * MINUTE)
    .fetch_all(pool)
    .await?;
    let leaves: Vec<(String, i64, i64, i64)> =
        sqlx::query_as("SELECT path, mapped, ignored, unmapped FROM loss WHERE source = $1 ORDER BY path")
            .bind(source)
            .fetch_all(pool)
            .await?;
    let counted = |rows: Vec<(String, i64)>| {
        rows.into_iter()
            .map(|(name, amount)| (name, count(amount)))
            .collect()
    };
    Ok(Counts {
        findings: findings
            .into_iter()
            .map(|(stage, rule, path, code, severity, occurrences)| {
                let count = count(occurrences);
                (
                    stage,
                    Line {
                        rule,
                        path,
                        code,
                        severity,
                        count,
                    },
                )
            })
            .collect(),
        tallies: counted(tallies),
        verdicts: counted(verdicts),
        messages: count(messages),
        doubted: count(doubted),
        identity: identity
            .into_iter()
            .map(|(rule, path, code, messages)| Line {
                rule,
                path,
                code,
                severity: "held".to_owned(),
                count: count(messages),
            })
            .collect(),
        delays: counted(delays),
        leaves: leaves
            .into_iter()
            .map(|(path, mapped, ignored, unmapped)| Leaves {
                path,
                mapped: count(mapped),
                ignored: count(ignored),
                unmapped: count(unmapped),
            })
            .collect(),
        first,
    })
}

impl Station {
    /// Counts the current resources of the types of the BgZ, page by page.
    pub(super) async fn completeness(&self, scope: &Scope) -> Result<Vec<Profile>, StationError> {
        let mut completeness = Completeness::new()?;
        let query = format!(
            "SELECT {} FROM version WHERE source = $1 AND current = 1 AND deleted = 0 \
             AND (kind > $2 OR (kind = $2 AND id > $3)) AND NOT EXISTS (SELECT 1 FROM patient p \
             WHERE p.source = version.source AND p.patient = version.patient AND p.barrier IS NOT NULL) \
             ORDER BY kind, id LIMIT $4",
            versions::COLUMNS
        );
        let mut after = (String::new(), String::new());
        loop {
            let rows = sqlx::query(sqlx::AssertSqlSafe(query.as_str()))
                .bind(scope.source().as_str())
                .bind(after.0.as_str())
                .bind(after.1.as_str())
                .bind(PAGE)
                .fetch_all(&self.database.pool)
                .await?;
            if rows.is_empty() {
                return Ok(completeness.finish());
            }
            for row in &rows {
                let row = versions::row(row)?;
                if completeness.asks(&row.kind) {
                    let record = self.objects.record(scope, Kind::Store, &row.place).await?;
                    completeness.count(&row.kind, &record.parts()?.1);
                }
                after = (row.kind, row.id);
            }
        }
    }
}
