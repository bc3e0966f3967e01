//! FHIR XML of a folder, read through the profile crate.
//!
//! Refuses what that reader refuses; the reason names a place, never content.

use bytes::Bytes;
use samenhang_profiles::{FhirVersion, Limits};

/// Turns one FHIR XML document into FHIR JSON. The limits are wider than for a message from outside: a folder of
/// the operator may hold a Bundle of everything.
pub(super) fn to_json(xml: &[u8], version: FhirVersion) -> Result<Bytes, String> {
    let limits = Limits {
        max_bytes: 64 << 20,
        max_nodes: 10_000_000,
        max_entries: 1_000_000,
        ..Limits::default()
    };
    samenhang_profiles::xml::to_json(xml, version, &limits).map_err(|error| error.to_string())
}
