//! The audit log (NEN 7513): who asked what about whom, on which ground, and what became of it.
//!
//! Every event is a FHIR R4 `AuditEvent`, chained by its hash to the event before it. It is durable, with everything
//! before it, when [`Log::record`] returns (P7); [`Log::note`] only gives it its place, for [`Log::barrier`] or a
//! later record to wait for. When it cannot be written these fail, and their callers release nothing (P6).
//! The log never holds a BSN, only a keyed pseudonym, and never clinical content. It refuses to change or remove
//! an event, and to continue a log whose end does not fit its seal.
//!
//! Sections 5.5 of the generic functions notes and 6.6 of the reliability notes.

mod anchor;
mod chain;
pub mod config;
mod error;
mod event;
mod fhir;
mod forward;
mod key;
mod ledger;
mod log;
mod look;
mod store;
mod verify;
mod writer;

#[cfg(test)]
mod tests;

pub use config::AuditConfig;
pub use error::AuditError;
pub use event::{Activity, Event, Result as EventResult};
pub use forward::{Forwarder, HttpSink, Sink, SinkError};
pub use key::Key;
pub use log::{Health, Log, Pending, Receipt};
pub(crate) use look::{ASKED_BY, PATIENT};
pub use look::{Look, LookResult, Looks};
pub(crate) use store::private_file;
pub use verify::{Break, Fault, Report, SealCheck, verify, verify_sealed};
