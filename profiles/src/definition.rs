//! Structure definitions, profiles and extensions as one model over FHIR STU3 and R4.
//!
//! The model holds what constrains an instance (paths, cardinalities, types, values, bindings, invariants) and the
//! concept ids of the zibs, and no prose. What the two versions write differently is read into one form, so that
//! what builds on it is neutral to the version: see [`StructureDefinition::from_json`]. A [`Library`] answers with a
//! definition that has its snapshot.

mod control;
mod element;
mod library;
mod read;
#[cfg(test)]
mod tests;

pub use control::Controls;
pub use element::{
    Aggregation, Binding, BindingStrength, Concept, Constraint, Discriminator, DiscriminatorKind,
    ElementDefinition, Max, Severity, Slicing, SlicingRules, TypeRef, TypedValue,
};
pub use library::{Canonical, DefinitionSet, Library, LibraryError};

use crate::version::FhirVersion;

/// What a definition defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A primitive data type.
    PrimitiveType,
    /// A data type with children, extensions among them.
    ComplexType,
    /// A resource.
    Resource,
    /// A model that has no instances on the wire.
    Logical,
}

/// How a definition relates to its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Derivation {
    /// A new type.
    Specialization,
    /// A profile on an existing type.
    Constraint,
}

/// How the place is told where an extension may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContextKind {
    /// The path or id of an element, or the name of a type (STU3: `resource` and `datatype`).
    Element,
    /// The canonical URL of the extension in which it stands.
    Extension,
    /// A FHIRPath expression.
    FhirPath,
}

/// A place where an extension may stand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExtensionContext {
    /// How to read the expression.
    pub kind: ContextKind,
    /// The path, canonical URL or FHIRPath expression.
    pub expression: String,
}

/// A `StructureDefinition`, STU3 or R4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StructureDefinition {
    /// Canonical URL, without version.
    pub url: String,
    /// Business version, when it has one; many Dutch profiles have none.
    pub version: Option<String>,
    /// Computable name.
    pub name: String,
    /// Version of FHIR that it is written for.
    pub fhir_version: FhirVersion,
    /// What it defines.
    pub kind: Kind,
    /// Whether no instance can be of it directly.
    pub is_abstract: bool,
    /// Name of the type that is defined or constrained: `Observation`, `Extension`, `Quantity`.
    pub type_name: String,
    /// Canonical URL of the base definition; none only for a root such as `Element`.
    pub base: Option<String>,
    /// How it relates to the base; none only for a root.
    pub derivation: Option<Derivation>,
    /// Where an extension may stand; empty for what is no extension.
    pub context: Vec<ExtensionContext>,
    /// FHIRPath expressions on the element that carries the extension.
    pub context_invariants: Vec<String>,
    /// Canonical URLs of profiles that whatever fits this one has to fit too (extension
    /// `structuredefinition-imposeProfile`). The embedded pack has none.
    pub imposes: Vec<String>,
    /// Every element, root first, in document order; none until it is generated (see [`Library`]).
    pub snapshot: Option<Vec<ElementDefinition>>,
    /// What the definition adds to its base, root first when it is there.
    pub differential: Vec<ElementDefinition>,
}

impl StructureDefinition {
    /// The same definition without snapshot and differential.
    #[must_use]
    pub fn without_elements(&self) -> Self {
        StructureDefinition {
            url: self.url.clone(),
            version: self.version.clone(),
            name: self.name.clone(),
            type_name: self.type_name.clone(),
            base: self.base.clone(),
            context: self.context.clone(),
            context_invariants: self.context_invariants.clone(),
            imposes: self.imposes.clone(),
            snapshot: None,
            differential: Vec::new(),
            ..*self
        }
    }

    /// Whether it is a profile on an existing type, and not a type.
    #[must_use]
    pub fn is_profile(&self) -> bool {
        self.derivation == Some(Derivation::Constraint)
    }

    /// The element of the snapshot with this id.
    #[must_use]
    pub fn element(&self, id: &str) -> Option<&ElementDefinition> {
        self.snapshot.as_ref()?.iter().find(|element| element.id == id)
    }
}
