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
    /// In the version of FHIR of the answer, shown as the holder sent it.
    Native,
    /// Made from what the holder sent in another version of FHIR: see [`Conversion`].
    Lifted,
    /// Another version of FHIR than that of the answer, shown as received.
    AsReceived,
}

impl Conformance {
    /// The code in the lineage extension.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Conformance::Native => "native",
            Conformance::Lifted => "lifted",
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

/// What making a resource out of what the holder sent came to. It holds no value of the resource.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// Values that the original has.
    pub leaves: usize,
    /// Of them, those that are in what was made.
    pub mapped: usize,
    /// Of them, those that a map says are not needed.
    pub ignored: usize,
    /// Places of the original, without positions, and how many values of each were not carried over; by place.
    pub lost: Box<[(Box<str>, usize)]>,
    /// Stable codes of what else was found, and how often; by code.
    pub findings: Box<[(&'static str, usize)]>,
    /// Stable ids of ways in which the original differs from the specification, and how often; by id. What was put right
    /// before a map ran is in what was made, and the original is as it was sent.
    pub quirks: Box<[(&'static str, usize)]>,
    /// Why nothing was made: a stable code.
    pub refused: Option<&'static str>,
}

impl Account {
    /// Values that were not carried over.
    #[must_use]
    pub fn unmapped(&self) -> usize {
        self.lost.iter().map(|(_, count)| count).sum()
    }
}

/// How a resource was made from what the holder sent, which stays attached untouched (P4).
#[derive(Clone)]
pub struct Conversion {
    /// What the holder sent.
    pub original: RawResource,
    /// Its address at the holder.
    pub original_url: Arc<str>,
    /// The version of FHIR of what was made.
    pub version: FhirVersion,
    /// Pack of maps that made it, with its version: `name|version`.
    pub pack: Arc<str>,
    /// The map in it; none where none was needed.
    pub map: Option<Arc<str>>,
    /// Whether it was made of a part of the original, beside the resource that stands for the whole.
    pub is_part: bool,
    /// What it came to, for the original as a whole.
    pub account: Arc<Account>,
}

/// A resource with its lineage.
#[derive(Clone)]
pub struct Received {
    /// The resource as received, or as it was made from that.
    pub resource: RawResource,
    /// Absolute address at the holder, `{endpoint}/{type}/{id}`, or the `fullUrl` as sent when it is absolute.
    pub full_url: Arc<str>,
    /// The category that its content belongs to.
    pub category: Category,
    /// Where it came from.
    pub lineage: Arc<Lineage>,
    /// How it was made, when the holder did not send it like this; or why that was not done.
    pub conversion: Option<Arc<Conversion>>,
}

impl Received {
    /// The version of FHIR that the resource is in, as it is here.
    #[must_use]
    pub fn version(&self) -> FhirVersion {
        match (&self.conversion, self.lineage.conformance) {
            (Some(conversion), Conformance::Lifted) => conversion.version,
            _ => self.lineage.fhir,
        }
    }
}
