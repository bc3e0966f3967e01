//! A copy of every event to an audit repository.
//!
//! The log is the truth and the copy follows it: events are read back from the log in order and the place is kept in
//! the log's own file, so that an unreachable repository, or a restart, loses nothing. An event may arrive twice
//! (same `id`), never not at all. Nobody waits for the copy.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use samenhang_gather::http::{Http, HttpError, Outgoing, Peer, Target};
use sqlx::sqlite::SqliteSynchronous;
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant, sleep};

use crate::audit::log::Log;
use crate::audit::{AuditError, store};

/// How many events are read at once.
const GROUP: i64 = 100;
/// How long events are gathered before they are copied.
const GATHER: Duration = Duration::from_millis(250);
/// First and longest pause after a failure.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// The repository did not take an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the audit repository did not take the event")]
pub struct SinkError;

/// An audit repository.
#[async_trait]
pub trait Sink: Send + Sync {
    /// Delivers one `AuditEvent` as JSON.
    ///
    /// # Errors
    /// [`SinkError`]; it will be tried again.
    async fn deliver(&self, event: Bytes) -> Result<(), SinkError>;
}

/// The task that copies.
pub struct Forwarder {
    path: PathBuf,
    head: watch::Receiver<i64>,
    sink: Arc<dyn Sink>,
}

impl Forwarder {
    /// Begins to copy a log to a repository. The task ends when the log is closed.
    pub fn start(log: &Log, sink: Arc<dyn Sink>) -> JoinHandle<()> {
        let forwarder = Forwarder {
            path: log.path().to_owned(),
            head: log.head(),
            sink,
        };
        tokio::spawn(forwarder.run())
    }

    async fn run(mut self) {
        let mut pause = PAUSES.0;
        loop {
            match self.copy().await {
                Ok(()) => {
                    pause = PAUSES.0;
                    if self.head.changed().await.is_err() {
                        return;
                    }
                    // The events of a question come close together, and the question must not wait for their copies.
                    sleep(GATHER).await;
                }
                Err(problem) => {
                    tracing::warn!(code = problem, "failed to copy the audit log, trying again later");
                    tokio::select! {
                        () = sleep(pause) => {}
                        // The log is closed: what is left goes at the next start.
                        () = closed(&mut self.head) => return,
                    }
                    pause = (pause * 2).min(PAUSES.1);
                }
            }
        }
    }

    /// Copies until the end of the log.
    async fn copy(&mut self) -> Result<(), &'static str> {
        let failed = |error| AuditError::Read(Arc::new(error)).code();
        let mut connection = store::options(&self.path)
            // How far the copy has come may be forgotten in a crash: then some events arrive twice. A flush here would
            // hold the file while a question waits to write.
            .synchronous(SqliteSynchronous::Normal)
            .connect()
            .await
            .map_err(failed)?;
        let outcome = self.copy_with(&mut connection).await;
        drop(connection.close().await);
        outcome
    }

    async fn copy_with(&mut self, connection: &mut SqliteConnection) -> Result<(), &'static str> {
        let failed = |error| AuditError::Read(Arc::new(error)).code();
        loop {
            self.head.borrow_and_update();
            let rows = sqlx::query(
                "SELECT sequence, event FROM audit_event \
                 WHERE sequence > (SELECT sequence FROM audit_forwarded WHERE stream = 1) ORDER BY sequence LIMIT ?",
            )
            .bind(GROUP)
            .fetch_all(&mut *connection)
            .await
            .map_err(failed)?;
            if rows.is_empty() {
                return Ok(());
            }
            let mut reached = None;
            let mut outcome = Ok(());
            for row in rows {
                let sequence: i64 = row.try_get(0).map_err(failed)?;
                let event: Vec<u8> = row.try_get(1).map_err(failed)?;
                if self.sink.deliver(event.into()).await.is_err() {
                    outcome = Err("SAM-AUD-010");
                    break;
                }
                reached = Some(sequence);
            }
            if let Some(sequence) = reached {
                sqlx::query("UPDATE audit_forwarded SET sequence = ? WHERE stream = 1")
                    .bind(sequence)
                    .execute(&mut *connection)
                    .await
                    .map_err(failed)?;
            }
            outcome?;
        }
    }
}

/// Waits until the log is closed.
async fn closed(head: &mut watch::Receiver<i64>) {
    while head.changed().await.is_ok() {}
}

/// An audit repository over HTTP: a FHIR server that takes `POST {base}/AuditEvent`.
pub struct HttpSink {
    http: Http,
    peer: Peer,
}

impl HttpSink {
    /// A repository at a configured address.
    ///
    /// # Errors
    /// [`HttpError`] when calls may not go to that address.
    pub fn new(http: Http, address: &str) -> Result<Self, HttpError> {
        let peer = http.peer(address)?;
        Ok(HttpSink { http, peer })
    }
}

#[async_trait]
impl Sink for HttpSink {
    async fn deliver(&self, event: Bytes) -> Result<(), SinkError> {
        let outgoing = Outgoing::post(Target::Path("AuditEvent"), "application/fhir+json", event)
            .accept("application/fhir+json")
            .at_most(64 << 10);
        let deadline = Instant::now() + Duration::from_secs(10);
        match Box::pin(self.http.send(&self.peer, outgoing, deadline)).await {
            Ok(answer) if answer.is_success() => Ok(()),
            _ => Err(SinkError),
        }
    }
}
