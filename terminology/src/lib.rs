//! Code systems, categories and naming systems of Dutch health data exchange.
//!
//! Pure: no I/O, no clock, no dependency on the rest of the workspace. Holds facts (uris, OIDs, codes) with
//! the place they come from, and never the content of a licensed code system.

pub mod category;
pub mod completeness;
pub mod naming;

pub use category::{Category, UnknownCategory};
pub use completeness::Status;
