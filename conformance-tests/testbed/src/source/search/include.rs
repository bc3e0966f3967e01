//! `_include` and `_revinclude`: resources that come along with the matches.
//!
//! An include without `:iterate` looks at the matches only. Follows references inside the store, nowhere else.

use std::collections::BTreeSet;

use samenhang_profiles::FhirVersion;

use super::super::store::{Index, Store};
use super::parameters::{self, Kind};
use super::{SearchError, elements};

/// Rounds of `:iterate`.
const MAX_ROUNDS: usize = 8;

/// One `_include` or `_revinclude`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    kind: String,
    /// `None` is `*`: every reference parameter.
    name: Option<String>,
    target: Option<String>,
    reverse: bool,
    again: bool,
}

impl Include {
    pub(super) fn read(
        version: FhirVersion,
        value: &str,
        reverse: bool,
        again: bool,
    ) -> Result<Include, SearchError> {
        let name = if reverse { "_revinclude" } else { "_include" };
        let mut parts = value.split(':');
        let (Some(kind), Some(parameter)) = (parts.next(), parts.next()) else {
            return Err(SearchError::Value {
                name: name.to_owned(),
            });
        };
        let known = parameter == "*"
            || parameters::find(version, kind, parameter).is_some_and(|known| known.kind == Kind::Reference);
        if !known {
            return Err(SearchError::Unknown {
                kind: kind.to_owned(),
                name: format!("{name}={parameter}"),
            });
        }
        Ok(Include {
            kind: kind.to_owned(),
            name: (parameter != "*").then(|| parameter.to_owned()),
            target: parts.next().map(str::to_owned),
            reverse,
            again,
        })
    }

    /// Places that the resource at `index` refers to by this include.
    fn targets(&self, version: FhirVersion, store: &Store, index: Index) -> Vec<Index> {
        let Some(resource) = store.get(index).filter(|resource| resource.kind() == self.kind) else {
            return Vec::new();
        };
        parameters::of_kind(version, &self.kind)
            .into_iter()
            .filter(|parameter| parameter.kind == Kind::Reference)
            .filter(|parameter| self.name.as_deref().is_none_or(|name| name == parameter.name))
            .flat_map(|parameter| elements(resource.json(), parameter))
            .filter_map(|element| store.resolve(element.str("reference")?))
            .filter(|target| {
                let kind = store.get(*target).map(|resource| resource.kind());
                self.target.as_deref().is_none_or(|wanted| kind == Some(wanted))
            })
            .collect()
    }

    fn apply(&self, version: FhirVersion, store: &Store, from: &BTreeSet<Index>) -> BTreeSet<Index> {
        if self.reverse {
            store
                .of_kind(&self.kind)
                .map(|(index, _)| index)
                .filter(|index| {
                    self.targets(version, store, *index)
                        .iter()
                        .any(|target| from.contains(target))
                })
                .collect()
        } else {
            from.iter()
                .flat_map(|index| self.targets(version, store, *index))
                .collect()
        }
    }
}

pub(super) fn gather(
    version: FhirVersion,
    store: &Store,
    includes: &[Include],
    matches: &[Index],
) -> Vec<Index> {
    let matches: BTreeSet<Index> = matches.iter().copied().collect();
    let mut found: BTreeSet<Index> = includes
        .iter()
        .flat_map(|include| include.apply(version, store, &matches))
        .collect();
    for _ in 0..MAX_ROUNDS {
        let from: BTreeSet<Index> = found.union(&matches).copied().collect();
        let more = includes.iter().filter(|include| include.again);
        let more: BTreeSet<Index> = more
            .flat_map(|include| include.apply(version, store, &from))
            .collect();
        if more.is_subset(&from) {
            break;
        }
        found.extend(more);
    }
    found.difference(&matches).copied().collect()
}
