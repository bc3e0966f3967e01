//! The FHIR data model of Samenhang.
//!
//! A resource is its bytes plus a few extracted keys ([`raw::RawResource`]): what needs no change is passed on as
//! it was received, so that nothing is lost and no decimal changes. Every reader has limits ([`limits::Limits`]).
//! Pure: no I/O, no clock, no network.

pub mod classify;
pub mod content;
pub mod definition;
pub mod document;
pub mod element_table;
mod error;
pub mod fhirpath;
pub mod identity;
pub mod json;
pub mod limits;
pub mod lineage;
pub mod narrative;
pub mod pack;
pub mod package;
pub mod page;
pub mod raw;
pub mod snapshot;
pub mod tape;
pub mod terminology_reader;
pub mod tree;
pub mod validate;
pub mod version;
pub mod write;
pub mod xml;

pub use identity::{Bsn, IdentityError, Ura};
pub use limits::Limits;
pub use lineage::{Account, Conformance, Conversion, Lineage, Received};
pub use raw::{RawResource, ReadError};
pub use version::FhirVersion;
