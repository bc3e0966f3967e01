//! What is kept of the directory's resources: the fields by which an endpoint is chosen, and their version.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Which version of a resource this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Version {
    /// `meta.lastUpdated`, by the directory's clock.
    pub(super) at: Option<Timestamp>,
    /// `meta.versionId`, where it is a number.
    pub(super) number: u64,
}

impl Version {
    /// Whether this version may replace another: an older one never wins, the same one may come again.
    pub(super) fn may_replace(&self, other: &Version) -> bool {
        match (self.at, other.at) {
            (Some(ours), Some(theirs)) if ours != theirs => ours > theirs,
            _ => self.number >= other.number,
        }
    }
}

/// A kept resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept<T> {
    pub(super) version: Version,
    pub(super) content: T,
}

/// `Coding`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub(super) struct Coding {
    #[serde(default)]
    pub(super) system: String,
    #[serde(default)]
    pub(super) code: String,
}

/// `Organization`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Organization {
    pub(super) active: bool,
    pub(super) ura: Option<String>,
    pub(super) name: Option<String>,
    pub(super) types: Vec<Coding>,
    pub(super) part_of: Option<String>,
    pub(super) endpoints: Vec<String>,
}

/// `HealthcareService`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Service {
    pub(super) active: bool,
    pub(super) provided_by: Option<String>,
    pub(super) endpoints: Vec<String>,
}

/// `Endpoint`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Endpoint {
    pub(super) status: String,
    pub(super) start: Option<String>,
    pub(super) end: Option<String>,
    pub(super) connection: Vec<Coding>,
    pub(super) payload: Vec<Coding>,
    pub(super) mime: Vec<String>,
    /// Who runs it: a reference, or `system|value` of an identifier.
    pub(super) manager: Option<String>,
    pub(super) address: String,
}
