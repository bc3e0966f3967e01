//! Disjoint sets of indexes; the lowest index names a set. Two sets that somebody keeps apart are never joined, by
//! whatever way.

use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct Sets {
    parent: Vec<usize>,
    /// By the root of a set, the roots of those that it is kept apart from.
    against: BTreeMap<usize, BTreeSet<usize>>,
}

impl Sets {
    pub(crate) fn new(count: usize) -> Self {
        Sets {
            parent: (0..count).collect(),
            against: BTreeMap::new(),
        }
    }

    /// Keeps two apart from now on; what is joined already stays so.
    pub(crate) fn keep_apart(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            self.against.entry(a).or_default().insert(b);
            self.against.entry(b).or_default().insert(a);
        }
    }

    /// The roots of the sets that the set of this one is kept apart from.
    pub(crate) fn kept_from(&mut self, index: usize) -> Vec<usize> {
        let root = self.root(index);
        let others = self.against.get(&root).into_iter().flatten();
        others.copied().collect()
    }

    /// Whether two may not be joined.
    pub(crate) fn are_apart(&mut self, a: usize, b: usize) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        self.against.get(&a).is_some_and(|others| others.contains(&b))
    }

    pub(crate) fn root(&mut self, mut index: usize) -> usize {
        while let Some(&above) = self.parent.get(index) {
            if above == index {
                break;
            }
            // Halve the path, so that it stays short.
            let next = self.parent.get(above).copied().unwrap_or(above);
            if let Some(slot) = self.parent.get_mut(index) {
                *slot = next;
            }
            index = next;
        }
        index
    }

    /// Joins two, with all that each is joined with; not when that would join any two that are kept apart.
    pub(crate) fn union(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        let (low, high) = (a.min(b), a.max(b));
        if !self.against.is_empty() {
            if low == high || self.are_apart(low, high) {
                return;
            }
            for other in self.against.remove(&high).into_iter().flatten() {
                if let Some(theirs) = self.against.get_mut(&other) {
                    theirs.remove(&high);
                    theirs.insert(low);
                }
                self.against.entry(low).or_default().insert(other);
            }
        }
        if let Some(slot) = self.parent.get_mut(high) {
            *slot = low;
        }
    }

    /// The sets by their lowest index, members ascending.
    pub(crate) fn groups(&mut self) -> Groups {
        let count = self.parent.len();
        // Where each set begins among all members: the lowest index of a set comes first in it, and is its root.
        let roots: Vec<usize> = (0..count).map(|index| self.root(index)).collect();
        let mut ends = vec![0_usize; count + 1];
        for &root in &roots {
            if let Some(size) = ends.get_mut(root + 1) {
                *size += 1;
            }
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum;
        }
        let starts = ends.clone();
        let mut members = vec![0; count];
        for (index, &root) in roots.iter().enumerate() {
            if let Some(place) = ends.get_mut(root) {
                if let Some(slot) = members.get_mut(*place) {
                    *slot = index;
                }
                *place += 1;
            }
        }
        Groups { members, starts }
    }
}

/// Disjoint sets in one list.
pub(crate) struct Groups {
    members: Vec<usize>,
    /// Where the set begins of which this is the lowest index, and at the end that of all; an index that names no set
    /// begins where the next begins.
    starts: Vec<usize>,
}

impl Groups {
    /// The sets by their lowest index, members ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[usize]> {
        self.starts.windows(2).filter_map(|place| match place {
            [start, end] if start < end => self.members.get(*start..*end),
            _ => None,
        })
    }
}
