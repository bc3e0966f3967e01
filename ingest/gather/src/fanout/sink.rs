//! Where events go: a bounded channel, so that a slow reader holds up the holders and not the memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use samenhang_profiles::Ura;
use samenhang_terminology::Category;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::event::Event;
use super::intake::Taken;
use super::problem::Problem;
use crate::consent::Permit;

/// Sends the batches of one holder.
pub(super) struct Sink {
    pub(super) events: mpsc::Sender<Event>,
    pub(super) holder: Ura,
    pub(super) permits: Arc<BTreeMap<Category, Permit>>,
    pub(super) deadline: Instant,
    pub(super) stop: CancellationToken,
}

impl Sink {
    /// Sends what a page brought, most urgent category first.
    pub(super) async fn batches(&self, taken: Taken) -> Result<(), Problem> {
        for (category, resources) in taken.resources {
            // The intake lets only permitted categories through; without a permit nothing is sent.
            let Some(permit) = self.permits.get(&category) else {
                continue;
            };
            let batch = Event::Batch {
                holder: self.holder.clone(),
                permit: permit.clone(),
                resources,
            };
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(Problem::Stopped),
                sent = self.events.send(batch) => sent.map_err(|_| Problem::Stopped)?,
                () = tokio::time::sleep_until(self.deadline) => return Err(Problem::TimedOut),
            }
        }
        Ok(())
    }
}
