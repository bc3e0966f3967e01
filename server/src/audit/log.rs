//! The log: takes events from many tasks, writes them in groups, and answers each when it is on disk.

use std::path::PathBuf;
use std::sync::Arc;

use samenhang_gather::clock::Clock;
use samenhang_profiles::Ura;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant};
use uuid::Uuid;

use crate::audit::anchor::Anchor;
use crate::audit::event::Event;
use crate::audit::key::Key;
use crate::audit::ledger::Grounds;
use crate::audit::store::{self, Head, Record};
use crate::audit::{AuditError, fhir, verify};

/// Most events in one commit.
const GROUP: usize = 256;
/// Most events that wait for a commit; more wait at the door.
const WAITING: usize = 1024;
/// How often the anchor is written at most.
const ANCHOR_EVERY: Duration = Duration::from_secs(1);

/// The proof that an event is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The event's number in the log.
    pub sequence: i64,
    /// The event's id.
    pub id: Uuid,
}

/// The audit log. Cloning it gives another handle to the same log.
#[derive(Clone)]
pub struct Log {
    inner: Arc<Inner>,
}

struct Inner {
    inbox: mpsc::Sender<Waiting>,
    head: watch::Receiver<i64>,
    key: Key,
    observer: Ura,
    clock: Arc<dyn Clock>,
    path: PathBuf,
    grounds: Grounds,
    writer: std::sync::Mutex<Option<JoinHandle<()>>>,
}

/// An event and who waits for it.
struct Waiting {
    record: Record,
    reply: oneshot::Sender<Result<i64, AuditError>>,
}

impl Log {
    /// Opens a log, or begins a new one. `observer` is the organisation that runs this server.
    ///
    /// The end of an existing log must fit its seal and its anchor; the whole chain is checked by
    /// [`crate::audit::verify()`].
    ///
    /// # Errors
    /// [`AuditError`]: the file cannot be used, the key is another one, or the log has been tampered with.
    pub async fn open(
        path: impl Into<PathBuf>,
        key: Key,
        observer: Ura,
        clock: Arc<dyn Clock>,
    ) -> Result<Log, AuditError> {
        let path = path.into();
        let mut connection = store::open(&path, &key).await?;
        let head = verify::tail(&mut connection, &path, &key).await?;
        let file = store::file_number(&path)?;
        let (inbox, waiting) = mpsc::channel(WAITING);
        let (grown, watched) = watch::channel(head.sequence);
        let writer = Writer {
            connection,
            path: path.clone(),
            file,
            key: key.clone(),
            head,
            grown,
            anchored: None,
        };
        let writer = tokio::spawn(writer.run(waiting));
        Ok(Log {
            inner: Arc::new(Inner {
                inbox,
                head: watched,
                key,
                observer,
                clock,
                path,
                grounds: Grounds::default(),
                writer: std::sync::Mutex::new(Some(writer)),
            }),
        })
    }

    /// Records an event. When this returns `Ok`, the event is on disk.
    ///
    /// # Errors
    /// [`AuditError`]: the event is not in the log. The caller releases nothing.
    pub async fn record(&self, event: Event) -> Result<Receipt, AuditError> {
        let (id, record) = self.encode(&event)?;
        // The BSN in the event ends here.
        drop(event);
        let (reply, answer) = oneshot::channel();
        self.inner
            .inbox
            .send(Waiting { record, reply })
            .await
            .map_err(|_| AuditError::Closed)?;
        let sequence = answer.await.map_err(|_| AuditError::Closed)??;
        Ok(Receipt { sequence, id })
    }

    /// Writes the event's bytes.
    fn encode(&self, event: &Event) -> Result<(Uuid, Record), AuditError> {
        let inner = &self.inner;
        let now = inner.clock.now();
        inner.grounds.learn(event, now);
        let recorded = fhir::instant(event.at.unwrap_or(now));
        let id = Uuid::new_v4();
        let bytes = fhir::write(event, id, &recorded, &inner.observer, &inner.key)
            .map_err(|error| AuditError::Encode(Arc::new(error)))?;
        let record = Record {
            recorded,
            event: bytes,
        };
        Ok((id, record))
    }

    /// The file of the log.
    #[must_use]
    pub fn path(&self) -> &std::path::Path {
        &self.inner.path
    }

    /// The number of the last durable event, as it grows.
    #[must_use]
    pub fn head(&self) -> watch::Receiver<i64> {
        self.inner.head.clone()
    }

    /// What is known of running questions.
    pub(super) fn grounds(&self) -> &Grounds {
        &self.inner.grounds
    }

    /// Waits until everything is written and the file is closed. The other handles must be gone by then; a handle
    /// that is still used keeps the log open.
    pub async fn close(self) {
        let writer = self
            .inner
            .writer
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take();
        drop(self);
        if let Some(writer) = writer {
            // A writer that panicked has nothing left to write; every record after it fails.
            drop(writer.await);
        }
    }
}

/// The one task that writes.
struct Writer {
    connection: SqliteConnection,
    path: PathBuf,
    file: (u64, u64),
    key: Key,
    head: Head,
    grown: watch::Sender<i64>,
    anchored: Option<(Instant, i64)>,
}

impl Writer {
    async fn run(mut self, mut inbox: mpsc::Receiver<Waiting>) {
        let mut group = Vec::with_capacity(GROUP);
        while inbox.recv_many(&mut group, GROUP).await > 0 {
            let (records, replies): (Vec<_>, Vec<_>) = group
                .drain(..)
                .map(|waiting: Waiting| (waiting.record, waiting.reply))
                .unzip();
            let outcome = self.commit(&records).await;
            if let Err(error) = &outcome {
                tracing::error!(
                    code = error.code(),
                    count = records.len(),
                    "failed to write to the audit log"
                );
            }
            for (index, reply) in (0_i64..).zip(replies) {
                // Someone who no longer waits has nothing to release.
                drop(reply.send(outcome.clone().map(|first| first + index)));
            }
            if outcome.is_ok() && self.anchored.is_none_or(|(at, _)| at.elapsed() >= ANCHOR_EVERY) {
                self.anchor();
            }
        }
        if self
            .anchored
            .is_none_or(|(_, sequence)| sequence < self.head.sequence)
        {
            self.anchor();
        }
        if let Err(error) = self.connection.close().await {
            tracing::warn!(
                code = AuditError::Write(Arc::new(error)).code(),
                "failed to close the audit log"
            );
        }
    }

    /// Commits a group and returns the number of its first event.
    async fn commit(&mut self, records: &[Record]) -> Result<i64, AuditError> {
        // A log that was moved away would go on being written where nobody looks.
        if store::file_number(&self.path).ok() != Some(self.file) {
            return Err(AuditError::Replaced);
        }
        let head = store::append(&mut self.connection, records, &self.key)
            .await
            .map_err(|error| AuditError::Write(Arc::new(error)))?;
        let before = head.sequence - i64::try_from(records.len()).unwrap_or(i64::MAX);
        self.head = head;
        self.grown.send_replace(head.sequence);
        Ok(before + 1)
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
