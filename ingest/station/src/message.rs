//! A message of a source, and the acknowledgement of it.

use bytes::Bytes;
use jiff::Timestamp;

/// How a message is written.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Format {
    /// FHIR R4 in JSON: a resource or a Bundle.
    FhirR4,
    /// FHIR STU3 in JSON or XML: a resource or a Bundle.
    FhirStu3,
    /// HL7 CDA R2.
    Cda,
    /// HL7 version 2.
    Hl7v2,
    /// Files with rows, each with a header: one file, or several as [`delivery`](crate::delivery) writes them. It is cut
    /// in parts by patient before it is worked on; for a source with a map pack of its own.
    Csv,
    /// What the station cut of such a delivery.
    CsvPart,
    /// Everything that the source has: one `Type/id` a line. What is not in it was deleted, see
    /// [`SourceConfig::mass_delete_percent`](crate::config::SourceConfig::mass_delete_percent).
    Manifest,
    /// What the source deleted: one `Type/id` a line.
    Deletions,
}

/// A message as it comes in.
#[derive(Clone)]
pub struct Incoming {
    /// The sender's own name for this message, at most 256 bytes: message control id, file name, Bundle identifier. The
    /// same name with the same bytes is the same message.
    pub external: String,
    /// How it is written.
    pub format: Format,
    /// The bytes as received.
    pub body: Bytes,
    /// When the source made it, by its own clock; for resources that do not say so themselves.
    pub clock: Option<Timestamp>,
}

/// What the sender is told once the message is durable. The same message gets the same receipt again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The number under which the station has it.
    pub sequence: i64,
    /// Keyed hash of the message.
    pub hash: String,
    /// Whether another message of the same name but with other bytes was there before.
    pub resent_changed: bool,
    /// Whether this very message was there already.
    pub known: bool,
}
