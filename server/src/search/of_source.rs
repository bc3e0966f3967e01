//! A search over what one source has of a patient: in pages, and without copies to tell apart.

use std::collections::BTreeSet;

use samenhang_profiles::Received;

use super::include::Links;
use super::lastn::latest;
use super::query::Search;
use super::shelf::Shelf;

/// A page: places of resources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// What matches.
    pub matches: Vec<usize>,
    /// What comes along with that.
    pub along: Vec<usize>,
    /// Whether more matches.
    pub has_more: bool,
}

/// Selects at most `most` of what matches and comes after the id `after`, and what comes along. The resources are in order
/// of type and id, and all of one endpoint.
#[must_use]
pub fn page(search: &Search, items: &[Received], after: Option<&str>, most: usize) -> Page {
    let shelf = Shelf::new(search.version, items);
    let fits = |index: &usize| {
        let root = shelf
            .root(*index)
            .filter(|root| root.resource_type() == search.kind);
        root.is_some_and(|root| search.clauses.iter().all(|clause| clause.fits(root)))
    };
    let mut matches: Vec<usize> = (0..shelf.len()).filter(fits).collect();
    if let Some(most) = search.latest {
        matches = latest(&shelf, &matches, most);
    }
    let is_after = |index: &usize| {
        let id = items.get(*index).and_then(|item| item.resource.id());
        after.is_none_or(|after| id.is_some_and(|id| id > after))
    };
    matches.retain(is_after);
    let has_more = matches.len() > most;
    matches.truncate(most);
    let own: BTreeSet<usize> = matches.iter().copied().collect();
    let along = Links::new(&shelf, &search.includes).follow(&own, &own);
    Page {
        matches,
        along: along.difference(&own).copied().collect(),
        has_more,
    }
}
