//! Disjoint sets of indexes; the lowest index names a set.

use std::collections::BTreeMap;

pub(crate) struct Sets {
    parent: Vec<usize>,
}

impl Sets {
    pub(crate) fn new(count: usize) -> Self {
        Sets {
            parent: (0..count).collect(),
        }
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

    pub(crate) fn union(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        let (low, high) = (a.min(b), a.max(b));
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
