//! Faults: what can be made to go wrong, where, and how often.
//!
//! Faults of the transport are applied by [`crate::net`] for every service alike. Faults of content (two patients,
//! paging loops) are read by the services that can have them. Nothing here decides how a client must react.

mod board;
mod fault;
mod service;

pub use board::{FaultBoard, FaultSpec};
pub use fault::{Fault, Flaw};
pub use service::ServiceId;
