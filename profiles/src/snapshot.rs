//! Snapshots: a profile and all that it is based on, put together.
//!
//! The differential is merged into the snapshot of the base by element id, never by path, so that each slice keeps
//! its own constraints. What the differential goes deeper into is unfolded on demand: the children of a data type,
//! of a profile on it, or of the element that a content reference points at. A base or type that is missing is an
//! error; there is no such thing here as a profile without its base.
//!
//! A choice that is narrowed by its name (STU3: `Observation.valueQuantity`) stays one element: its id is
//! `Observation.value[x]:valueQuantity`, as publishers write it, and it has no slice name, since it is no slice.

mod choice;
mod merge;
mod overlay;
#[cfg(test)]
mod tests;
mod tree;
mod unfold;

use std::sync::Arc;

use crate::definition::{ElementDefinition, LibraryError, StructureDefinition};
use crate::pack::PackError;
use crate::snapshot::merge::Merger;
use crate::snapshot::tree::Node;
use crate::version::FhirVersion;

/// Most elements of one snapshot or differential. The largest Dutch profile has fewer than a thousand.
pub const MAX_ELEMENTS: usize = 10_000;

/// Most levels of an element id.
pub const MAX_LEVELS: usize = 32;

/// Why a snapshot cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The definition has no snapshot, and nothing to make one from.
    #[error("it has neither a snapshot nor a base to make one from")]
    NoBase,
    /// The base cannot be used.
    #[error("its base cannot be used ({0})")]
    Base(Box<LibraryError>),
    /// A type or a profile on one, which the differential goes into, cannot be used.
    #[error("the type of {id} cannot be used ({reason})")]
    Type {
        /// Id of the element.
        id: String,
        /// Why not.
        reason: Box<LibraryError>,
    },
    /// The differential has an element that the base does not have.
    #[error("its base has no element {id}")]
    UnknownElement {
        /// Id of the element.
        id: String,
    },
    /// The definition needs its own snapshot to make its snapshot.
    #[error("it depends on itself")]
    Circular,
    /// The definition is in a pack that cannot be read.
    #[error(transparent)]
    Pack(PackError),
    /// A limit was passed.
    #[error("more than {limit} {what}")]
    Limit {
        /// Name of the limit.
        what: &'static str,
        /// Its value.
        limit: usize,
    },
}

/// Finds a definition with its snapshot, by canonical URL.
pub type Lookup<'a> = dyn FnMut(&str) -> Result<Arc<StructureDefinition>, LibraryError> + 'a;

/// Makes the snapshot of a definition from its differential and its base.
///
/// # Errors
/// [`SnapshotError`] when the base or a type is missing, the differential does not fit, or a limit is passed.
pub fn generate(
    definition: &StructureDefinition,
    lookup: &mut Lookup<'_>,
) -> Result<Vec<ElementDefinition>, SnapshotError> {
    let url = definition.base.as_deref().ok_or(SnapshotError::NoBase)?;
    let base = lookup(url).map_err(|error| SnapshotError::Base(Box::new(error)))?;
    let elements = base.snapshot.as_deref().ok_or(SnapshotError::NoBase)?;
    let mut tree = Node::of_snapshot(elements)?;
    let differential = Node::of(&definition.differential)?;
    if !definition.is_profile() {
        tree.name.clone_from(&definition.type_name);
    }
    let original = tree.clone();
    let mut merger = Merger::new(definition, &original, lookup);
    merger.merge(&mut tree, &differential)?;
    if definition.is_profile() && definition.type_name == "Extension" {
        overlay::fix_url(&mut tree, &definition.url);
    }
    Ok(tree.flatten())
}

/// Gives a snapshot as it was published the form that a generated one has.
///
/// A choice that is narrowed by its name is one element under the id of the choice. And an extension of HL7's own for
/// STU3 that has a value has no extensions: the definitions that are at hand as JSON lost that `max` of 0 (every
/// snapshot that was generated from the original ones has it), and ext-1 forbids both together anyway. An invariant
/// without source is the definition's own.
///
/// # Errors
/// [`SnapshotError`] when its ids fit no tree, or a limit is passed.
pub fn settle(
    definition: &StructureDefinition,
    elements: &[ElementDefinition],
) -> Result<Vec<ElementDefinition>, SnapshotError> {
    let mut tree = Node::of_snapshot(elements)?;
    overlay::tell_sources(&mut tree, &definition.url);
    if definition.fhir_version == FhirVersion::Stu3
        && definition.is_profile()
        && definition.type_name == "Extension"
        && definition.url.starts_with("http://hl7.org/fhir/")
    {
        overlay::close_simple_extensions(&mut tree);
    }
    Ok(tree.flatten())
}
