//! Lineage: where a resource came from. Every resource that leaves the fan-out carries it.

use std::sync::Arc;

use jiff::Timestamp;
use samenhang_terminology::Category;

use crate::identity::Ura;
use crate::raw::RawResource;
use crate::version::FhirVersion;

/// In which form a resource is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Conformance {
    /// R4, shown as the holder sent it.
    Native,
    /// Another version of FHIR, shown as received: not lifted to R4.
    AsReceived,
}

impl Conformance {
    /// The code in the lineage extension.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Conformance::Native => "native",
            Conformance::AsReceived => "as-received",
        }
    }
}

/// Where and when a resource was received; shared by all resources of one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage {
    /// The holder.
    pub holder: Ura,
    /// Its name in the directory.
    pub holder_name: Arc<str>,
    /// Base address of the endpoint, without a trailing slash.
    pub endpoint: Arc<str>,
    /// When the page was received (UTC).
    pub retrieved: Timestamp,
    /// The version of FHIR that the endpoint speaks.
    pub fhir: FhirVersion,
    /// The form in which the resource is shown.
    pub conformance: Conformance,
}

/// A resource with its lineage.
#[derive(Clone)]
pub struct Received {
    /// The resource as received.
    pub resource: RawResource,
    /// Absolute address at the holder, `{endpoint}/{type}/{id}`, or the `fullUrl` as sent when it is absolute.
    pub full_url: Arc<str>,
    /// The category that its content belongs to.
    pub category: Category,
    /// Where it came from.
    pub lineage: Arc<Lineage>,
}
