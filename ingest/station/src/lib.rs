//! The datastation: what a source sends is kept durably, judged, and served as of a compliant source.
//!
//! accept -> inbox (durable before the acknowledgement) -> parse and map ([`lift`]) -> identity -> validate -> gate ->
//! immutable object, then one database transaction -> publish (outbox). Each source has its own key, prefix, quota and
//! kill switch. What cannot be placed with certainty is held in quarantine, never guessed.
//!
//! A station belongs to the holder of the data. The integration area stores nothing (promise P2) and has no part of it.
//! Source: sections 3 and 5 of the conformance and reliability notes.

pub mod config;
mod delivery;
mod erase;
mod error;
#[cfg(feature = "failpoints")]
pub mod failpoint;
#[cfg(not(feature = "failpoints"))]
mod failpoint;
mod fsck;
mod identity;
mod inbox;
mod judge;
pub mod lift;
pub mod message;
pub mod objects;
mod parts;
pub mod publish;
pub mod quality;
mod quarantine;
mod read;
mod rebuild;
mod reseal;
mod retention;
mod rewrite;
pub mod seal;
mod segment;
pub mod source;
mod station;
mod store;
pub mod surroundings;
mod threshold;
mod unit;
mod work;

pub use config::Config;
pub use delivery::delivery;
pub use erase::ErasureReceipt;
pub use error::StationError;
pub use fsck::Fsck;
pub use identity::is_nobodys;
pub use message::{Format, Incoming, Receipt};
pub use quarantine::{Problem, Replayed};
pub use read::{Page, Status, Stored};
pub use reseal::Resealed;
pub use retention::Expired;
pub use source::{Scope, Scoped, SourceId};
pub use station::Station;
pub use work::Progress;
