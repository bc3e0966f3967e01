//! Which concept stands above which.

use super::bits::Bits;

/// Which concept stands above which, in both directions: eight bytes for each link and each concept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Links {
    up: Side,
    down: Side,
}

/// One direction: the neighbours of number `n` are `items[starts[n]..starts[n + 1]]`.
#[derive(Debug, Clone, Default)]
struct Side {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Side {
    fn new(count: usize, pairs: &mut Vec<(u32, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let mut starts = vec![0u32; count + 1];
        for (from, _) in pairs.iter() {
            if let Some(start) = starts.get_mut(*from as usize + 1) {
                *start += 1;
            }
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let items = pairs.iter().map(|(_, to)| *to).collect();
        Side { starts, items }
    }

    fn of(&self, number: u32) -> &[u32] {
        let at = number as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(start), Some(end)) => self.items.get(*start as usize..*end as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// Everything that can be reached from `number`, without it unless there is a circle.
    fn reach(&self, number: u32, count: usize) -> Bits {
        let mut seen = Bits::new(count);
        let mut open = vec![number];
        while let Some(next) = open.pop() {
            open.extend(self.of(next).iter().copied().filter(|item| seen.insert(*item)));
        }
        seen
    }
}

impl Links {
    /// From pairs of child and parent, among `count` concepts.
    pub(crate) fn new(count: usize, mut pairs: Vec<(u32, u32)>) -> Self {
        let up = Side::new(count, &mut pairs);
        for pair in &mut pairs {
            *pair = (pair.1, pair.0);
        }
        let down = Side::new(count, &mut pairs);
        Links { up, down }
    }

    /// Bytes on the heap.
    pub(crate) fn size(&self) -> usize {
        let side = |side: &Side| (side.starts.capacity() + side.items.capacity()) * size_of::<u32>();
        side(&self.up) + side(&self.down)
    }

    pub(crate) fn parents(&self, number: u32) -> &[u32] {
        self.up.of(number)
    }

    pub(crate) fn children(&self, number: u32) -> &[u32] {
        self.down.of(number)
    }

    pub(crate) fn descendants(&self, number: u32, count: usize) -> Bits {
        self.down.reach(number, count)
    }

    pub(crate) fn ancestors(&self, number: u32, count: usize) -> Bits {
        self.up.reach(number, count)
    }

    /// Whether `general` stands somewhere above `specific`. Walks up, where there are few: tens of concepts in
    /// SNOMED CT, so that no closure has to be kept.
    pub(crate) fn above(&self, general: u32, specific: u32) -> bool {
        let mut seen: Vec<u32> = Vec::new();
        let mut open = vec![specific];
        while let Some(next) = open.pop() {
            for parent in self.up.of(next) {
                if *parent == general {
                    return true;
                }
                if let Err(at) = seen.binary_search(parent) {
                    seen.insert(at, *parent);
                    open.push(*parent);
                }
            }
        }
        false
    }
}
