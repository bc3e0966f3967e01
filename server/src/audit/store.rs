//! The database file of the log: how it is opened, protected and written.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, QueryBuilder, Row, Sqlite, SqliteConnection};

use crate::audit::AuditError;
use crate::audit::chain::{GENESIS, link};
use crate::audit::key::Key;

/// Most events of one statement; each takes five of the 32,766 values that one may have.
const TOGETHER: usize = 64;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/audit");

/// Where the chain ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub sequence: i64,
    pub hash: [u8; 32],
    pub seal: [u8; 32],
}

/// An event on its way to the log.
pub(super) struct Record {
    pub recorded: String,
    pub event: Vec<u8>,
}

/// Opens a file that only its owner may read, and makes it so when it exists. With `new`, an existing file is an
/// error.
pub(crate) fn private_file(path: &Path, new: bool) -> std::io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true);
    if new {
        options.create_new(true);
    } else {
        options.create(true).truncate(false);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

/// Which file this is, whatever its name: another number means that the file was replaced.
#[cfg(unix)]
pub(super) fn file_number(path: &Path) -> std::io::Result<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

/// Elsewhere only its presence is checked.
#[cfg(not(unix))]
pub(super) fn file_number(path: &Path) -> std::io::Result<(u64, u64)> {
    std::fs::metadata(path).map(|_| (0, 0))
}

/// How the log is written: a commit returns only after the data is on disk (`synchronous=FULL`). The write-ahead
/// log lets a verifier read while the server writes, and costs one flush a commit.
pub(super) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .disable_statement_logging()
}

/// Opens the log for writing, makes its tables, and begins its chain when it is new.
pub(super) async fn open(path: &Path, key: &Key) -> Result<SqliteConnection, AuditError> {
    drop(private_file(path, false)?);
    let failed = |error| AuditError::Open(Arc::new(error));
    let mut connection = options(path).connect().await.map_err(failed)?;
    MIGRATIONS
        .run(&mut connection)
        .await
        .map_err(|error| failed(sqlx::Error::Migrate(Box::new(error))))?;
    let seal = key.seal(0, &GENESIS);
    sqlx::query("INSERT OR IGNORE INTO audit_head (stream, sequence, hash, seal) VALUES (1, 0, ?, ?)")
        .bind(GENESIS.as_slice())
        .bind(seal.as_slice())
        .execute(&mut connection)
        .await
        .map_err(failed)?;
    Ok(connection)
}

/// Reads where the chain ends; `None` when the log says nothing about it.
pub(super) async fn head(connection: &mut SqliteConnection) -> Result<Option<Head>, sqlx::Error> {
    let row = sqlx::query("SELECT sequence, hash, seal FROM audit_head WHERE stream = 1")
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Head {
        sequence: row.try_get(0)?,
        hash: fixed(&row, 1)?,
        seal: fixed(&row, 2)?,
    }))
}

/// The hash of one event; `None` when there is no such event.
pub(super) async fn hash_of(
    connection: &mut SqliteConnection,
    sequence: i64,
) -> Result<Option<[u8; 32]>, sqlx::Error> {
    let row = sqlx::query("SELECT hash FROM audit_event WHERE sequence = ?")
        .bind(sequence)
        .fetch_optional(connection)
        .await?;
    row.map(|row| fixed(&row, 0)).transpose()
}

/// A column of 32 bytes.
pub(super) fn fixed(row: &sqlx::sqlite::SqliteRow, column: usize) -> Result<[u8; 32], sqlx::Error> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes
        .try_into()
        .map_err(|_| sqlx::Error::Decode("a hash has 32 bytes".into()))
}

/// Inserts events after `head`, which moves along. One statement for all: the database is a thread of its own, and every
/// statement is a way there and back.
async fn insert(
    connection: &mut SqliteConnection,
    head: &mut Head,
    records: &[&Record],
) -> Result<(), sqlx::Error> {
    let mut statement =
        QueryBuilder::<Sqlite>::new("INSERT INTO audit_event (sequence, recorded, event, previous, hash) ");
    statement.push_values(records, |mut row, record| {
        let previous = head.hash;
        head.sequence += 1;
        head.hash = link(&previous, &record.event);
        row.push_bind(head.sequence)
            .push_bind(record.recorded.as_str())
            .push_bind(record.event.as_slice())
            .push_bind(previous.to_vec())
            .push_bind(head.hash.to_vec());
    });
    statement.build().execute(connection).await?;
    Ok(())
}

/// Appends a group of events in one durable commit: all of them or none.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    records: &[&Record],
    key: &Key,
) -> Result<Head, sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let mut head = head(&mut transaction).await?.ok_or(sqlx::Error::RowNotFound)?;
    let mut left = records;
    while !left.is_empty() {
        // Powers of two, so that there are few statements to prepare.
        let (these, others) = left.split_at(TOGETHER.min(1 << left.len().ilog2()));
        insert(&mut transaction, &mut head, these).await?;
        left = others;
    }
    head.seal = key.seal(head.sequence, &head.hash);
    sqlx::query("UPDATE audit_head SET sequence = ?, hash = ?, seal = ? WHERE stream = 1")
        .bind(head.sequence)
        .bind(head.hash.as_slice())
        .bind(head.seal.as_slice())
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(head)
}
