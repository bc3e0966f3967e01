//! Builders that the tests of this crate share.

use std::sync::Arc;

use bytes::Bytes;
use samenhang_profiles::classify::classify;
use samenhang_profiles::{Conformance, FhirVersion, Limits, Lineage, RawResource, Received, Ura};

pub(crate) fn ura(text: &str) -> Ura {
    text.parse().unwrap_or_else(|_| panic!("{text} is a URA"))
}

pub(crate) fn raw(json: &str) -> RawResource {
    RawResource::read(Bytes::copy_from_slice(json.as_bytes()), &Limits::default())
        .unwrap_or_else(|e| panic!("{e}: {json}"))
}

/// A resource from the R4 endpoint of a holder.
pub(crate) fn received(holder: &str, json: &str) -> Received {
    at(holder, FhirVersion::R4, json)
}

/// A resource from an endpoint of a holder.
pub(crate) fn at(holder: &str, fhir: FhirVersion, json: &str) -> Received {
    let resource = raw(json);
    let version = match fhir {
        FhirVersion::R4 => "r4",
        FhirVersion::Stu3 => "stu3",
    };
    let endpoint = format!("https://{holder}.example/{version}");
    Received {
        full_url: format!(
            "{endpoint}/{}/{}",
            resource.resource_type(),
            resource.id().unwrap_or("none")
        )
        .into(),
        category: classify(&resource, fhir),
        lineage: Arc::new(Lineage {
            holder: ura(holder),
            holder_name: format!("Holder {holder}").into(),
            endpoint: endpoint.into(),
            retrieved: "2026-11-20T09:00:00Z".parse().unwrap_or_default(),
            fhir,
            conformance: match fhir {
                FhirVersion::R4 => Conformance::Native,
                FhirVersion::Stu3 => Conformance::AsReceived,
            },
        }),
        resource,
        conversion: None,
    }
}

/// Type and id of each.
pub(crate) fn urls(items: &[Received]) -> Vec<String> {
    items
        .iter()
        .map(|item| {
            format!(
                "{}/{}",
                item.resource.resource_type(),
                item.resource.id().unwrap_or("none")
            )
        })
        .collect()
}
