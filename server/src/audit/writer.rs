//! The one task that writes: groups of events, in the order in which they were taken, in durable commits.
//!
//! Nothing that was taken is left out while the process lives. What could not be written stays first in line, and
//! until it is written everything that waits for the disk fails. There is no way past it: a later event cannot
//! become durable without the earlier ones.

use std::path::PathBuf;

use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Duration, Instant, timeout, timeout_at};

use crate::audit::anchor::Anchor;
use crate::audit::key::Key;
use crate::audit::store::{self, Head, Record};
use crate::audit::{AuditError, Health};

/// Most events in one commit, apart from those in arrears.
const GROUP: usize = 256;
/// How long events for which nobody waits may wait for more, so that those of one moment share a flush, and whoever
/// waits next finds the disk free.
const GATHER: Duration = Duration::from_millis(25);
/// Most events in arrears. More than can be taken while all seems well, so that only what was refused is dropped.
pub(super) const ARREARS: usize = 4096;
/// How often the anchor is written at most.
const ANCHOR_EVERY: Duration = Duration::from_secs(1);
/// How often a log that cannot be written is tried again by itself.
const RETRY_EVERY: Duration = Duration::from_secs(1);

/// Who waits: for the number of its event, or of the last one.
type Reply = oneshot::Sender<Result<i64, AuditError>>;

/// What goes to the writer.
pub(super) enum Item {
    /// An event for which nobody waits. It was taken, so it must be written.
    Note(Record),
    /// An event of which the caller hears whether it is durable.
    Record(Record, Reply),
    /// No event: the caller hears when everything before it is durable.
    Barrier(Reply),
}

impl Item {
    fn record(&self) -> Option<&Record> {
        match self {
            Item::Note(record) | Item::Record(record, _) => Some(record),
            Item::Barrier(_) => None,
        }
    }

    fn is_awaited(&self) -> bool {
        !matches!(self, Item::Note(_))
    }
}

/// The writer.
pub(super) struct Writer {
    connection: SqliteConnection,
    path: PathBuf,
    file: (u64, u64),
    key: Key,
    head: Head,
    grown: watch::Sender<i64>,
    health: watch::Sender<Health>,
    /// What is not on disk yet, first taken first.
    line: Vec<Item>,
    anchored: Option<(Instant, i64)>,
}

impl Writer {
    /// Takes over an open log that ends in `head`.
    pub(super) fn new(
        connection: SqliteConnection,
        path: PathBuf,
        file: (u64, u64),
        key: Key,
        head: Head,
        grown: watch::Sender<i64>,
        health: watch::Sender<Health>,
    ) -> Self {
        Writer {
            connection,
            path,
            file,
            key,
            head,
            grown,
            health,
            line: Vec::with_capacity(GROUP),
            anchored: None,
        }
    }

