//! The copy to an audit repository: nothing lost, nobody waits.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Notify;

use super::{file, open, question};
use crate::audit::{Activity, Event, Forwarder, Sink, SinkError};

#[derive(Default)]
struct Repository {
    down: AtomicBool,
    refused: Notify,
    taken: Mutex<Vec<Bytes>>,
    arrived: Notify,
}

#[async_trait]
impl Sink for Repository {
    async fn deliver(&self, event: Bytes) -> Result<(), SinkError> {
        if self.down.load(Ordering::SeqCst) {
            self.refused.notify_one();
            return Err(SinkError);
        }
        self.taken.lock().unwrap().push(event);
        self.arrived.notify_one();
        Ok(())
    }
}

impl Repository {
    async fn has(&self, count: usize) {
        while self.taken.lock().unwrap().len() < count {
            self.arrived.notified().await;
        }
    }
}

#[tokio::test]
async fn a_repository_that_is_down_loses_nothing_and_stops_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(&file(&folder)).await;
    let repository = Arc::new(Repository::default());
    repository.down.store(true, Ordering::SeqCst);
    let copying = Forwarder::start(&log, Arc::clone(&repository) as Arc<dyn Sink>);
    for _ in 0..5 {
        log.record(Event::about(Activity::Search, &question()))
            .await
            .unwrap();
    }
    repository.refused.notified().await;
    assert!(repository.taken.lock().unwrap().is_empty());
    repository.down.store(false, Ordering::SeqCst);
    repository.has(5).await;
    log.record(Event::about(Activity::Disclosure, &question()))
        .await
        .unwrap();
    repository.has(6).await;
    log.close().await;
    copying.await.unwrap();
    let taken = repository.taken.lock().unwrap();
    assert_eq!(taken.len(), 6, "each once, in order");
    assert!(String::from_utf8_lossy(&taken[5]).contains("disclosure"));
}

#[tokio::test]
async fn the_copy_goes_on_where_it_was_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    for round in 1..=2 {
        let log = open(&path).await;
        log.record(Event::about(Activity::Question, &question()))
            .await
            .unwrap();
        let repository = Arc::new(Repository::default());
        let copying = Forwarder::start(&log, Arc::clone(&repository) as Arc<dyn Sink>);
        repository.has(1).await;
        log.close().await;
        copying.await.unwrap();
        assert_eq!(repository.taken.lock().unwrap().len(), 1, "round {round}");
    }
}
