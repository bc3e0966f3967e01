//! The conformance layer: what a source sends, made what the standard says.
//!
//! Not there yet beyond the decision which resources need it: R4 is shown as sent, anything else is shown as
//! received and says so (`as-received`), so that nobody mistakes it for zib2020.

use samenhang_profiles::{Conformance, FhirVersion};

/// In which form a resource from an endpoint of this version is shown.
#[must_use]
pub fn conformance(version: FhirVersion) -> Conformance {
    match version {
        FhirVersion::R4 => Conformance::Native,
        FhirVersion::Stu3 => Conformance::AsReceived,
    }
}
