//! What became of a category, put together from all that was asked for it. Pure.
//!
//! The worst part decides: a category is answered only when everything that was asked for it was.

use std::collections::BTreeMap;

use jiff::Timestamp;
use samenhang_terminology::{Category, Status};

use super::event::Detail;

/// How one part of a category ended; later variants weigh more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// The endpoint does not offer it.
    Unsupported,
    /// Everything was received.
    Complete(Option<Detail>),
    /// The holder refused.
    Refused(Detail),
    /// The deadline passed.
    TimedOut(Detail),
    /// It failed.
    Failed(Detail),
}

/// What is found for one category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) end: End,
    pub(super) count: usize,
    pub(super) retrieved: Option<Timestamp>,
}

impl Finding {
    pub(super) fn new(end: End) -> Self {
        Finding {
            end,
            count: 0,
            retrieved: None,
        }
    }
}

/// The findings of a holder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Findings(BTreeMap<Category, Finding>);

/// A row of the completeness statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) category: Category,
    pub(super) status: Status,
    pub(super) count: usize,
    pub(super) retrieved: Option<Timestamp>,
    pub(super) detail: Option<Detail>,
}

impl Findings {
    /// Adds a part.
    pub(super) fn add(&mut self, category: Category, part: Finding) {
        self.0
            .entry(category)
            .and_modify(|whole| {
                whole.end = whole.end.max(part.end);
                whole.count += part.count;
                whole.retrieved = whole.retrieved.max(part.retrieved);
            })
            .or_insert(part);
    }

    /// Adds the same end for several categories.
    pub(super) fn add_all(&mut self, categories: impl IntoIterator<Item = Category>, end: End) {
        for category in categories {
            self.add(category, Finding::new(end));
        }
    }

    /// Adds the findings of another endpoint.
    pub(super) fn merge(&mut self, other: Findings) {
        for (category, part) in other.0 {
            self.add(category, part);
        }
    }

    /// Whether anything is found for a category.
    pub(super) fn has(&self, category: Category) -> bool {
        self.0.contains_key(&category)
    }

    /// The row of a category. A category about which nothing was found is a fault of ours, and never complete.
    pub(super) fn row(&self, category: Category) -> Row {
        let finding = self
            .0
            .get(&category)
            .copied()
            .unwrap_or(Finding::new(End::Failed(Detail::Internal)));
        let (status, detail) = match finding.end {
            End::Unsupported => (Status::Unsupported, Some(Detail::NotOffered)),
            End::Complete(detail) if finding.count > 0 => (Status::Answered, detail),
            // An empty row has no detail: it must not tell why it is empty.
            End::Complete(_) => return Row::empty(category),
            End::Refused(detail) => (Status::Refused, Some(detail)),
            End::TimedOut(detail) => (Status::TimedOut, Some(detail)),
            End::Failed(detail) => (Status::Failed, Some(detail)),
        };
        Row {
            category,
            status,
            count: finding.count,
            retrieved: finding.retrieved,
            detail,
        }
    }
}

impl Row {
    /// Nothing to show, whatever the reason.
    pub(super) fn empty(category: Category) -> Self {
        Row {
            category,
            status: Status::Empty,
            count: 0,
            retrieved: None,
            detail: None,
        }
    }

    /// A row that says what became of a category that was not asked.
    pub(super) fn unasked(category: Category, status: Status, detail: Detail) -> Self {
        Row {
            category,
            status,
            count: 0,
            retrieved: None,
            detail: Some(detail),
        }
    }
}

#[cfg(test)]
mod tests {
    use samenhang_terminology::{Category, Status};

    use super::{Detail, End, Finding, Findings};

    fn status(parts: &[(End, usize)]) -> (Status, Option<Detail>) {
        let mut findings = Findings::default();
        for (end, count) in parts {
            findings.add(
                Category::Condition,
                Finding {
                    count: *count,
                    ..Finding::new(*end)
                },
            );
        }
        let row = findings.row(Category::Condition);
        (row.status, row.detail)
    }

    #[test]
    fn p3_the_worst_part_decides() {
        let complete = End::Complete(None);
        let cases = [
            (vec![(complete, 2)], (Status::Answered, None)),
            (vec![(complete, 0)], (Status::Empty, None)),
            (
                vec![(End::Complete(Some(Detail::IdentityWarning)), 0)],
                (Status::Empty, None),
            ),
            (
                vec![(End::Unsupported, 0)],
                (Status::Unsupported, Some(Detail::NotOffered)),
            ),
            (
                vec![(End::Unsupported, 0), (complete, 1)],
                (Status::Answered, None),
            ),
            (
                vec![(complete, 1), (End::TimedOut(Detail::Deadline), 3)],
                (Status::TimedOut, Some(Detail::Deadline)),
            ),
            (
                vec![
                    (End::Failed(Detail::SourceError), 0),
                    (End::Refused(Detail::AccessRefused), 0),
                ],
                (Status::Failed, Some(Detail::SourceError)),
            ),
            (vec![], (Status::Failed, Some(Detail::Internal))),
        ];
        for (parts, expected) in cases {
            assert_eq!(status(&parts), expected, "{parts:?}");
        }
    }
}
