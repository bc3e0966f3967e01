//! Proves that a log is whole: nothing edited, left out, put in another order, or cut off.
//!
//! The chain proves the order and content of what is there; the head, sealed with the log's key, and the anchor
//! beside the file prove that nothing was taken from the end and that the chain was not made anew.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};

use crate::audit::AuditError;
use crate::audit::anchor::Anchor;
use crate::audit::chain::{GENESIS, hex, link};
use crate::audit::key::Key;
use crate::audit::store::{self, Head};

/// What was found.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// How many events fit the chain, from the first on.
    pub events: i64,
    /// When the first event was recorded.
    pub first: Option<String>,
    /// When the last event that fits the chain was recorded.
    pub last: Option<String>,
    /// The hash of the last event that fits the chain, in hexadecimal digits.
    pub head: String,
    /// Whether the seal over the end was checked, for which the key is needed.
    pub seal: SealCheck,
    /// The first place where the log is not whole; `None` when it is whole.
    pub broken: Option<Break>,
}

/// Whether the seal over the end of the chain was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SealCheck {
    /// No key was given.
    NotChecked,
    /// It was made with this key for this end.
    Valid,
    /// It was not: see the break.
    Invalid,
}

/// Where and how a log is not whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Break {
    /// The number of the first event that does not fit.
    pub sequence: i64,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What can be wrong with a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The event or its hash was changed.
    Edited,
    /// An event is missing, or two have changed places.
    Order,
    /// The time beside the event is not the time in the event.
    Time,
    /// Events are missing from the end.
    Truncated,
    /// The end does not fit the head of the log.
    Head,
    /// The seal over the end was made with another key, or for another end.
    Seal,
    /// The anchor beside the file names an event that is not in the log.
    Anchor,
    /// The file or a row of it cannot be read.
    Unreadable,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.fault {
            Fault::Edited => "the event or its hash was changed",
            Fault::Order => "an event is missing or out of order",
            Fault::Time => "the recorded time is not the event's",
            Fault::Truncated => "events are missing from the end",
            Fault::Head => "the end does not fit the head of the log",
            Fault::Seal => "the seal does not fit this key and this end",
            Fault::Anchor => "the anchor names an event that is not in the log",
            Fault::Unreadable => "the log cannot be read",
        };
        write!(f, "at event {}: {what}", self.sequence)
    }
}

/// One stored event.
pub(super) struct Stored {
    pub sequence: i64,
    pub recorded: String,
    pub event: Vec<u8>,
    pub previous: [u8; 32],
    pub hash: [u8; 32],
}

/// Walks along a chain. Pure.
pub(super) struct Walker {
    sequence: i64,
    hash: [u8; 32],
}

#[derive(Deserialize)]
struct Recorded<'a> {
    recorded: &'a str,
}

impl Walker {
    pub(super) fn new() -> Self {
        Walker {
            sequence: 0,
            hash: GENESIS,
        }
    }

    /// Takes the next event, or says why it is not the next event.
    pub(super) fn step(&mut self, stored: &Stored) -> Result<(), Break> {
        let expected = self.sequence + 1;
        let broken = |fault| {
            Err(Break {
                sequence: expected,
                fault,
            })
        };
        if stored.sequence != expected || stored.previous != self.hash {
            return broken(Fault::Order);
        }
        if link(&self.hash, &stored.event) != stored.hash {
            return broken(Fault::Edited);
        }
        match serde_json::from_slice::<Recorded<'_>>(&stored.event) {
            Ok(event) if event.recorded == stored.recorded => {}
            _ => return broken(Fault::Time),
        }
        self.sequence = expected;
        self.hash = stored.hash;
        Ok(())
    }
}

/// Verifies a log without its key: everything but the seal.
///
/// # Errors
/// [`AuditError::File`] when there is no such file. Everything that is wrong with the log itself is in the report.
pub async fn verify(path: &Path) -> Result<Report, AuditError> {
    run(path, None).await
}

/// Verifies a log with its key: also that the chain was not made anew by someone without the key.
///
/// # Errors
/// As [`verify`].
pub async fn verify_sealed(path: &Path, key: &Key) -> Result<Report, AuditError> {
    run(path, Some(key)).await
}

async fn run(path: &Path, key: Option<&Key>) -> Result<Report, AuditError> {
    drop(std::fs::File::open(path)?);
    let mut report = Report {
        events: 0,
        first: None,
        last: None,
        head: hex(&GENESIS),
        seal: SealCheck::NotChecked,
        broken: None,
    };
    // Without a write-ahead log beside it nobody is writing, and the file may be on a read-only disk.
    let mut pending = path.as_os_str().to_owned();
    pending.push("-wal");
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(!Path::new(&pending).exists())
        .disable_statement_logging();
    let outcome = match options.connect().await {
        Ok(mut connection) => {
            let outcome = examine(&mut connection, path, key, &mut report).await;
            // The file was only read: closing it can lose nothing.
            drop(connection.close().await);
            outcome
        }
        Err(_) => Err(Fault::Unreadable.at(1)),
    };
    report.broken = outcome.err();
    if let Some(broken) = &report.broken
        && broken.fault == Fault::Seal
    {
        report.seal = SealCheck::Invalid;
    }
    Ok(report)
}

