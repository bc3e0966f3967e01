//! `_include` and `_revinclude`: what comes along with the matches.

use std::collections::{BTreeMap, BTreeSet};

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
}

/// What comes along with what, for the includes of one search. Found once; a page then only follows it.
pub(super) struct Links {
    steps: Vec<Step>,
}

/// One include: by what it comes from, what comes along.
struct Step {
    is_reverse: bool,
    iterates: bool,
    along: BTreeMap<usize, Vec<usize>>,
}

impl Step {
    fn of(include: &Include, shelf: &Shelf<'_>) -> Step {
        let mut along: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for index in 0..shelf.len() {
            for target in include.targets(shelf, index) {
                let (from, to) = if include.is_reverse {
                    (target, index)
                } else {
                    (index, target)
                };
                along.entry(from).or_default().push(to);
            }
        }
        Step {
            is_reverse: include.is_reverse,
            iterates: include.iterates,
            along,
        }
    }

    fn follow<'a>(&'a self, from: &'a BTreeSet<usize>) -> impl Iterator<Item = usize> + 'a {
        let found = from.iter().filter_map(|index| self.along.get(index));
        found.flatten().copied()
    }
}

impl Links {
    /// Finds what the resources of an answer refer to by some includes.
    pub(super) fn new(shelf: &Shelf<'_>, includes: &[Include]) -> Links {
        Links {
            steps: includes.iter().map(|include| Step::of(include, shelf)).collect(),
        }
    }

    /// What comes along with matches. `meant` are the matches and the copies that they stand for: what points at a copy
    /// points at the record. A match that another refers to comes along as well.
    pub(super) fn follow(&self, matches: &BTreeSet<usize>, meant: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut found: BTreeSet<usize> = BTreeSet::new();
        for step in &self.steps {
            found.extend(step.follow(if step.is_reverse { meant } else { matches }));
        }
        for _ in 0..MOST_ROUNDS {
            let from: BTreeSet<usize> = found.union(meant).copied().collect();
            let before = found.len();
            for step in self.steps.iter().filter(|step| step.iterates) {
                found.extend(step.follow(&from));
            }
            if found.len() == before {
                break;
            }
        }
        found
    }

    /// Bytes that they take, nearly.
    pub(super) fn bytes(&self) -> usize {
        let all = self.steps.iter().flat_map(|step| step.along.values());
        all.map(|along| 64 + 8 * along.len()).sum()
    }
}
