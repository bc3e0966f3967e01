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
    pub(crate) fn groups(&mut self) -> BTreeMap<usize, Vec<usize>> {
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for index in 0..self.parent.len() {
            let root = self.root(index);
            groups.entry(root).or_default().push(index);
        }
        groups
    }
}
