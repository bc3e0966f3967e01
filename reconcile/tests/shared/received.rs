//! What was received of a holder.

use std::sync::Arc;

use samenhang_profiles::classify::classify;
use samenhang_profiles::{Conformance, FhirVersion, Lineage, RawResource, Received};

/// A resource from the R4 endpoint of a holder.
pub(crate) fn at(holder: &str, resource: RawResource) -> Received {
    let endpoint = format!("https://{holder}.example/r4");
    Received {
        full_url: format!(
            "{endpoint}/{}/{}",
            resource.resource_type(),
            resource.id().unwrap_or("none")
        )
        .into(),
        category: classify(&resource, FhirVersion::R4),
        lineage: Arc::new(Lineage {
            holder: holder.parse().unwrap(),
            holder_name: holder.into(),
            endpoint: endpoint.into(),
            retrieved: "2026-11-20T09:00:00Z".parse().unwrap(),
            fhir: FhirVersion::R4,
            conformance: Conformance::Native,
        }),
        resource,
        conversion: None,
    }
}
