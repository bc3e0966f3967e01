//! FHIR versions that sources speak.

/// A FHIR release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FhirVersion {
    /// FHIR STU3, 3.0.2; carries zib2017.
    Stu3,
    /// FHIR R4, 4.0.1; carries zib2020.
    R4,
}

impl FhirVersion {
    /// The `fhirVersion` parameter of the media type: `3.0` or `4.0`.
    #[must_use]
    pub fn media_parameter(self) -> &'static str {
        match self {
            FhirVersion::Stu3 => "3.0",
            FhirVersion::R4 => "4.0",
        }
    }

    /// The full version: `3.0.2` or `4.0.1`.
    #[must_use]
    pub fn full(self) -> &'static str {
        match self {
            FhirVersion::Stu3 => "3.0.2",
            FhirVersion::R4 => "4.0.1",
        }
    }

    /// Reads a CapabilityStatement's `fhirVersion` or a media type parameter by its major number.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        match text.trim().split('.').next()? {
            "3" => Some(FhirVersion::Stu3),
            "4" => Some(FhirVersion::R4),
            _ => None,
        }
    }
}
