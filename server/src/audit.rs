//! The audit log (NEN 7513): who asked what about whom, on which ground, and what became of it.
//!
//! Every event is a FHIR R4 `AuditEvent`, chained by its hash to the event before it, and durable before
//! [`Log::record`] returns (P7). When it cannot be written, `record` fails and its caller releases nothing (P6).
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
mod store;
mod verify;

#[cfg(test)]
mod tests;

pub use config::AuditConfig;
pub use error::AuditError;
pub use event::{Activity, Event, Result as EventResult};
pub use forward::{Forwarder, HttpSink, Sink, SinkError};
pub use key::Key;
pub use log::{Log, Receipt};
pub use verify::{Break, Fault, Report, SealCheck, verify, verify_sealed};
