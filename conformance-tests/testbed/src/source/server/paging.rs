//! Pages of a search behind opaque cursors, and the ways in which paging goes wrong.
//!
//! A cursor remembers the search, not the answer: it holds places of resources only. Cursors are bounded in number; the oldest
//! go first and answer 410, as do cursors that never were.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use rand::RngCore as _;
use rand_chacha::ChaCha20Rng;

use super::super::quirk::Quirk;
use super::super::search::Search;
use super::super::store::Index;
use crate::faults::Fault;

/// Cursors that a source remembers.
const MAX_CURSORS: usize = 4096;

/// A search whose pages are being read.
#[derive(Clone)]
pub(super) struct Walk {
    pub(super) search: Arc<Search>,
    pub(super) matches: Arc<[Index]>,
    pub(super) count: usize,
    /// Number of the page, from 0.
    pub(super) page: usize,
    /// Number of the search at this source, from 0.
    pub(super) number: usize,
}

/// The cursors of a source.
pub(super) struct Cursors {
    rng: ChaCha20Rng,
    walks: HashMap<String, Walk>,
    order: VecDeque<String>,
    searches: usize,
}

impl Cursors {
    pub(super) fn new(rng: ChaCha20Rng) -> Cursors {
        Cursors {
            rng,
            walks: HashMap::new(),
            order: VecDeque::new(),
            searches: 0,
        }
    }

    /// The number of a new search.
    pub(super) fn begin(&mut self) -> usize {
        self.searches += 1;
        self.searches - 1
    }

    /// A name that was not given before.
    pub(super) fn name(&mut self) -> String {
        format!("{:016x}{:016x}", self.rng.next_u64(), self.rng.next_u64())
    }

    /// Remembers a walk under a new cursor.
    pub(super) fn remember(&mut self, walk: Walk) -> String {
        let cursor = self.name();
        if self.order.len() >= MAX_CURSORS
            && let Some(oldest) = self.order.pop_front()
        {
            self.walks.remove(&oldest);
        }
        self.order.push_back(cursor.clone());
        self.walks.insert(cursor.clone(), walk);
        cursor
    }

    pub(super) fn find(&self, cursor: &str) -> Option<Walk> {
        self.walks.get(cursor).cloned()
    }
}

/// How pages go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Disorder {
    /// They do not.
    #[default]
    None,
    /// Every page links to itself.
    Loop,
    /// Every page but the first begins with the last entry of the one before.
    Duplicates,
    /// Every second page begins one entry too late, the others one too early.
    Shifting,
    /// As shifting, another way at each search, so that reading twice gives everything.
    Chaos,
}

impl Disorder {
    /// What the quirk and the content faults of one request make of its pages.
    pub(super) fn of(quirk: Quirk, faults: &[Fault]) -> Disorder {
        if faults.contains(&Fault::PagingLoop) {
            Disorder::Loop
        } else if faults.contains(&Fault::DuplicatePages) {
            Disorder::Duplicates
        } else if faults.contains(&Fault::ShiftingPages) {
            Disorder::Shifting
        } else if quirk == Quirk::Chaos {
            Disorder::Chaos
        } else {
            Disorder::None
        }
    }

    /// Entries on a page: small enough that a disorder can be seen in a small answer.
    pub(super) fn page_size(self, asked: usize, total: usize) -> usize {
        match self {
            Disorder::None => asked,
            _ => asked.min(total.div_ceil(3)).max(1),
        }
    }
}

/// What stands on a page, and whether another follows.
pub(super) fn slice(walk: &Walk, disorder: Disorder) -> (&[Index], bool) {
    let total = walk.matches.len();
    let right = walk.page.saturating_mul(walk.count);
    let late = match disorder {
        Disorder::None | Disorder::Loop | Disorder::Duplicates => false,
        Disorder::Shifting => walk.page % 2 == 1,
        Disorder::Chaos => walk.page > 0 && (walk.page + walk.number).is_multiple_of(2),
    };
    let early = walk.page > 0
        && !late
        && matches!(
            disorder,
            Disorder::Duplicates | Disorder::Shifting | Disorder::Chaos
        );
    let from = if late {
        right + 1
    } else if early {
        right.saturating_sub(1)
    } else {
        right
    };
    let end = right.saturating_add(walk.count);
    let page = walk
        .matches
        .get(from.min(total)..end.min(total).max(from.min(total)));
    let more = end < total || disorder == Disorder::Loop;
    (page.unwrap_or_default(), more)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use rand_core::SeedableRng as _;
    use samenhang_profiles::FhirVersion;

    use super::{ChaCha20Rng, Cursors, Disorder, MAX_CURSORS, Search, Walk, slice};

    fn walk(number: usize) -> Walk {
        let search = Search::read(FhirVersion::R4, "Flag", &[], false).unwrap();
        Walk {
            search: Arc::new(search),
            matches: (0..10).collect(),
            count: 3,
            page: 0,
            number,
        }
    }

    fn pages(mut walk: Walk, disorder: Disorder) -> Vec<Vec<usize>> {
        let mut pages = Vec::new();
        loop {
            let (page, more) = slice(&walk, disorder);
            pages.push(page.to_vec());
            walk.page += 1;
            if !more || pages.len() > 9 {
                return pages;
            }
        }
    }

    #[test]
    fn pages_are_whole_unless_told() {
        assert_eq!(
            pages(walk(0), Disorder::None),
            [vec![0, 1, 2], vec![3, 4, 5], vec![6, 7, 8], vec![9]]
        );
        assert_eq!(
            pages(walk(0), Disorder::Duplicates),
            [vec![0, 1, 2], vec![2, 3, 4, 5], vec![5, 6, 7, 8], vec![8, 9]]
        );
        assert_eq!(
            pages(walk(0), Disorder::Shifting),
            [vec![0, 1, 2], vec![4, 5], vec![5, 6, 7, 8], vec![]]
        );
        assert_eq!(pages(walk(0), Disorder::Loop).len(), 10);
    }

    #[test]
    fn chaos_read_twice_gives_everything() {
        let seen = |number| {
            pages(walk(number), Disorder::Chaos)
                .concat()
                .into_iter()
                .collect::<BTreeSet<_>>()
        };
        assert!(seen(0).len() < 10 && seen(1).len() < 10);
        assert_eq!(seen(0).union(&seen(1)).count(), 10);
    }

    #[test]
    fn old_cursors_go() {
        let mut cursors = Cursors::new(ChaCha20Rng::seed_from_u64(1));
        let first = cursors.remember(walk(0));
        assert!(cursors.find(&first).is_some());
        for _ in 0..MAX_CURSORS {
            cursors.remember(walk(0));
        }
        assert!(cursors.find(&first).is_none());
    }
}
