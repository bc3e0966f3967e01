//! Finds definitions by canonical URL, each with its snapshot.

use std::collections::HashMap;
use std::sync::Arc;

use crate::definition::StructureDefinition;
use crate::version::FhirVersion;

/// A canonical URL, taken apart: `url|version`. A fragment (`#...`) is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Canonical<'a> {
    /// The URL.
    pub url: &'a str,
    /// The version that is asked for, possibly only its first parts (`4.0`).
    pub version: Option<&'a str>,
}

impl<'a> Canonical<'a> {
    /// Takes a canonical URL apart; never fails, as any text can be a URL of a definition.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        let text = text.split_once('#').map_or(text, |(text, _)| text);
        match text.split_once('|') {
            Some((url, version)) => Canonical {
                url,
                version: Some(version).filter(|version| !version.is_empty()),
            },
            None => Canonical {
                url: text,
                version: None,
            },
        }
    }

    /// Whether a definition of this version is meant. One without a version fits any.
    #[must_use]
    pub fn accepts(&self, version: Option<&str>) -> bool {
        let (Some(asked), Some(version)) = (self.version, version) else {
            return true;
        };
        version
            .strip_prefix(asked)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// Why there is no definition with a snapshot for a canonical URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// No definition has this URL, or none has this version.
    #[error("no definition of {canonical}")]
    Unknown {
        /// What was asked for.
        canonical: String,
    },
    /// The definition is known, but has no snapshot and none can be made.
    #[error("no snapshot of {canonical}: {reason}")]
    NoSnapshot {
        /// The definition.
        canonical: String,
        /// What is missing or wrong.
        reason: String,
    },
}

impl LibraryError {
    /// The stable code of the error, as in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            LibraryError::Unknown { .. } => "SAM-DEF-001",
            LibraryError::NoSnapshot { .. } => "SAM-DEF-002",
        }
    }
}

/// Definitions of one version of FHIR.
pub trait Library: Send + Sync {
    /// The version of FHIR of everything in it.
    fn fhir_version(&self) -> FhirVersion;

    /// The definition of a canonical URL, possibly with `|version`, with its snapshot present. Without a version
    /// the newest counts.
    ///
    /// # Errors
    /// [`LibraryError`] when it is not known, or its snapshot cannot be made; never a definition without snapshot.
    fn structure(&self, canonical: &str) -> Result<Arc<StructureDefinition>, LibraryError>;

    /// The definition of a type by its name: `Patient`, `HumanName`, `string`.
    ///
    /// # Errors
    /// As [`Library::structure`].
    fn type_named(&self, name: &str) -> Result<Arc<StructureDefinition>, LibraryError> {
        self.structure(&format!("http://hl7.org/fhir/StructureDefinition/{name}"))
    }
}

/// A library over definitions that were read one by one.
pub struct DefinitionSet {
    version: FhirVersion,
    /// Definitions by URL, newest last.
    definitions: HashMap<String, Vec<Arc<StructureDefinition>>>,
}

impl DefinitionSet {
    /// A set without definitions.
    #[must_use]
    pub fn new(version: FhirVersion) -> Self {
        DefinitionSet {
            version,
            definitions: HashMap::new(),
        }
    }

    /// Adds a definition; it replaces one of the same URL and version. Of versions, the one added last is newest.
    pub fn add(&mut self, definition: StructureDefinition) {
        let known = self.definitions.entry(definition.url.clone()).or_default();
        known.retain(|other| other.version != definition.version);
        known.push(Arc::new(definition));
    }
}

impl Library for DefinitionSet {
    fn fhir_version(&self) -> FhirVersion {
        self.version
    }

    fn structure(&self, canonical: &str) -> Result<Arc<StructureDefinition>, LibraryError> {
        let asked = Canonical::of(canonical);
        let found = self
            .definitions
            .get(asked.url)
            .into_iter()
            .flatten()
            .rev()
            .find(|definition| asked.accepts(definition.version.as_deref()))
            .ok_or_else(|| LibraryError::Unknown {
                canonical: canonical.to_owned(),
            })?;
        if found.snapshot.is_none() {
            return Err(LibraryError::NoSnapshot {
                canonical: canonical.to_owned(),
                reason: "it holds only a differential".to_owned(),
            });
        }
        Ok(Arc::clone(found))
    }
}