    /// Writes until all handles of the log are gone.
    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<Item>) {
        loop {
            if self.is_well() {
                if inbox.recv_many(&mut self.line, GROUP).await == 0 {
                    break;
                }
                self.gather(&mut inbox).await;
            } else {
                // Without a new question nobody else would find out that there is room again.
                let received = timeout(RETRY_EVERY, inbox.recv_many(&mut self.line, GROUP)).await;
                if matches!(received, Ok(0)) {
                    break;
                }
            }
            self.write().await;
        }
        self.close().await;
    }

    /// Takes in more until somebody waits, the group is full or the time is over.
    async fn gather(&mut self, inbox: &mut mpsc::Receiver<Item>) {
        let until = Instant::now() + GATHER;
        let mut seen = 0;
        while self.line.len() < GROUP {
            if self.line[seen..].iter().any(Item::is_awaited) {
                return;
            }
            seen = self.line.len();
            let more = inbox.recv_many(&mut self.line, GROUP - seen);
            if !matches!(timeout_at(until, more).await, Ok(1..)) {
                return;
            }
        }
    }

    fn is_well(&self) -> bool {
        matches!(*self.health.borrow(), Health::Writable)
    }

    /// Writes the line, and answers who waits.
    async fn write(&mut self) {
        let outcome = self.commit().await;
        let line = std::mem::take(&mut self.line);
        match outcome {
            Ok(first) => {
                let mut sequence = first;
                for item in line {
                    // Someone who no longer waits has nothing to release.
                    match item {
                        Item::Note(_) => sequence += 1,
                        Item::Record(_, reply) => {
                            drop(reply.send(Ok(sequence)));
                            sequence += 1;
                        }
                        Item::Barrier(reply) => drop(reply.send(Ok(sequence - 1))),
                    }
                }
                self.health.send_if_modified(|health| match health {
                    Health::Failing(_) => {
                        *health = Health::Writable;
                        true
                    }
                    Health::Writable | Health::Lost => false,
                });
                if self.anchored.is_none_or(|(at, _)| at.elapsed() >= ANCHOR_EVERY) {
                    self.anchor();
                }
            }
            Err(error) => self.keep(line, error),
        }
    }

    /// Tells those who wait that it failed, and keeps what nobody waits for.
    fn keep(&mut self, line: Vec<Item>, error: AuditError) {
        let count = line.iter().filter(|item| item.record().is_some()).count();
        if self.is_well() {
            tracing::error!(code = error.code(), count, "failed to write to the audit log");
        }
        // Before anyone hears of it, so that nobody sees a log that seems well after a failure.
        let mut lost = 0_usize;
        for item in line {
            match item {
                Item::Note(_) if self.line.len() < ARREARS => self.line.push(item),
                Item::Note(_) => lost += 1,
                Item::Record(_, reply) | Item::Barrier(reply) => {
                    self.fail(error.clone());
                    drop(reply.send(Err(error.clone())));
                }
            }
        }
        self.fail(error);
        if lost > 0 {
            tracing::error!(
                code = AuditError::Lost.code(),
                count = lost,
                "events of the audit log are lost"
            );
            self.health.send_replace(Health::Lost);
        }
    }

    fn fail(&self, error: AuditError) {
        self.health.send_if_modified(|health| {
            let is_news = matches!(health, Health::Writable);
            if !matches!(health, Health::Lost) {
                *health = Health::Failing(error);
            }
            is_news
        });
    }

    /// Commits the line and returns the number of its first event.
    async fn commit(&mut self) -> Result<i64, AuditError> {
        if matches!(*self.health.borrow(), Health::Lost) {
            return Err(AuditError::Lost);
        }
        // A log that was moved away would go on being written where nobody looks.
        if store::file_number(&self.path).ok() != Some(self.file) {
            return Err(AuditError::Replaced);
        }
        let records: Vec<&Record> = self.line.iter().filter_map(Item::record).collect();
        let count = i64::try_from(records.len()).unwrap_or(i64::MAX);
        // A barrier on a log that is well finds everything before it on disk. A log that failed has to prove itself.
        if count > 0 || !self.is_well() {
            tracing::trace!(name: "commit", count, "a group of the audit log goes to disk");
            self.head = store::append(&mut self.connection, &records, &self.key)
                .await
                .map_err(|error| AuditError::Write(std::sync::Arc::new(error)))?;
            self.grown.send_replace(self.head.sequence);
            tracing::trace!(name: "committed", count, "a group of the audit log is on disk");
        }
        Ok(self.head.sequence - count + 1)
    }

    /// Writes what is left, and closes the file.
    async fn close(mut self) {
        if !self.line.is_empty()
            && let Err(error) = self.commit().await
        {
            let count = self.line.len();
            tracing::error!(code = error.code(), count, "events of the audit log are lost");
        }
        if self
            .anchored
            .is_none_or(|(_, sequence)| sequence < self.head.sequence)
        {
            self.anchor();
        }
        if let Err(error) = self.connection.close().await {
            tracing::warn!(
                code = AuditError::Write(std::sync::Arc::new(error)).code(),
                "failed to close the audit log"
            );
        }
    }

    /// Writes the anchor. It may lag, so a failure is told and does not stop the log.
    fn anchor(&mut self) {
        let anchor = Anchor {
            sequence: self.head.sequence,
            hash: self.head.hash,
            seal: self.head.seal,
        };
        match anchor.write(&self.path) {
            Ok(()) => self.anchored = Some((Instant::now(), anchor.sequence)),
            Err(error) => {
                let error = AuditError::from(error);
                tracing::warn!(code = error.code(), "failed to write the anchor of the audit log");
            }
        }
    }
}
