//! `_include` and `_revinclude`: what comes along with the matches.

use std::collections::BTreeSet;

use samenhang_profiles::FhirVersion;

use super::parameter::{self, Kind, Parameter};
use super::shelf::Shelf;
use super::value::elements;

/// Rounds of an include that iterates.
const MOST_ROUNDS: usize = 8;

/// One `_include` or `_revinclude`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    kind: String,
    /// `None` is `*`: every parameter that is a reference.
    parameter: Option<&'static Parameter>,
    target: Option<String>,
    is_reverse: bool,
    iterates: bool,
}

impl Include {
    /// Reads a value: `Type:parameter` or `Type:parameter:Target`; the parameter may be `*`. `None` when it is not known.
    pub(super) fn read(
        version: FhirVersion,
        value: &str,
        is_reverse: bool,
        iterates: bool,
    ) -> Option<Include> {
        let mut parts = value.split(':');
        let (kind, name) = (parts.next()?, parts.next()?);
        let target = parts.next().map(str::to_owned);
        let parameter = match name {
            "*" => {
                parameter::of_kind(version, kind).find(|parameter| parameter.kind == Kind::Reference)?;
                None
            }
            name => Some(parameter::find(version, kind, name).filter(|found| found.kind == Kind::Reference)?),
        };
        parts.next().is_none().then(|| Include {
            kind: kind.to_owned(),
            parameter,
            target,
            is_reverse,
            iterates,
        })
    }

    /// The types with a category of their own that it brings along.
    pub(super) fn kinds(&self, version: FhirVersion) -> Vec<&str> {
        if self.is_reverse {
            return vec![self.kind.as_str()];
        }
        let all = self
            .parameters(version)
            .flat_map(|parameter| parameter.targets.split_ascii_whitespace());
        all.filter(|kind| self.target.as_deref().is_none_or(|target| target == *kind))
            .collect()
    }

    fn parameters(&self, version: FhirVersion) -> impl Iterator<Item = &'static Parameter> {
        let own = self.parameter;
        parameter::of_kind(version, &self.kind).filter(move |parameter| {
            parameter.kind == Kind::Reference && own.is_none_or(|own| own == *parameter)
        })
    }

    /// What an item refers to by this include.
    fn targets(&self, shelf: &Shelf<'_>, index: usize) -> Vec<usize> {
        let Some(root) = shelf.root(index).filter(|root| root.resource_type() == self.kind) else {
            return Vec::new();
        };
        self.parameters(shelf.version())
            .flat_map(|parameter| elements(root, parameter.paths))
            .filter_map(|node| shelf.resolve(index, node.text("reference")?))
            .filter(|target| {
                let wanted = self.target.as_deref();
                wanted.is_none_or(|wanted| shelf.kind(*target) == Some(wanted))
            })
            .collect()
    }

    fn apply(&self, shelf: &Shelf<'_>, from: &BTreeSet<usize>) -> BTreeSet<usize> {
        if !self.is_reverse {
            return from
                .iter()
                .flat_map(|index| self.targets(shelf, *index))
                .collect();
        }
        let points_there = |index: &usize| {
            self.targets(shelf, *index)
                .iter()
                .any(|target| from.contains(target))
        };
        (0..shelf.len()).filter(points_there).collect()
    }
}

/// What comes along with the matches, without them. `meant` are the matches and the copies that they stand for: what
/// points at a copy points at the record.
pub(super) fn gather(
    shelf: &Shelf<'_>,
    includes: &[Include],
    matches: &BTreeSet<usize>,
    meant: &BTreeSet<usize>,
) -> BTreeSet<usize> {
    let from = |include: &Include| if include.is_reverse { meant } else { matches };
    let mut found: BTreeSet<usize> = includes
        .iter()
        .flat_map(|include| include.apply(shelf, from(include)))
        .collect();
    for _ in 0..MOST_ROUNDS {
        let from: BTreeSet<usize> = found.union(meant).copied().collect();
        let again = includes.iter().filter(|include| include.iterates);
        let more: BTreeSet<usize> = again.flat_map(|include| include.apply(shelf, &from)).collect();
        if more.is_subset(&from) {
            break;
        }
        found.extend(more);
    }
    found.difference(matches).copied().collect()
}
