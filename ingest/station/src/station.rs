//! A station that is open: its sources, and the way in.

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::delivery::as_delivery;
use crate::error::StationError;
use crate::inbox::{Arrival, Inbox, Message};
use crate::judge::LazyJudge;
use crate::lift::Lift;
use crate::message::{Format, Incoming, Receipt};
use crate::objects::Objects;
use crate::rebuild::rebuild;
use crate::seal::SourceKey;
use crate::source::{Scope, SourceId};
use crate::store::Database;
use crate::surroundings::Surroundings;

/// Messages on their way to the disk, for one source.
const QUEUE: usize = 1024;
/// Most bytes of a sender's name for a message.
const LONGEST_NAME: usize = 256;

/// One source of an open station.
struct Lane {
    scope: Scope,
    arriving: mpsc::Sender<Arrival>,
    load: Arc<Load>,
    /// Held while a group is made durable.
    keeping: Arc<Mutex<()>>,
    /// Held while a batch of this source is worked on.
    turn: Mutex<()>,
    /// What keeps its messages; none once the station is closed.
    inbox: Mutex<Option<JoinHandle<()>>>,
}

/// Bytes of a source that wait, and that are kept altogether.
#[derive(Default)]
pub(crate) struct Load {
    waiting: AtomicU64,
    total: AtomicU64,
}

impl Load {
    /// A message came in.
    pub(crate) fn came(&self, bytes: u64) {
        self.waiting.fetch_add(bytes, Ordering::Relaxed);
        self.total.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Messages wait again.
    pub(crate) fn again(&self, bytes: i64) {
        self.waiting.fetch_add(bytes.unsigned_abs(), Ordering::Relaxed);
    }

    /// Messages are kept no longer.
    pub(crate) fn gone(&self, bytes: u64) {
        let subtract = |total: u64| Some(total.saturating_sub(bytes));
        let _ = self
            .total
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, subtract);
    }

    /// Messages were worked on.
    pub(crate) fn done(&self, bytes: i64) {
        let subtract = |waiting: u64| Some(waiting.saturating_sub(bytes.unsigned_abs()));
        let _ = self
            .waiting
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, subtract);
    }
}

/// A station. Share it behind an `Arc`.
pub struct Station {
    pub(crate) database: Arc<Database>,
    pub(crate) objects: Objects,
    pub(crate) surroundings: Arc<dyn Surroundings>,
    pub(crate) lift: Arc<dyn Lift>,
    pub(crate) judge: Arc<LazyJudge>,
    pub(crate) workers: usize,
    lanes: HashMap<SourceId, Lane>,
    /// When the score of a source was looked at last, in microseconds, and whether it was too low.
    pub(crate) scores: Mutex<HashMap<SourceId, (i64, bool)>>,
    /// Told when the station closes.
    closing: watch::Sender<bool>,
    /// Locked as long as the station is open for writing.
    lock: std::sync::Mutex<Option<File>>,
}

impl Station {
    /// Opens a station for writing: keys, objects, database. What a crash left half done is taken up by the next
    /// [`work`](Station::work), [`publish`](Station::publish) and [`resume_erasures`](Station::resume_erasures). A
    /// database that is gone is built anew from the objects.
    ///
    /// # Errors
    /// [`StationError::Locked`] when another process has it open; any other when a part cannot be opened.
    pub async fn open(
        config: &Config,
        lift: Arc<dyn Lift>,
        surroundings: Arc<dyn Surroundings>,
    ) -> Result<Self, StationError> {
        let lock = lock(config)?;
        let objects = Objects::open(config)?;
        Station::assemble(config, lock, objects, lift, surroundings).await
    }

    /// As [`Station::open`], over another object store than the configuration names.
    ///
    /// # Errors
    /// As [`Station::open`].
    pub async fn open_over(
        config: &Config,
        store: Arc<dyn object_store::ObjectStore>,
        lift: Arc<dyn Lift>,
        surroundings: Arc<dyn Surroundings>,
    ) -> Result<Self, StationError> {
        Station::assemble(config, lock(config)?, Objects::over(store), lift, surroundings).await
    }

