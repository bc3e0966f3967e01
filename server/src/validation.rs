//! Judges resources against the definitions that the binary carries, and those that the user adds.
//!
//! The rules are `samenhang-profiles`'; this module opens what they need (packages, releases of code systems), has a
//! terminology server asked where one is configured, finds out which version of FHIR a text is of, and writes what was found: a line of JSON for the command line, an
//! OperationOutcome for `$validate`. Values of a resource are shown only where the caller asked for them.

mod config;
mod consult;
mod engine;
mod error;
mod input;
pub mod operation;
pub mod report;
mod sources;
#[cfg(test)]
mod tests;

pub use config::{ListConfig, Opened, ReleasesConfig, ValidationConfig};
pub use consult::{Asking, Consultant, Consulted};
pub use engine::Engine;
pub use error::{Fault, ValidationError};
pub use input::{Form, limits};
pub use sources::Sources;
