//! The database file of the corrections.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use samenhang_reconcile::apart::Ground;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Row, SqlitePool};

use super::Held;
use crate::audit::private_file;

/// A keyed hash of a patient, or of a record of that patient.
pub(super) type Reference = [u8; 32];

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/corrections");

pub(super) struct Store {
    pool: SqlitePool,
}

impl Store {
    /// Opens a file that only its owner may read. A commit returns only after the data is on disk.
    pub(super) async fn open(path: &Path) -> Result<Store, sqlx::Error> {
        drop(private_file(path, false)?);
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options)
            .await?;
        MIGRATIONS
            .run(&pool)
            .await
            .map_err(|error| sqlx::Error::Migrate(Box::new(error)))?;
        Ok(Store { pool })
    }

    /// Everything that is in force, by patient.
    pub(super) async fn in_force(&self) -> Result<Vec<(Reference, Held)>, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT patient, a, b, ground, recorded FROM unlink WHERE withdrawn IS NULL ORDER BY id",
        )
        .fetch_all(&self.pool)
        .await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            let ground: &str = row.try_get(3)?;
            let recorded: &str = row.try_get(4)?;
            let held = Held {
                a: reference(row, 1)?,
                b: reference(row, 2)?,
                at: recorded
                    .parse()
                    .map_err(|_| sqlx::Error::Decode("a moment is an instant".into()))?,
                // A ground of a later version keeps apart all the same.
                ground: Ground::from_code(ground).unwrap_or(Ground::Other),
            };
            Ok((reference(row, 0)?, held))
        };
        rows.iter().map(read).collect()
    }

    /// Whether it is new.
    pub(super) async fn insert(
        &self,
        patient: &Reference,
        held: &Held,
        by: &str,
    ) -> Result<bool, sqlx::Error> {
        let done = sqlx::query(
            "INSERT INTO unlink (patient, a, b, ground, recorded, recorded_by) VALUES (?, ?, ?, ?, ?, ?) \
             ON CONFLICT DO NOTHING",
        )
        .bind(patient.as_slice())
        .bind(held.a.as_slice())
        .bind(held.b.as_slice())
        .bind(held.ground.code())
        .bind(held.at.to_string())
        .bind(by)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Whether there was something to take back. The row stays, with who took it back and when.
    pub(super) async fn withdraw(
        &self,
        patient: &Reference,
        (a, b): (&Reference, &Reference),
        by: &str,
        at: Timestamp,
    ) -> Result<bool, sqlx::Error> {
        let done = sqlx::query(
            "UPDATE unlink SET withdrawn = ?, withdrawn_by = ? \
             WHERE patient = ? AND a = ? AND b = ? AND withdrawn IS NULL",
        )
        .bind(at.to_string())
        .bind(by)
        .bind(patient.as_slice())
        .bind(a.as_slice())
        .bind(b.as_slice())
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn reference(row: &sqlx::sqlite::SqliteRow, column: usize) -> Result<Reference, sqlx::Error> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes
        .try_into()
        .map_err(|_| sqlx::Error::Decode("a reference has 32 bytes".into()))
}