    async fn assemble(
        config: &Config,
        lock: File,
        objects: Objects,
        lift: Arc<dyn Lift>,
        surroundings: Arc<dyn Surroundings>,
    ) -> Result<Self, StationError> {
        let database = Arc::new(Database::open(config).await?);
        let mut scopes = Vec::with_capacity(config.sources.len());
        for source in &config.sources {
            scopes.push(Scope {
                key: Arc::new(SourceKey::read(&config.path(&source.key_file))?),
                key_file: config.path(&source.key_file).into(),
                config: Arc::new(source.clone()),
            });
        }
        if database.is_new().await? {
            rebuild(&database, &objects, &scopes, &*surroundings).await?;
        }
        let mut lanes = HashMap::new();
        let (closing, closes) = watch::channel(false);
        for scope in scopes {
            let source = scope.source().clone();
            let (waiting, total) = database.amounts(&source).await?;
            let load = Arc::new(Load {
                waiting: AtomicU64::new(waiting),
                total: AtomicU64::new(total),
            });
            let keeping = Arc::new(Mutex::new(()));
            let (arriving, arrivals) = mpsc::channel(QUEUE);
            let inbox = Inbox {
                scope: scope.clone(),
                database: Arc::clone(&database),
                objects: objects.clone(),
                surroundings: Arc::clone(&surroundings),
                load: Arc::clone(&load),
                keeping: Arc::clone(&keeping),
            };
            let inbox = tokio::spawn(inbox.run(arrivals, closes.clone()));
            let lane = Lane {
                scope,
                arriving,
                load,
                keeping,
                turn: Mutex::new(()),
                inbox: Mutex::new(Some(inbox)),
            };
            lanes.insert(source, lane);
        }
        Ok(Station {
            database,
            objects,
            surroundings,
            lift,
            judge: Arc::default(),
            workers: config.workers.max(1),
            lanes,
            scores: Mutex::default(),
            closing,
            lock: std::sync::Mutex::new(Some(lock)),
        })
    }

    /// Closes the station: what is on its way to the disk is finished, so is the batch that each source is worked on, and
    /// then files and connections are given back, also while others still hold the station. Every call after this is
    /// answered [`StationError::Closed`]; another process, or this one, may open it.
    pub async fn close(&self) {
        self.closing.send_replace(true);
        let mut turns = Vec::with_capacity(self.lanes.len());
        for lane in self.lanes.values() {
            if let Some(inbox) = lane.inbox.lock().await.take() {
                // One that failed has nothing on its way any more.
                let _ = inbox.await;
            }
            turns.push(lane.turn.lock().await);
        }
        self.database.close().await;
        drop(turns);
        if let Ok(mut lock) = self.lock.lock() {
            drop(lock.take());
        }
    }

    /// The right to work with a source.
    ///
    /// # Errors
    /// [`StationError::UnknownSource`].
    pub fn scope(&self, source: &SourceId) -> Result<Scope, StationError> {
        self.lane(source).map(|lane| lane.scope.clone())
    }

    /// The sources.
    pub fn sources(&self) -> impl Iterator<Item = &SourceId> {
        self.lanes.keys()
    }

    fn lane(&self, source: &SourceId) -> Result<&Lane, StationError> {
        self.lanes.get(source).ok_or(StationError::UnknownSource)
    }

    pub(crate) fn load(&self, source: &SourceId) -> Result<&Load, StationError> {
        Ok(&self.lane(source)?.load)
    }

