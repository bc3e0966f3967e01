//! The simulated care providers: FHIR source servers over folders of resources, with a PEP and an authorization server each.
//!
//! [`start()`] serves one holder; [`SourceOption`] reads one from the command line. Deviations are quirks (how a vendor is) and
//! faults (what goes wrong now). Nothing here knows of the national services.

mod answer;
mod authorization;
#[cfg(test)]
mod fixtures;
pub mod folder;
pub mod json;
pub mod option;
pub mod patient;
mod pep;
pub mod quirk;
pub mod search;
mod server;
pub mod shape;
mod start;
pub mod store;
mod xml;

pub use option::{SourceOption, holders};
pub use patient::known_bsns;
pub use quirk::Quirk;
pub use start::{Report, Started, start};
