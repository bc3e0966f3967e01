//! Code systems, value sets, concept maps, categories and naming systems of Dutch health data exchange.
//!
//! Pure: no I/O, no clock, no dependency on the rest of the workspace. Holds facts (uris, OIDs, codes) with
//! the place they come from, and never the content of a licensed code system.
//!
//! Every question about a code is answered in three ways ([`Membership`]): what is not known is never a yes or a no.

pub mod answer;
pub mod catalogue;
pub mod category;
pub mod check_digit;
pub mod code_form;
mod coding;
pub mod compact;
pub mod completeness;
pub mod deferred;
pub mod definition;
mod error;
mod grammar;
pub mod known_system;
pub mod naming;
pub mod release;
mod service;
pub mod ucum;

pub use answer::Membership;
pub use catalogue::{Builder, Catalogue};
pub use category::{Category, UnknownCategory};
pub use coding::Coding;
pub use completeness::Status;
pub use error::TerminologyError;
pub use service::{NoTerminology, Terminology};
