//! Chooses what of packages goes into a pack.

use std::sync::Arc;

use crate::definition::{DefinitionSet, ElementDefinition, Kind, StructureDefinition};
use crate::package::Package;
use crate::raw::ReadError;

/// The definitions of packages for a pack: all but logical models, which have no instances. A profile is given by its
/// differential where it has one, a type by its snapshot.
///
/// # Errors
/// [`ReadError`] when a definition cannot be read.
pub fn select(packages: &[Package]) -> Result<Vec<StructureDefinition>, ReadError> {
    let mut chosen = Vec::new();
    for package in packages {
        let mut set = DefinitionSet::new(package.fhir_version());
        if let Some((_, error)) = package.add_definitions(&mut set).into_iter().next() {
            return Err(error);
        }
        let own = set.definitions().map(|definition| definition.into_owned());
        chosen.extend(own.filter(|definition| definition.kind != Kind::Logical));
    }
    chosen.iter_mut().for_each(reduce);
    Ok(chosen)
}

/// Leaves what is needed, in the form that a pack gives back.
pub(super) fn reduce(definition: &mut StructureDefinition) {
    if !definition.is_profile() {
        definition.differential.clear();
    } else if !definition.differential.is_empty() {
        definition.snapshot = None;
    }
    let elements = definition.snapshot.iter_mut().flatten();
    for element in elements.chain(&mut definition.differential) {
        without_prose(element);
    }
}

/// Takes the texts of invariants away, and the concepts of releases that no profile of today speaks of.
fn without_prose(element: &mut ElementDefinition) {
    for constraint in &mut element.constraints {
        if constraint.human.is_some() {
            Arc::make_mut(constraint).human = None;
        }
    }
    element
        .concepts
        .retain(|concept| concept.zib.contains("2017") || concept.zib.contains("2020"));
    let values = [&mut element.fixed, &mut element.pattern];
    for value in values.into_iter().flatten() {
        value.value.remove_all("display");
    }
}