    /// Waits until no group of a source is on its way to the disk, and lets none begin.
    pub(crate) async fn pause(
        &self,
        source: &SourceId,
    ) -> Result<tokio::sync::MutexGuard<'_, ()>, StationError> {
        Ok(self.lane(source)?.keeping.lock().await)
    }

    /// Waits for the turn to work on a source's messages.
    pub(crate) async fn turn(
        &self,
        source: &SourceId,
    ) -> Result<tokio::sync::MutexGuard<'_, ()>, StationError> {
        Ok(self.lane(source)?.turn.lock().await)
    }

    /// Turns the kill switch of a source on, with the reason, or off, also while another process has the station open.
    ///
    /// # Errors
    /// [`StationError`] when the source is unknown or the database fails.
    pub async fn switch(
        config: &Config,
        source: &SourceId,
        stopped: Option<&str>,
        surroundings: &dyn Surroundings,
    ) -> Result<(), StationError> {
        if !config.sources.iter().any(|other| other.id == *source) {
            return Err(StationError::UnknownSource);
        }
        let now = surroundings.now().as_microsecond();
        let database = Database::beside(config).await?;
        database
            .set_stopped(source, stopped.map(|reason| (reason, now)))
            .await
    }

    /// Turns the kill switch of a source on: nothing of it is taken, worked on, served or published.
    ///
    /// # Errors
    /// [`StationError`] when the source is unknown or the database fails.
    pub async fn stop(&self, source: &SourceId, reason: &str) -> Result<(), StationError> {
        self.lane(source)?;
        let now = self.surroundings.now().as_microsecond();
        self.database.set_stopped(source, Some((reason, now))).await
    }

    /// Turns the kill switch of a source off.
    ///
    /// # Errors
    /// As [`Station::stop`].
    pub async fn resume(&self, source: &SourceId) -> Result<(), StationError> {
        self.lane(source)?;
        self.database.set_stopped(source, None).await
    }

    /// Takes a message. When this returns a receipt, the message is on disk: it is not lost, and not applied twice. A
    /// delivery of files with rows is cut in parts by patient first, and the receipt is for all of them, under the number
    /// of the first.
    ///
    /// # Errors
    /// [`StationError`]; the message is not acknowledged, and may be sent again.
    pub async fn accept(&self, source: &SourceId, incoming: Incoming) -> Result<Receipt, StationError> {
        let lane = self.lane(source)?;
        let config = lane.scope.config();
        if incoming.body.len() > config.max_message_bytes {
            return Err(StationError::TooLarge(config.max_message_bytes));
        }
        if incoming.external.is_empty() || incoming.external.len() > LONGEST_NAME {
            return Err(StationError::Config(format!(
                "a message has a name of 1 to {LONGEST_NAME} bytes"
            )));
        }
        if self.database.is_stopped(source).await? {
            return Err(StationError::Stopped);
        }
        let size = incoming.body.len() as u64;
        let waiting = lane.load.waiting.load(Ordering::Relaxed);
        let total = lane.load.total.load(Ordering::Relaxed);
        if waiting + size > config.max_waiting_bytes {
            return Err(StationError::Busy(config.max_waiting_bytes));
        }
        if total + size > config.max_total_bytes {
            return Err(StationError::Full(config.max_total_bytes));
        }
        let key = &lane.scope.key;
        let body = match incoming.format {
            Format::Csv => as_delivery(incoming.body, &incoming.external),
            _ => incoming.body,
        };
        let message = Message {
            external: key.tag("external", &[incoming.external.as_bytes()]),
            hash: key.tag("message", &[&body]),
            format: incoming.format,
            body,
            clock: incoming.clock,
        };
        // What cannot be cut is kept whole, and held when it is worked on.
        let parts = match incoming.format {
            Format::Csv => self.cut(&lane.scope, &message).await.unwrap_or_default(),
            _ => Vec::new(),
        };
        if parts.is_empty() {
            let mut receipts = lane.keep(vec![message]).await?;
            return receipts.pop().ok_or(StationError::Closed);
        }
        let receipts = lane.keep(parts).await?;
        self.settle_whole(source, &message.external).await?;
        let sequence = receipts.first().map(|receipt| receipt.sequence);
        Ok(Receipt {
            sequence: sequence.ok_or(StationError::Closed)?,
            hash: message.hash,
            resent_changed: receipts.iter().any(|receipt| receipt.resent_changed),
            known: receipts.iter().all(|receipt| receipt.known),
        })
    }

    /// Makes messages durable, in this order.
    pub(crate) async fn keep(
        &self,
        source: &SourceId,
        messages: Vec<Message>,
    ) -> Result<Vec<Receipt>, StationError> {
        self.lane(source)?.keep(messages).await
    }
}

impl Lane {
    async fn keep(&self, messages: Vec<Message>) -> Result<Vec<Receipt>, StationError> {
        let mut awaited = Vec::with_capacity(messages.len());
        for message in messages {
            let (reply, receipt) = oneshot::channel();
            let arrival = Arrival { message, reply };
            self.arriving
                .send(arrival)
                .await
                .map_err(|_| StationError::Closed)?;
            awaited.push(receipt);
        }
        let mut receipts = Vec::with_capacity(awaited.len());
        for receipt in awaited {
            receipts.push(receipt.await.map_err(|_| StationError::Closed)??);
        }
        Ok(receipts)
    }
}

/// Locks the folder of a station for writing, as long as the file is open.
pub(crate) fn lock(config: &Config) -> Result<File, StationError> {
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(config.folder.join("station.lock"))?;
    lock.try_lock().map_err(|error| match error {
        std::fs::TryLockError::WouldBlock => StationError::Locked,
        std::fs::TryLockError::Error(error) => error.into(),
    })?;
    Ok(lock)
}
