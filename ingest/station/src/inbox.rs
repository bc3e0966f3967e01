//! The inbox of one source: messages become durable in groups, and only then are they acknowledged.
//!
//! One task a source, so that one that floods does not hold up another. A group is one object and one transaction: two
//! waits for the disk, however many messages are in it.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::{Mutex, mpsc, oneshot, watch};

use crate::error::StationError;
use crate::failpoint::failpoint;
use crate::message::{Format, Receipt};
use crate::objects::Objects;
use crate::segment::{Kind, MessageHead, SegmentWriter};
use crate::source::Scope;
use crate::station::Load;
use crate::store::Database;
use crate::surroundings::Surroundings;

/// Most messages in a group.
const GROUP: usize = 256;
/// Bytes after which a group is closed.
const GROUP_BYTES: usize = 16 << 20;

/// A message that is to be kept.
#[derive(Clone)]
pub(crate) struct Message {
    pub external: String,
    pub hash: String,
    pub format: Format,
    pub body: Bytes,
    pub clock: Option<Timestamp>,
}

/// A message on its way.
pub(crate) struct Arrival {
    pub message: Message,
    pub reply: oneshot::Sender<Result<Receipt, StationError>>,
}

/// What the task works with.
pub(crate) struct Inbox {
    pub scope: Scope,
    pub database: Arc<Database>,
    pub objects: Objects,
    pub surroundings: Arc<dyn Surroundings>,
    pub load: Arc<Load>,
    pub keeping: Arc<Mutex<()>>,
}

impl Inbox {
    /// Takes messages until all senders are gone, or the station closes; those that came before are kept.
    pub(crate) async fn run(self, mut arriving: mpsc::Receiver<Arrival>, mut closes: watch::Receiver<bool>) {
        let mut group = Vec::with_capacity(GROUP);
        loop {
            let closed = async { drop(closes.wait_for(|closes| *closes).await) };
            let first = tokio::select! {
                first = arriving.recv() => first,
                () = closed => None,
            };
            let first = match first {
                Some(first) => first,
                None => {
                    arriving.close();
                    let Some(last) = arriving.recv().await else { return };
                    last
                }
            };
            let mut bytes = first.message.body.len();
            group.push(first);
            while group.len() < GROUP && bytes < GROUP_BYTES {
                let Ok(next) = arriving.try_recv() else { break };
                bytes += next.message.body.len();
                group.push(next);
            }
            let outcome = self.keep(&group).await;
            for (at, arrival) in group.drain(..).enumerate() {
                let receipt = match &outcome {
                    Ok(receipts) => receipts.get(at).cloned().ok_or(StationError::Closed),
                    Err(error) => Err(error.clone()),
                };
                // Who has gone away sends the message again and is told that it is known.
                let _ = arrival.reply.send(receipt);
            }
        }
    }

    /// Makes a group durable; a receipt for each message, in order.
    async fn keep(&self, group: &[Arrival]) -> Result<Vec<Receipt>, StationError> {
        let _keeping = self.keeping.lock().await;
        let source = self.scope.source();
        let received = self.surroundings.now().as_microsecond();
        let mut writer = SegmentWriter::new(source, Kind::Inbox, &self.scope.key, &*self.surroundings)?;
        let mut receipts: Vec<Receipt> = Vec::with_capacity(group.len());
        let mut fresh = Vec::new();
        let mut within: HashMap<&str, Vec<(i64, String)>> = HashMap::new();
        for Arrival { message: arrival, .. } in group {
            if !within.contains_key(arrival.external.as_str()) {
                let named = self.database.named(source, &arrival.external).await?;
                within.insert(&arrival.external, named);
            }
            let named = within.entry(&arrival.external).or_default();
            let known = named.iter().find(|(_, hash)| *hash == arrival.hash);
            let first = named.first().is_none_or(|(_, hash)| *hash == arrival.hash);
            let sequence = known.map_or_else(|| self.database.next(), |(sequence, _)| *sequence);
            receipts.push(Receipt {
                sequence,
                hash: arrival.hash.clone(),
                resent_changed: !first,
                known: known.is_some(),
            });
            if known.is_some() {
                continue;
            }
            let head = MessageHead {
                sequence,
                external: arrival.external.clone(),
                hash: arrival.hash.clone(),
                format: arrival.format,
                received,
                clock: arrival.clock.map(Timestamp::as_microsecond),
            };
            writer.push(&head, &arrival.body)?;
            named.push((sequence, arrival.hash.clone()));
            fresh.push((head, arrival.body.len(), !first));
        }
        if fresh.is_empty() {
            return Ok(receipts);
        }
        let segment = writer.finish();
        failpoint!("inbox-before-object");
        self.objects.put(&self.scope, &segment).await?;
        failpoint!("inbox-after-object");
        let mut writing = self.database.write().await?;
        for ((head, bytes, changed), place) in fresh.iter().zip(&segment.places) {
            writing
                .add_message(source, head, *bytes, place, *changed, "pending")
                .await?;
        }
        writing.commit().await?;
        for (_, bytes, _) in &fresh {
            self.load.came(*bytes as u64);
        }
        failpoint!("inbox-after-commit");
        Ok(receipts)
    }
}
