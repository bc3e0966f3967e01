//! What things are called: the type that a reference names, the names of an element's place.

use crate::document::Node;
use crate::version::FhirVersion;

/// The type of resource that a reference names: `Patient/1`, `http://server/fhir/Patient/1/_history/2`.
pub(super) fn type_in(reference: &str, version: FhirVersion) -> Option<&str> {
    let reference = reference
        .split_once("/_history/")
        .map_or(reference, |(before, _)| before);
    let reference = reference.split_once('?').map_or(reference, |(before, _)| before);
    let (before, id) = reference.rsplit_once('/')?;
    let name = before.rsplit('/').next()?;
    let is_resource = crate::element_table::Table::of(version)
        .named(name)
        .is_some_and(|found| found.resource);
    (is_resource && !id.is_empty()).then_some(name)
}

/// The names that an extension's definition may know an element by: its path from each type around it, and its types.
/// A choice goes by three names: `value`, `value[x]` and `valueQuantity`.
pub(super) fn names(node: Node<'_>) -> Vec<String> {
    let mut names = Vec::new();
    let mut suffixes = vec![String::new()];
    let mut at = node;
    for _ in 0..MAX_LEVELS {
        let name = at.fhir_type();
        if !name.is_empty() {
            let bases = BASES
                .iter()
                .copied()
                .filter(|base| *base != name && at.is_a(base));
            for name in std::iter::once(name).chain(bases) {
                names.extend(suffixes.iter().map(|suffix| format!("{name}{suffix}")));
            }
        }
        if at.is_resource() {
            break;
        }
        let mut own = vec![at.stem(), at.element(), at.name()];
        own.dedup();
        let longer = own
            .iter()
            .flat_map(|own| suffixes.iter().map(move |suffix| format!(".{own}{suffix}")));
        suffixes = longer.take(MAX_NAMES).collect();
        match at.parent() {
            Some(parent) => at = parent,
            None => break,
        }
    }
    names
}

/// Types that others are based on, by which a context may name an element.
const BASES: [&str; 5] = [
    "Resource",
    "DomainResource",
    "Element",
    "BackboneElement",
    "Quantity",
];

/// No context that is published names more levels.
const MAX_LEVELS: usize = 12;

/// A choice within a choice within a choice has 27 names; none that is published has more.
const MAX_NAMES: usize = 27;

/// Whether a type of resource is known by a canonical url.
pub(in crate::validate) fn is_canonical(name: &str) -> bool {
    CANONICAL.contains(&name)
}

/// Types of R4 and STU3 that have a canonical url.
const CANONICAL: [&str; 30] = [
    "ActivityDefinition",
    "CapabilityStatement",
    "ChargeItemDefinition",
    "CodeSystem",
    "CompartmentDefinition",
    "ConceptMap",
    "DataElement",
    "EffectEvidenceSynthesis",
    "EventDefinition",
    "Evidence",
    "EvidenceVariable",
    "ExampleScenario",
    "GraphDefinition",
    "ImplementationGuide",
    "Library",
    "Measure",
    "MessageDefinition",
    "NamingSystem",
    "OperationDefinition",
    "PlanDefinition",
    "Questionnaire",
    "ResearchDefinition",
    "ResearchElementDefinition",
    "RiskEvidenceSynthesis",
    "SearchParameter",
    "StructureDefinition",
    "StructureMap",
    "TerminologyCapabilities",
    "TestScript",
    "ValueSet",
];
