//! Holders that speak STU3: what they have is written in STU3 by the maps of the binary and lifted again, as an answer of
//! theirs is.

use std::sync::Arc;

use samenhang_conform::Converter;
use samenhang_profiles::classify::classify;
use samenhang_profiles::{Conformance, FhirVersion, Lineage, Received, Ura};

/// The lineage of what a holder sends in R4.
pub(super) fn lineage(ura: &'static str, name: &str) -> Arc<Lineage> {
    Arc::new(Lineage {
        holder: holder(ura),
        holder_name: name.into(),
        endpoint: format!("https://{ura}.example/r4").into(),
        retrieved: "2026-11-01T09:00:00Z".parse().unwrap_or_default(),
        fhir: FhirVersion::R4,
        conformance: Conformance::Native,
    })
}

#[expect(
    clippy::expect_used,
    reason = "the numbers of the holders stand in this crate"
)]
fn holder(ura: &str) -> Ura {
    ura.parse().expect("a number of eight digits")
}

/// The resource as a holder has it in STU3, and what the answer in R4 makes of that: the resource first, then what else
/// was made of it.
pub(super) fn round_trip(received: Received) -> Vec<Received> {
    let address = Arc::clone(&received.full_url);
    let Some(sent) = Converter::new(FhirVersion::Stu3)
        .serve(received)
        .into_iter()
        .next()
    else {
        return Vec::new();
    };
    let lineage = Arc::new(Lineage {
        fhir: FhirVersion::Stu3,
        conformance: Conformance::AsReceived,
        ..(*sent.lineage).clone()
    });
    let native = Received {
        category: classify(&sent.resource, FhirVersion::Stu3),
        resource: sent.resource,
        full_url: address,
        lineage,
        conversion: None,
    };
    Converter::new(FhirVersion::R4).serve(native)
}
