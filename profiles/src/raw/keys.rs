//! The keys of a resource: what the rest of the system asks of it without reading it again.

/// A coding: system and code as sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodingKey {
    /// `Coding.system`.
    pub system: Option<Box<str>>,
    /// `Coding.code`.
    pub code: Option<Box<str>>,
}

impl CodingKey {
    /// Whether this is `code` of `system`, compared as sent.
    #[must_use]
    pub fn is(&self, system: &str, code: &str) -> bool {
        self.code.as_deref() == Some(code) && self.system.as_deref() == Some(system)
    }
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
    /// `subject`, `patient`, `beneficiary` or `for`: the reference to the patient, as sent. For an Appointment
    /// the first `participant.actor` that is a Patient.
    pub subject: Option<Box<str>>,
    /// `identifier` of the same reference.
    pub subject_identifier: Option<IdentifierKey>,
    /// `type` of the same reference, for example `Patient`.
    pub subject_type: Option<Box<str>>,
    /// `identifier` of the resource itself.
    pub identifiers: Vec<IdentifierKey>,
    /// Codings of the element that names the resource: `code`, `vaccineCode`, `medicationCodeableConcept`, `type`.
    pub codes: Vec<CodingKey>,
    /// Codings of `category`.
    pub categories: Vec<CodingKey>,
    /// `status` or, where it is a `CodeableConcept` or code, `clinicalStatus` or `lifecycleStatus`.
    pub status: Option<Box<str>>,
    /// `verificationStatus`, a code or a `CodeableConcept`: `entered-in-error` and `refuted` take it out of view.
    pub verification_status: Option<Box<str>>,
    /// The date by which the resource is ordered: when it happened, else when it was recorded; as sent.
    pub date: Option<Box<str>>,
    /// Every literal `reference` in the resource, in order of appearance, without repeats.
    pub references: Vec<Box<str>>,
}
