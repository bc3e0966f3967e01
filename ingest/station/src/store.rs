//! The database of a station: what is where, what is current, what is held, what is to be told. It can be lost: the
//! objects hold everything that it takes to build it anew.

mod address;
mod holding;
pub(crate) mod messages;
mod patients;
pub(crate) mod versions;
mod writer;

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::{Any, AnyPool, Executor as _, Transaction};
use tokio::sync::{Mutex, MutexGuard};

use crate::config::Config;
use crate::error::StationError;
use writer::Writer;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// Connections that read at the same time.
const CONNECTIONS: u32 = 4;

/// What a SQLite connection begins with: a commit returns only after the data is on disk, and what is deleted is
/// overwritten.
const SQLITE: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                      PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;";

/// What a PostgreSQL connection begins with: a commit returns only after the data is on disk, whatever the server's own
/// default is.
const POSTGRES: &str = "SET synchronous_commit = on;";

/// The database.
pub(crate) struct Database {
    pub pool: AnyPool,
    is_sqlite: bool,
    /// The right to write, where another machine might have it.
    writer: Option<Writer>,
    /// One transaction that writes at a time.
    writing: Mutex<()>,
    /// The last number that was given to a message or an entry of the outbox.
    last: AtomicI64,
}

/// A transaction that writes.
pub(crate) struct Writing<'d> {
    pub tx: Transaction<'static, Any>,
    _turn: MutexGuard<'d, ()>,
}

impl Writing<'_> {
    /// Makes all of it durable.
    pub(crate) async fn commit(self) -> Result<(), StationError> {
        self.tx.commit().await?;
        Ok(())
    }
}

impl Database {
    /// Opens the database for a station, which is then the only one that writes to it, but for the kill switch.
    pub(crate) async fn open(config: &Config) -> Result<Self, StationError> {
        let (mut database, url) = Database::connect(config).await?;
        if !database.is_sqlite {
            database.writer = Some(Writer::take(&url, &database.pool).await?);
        }
        let (message,): (i64,) = sqlx::query_as("SELECT COALESCE(MAX(sequence), 0) FROM message")
            .fetch_one(&database.pool)
            .await?;
        let (entry,): (i64,) = sqlx::query_as("SELECT COALESCE(MAX(entry), 0) FROM outbox")
            .fetch_one(&database.pool)
            .await?;
        database.last.store(message.max(entry), Ordering::SeqCst);
        Ok(database)
    }

    /// Opens the database beside a station that may have it open, for the kill switch, and brings its tables up to date.
    pub(crate) async fn beside(config: &Config) -> Result<Self, StationError> {
        let (database, _) = Database::connect(config).await?;
        Ok(database)
    }

    async fn connect(config: &Config) -> Result<(Self, String), StationError> {
        install_default_drivers();
        let is_sqlite = config.database.starts_with("sqlite:");
        if !is_sqlite && !cfg!(feature = "postgres") {
            return Err(StationError::Config(
                "this binary was built without PostgreSQL (feature `postgres` of samenhang-station)"
                    .to_owned(),
            ));
        }
        let url = match config.database.strip_prefix("sqlite:") {
            Some(file) => {
                let path = config.path(Path::new(file));
                private(&path)?;
                format!("sqlite:{}?mode=rwc", path.display())
            }
            None => address::checked(&config.database)?,
        };
        let pool = AnyPoolOptions::new()
            .max_connections(CONNECTIONS)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    connection
                        .execute(if is_sqlite { SQLITE } else { POSTGRES })
                        .await?;
                    Ok(())
                })
            })
            .connect(&url)
            .await?;
        MIGRATIONS
            .run(&pool)
            .await
            .map_err(|error| sqlx::Error::Migrate(Box::new(error)))?;
        let database = Database {
            pool,
            is_sqlite,
            writer: None,
            writing: Mutex::new(()),
            last: AtomicI64::new(0),
        };
        Ok((database, url))
    }

    /// Gives all connections back, once who uses one is done with it.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
        if let Some(writer) = &self.writer {
            writer.release().await;
        }
    }

    /// Whether there is nothing in it yet.
    pub(crate) async fn is_new(&self) -> Result<bool, StationError> {
        let (count,): (i64,) =
            sqlx::query_as("SELECT (SELECT COUNT(*) FROM message) + (SELECT COUNT(*) FROM version)")
                .fetch_one(&self.pool)
                .await?;
        Ok(count == 0)
    }

    /// Drops what SQLite keeps of overwritten pages beside the database.
    pub(crate) async fn tidy(&self) -> Result<(), StationError> {
        if self.is_sqlite {
            self.pool.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        }
        Ok(())
    }

    /// The next number.
    pub(crate) fn next(&self) -> i64 {
        self.last.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Numbers up to this one are taken.
    pub(crate) fn taken(&self, number: i64) {
        self.last.fetch_max(number, Ordering::SeqCst);
    }

    /// Begins to write; waits for who is writing.
    pub(crate) async fn write(&self) -> Result<Writing<'_>, StationError> {
        let turn = self.writing.lock().await;
        let mut tx = self.pool.begin().await?;
        if let Some(writer) = &self.writer {
            writer.check(&mut tx).await?;
        }
        Ok(Writing { tx, _turn: turn })
    }
}

/// Makes the file of the database one that only its owner reads.
fn private(path: &Path) -> Result<(), StationError> {
    let mut options = std::fs::File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)?;
    Ok(())
}
