//! Choices of types that a differential constrains under the name of one type: `valueQuantity` for `value[x]`.

use crate::definition::{Slicing, SlicingRules};
use crate::snapshot::SnapshotError;
use crate::snapshot::merge::{Merger, find_slice};
use crate::snapshot::overlay::{has_type, implied_slicing, narrow};
use crate::snapshot::tree::Node;
use crate::version::FhirVersion;

/// The choices of an element that a differential constrains under the names of their types.
pub(super) struct Choices<'d> {
    /// Place among the children, name in the differential, and the part of the name that is the type.
    named: Vec<(usize, &'d str, &'d str)>,
}

impl<'d> Choices<'d> {
    pub(super) fn of(base: &Node, diff: &'d Node) -> Self {
        let named = diff.children.iter().filter_map(|child| {
            if base.children.iter().any(|other| other.name == child.name) {
                return None;
            }
            base.children.iter().enumerate().find_map(|(at, choice)| {
                let suffix = named_type(choice, &child.name)?;
                Some((at, &*child.name, suffix))
            })
        });
        Choices {
            named: named.collect(),
        }
    }

    /// Where the choice of this name is, with all types that are named for it.
    pub(super) fn find(&self, name: &str) -> Option<(usize, Vec<&'d str>)> {
        let (at, ..) = self.named.iter().find(|(_, named, _)| *named == name)?;
        let same = self.named.iter().filter(|(other, ..)| other == at);
        Some((*at, same.map(|(.., suffix)| *suffix).collect()))
    }
}

/// The part of a name that is one of the types of a choice: `Quantity` of `valueQuantity`.
pub(super) fn named_type<'n>(choice: &Node, name: &'n str) -> Option<&'n str> {
    let suffix = name.strip_prefix(choice.name.strip_suffix("[x]")?)?;
    has_type(&choice.element, suffix).then_some(suffix)
}

impl Merger<'_, '_> {
    /// Merges into a choice what is said of it under the name of one type.
    ///
    /// R4 means a slice of the choice, which then has only the types that are named so; STU3 means the choice itself,
    /// when one type is named.
    pub(super) fn merge_named(
        &mut self,
        base: &mut Node,
        entry: &Node,
        diff: &Node,
        suffixes: &[&str],
    ) -> Result<(), SnapshotError> {
        if diff.element.path.is_empty() && diff.children.is_empty() {
            return Ok(());
        }
        if let Some(slice) = find_slice(base, &entry.name) {
            return self.merge(slice, diff);
        }
        if let (FhirVersion::Stu3, [suffix], None) =
            (self.definition.fhir_version, suffixes, &base.element.slicing)
        {
            return self.narrow_in_place(base, diff, suffix);
        }
        if base.element.slicing.is_none() {
            narrow(&mut base.element, suffixes);
            base.element.slicing = Some(Slicing {
                rules: SlicingRules::Closed,
                ..implied_slicing(&base.name)
            });
        }
        self.add_slice(base, &entry.name, diff)
    }

    /// Makes a choice into one of its types.
    pub(super) fn narrow_in_place(
        &mut self,
        base: &mut Node,
        diff: &Node,
        suffix: &str,
    ) -> Result<(), SnapshotError> {
        narrow(&mut base.element, &[suffix]);
        if diff.label.is_some() {
            base.label.clone_from(&diff.label);
        }
        self.merge(base, diff)
    }
}
