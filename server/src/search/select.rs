//! What of an answer a search shows: the matches, and what comes along with them.
//!
//! Of resources that are copies of one record, or agree under one identifier, the one that stands for the others is
//! shown; where they contradict each other all are. A search sees some categories only, so that not every reference can
//! be followed to tell copies: what is the same to the byte under an id that nobody makes twice is shown once as well.
//! What is left out is told beside the one that is shown.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use samenhang_reconcile::Reconciled;
use samenhang_reconcile::cluster::{Agreement, Cluster, Relation};

use super::include::Links;
use super::lastn::latest;
use super::query::Search;
use super::shelf::Shelf;

/// Characters of an id that is not made twice: a UUID has 36, a counter has few.
const LONG_ID: usize = 16;

/// Places of resources in a reconciled answer.
pub(crate) struct Selection {
    /// What matches, in the order in which it is given.
    pub(super) matches: Vec<usize>,
    /// By what is left out of the matches or of what comes along, what stands for it.
    standing: BTreeMap<usize, usize>,
    links: Links,
}

impl Selection {
    /// What comes along with some of the matches, in the order of the answer; a match that another refers to as well.
    ///
    /// What a match refers to is at its own endpoint, so that the reference leads there; a copy of it is left out when
    /// nothing that is shown refers to it any more but by another copy.
    pub(super) fn along(&self, matches: &[usize]) -> Vec<usize> {
        let own: BTreeSet<usize> = matches.iter().copied().collect();
        let copies = self.standing.iter().filter(|(_, other)| own.contains(other));
        let meant: BTreeSet<usize> = own
            .iter()
            .chain(copies.map(|(index, _)| index))
            .copied()
            .collect();
        let found = self.links.follow(&own, &meant);
        let is_shown = |index: &usize| {
            let other = self.standing.get(index);
            other.is_none_or(|other| !found.contains(other) && !own.contains(other))
        };
        found.iter().copied().filter(is_shown).collect()
    }

    /// Everything that can be on a page of the matches.
    pub(super) fn reach(&self) -> BTreeSet<usize> {
        let own: BTreeSet<usize> = self.matches.iter().copied().collect();
        let copies = self.standing.iter().filter(|(_, other)| own.contains(other));
        let meant = own
            .iter()
            .chain(copies.map(|(index, _)| index))
            .copied()
            .collect();
        let mut all = self.links.follow(&own, &meant);
        all.extend(own);
        all
    }

    /// What is left out because another that is shown stands for it: by the one that is shown.
    pub(super) fn stood_for(&self, shown: &BTreeSet<usize>) -> BTreeMap<usize, Vec<usize>> {
        let mut stood_for: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, other) in &self.standing {
            if shown.contains(other) && !shown.contains(index) {
                stood_for.entry(*other).or_default().push(*index);
            }
        }
        stood_for
    }

    /// Bytes that it takes, nearly.
    pub(super) fn bytes(&self) -> usize {
        8 * self.matches.len() + 16 * self.standing.len() + self.links.bytes()
    }
}

/// Selects from an answer.
pub(super) fn select(search: &Search, shelf: &Shelf<'_>, reconciled: &Reconciled) -> Selection {
    let mut standing: BTreeMap<usize, usize> = BTreeMap::new();
    if !search.control.shows_copies {
        standing.extend(reconciled.clusters().iter().flat_map(stands));
        copies(shelf, reconciled, &mut standing);
    }
    let fits = |index: &usize| {
        let root = shelf
            .root(*index)
            .filter(|root| root.resource_type() == search.kind);
        root.is_some_and(|root| search.clauses.iter().all(|clause| clause.fits(root)))
    };
    let fitting: BTreeSet<usize> = (0..shelf.len()).filter(fits).collect();
    // A copy that fits when the one that stands for it does not is shown itself.
    let shown = |index: &usize| standing.get(index).is_none_or(|other| !fitting.contains(other));
    let mut matches: Vec<usize> = fitting.iter().copied().filter(shown).collect();
    if let Some(most) = search.latest {
        matches = latest(shelf, &matches, most);
    }
    search.control.arrange(shelf, &mut matches);
    Selection {
        matches,
        standing,
        links: Links::new(shelf, &search.includes),
    }
}

/// Adds the resources that are the same to the byte as an earlier one, under an id that nobody makes twice.
fn copies(shelf: &Shelf<'_>, reconciled: &Reconciled, standing: &mut BTreeMap<usize, usize>) {
    let mut first: HashMap<&[u8], usize> = HashMap::new();
    for index in 0..shelf.len() {
        let Some(item) = shelf.item(index) else { continue };
        if item.resource.id().is_none_or(|id| id.len() < LONG_ID) {
            continue;
        }
        let own = standing.get(&index).copied().unwrap_or(index);
        let other = *first.entry(item.resource.body()).or_insert(own);
        // A person may know better.
        let is_apart = reconciled.are_unlinked(index, other);
        if other != index && !is_apart && !standing.contains_key(&index) {
            // What this one stood for, the other stands for now.
            for stands in standing.values_mut().filter(|stands| **stands == index) {
                *stands = other;
            }
            standing.insert(index, other);
        }
    }
}

/// The members of a cluster that another stands for, and which.
fn stands(cluster: &Cluster) -> Vec<(usize, usize)> {
    if cluster.conflict {
        return Vec::new();
    }
    let is_the_same = |relation: &Relation| {
        matches!(
            relation,
            Relation::SameRecord
                | Relation::SameIdentifier {
                    agreement: Agreement::Agrees
                }
        )
    };
    let alternates = cluster
        .relations
        .iter()
        .filter(|(_, relation)| is_the_same(relation));
    alternates
        .map(|(index, _)| (*index, cluster.representative))
        .collect()
}
