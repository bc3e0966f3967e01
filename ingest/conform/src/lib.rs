//! The conformance layer: what a source sends, made what the standard says.
//!
//! A [`Pack`] of maps, written in YAML (`docs/src/integrator/maps.md`), is compiled once and lifts what sources send:
//! resources of FHIR STU3 or R4, or the logical tree of a message of another format, become resources of FHIR. With them
//! comes the [`Ledger`], in which every value of the source is mapped, ignored for a reason, or unmapped, and findings,
//! which never hold a value. Pure: no I/O, no clock, the same for the same input.
//!
//! [`Converter`] puts what was received in the version of FHIR that is asked for: what a map makes says so (`lifted`) and
//! keeps what the holder sent; what none can make is shown as received and says that (`as-received`), so that nobody
//! mistakes it for zib2020.

pub mod advice;
mod charset;
mod check;
mod compile;
pub mod csv;
mod error;
mod finding;
mod functions;
pub mod hl7v2;
mod language;
mod ledger;
mod packs;
mod plan;
pub mod quirks;
mod received;
mod run;
pub mod skeleton;
mod source;
mod target;

pub use charset::Charset;
pub use error::{Fault, Notice, PackError, Place, Warning};
pub use finding::{Finding, Kind, Severity};
pub use language::Format;
pub use ledger::{Fate, Leaf, Ledger};
pub use packs::{shipped, shipped_files, shipped_names};
pub use plan::Pack;
pub use received::{Converter, Refusal, Retyped, pack_between};
pub use run::{Context, Lifted, LiftedResource, Trace};
pub use source::SourceError;

use samenhang_profiles::{Conformance, FhirVersion};

/// In which form a resource from an endpoint of this version arrives, where R4 is asked for.
#[must_use]
pub fn conformance(version: FhirVersion) -> Conformance {
    match version {
        FhirVersion::R4 => Conformance::Native,
        FhirVersion::Stu3 => Conformance::AsReceived,
    }
}
