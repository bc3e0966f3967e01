//! Where what is told about a question comes from: the holders, or what a session kept of their answer.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;
use samenhang_gather::fanout::{Event, Events};

use crate::overview::settled::Settled;

/// Where the course of a question comes from.
pub enum Feed {
    /// The holders, as they answer.
    Holders(Events),
    /// The memory of the session.
    Memory {
        /// What is told.
        events: VecDeque<Event>,
        /// When the holders were asked for it.
        since: Timestamp,
        /// What reconciliation made of it before.
        settled: Arc<Settled>,
    },
}

impl Feed {
    /// The next event; `None` when there is no more to tell.
    pub(super) async fn next_event(&mut self) -> Option<Event> {
        match self {
            Feed::Holders(events) => events.next_event().await,
            Feed::Memory { events, .. } => events.pop_front(),
        }
    }
}
