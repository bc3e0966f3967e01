//! The seam to the conformance layer: a resource as it was received, in the version of FHIR that is asked for.
//!
//! Today a resource of that version is served as it is, and one of another is not served and told of. Lifting and
//! lowering come in here, and nowhere else in a search.

use std::collections::BTreeMap;

use samenhang_profiles::{FhirVersion, Received};

/// A resource in a version of FHIR.
pub(super) enum Served {
    /// The resources that it is there.
    As(Vec<Received>),
    /// It cannot be had in that version.
    Unsupported,
}

/// A resource in a version of FHIR.
pub(super) fn serve(received: &Received, wanted: FhirVersion) -> Served {
    if received.lineage.fhir == wanted {
        Served::As(vec![received.clone()])
    } else {
        Served::Unsupported
    }
}

/// Resources in a version of FHIR, and how many could not be had, by the name of their holder.
pub(super) fn serve_all(items: &[Received], wanted: FhirVersion) -> (Vec<Received>, BTreeMap<String, usize>) {
    let mut served = Vec::with_capacity(items.len());
    let mut missing = BTreeMap::new();
    for item in items {
        match serve(item, wanted) {
            Served::As(resources) => served.extend(resources),
            Served::Unsupported => {
                *missing.entry(item.lineage.holder_name.to_string()).or_default() += 1;
            }
        }
    }
    (served, missing)
}