impl Fault {
    fn at(self, sequence: i64) -> Break {
        Break {
            sequence,
            fault: self,
        }
    }
}

async fn examine(
    connection: &mut SqliteConnection,
    path: &Path,
    key: Option<&Key>,
    report: &mut Report,
) -> Result<(), Break> {
    // One snapshot: a server that goes on writing does not look like a break.
    let mut snapshot = connection.begin().await.map_err(|_| Fault::Unreadable.at(1))?;
    // The anchor is read before the snapshot is taken: it lags behind the log and never runs ahead of it.
    let anchor = Anchor::read(path);
    let mut walker = Walker::new();
    let mut anchored =
        matches!(&anchor, Ok(None)) || matches!(&anchor, Ok(Some(anchor)) if anchor.sequence == 0);
    {
        let mut rows = sqlx::query(
            "SELECT sequence, recorded, event, previous, hash FROM audit_event ORDER BY sequence",
        )
        .fetch(&mut *snapshot);
        loop {
            let next = walker.sequence + 1;
            let unreadable = |_| Fault::Unreadable.at(next);
            let Some(row) = rows.try_next().await.map_err(unreadable)? else {
                break;
            };
            let stored = stored(&row).map_err(unreadable)?;
            walker.step(&stored)?;
            if let Ok(Some(anchor)) = &anchor
                && anchor.sequence == stored.sequence
                && anchor.hash == stored.hash
            {
                anchored = true;
            }
            report.events = walker.sequence;
            report.head = hex(&walker.hash);
            report.first.get_or_insert_with(|| stored.recorded.clone());
            report.last = Some(stored.recorded);
        }
    }
    let head = store::head(&mut snapshot)
        .await
        .map_err(|_| Fault::Head.at(walker.sequence))?;
    check_end(&walker, head, key)?;
    if key.is_some() {
        report.seal = SealCheck::Valid;
    }
    match (&anchor, key) {
        (Err(_), _) => Err(Fault::Anchor.at(walker.sequence)),
        (Ok(Some(anchor)), Some(key)) if anchor.seal != key.seal(anchor.sequence, &anchor.hash) => {
            Err(Fault::Anchor.at(anchor.sequence))
        }
        (Ok(Some(anchor)), _) if !anchored => Err(Fault::Anchor.at(anchor.sequence)),
        _ => Ok(()),
    }
}

fn check_end(walker: &Walker, head: Option<Head>, key: Option<&Key>) -> Result<(), Break> {
    let Some(head) = head else {
        return Err(Fault::Head.at(walker.sequence));
    };
    if head.sequence > walker.sequence {
        return Err(Fault::Truncated.at(walker.sequence + 1));
    }
    if head.sequence != walker.sequence || head.hash != walker.hash {
        return Err(Fault::Head.at(walker.sequence));
    }
    match key {
        Some(key) if key.seal(head.sequence, &head.hash) != head.seal => Err(Fault::Seal.at(head.sequence)),
        _ => Ok(()),
    }
}

fn stored(row: &sqlx::sqlite::SqliteRow) -> Result<Stored, sqlx::Error> {
    Ok(Stored {
        sequence: row.try_get(0)?,
        recorded: row.try_get(1)?,
        event: row.try_get(2)?,
        previous: store::fixed(row, 3)?,
        hash: store::fixed(row, 4)?,
    })
}

/// Checks the end of a log that is about to be continued: cheap, at every start.
pub(super) async fn tail(
    connection: &mut SqliteConnection,
    path: &Path,
    key: &Key,
) -> Result<Head, AuditError> {
    let failed = |error| AuditError::Read(Arc::new(error));
    let broken = |fault: Fault, sequence| Err(AuditError::Broken(fault.at(sequence)));
    let Some(head) = store::head(connection).await.map_err(failed)? else {
        return broken(Fault::Head, 0);
    };
    let last: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(sequence), 0) FROM audit_event")
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
    let hash = match last {
        0 => Some(GENESIS),
        last => store::hash_of(connection, last).await.map_err(failed)?,
    };
    let walker = Walker {
        sequence: last,
        hash: hash.unwrap_or(GENESIS),
    };
    check_end(&walker, Some(head), Some(key)).map_err(AuditError::Broken)?;
    if let Some(anchor) = Anchor::read(path)? {
        let found = match anchor.sequence {
            0 => Some(GENESIS),
            sequence => store::hash_of(connection, sequence).await.map_err(failed)?,
        };
        if found != Some(anchor.hash) || anchor.seal != key.seal(anchor.sequence, &anchor.hash) {
            return broken(Fault::Anchor, anchor.sequence);
        }
    }
    Ok(head)
}
