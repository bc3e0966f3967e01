//! Judges resources against the definitions that the binary carries, and those that the user adds.
//!
//! The rules are `samenhang-profiles`'; this module opens what they need (packages, releases of code systems), finds out
//! which version of FHIR a text is of, and writes what was found: a line of JSON for the command line, an
//! OperationOutcome for `$validate`. Values of a resource are shown only where the caller asked for them.

mod engine;
mod error;
mod input;
pub mod operation;
pub mod report;
mod sources;

pub use engine::Engine;
pub use error::{Fault, ValidationError};
pub use input::{Form, limits};
pub use sources::Sources;
