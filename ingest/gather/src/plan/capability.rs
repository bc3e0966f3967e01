//! Reads a CapabilityStatement: which types, searches, includes and operations an endpoint offers.
//!
//! Lenient, because these statements are hand-written: a list that is absent means "not said", and then what every
//! server has is assumed. A statement that cannot be read is as good as none. It decides what is asked, never what
//! is accepted.

use std::collections::BTreeMap;

use samenhang_profiles::FhirVersion;

/// Types in one statement beyond which the rest is ignored.
const MAX_TYPES: usize = 400;

/// What an endpoint offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// `fhirVersion`, when it is one that we speak.
    pub version: Option<FhirVersion>,
    /// `fhirVersion` is given, and is none that we speak.
    pub foreign_version: bool,
    types: BTreeMap<String, Offer>,
}

/// What an endpoint offers for one type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    /// `search-type`.
    pub search: bool,
    /// `read`.
    pub read: bool,
    parameters: Option<Vec<String>>,
    includes: Vec<String>,
    rev_includes: Vec<String>,
    operations: Vec<String>,
}

/// Why a statement could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CapabilityError {
    /// Not JSON of the expected shape.
    #[error("the capability statement is not readable")]
    Unreadable,
    /// Some other resource, for example an OperationOutcome with status 200.
    #[error("the resource is not a capability statement")]
    OtherResource,
}

#[derive(serde::Deserialize)]
struct Statement {
    #[serde(rename = "resourceType")]
    resource_type: String,
    #[serde(rename = "fhirVersion")]
    fhir_version: Option<String>,
    #[serde(default)]
    rest: Vec<Rest>,
}

#[derive(serde::Deserialize)]
struct Rest {
    mode: Option<String>,
    #[serde(default)]
    resource: Vec<Resource>,
    /// Operations of the whole server; STU3 has no others.
    #[serde(default)]
    operation: Vec<Named>,
}

#[derive(serde::Deserialize)]
struct Resource {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    interaction: Vec<Interaction>,
    #[serde(rename = "searchParam")]
    search_param: Option<Vec<Named>>,
    #[serde(rename = "searchInclude", default)]
    search_include: Vec<String>,
    #[serde(rename = "searchRevInclude", default)]
    search_rev_include: Vec<String>,
    #[serde(default)]
    operation: Vec<Named>,
}

#[derive(serde::Deserialize)]
struct Interaction {
    code: Option<String>,
}

#[derive(serde::Deserialize)]
struct Named {
    name: Option<String>,
}

impl Capabilities {
    /// Reads a CapabilityStatement in JSON; the caller has bounded its size.
    ///
    /// # Errors
    /// [`CapabilityError`].
    pub fn read(body: &[u8]) -> Result<Self, CapabilityError> {
        let statement: Statement = serde_json::from_slice(body).map_err(|_| CapabilityError::Unreadable)?;
        if statement.resource_type != "CapabilityStatement" {
            return Err(CapabilityError::OtherResource);
        }
        let version = statement.fhir_version.as_deref().and_then(FhirVersion::from_text);
        let mut types = BTreeMap::new();
        let servers = statement
            .rest
            .into_iter()
            .filter(|rest| rest.mode.as_deref() != Some("client"));
        for rest in servers {
            let operations = names(rest.operation);
            for resource in rest.resource.into_iter().take(MAX_TYPES) {
                types.insert(resource.kind.clone(), offer(resource, &operations));
            }
        }
        Ok(Capabilities {
            version,
            foreign_version: statement.fhir_version.is_some() && version.is_none(),
            types,
        })
    }

    /// What is offered for a type; `None` when it is not offered. A statement that lists no type at all says
    /// nothing, so every core type counts as offered: see [`Capabilities::says_nothing`].
    #[must_use]
    pub fn offer(&self, kind: &str) -> Option<&Offer> {
        self.types.get(kind)
    }

    /// Whether it lists no type at all.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        self.types.is_empty()
    }
}

fn names(list: Vec<Named>) -> Vec<String> {
    list.into_iter().filter_map(|named| named.name).collect()
}

fn offer(resource: Resource, server_operations: &[String]) -> Offer {
    let codes: Vec<&str> = resource
        .interaction
        .iter()
        .filter_map(|i| i.code.as_deref())
        .collect();
    let mut operations = names(resource.operation);
    operations.extend_from_slice(server_operations);
    Offer {
        search: codes.is_empty() || codes.contains(&"search-type"),
        read: codes.is_empty() || codes.contains(&"read"),
        parameters: resource.search_param.map(names),
        includes: resource.search_include,
        rev_includes: resource.search_rev_include,
        operations,
    }
}

impl Offer {
    /// Whether a search parameter is offered. No list means "not said": then it is assumed.
    #[must_use]
    pub fn has_parameter(&self, name: &str) -> bool {
        self.parameters
            .as_ref()
            .is_none_or(|parameters| parameters.iter().any(|parameter| parameter == name))
    }

    /// Whether it says at all which search parameters it offers.
    #[must_use]
    pub fn names_parameters(&self) -> bool {
        self.parameters.is_some()
    }

    /// Whether an `_include` is offered; only when it is listed.
    #[must_use]
    pub fn has_include(&self, include: &str) -> bool {
        self.includes
            .iter()
            .any(|listed| listed == include || listed == "*" || listed.replace('.', ":") == include)
    }

    /// Whether a `_revinclude` is offered; only when it is listed.
    #[must_use]
    pub fn has_rev_include(&self, include: &str) -> bool {
        self.rev_includes.iter().any(|listed| listed == include)
    }

    /// Whether an operation is offered, with or without its dollar sign.
    #[must_use]
    pub fn has_operation(&self, name: &str) -> bool {
        self.operations
            .iter()
            .any(|listed| listed.trim_start_matches('$') == name)
    }
}
