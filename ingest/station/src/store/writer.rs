//! Who writes to a database that more than one machine can reach: one station at a time.
//!
//! A lock in the database, held by a connection of its own, keeps a second station from opening it. Should that
//! connection be lost, another may open it: every transaction that writes therefore checks that its station is still
//! the last that opened it. A file of SQLite is on one machine, and the lock of the folder is enough.

use std::time::Duration;

use sqlx::{Any, AnyConnection, AnyPool, Connection as _, Executor as _, Transaction};
use tokio::sync::Mutex;

use crate::error::StationError;

/// How often it is tried to take over from a station that is just ending.
const ATTEMPTS: u32 = 25;
/// What is waited between two attempts.
const PAUSE: Duration = Duration::from_millis(200);
/// A machine that is gone without a word gives up the lock within two minutes.
const KEEPALIVE: &str =
    "SET tcp_keepalives_idle = 60; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 6;";

/// The right to write.
pub(super) struct Writer {
    epoch: i64,
    /// Holds the lock as long as it lives.
    holder: Mutex<Option<AnyConnection>>,
}

impl Writer {
    /// Takes the right to write to a PostgreSQL database.
    pub(super) async fn take(url: &str, pool: &AnyPool) -> Result<Self, StationError> {
        let mut holder = AnyConnection::connect(url).await?;
        holder.execute(KEEPALIVE).await?;
        let mut attempts = 0;
        loop {
            let (taken,): (bool,) = sqlx::query_as(
                "SELECT pg_try_advisory_lock(hashtext('samenhang station'), hashtext(current_schema()))",
            )
            .fetch_one(&mut holder)
            .await?;
            if taken {
                break;
            }
            attempts += 1;
            if attempts == ATTEMPTS {
                return Err(StationError::Locked);
            }
            tokio::time::sleep(PAUSE).await;
        }
        let (epoch,): (i64,) = sqlx::query_as("UPDATE writer SET epoch = epoch + 1 RETURNING epoch")
            .fetch_one(pool)
            .await?;
        Ok(Writer {
            epoch,
            holder: Mutex::new(Some(holder)),
        })
    }

    /// Lets another station take it.
    pub(super) async fn release(&self) {
        let holder = self.holder.lock().await.take();
        if let Some(holder) = holder {
            // A connection that is lost holds nothing.
            let _ = holder.close().await;
        }
    }

    /// Refuses a transaction when another station has opened the database since; none can until it ends.
    pub(super) async fn check(&self, tx: &mut Transaction<'static, Any>) -> Result<(), StationError> {
        let row: Option<(i64,)> = sqlx::query_as("SELECT epoch FROM writer WHERE epoch = $1 FOR SHARE")
            .bind(self.epoch)
            .fetch_optional(&mut **tx)
            .await?;
        row.map(|_| ()).ok_or(StationError::Locked)
    }
}
