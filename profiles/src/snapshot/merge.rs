//! Merges the tree of a differential into the tree of a base.

use crate::definition::{Derivation, ElementDefinition, StructureDefinition};
use crate::snapshot::choice::{Choices, named_type};
use crate::snapshot::overlay::{implied_slicing, narrow, overlay, start_slice};
use crate::snapshot::tree::Node;
use crate::snapshot::{Lookup, MAX_ELEMENTS, SnapshotError};
use crate::version::FhirVersion;

/// The making of one snapshot.
pub(super) struct Merger<'m, 'l> {
    pub(super) definition: &'m StructureDefinition,
    /// The base as it was, in which content references are looked up.
    pub(super) original: &'m Node,
    pub(super) lookup: &'m mut Lookup<'l>,
    /// Elements that were added to the base so far.
    added: usize,
}

impl<'m, 'l> Merger<'m, 'l> {
    pub(super) fn new(
        definition: &'m StructureDefinition,
        original: &'m Node,
        lookup: &'m mut Lookup<'l>,
    ) -> Self {
        Merger {
            definition,
            original,
            lookup,
            added: original.count(),
        }
    }

    /// Merges an element and what is below it, but not its slices.
    pub(super) fn merge(&mut self, base: &mut Node, diff: &Node) -> Result<(), SnapshotError> {
        self.take_extension_cardinality(&mut base.element, &diff.element);
        overlay(&mut base.element, &diff.element, &self.definition.url);
        if diff.children.is_empty() {
            return Ok(());
        }
        if base.children.is_empty() {
            self.unfold(base)?;
        }
        let choices = Choices::of(base, diff);
        for child in &diff.children {
            self.merge_child(base, child, &choices)?;
        }
        Ok(())
    }

    /// An extension occurs as often as its own definition says, unless the differential says otherwise. One whose
    /// definition is not at hand is left as it is: who meets it in an instance says that it is unknown.
    fn take_extension_cardinality(&mut self, base: &mut ElementDefinition, diff: &ElementDefinition) {
        let [kind] = diff.types.as_slice() else {
            return;
        };
        let [profile] = kind.profiles.as_slice() else {
            return;
        };
        if kind.code != "Extension" || base.types.iter().any(|kind| kind.profiles.contains(profile)) {
            return;
        }
        if let Ok(extension) = (self.lookup)(profile)
            && let Some(root) = extension.snapshot.as_deref().and_then(<[_]>::first)
        {
            base.min = root.min.or(base.min);
            base.max = root.max.or(base.max).min(base.max);
        }
    }

    /// Merges a child with its slices into the child of `owner` that it constrains.
    fn merge_child(
        &mut self,
        owner: &mut Node,
        diff: &Node,
        choices: &Choices<'_>,
    ) -> Result<(), SnapshotError> {
        if let Some(at) = owner.children.iter().position(|child| child.name == diff.name) {
            return self.merge_entry(&mut owner.children[at], diff);
        }
        if let Some((at, suffixes)) = choices.find(&diff.name) {
            let choice = &mut owner.children[at];
            self.merge_named(choice, diff, diff, &suffixes)?;
            return diff
                .slices
                .iter()
                .try_for_each(|slice| self.merge_named(choice, diff, slice, &suffixes));
        }
        if self.definition.derivation == Some(Derivation::Constraint) {
            return Err(self.unknown(owner, &diff.name));
        }
        let mut new = diff.clone();
        self.add(new.count())?;
        number(&mut new);
        owner.children.push(new);
        Ok(())
    }

    /// Merges an element and its slices.
    fn merge_entry(&mut self, base: &mut Node, diff: &Node) -> Result<(), SnapshotError> {
        self.merge(base, diff)?;
        let mut declared = None;
        for slice in &diff.slices {
            if !slice.element.path.is_empty() {
                declared = slice.label.as_deref();
            } else if let Some(label) = declared
                && find_slice(base, slice.label.as_deref().unwrap_or_default()).is_none()
                && let Some(before) = find_slice(base, label)
            {
                // No one declares this slice: a misspelt id below the slice that was declared last.
                self.merge(before, slice)?;
                continue;
            }
            self.merge_slice(base, diff, slice)?;
        }
        Ok(())
    }

    fn merge_slice(&mut self, base: &mut Node, entry: &Node, diff: &Node) -> Result<(), SnapshotError> {
        let Some(label) = diff.label.as_deref() else {
            return Ok(());
        };
        if let Some(slice) = find_slice(base, label) {
            return self.merge(slice, diff);
        }
        // STU3 narrows a choice that is not sliced by giving the name of one type.
        if self.definition.fhir_version == FhirVersion::Stu3
            && base.element.slicing.is_none()
            && entry.slices.len() == 1
            && let Some(suffix) = named_type(base, label)
        {
            return self.narrow_in_place(base, diff, suffix);
        }
        if base.label.as_deref() == Some(label) && base.element.slice_name.is_none() {
            return self.merge(base, diff);
        }
        self.add_slice(base, label, diff)?;
        if base.element.slicing.is_none() {
            base.element.slicing = Some(implied_slicing(&base.name));
        }
        Ok(())
    }

    /// Makes a new slice of an element, or of the slice whose name comes before the slash.
    pub(super) fn add_slice(
        &mut self,
        base: &mut Node,
        label: &str,
        diff: &Node,
    ) -> Result<(), SnapshotError> {
        let parent = label.rsplit_once('/').and_then(|(parent, _)| {
            base.slices
                .iter()
                .find(|slice| slice.label.as_deref() == Some(parent))
        });
        let mut slice = parent.unwrap_or(base).without_slices();
        self.add(slice.count())?;
        slice.label = Some(label.to_owned());
        start_slice(
            &mut slice.element,
            diff.element.slice_name.as_deref().unwrap_or(label),
        );
        if let Some(suffix) = named_type(base, label) {
            narrow(&mut slice.element, &[suffix]);
        }
        self.merge(&mut slice, diff)?;
        base.slices.push(slice);
        Ok(())
    }

    pub(super) fn add(&mut self, count: usize) -> Result<(), SnapshotError> {
        self.added = self.added.saturating_add(count);
        if self.added > MAX_ELEMENTS {
            return Err(SnapshotError::Limit {
                what: "elements in a snapshot",
                limit: MAX_ELEMENTS,
            });
        }
        Ok(())
    }

    fn unknown(&self, owner: &Node, name: &str) -> SnapshotError {
        let owner = if owner.element.id.is_empty() {
            &owner.name
        } else {
            &owner.element.id
        };
        SnapshotError::UnknownElement {
            id: format!("{owner}.{name}"),
        }
    }
}

pub(super) fn find_slice<'n>(entry: &'n mut Node, label: &str) -> Option<&'n mut Node> {
    entry
        .slices
        .iter_mut()
        .find(|slice| slice.label.as_deref() == Some(label))
}

/// Fills in what an element of a new type leaves open.
fn number(node: &mut Node) {
    node.element.min.get_or_insert(0);
    node.children.iter_mut().for_each(number);
}
