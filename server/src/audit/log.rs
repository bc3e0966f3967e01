//! The log: takes events from many tasks and gives each its place in one order.
//!
//! Whoever is about to show or send something waits for the disk ([`Log::record`], [`Log::barrier`]); whoever only
//! tells what was done does not ([`Log::note`]). What is durable has everything durable before it.

use std::path::PathBuf;
use std::sync::Arc;

use samenhang_gather::clock::Clock;
use samenhang_profiles::{Bsn, Ura};
use sqlx::SqliteConnection;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::audit::event::Event;
use crate::audit::key::Key;
use crate::audit::ledger::Grounds;
use crate::audit::store::{self, Record};
use crate::audit::writer::{Item, Writer};
use crate::audit::{AuditError, fhir, verify};

/// Most events that wait for a commit; more wait at the door.
pub(super) const WAITING: usize = 1024;

/// Whether the log takes events.
#[derive(Debug, Clone)]
pub enum Health {
    /// Everything that was taken is on disk or on its way.
    Writable,
    /// The last commit failed. What was taken is kept and tried again; until it is on disk everything fails.
    Failing(AuditError),
    /// An event is lost. Everything fails until the server is started anew.
    Lost,
}

impl Health {
    /// Why nothing may go out; `None` when all is well.
    #[must_use]
    pub fn trouble(&self) -> Option<AuditError> {
        match self {
            Health::Writable => None,
            Health::Failing(error) => Some(error.clone()),
            Health::Lost => Some(AuditError::Lost),
        }
    }
}

/// The proof that an event is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The event's number in the log.
    pub sequence: i64,
    /// The event's id.
    pub id: Uuid,
}

/// An event that was taken and is on its way to the disk.
#[must_use = "an event that was taken need not be durable"]
pub struct Pending {
    id: Uuid,
    answer: oneshot::Receiver<Result<i64, AuditError>>,
}

impl Pending {
    /// Waits until the event is on disk, and everything taken before it.
    ///
    /// # Errors
    /// [`AuditError`]: the event is not in the log. The caller releases nothing.
    pub async fn durable(self) -> Result<Receipt, AuditError> {
        let sequence = self.answer.await.map_err(|_| AuditError::Closed)??;
        Ok(Receipt {
            sequence,
            id: self.id,
        })
    }
}

/// The audit log. Cloning it gives another handle to the same log.
#[derive(Clone)]
pub struct Log {
    inner: Arc<Inner>,
}

struct Inner {
    inbox: mpsc::Sender<Item>,
    head: watch::Receiver<i64>,
    health: watch::Receiver<Health>,
    file: (u64, u64),
    key: Key,
    observer: Ura,
    clock: Arc<dyn Clock>,
    path: PathBuf,
    grounds: Grounds,
    writer: std::sync::Mutex<Option<JoinHandle<()>>>,
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
        let connection = store::open(&path, &key).await?;
        Log::over(connection, path, key, observer, clock).await
    }

    /// Opens a log over a connection to it.
    pub(super) async fn over(
        mut connection: SqliteConnection,
        path: PathBuf,
        key: Key,
        observer: Ura,
        clock: Arc<dyn Clock>,
    ) -> Result<Log, AuditError> {
        let last = verify::tail(&mut connection, &path, &key).await?;
        let file = store::file_number(&path)?;
        let (inbox, waiting) = mpsc::channel(WAITING);
        let (grown, head) = watch::channel(last.sequence);
        let (told, health) = watch::channel(Health::Writable);
        let writer = Writer::new(connection, path.clone(), file, key.clone(), last, grown, told);
        let writer = tokio::spawn(writer.run(waiting));
        Ok(Log {
            inner: Arc::new(Inner {
                inbox,
                head,
                health,
                file,
                key,
                observer,
                clock,
                path,
                grounds: Grounds::default(),
                writer: std::sync::Mutex::new(Some(writer)),
            }),
        })
    }

    /// Records an event. When this returns `Ok`, the event is on disk, and so is everything taken before it.
    ///
    /// # Errors
    /// [`AuditError`]: the event is not in the log. The caller releases nothing.
    pub async fn record(&self, event: Event) -> Result<Receipt, AuditError> {
        self.submit(event).await?.durable().await
    }

    /// Takes an event that somebody will wait for. When this returns `Ok` the event has its place in the order; it is
    /// durable when [`Pending::durable`] says so. Waits only while the queue is full.
    ///
    /// # Errors
    /// [`AuditError`]: the event was not taken.
    pub async fn submit(&self, event: Event) -> Result<Pending, AuditError> {
        let (id, record) = self.encode(event)?;
        let (reply, answer) = oneshot::channel();
        self.send(Item::Record(record, reply)).await?;
        Ok(Pending { id, answer })
    }

    /// Takes an event without waiting for the disk. When this returns `Ok` the event has its place in the order, and
    /// no later [`Log::record`] or [`Log::barrier`] succeeds before it is on disk. Waits only while the queue is full.
    ///
    /// # Errors
    /// [`AuditError`]: the log fails. The caller sends nothing more out and releases nothing.
    pub async fn note(&self, event: Event) -> Result<(), AuditError> {
        let (_, record) = self.encode(event)?;
        let item = Item::Note(record);
        if let Some(error) = self.health().trouble() {
            // It happened, so it is kept for better times if there is room; the caller stops in any case.
            drop(self.inner.inbox.try_send(item));
            return Err(error);
        }
        self.send(item).await
    }

    /// Waits until everything that was taken before is on disk.
    ///
    /// # Errors
    /// [`AuditError`]: it is not. The caller releases nothing.
    pub async fn barrier(&self) -> Result<(), AuditError> {
        let (reply, answer) = oneshot::channel();
        self.send(Item::Barrier(reply)).await?;
        answer.await.map_err(|_| AuditError::Closed)?.map(drop)
    }

    async fn send(&self, item: Item) -> Result<(), AuditError> {
        self.inner.inbox.send(item).await.map_err(|_| AuditError::Closed)
    }

    /// Whether the log takes events, as far as is known without writing one.
    #[must_use]
    pub fn health(&self) -> Health {
        let inner = &self.inner;
        if inner.inbox.is_closed() {
            return Health::Failing(AuditError::Closed);
        }
        inner.health.borrow().clone()
    }

    /// Whether the log is where it should be and takes events: for readiness.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        let inner = &self.inner;
        self.health().trouble().is_none() && store::file_number(&inner.path).ok() == Some(inner.file)
    }

    /// Writes the event's bytes. The BSN in the event ends here.
    fn encode(&self, mut event: Event) -> Result<(Uuid, Record), AuditError> {
        let inner = &self.inner;
        let now = inner.clock.now();
        inner.grounds.learn(&event, now);
        event.request_id = inner.grounds.request_id(&event);
        let recorded = fhir::instant(event.at.unwrap_or(now));
        let id = Uuid::new_v4();
        let bytes = fhir::write(&event, id, &recorded, &inner.observer, &inner.key)
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

    /// The pseudonym under which a patient stands in this log.
    pub(super) fn pseudonym(&self, patient: &Bsn) -> String {
        self.inner.key.pseudonym(patient)
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

    /// How many more events may wait.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.inner.inbox.capacity()
    }

    /// Ends the writer where it stands, as a crash would.
    #[cfg(test)]
    pub(super) async fn kill(self) {
        let writer = self
            .inner
            .writer
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take();
        if let Some(writer) = writer {
            writer.abort();
            drop(writer.await);
        }
    }
}
