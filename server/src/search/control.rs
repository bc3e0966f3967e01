//! How the matches are given: in which order, how many at a time, only how many there are, or with every copy (`_sort`,
//! `_count`, `_summary`; FHIR search, sections on sorting, page count and summary; `_reconciled`, which is ours).
//!
//! What cannot be done is refused whatever `Prefer` says: who asks for the latest first and gets another order, or for a
//! summary and gets everything, would not see it.

use std::cmp::Ordering;
use std::num::NonZeroUsize;

use samenhang_profiles::FhirVersion;
use samenhang_profiles::document::Node;

use super::moment::{Moments, span};
use super::parameter::{self, Kind, Parameter};
use super::query::Fault;
use super::shelf::Shelf;
use super::value::elements;

/// Keys of one order, at most.
const MOST_KEYS: usize = 8;

/// One key of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    parameter: &'static Parameter,
    is_descending: bool,
}

/// How the matches are given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Control {
    /// By what they are ordered, the first key first; without a key in the order of the answer.
    pub sort: Vec<Key>,
    /// Matches of one page; all of them when absent.
    pub count: Option<NonZeroUsize>,
    /// Whether only their number is given.
    pub total_only: bool,
    /// Whether copies that another stands for are shown too.
    pub shows_copies: bool,
    is_reconciled: bool,
    is_counted: bool,
    is_summarised: bool,
}

/// What the matches of a type can be ordered by: its dates and its id.
pub(super) fn sortable(version: FhirVersion, kind: &str) -> impl Iterator<Item = &'static Parameter> {
    parameter::of_kind(version, kind)
        .filter(|parameter| parameter.kind == Kind::Date || parameter.name == "_id")
}

impl Control {
    /// Takes a parameter of a search for `kind`; `None` when it is none of these.
    pub(super) fn take(
        &mut self,
        version: FhirVersion,
        kind: &str,
        (name, value): (&str, &str),
    ) -> Option<Result<(), Fault>> {
        Some(match name {
            "_sort" => self.take_sort(version, kind, value),
            "_count" => self.take_count(value),
            "_summary" => self.take_summary(value),
            "_reconciled" => self.take_reconciled(value),
            "_elements" => Err(Fault::hint(
                "Laat _elements weg: gegevens worden in hun geheel gegeven, zoals de bron ze stuurde.",
                "Leave _elements out: resources are given whole, as their holder sent them.",
            )),
            _ => return None,
        })
    }

    fn take_sort(&mut self, version: FhirVersion, kind: &str, value: &str) -> Result<(), Fault> {
        for name in value.split(',') {
            let (name, is_descending) = match name.strip_prefix('-') {
                Some(name) => (name, true),
                None => (name, false),
            };
            let parameter = sortable(version, kind).find(|parameter| parameter.name == name);
            let Some(parameter) = parameter.filter(|_| self.sort.len() < MOST_KEYS) else {
                let names: Vec<&str> = sortable(version, kind).map(|parameter| parameter.name).collect();
                let names = names.join(", ");
                return Err(Fault::hint(
                    format!("Sorteer met ten hoogste {MOST_KEYS} van: {names}; met - ervoor aflopend."),
                    format!("Sort by at most {MOST_KEYS} of: {names}; with - before it in descending order."),
                ));
            };
            self.sort.push(Key {
                parameter,
                is_descending,
            });
        }
        Ok(())
    }

    /// `0` asks for the number only (FHIR, as `_summary=count`). A number that no answer reaches is as good as none.
    fn take_count(&mut self, value: &str) -> Result<(), Fault> {
        let is_number =
            !value.is_empty() && value.len() <= 20 && value.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || self.is_counted {
            return Err(Fault::hint(
                "Geef _count een keer, als getal van nul of meer.",
                "Give _count once, as a number of zero or more.",
            ));
        }
        self.is_counted = true;
        self.count = NonZeroUsize::new(value.parse().unwrap_or(usize::MAX));
        self.total_only |= self.count.is_none();
        Ok(())
    }

    fn take_summary(&mut self, value: &str) -> Result<(), Fault> {
        if self.is_summarised || !matches!(value, "count" | "false") {
            return Err(Fault::hint(
                "Gebruik _summary=count of laat _summary weg: gegevens worden in hun geheel gegeven.",
                "Use _summary=count or leave _summary out: resources are given whole.",
            ));
        }
        self.is_summarised = true;
        self.total_only |= value == "count";
        Ok(())
    }

    /// `false` shows every record, also those that another stands for (reconciliation notes, section 2.5).
    fn take_reconciled(&mut self, value: &str) -> Result<(), Fault> {
        if self.is_reconciled || !matches!(value, "true" | "false") {
            return Err(Fault::hint(
                "Gebruik _reconciled=true, of false om ook de kopieën te zien waar een ander gegeven voor staat.",
                "Use _reconciled=true, or false to see the copies too that another record stands for.",
            ));
        }
        self.is_reconciled = true;
        self.shows_copies = value == "false";
        Ok(())
    }

    /// Puts matches in order. What has no value for a key comes last, and what has the same stays in the order of the
    /// answer, so that the same answer gives the same order.
    pub(super) fn arrange(&self, shelf: &Shelf<'_>, matches: &mut [usize]) {
        if self.sort.is_empty() {
            return;
        }
        matches.sort_by_cached_key(|&index| {
            let root = shelf.root(index);
            let keys = self.sort.iter();
            keys.map(|key| Rank(root.and_then(|root| key.value(root)), key.is_descending))
                .collect::<Vec<_>>()
        });
    }
}

impl Key {
    /// The value that a resource is ordered by: of several dates the earliest, or the latest when the order descends.
    fn value(&self, root: Node<'_>) -> Option<Value> {
        let nodes = elements(root, self.parameter.paths).into_iter();
        if self.parameter.kind == Kind::Date {
            let spans = nodes.filter_map(span);
            let found = if self.is_descending {
                spans.max()
            } else {
                spans.min()
            };
            return found.map(Value::Moments);
        }
        let mut texts = nodes.filter_map(Node::primitive);
        texts.next().map(|text| Value::Text(text.into()))
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Moments(Moments),
    Text(Box<str>),
}

/// A value in its order.
#[derive(PartialEq, Eq)]
struct Rank(Option<Value>, bool);

impl Ord for Rank {
    fn cmp(&self, other: &Rank) -> Ordering {
        match (&self.0, &other.0) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(one), Some(other)) if self.1 => other.cmp(one),
            (Some(one), Some(other)) => one.cmp(other),
        }
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Rank) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests;
