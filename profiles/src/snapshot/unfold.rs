//! Gives an element the children that its type has, when a differential goes deeper than its base.

use crate::definition::{ElementDefinition, LibraryError};
use crate::snapshot::SnapshotError;
use crate::snapshot::merge::Merger;
use crate::snapshot::tree::Node;

impl<'m> Merger<'m, '_> {
    /// Gives an element the children of its type, of a profile on it, or of what its content reference points at.
    pub(super) fn unfold(&mut self, node: &mut Node) -> Result<(), SnapshotError> {
        if let Some(id) = node.element.content_reference.take() {
            let target = self.content(&id)?;
            self.add(target.count())?;
            node.children.clone_from(&target.children);
            node.element.types.clone_from(&target.element.types);
            return Ok(());
        }
        let Some(url) = type_to_unfold(&node.element) else {
            return Ok(());
        };
        let failed = |reason: LibraryError| SnapshotError::Type {
            id: node.element.id.clone(),
            reason: Box::new(reason),
        };
        let definition = (self.lookup)(&url).map_err(failed)?;
        let tree = Node::of_snapshot(definition.snapshot.as_deref().unwrap_or_default())?;
        self.add(tree.count())?;
        node.children = tree.children;
        Ok(())
    }

    /// The element of the base that a content reference points at.
    fn content(&self, id: &str) -> Result<&'m Node, SnapshotError> {
        let mut node = self.original;
        for step in id.split('.').skip(1) {
            let (name, label) = step
                .split_once(':')
                .map_or((step, None), |(name, label)| (name, Some(label)));
            node = node
                .children
                .iter()
                .find(|child| child.name == name)
                .and_then(|child| match label {
                    None => Some(child),
                    Some(_) => child.slices.iter().find(|slice| slice.label.as_deref() == label),
                })
                .ok_or_else(|| SnapshotError::UnknownElement { id: id.to_owned() })?;
        }
        Ok(node)
    }
}

/// Canonical URL of the definition whose children the element has; none when its types are not known.
fn type_to_unfold(element: &ElementDefinition) -> Option<String> {
    const HL7: &str = "http://hl7.org/fhir/StructureDefinition/";
    let first = element.types.first()?;
    if element.types.iter().any(|kind| kind.code != first.code) {
        return Some(format!("{HL7}Element"));
    }
    let profiles: Vec<&String> = element.types.iter().flat_map(|kind| &kind.profiles).collect();
    match profiles.as_slice() {
        [profile] => Some((*profile).clone()),
        _ if first.code.contains(':') => Some(first.code.clone()),
        _ => Some(format!("{HL7}{}", first.code)),
    }
}
