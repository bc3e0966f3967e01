//! The testbed: a simulated country on loopback.
//!
//! National services (OAuth, PRS, NVI, LRZa, Mitz, Dezi), holders with their authorization servers and FHIR sources,
//! and an audit sink, as section 7 of the generic functions notes describes them, with faults that can be switched on.
//! For tests and for `samenhang demo`; never for real patients.

pub mod admin;
mod answer;
pub mod audit_sink;
pub mod client;
pub mod clock;
pub mod dezi;
pub mod discovery;
pub mod document;
pub mod ehr;
pub mod error;
pub mod faults;
pub mod holder;
pub mod journal;
pub mod jwe;
pub mod keys;
pub mod lrza;
pub mod mitz;
pub mod net;
pub mod nvi;
pub mod oauth;
pub mod patients;
pub mod prs;
pub mod source;
pub mod testbed;
pub mod tls;

#[cfg(test)]
mod testing;

pub use client::ClientMaterial;
pub use clock::SimClock;
pub use error::TestbedError;
pub use faults::{Fault, FaultBoard, FaultSpec, ServiceId};
pub use holder::{Generation, HolderAuthorization, HolderData, HolderSpec, TestbedConfig, VersionSpec};
pub use journal::Journal;
pub use net::Shared;
pub use testbed::{Addresses, HolderReport, Services, SourceAddress, Testbed};
