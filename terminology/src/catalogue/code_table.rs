//! A set of codes, numbered in the order in which they came.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Longer than this a code is looked up by a copy on the heap when case does not matter.
const SHORT: usize = 48;

/// A set of codes, numbered in the order in which they came, in one text.
///
/// Memory: the text, four bytes for where each code ends, and about five to nine bytes for each in the table.
#[derive(Debug, Clone, Default)]
pub(crate) struct CodeTable {
    text: String,
    ends: Vec<u32>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// Whether a code is also found by one that differs only in ASCII case.
    fold: bool,
}

impl CodeTable {
    pub(crate) fn new(fold: bool) -> Self {
        CodeTable {
            fold,
            ..CodeTable::default()
        }
    }

    /// The number of `code`, which is added when it is new. `None` when the table is full (4 GiB of text).
    pub(crate) fn insert(&mut self, code: &str) -> Option<u32> {
        let hash = self.hash(code);
        if let Some(index) = self.exact(hash, code) {
            return Some(index);
        }
        let index = u32::try_from(self.ends.len()).ok()?;
        let end = u32::try_from(self.text.len() + code.len()).ok()?;
        self.text.push_str(code);
        self.ends.push(end);
        let (text, ends, hasher, fold) = (&self.text, &self.ends, &self.hasher, self.fold);
        self.table.insert_unique(hash, index, |index| {
            hash_code(hasher, fold, span(text, ends, *index))
        });
        Some(index)
    }

    /// The number of `code`; where case does not matter, of that code itself before one that differs in case.
    pub(crate) fn find(&self, code: &str) -> Option<u32> {
        let hash = self.hash(code);
        self.exact(hash, code).or_else(|| {
            let alike = |index: &u32| span(&self.text, &self.ends, *index).eq_ignore_ascii_case(code);
            self.fold.then(|| self.table.find(hash, alike).copied()).flatten()
        })
    }

    fn exact(&self, hash: u64, code: &str) -> Option<u32> {
        self.table
            .find(hash, |index| span(&self.text, &self.ends, *index) == code)
            .copied()
    }

    /// The code with a number; empty for a number that is not one.
    pub(crate) fn get(&self, index: u32) -> &str {
        span(&self.text, &self.ends, index)
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len() as u32).map(|index| self.get(index))
    }

    fn hash(&self, code: &str) -> u64 {
        hash_code(&self.hasher, self.fold, code)
    }

    /// Bytes on the heap.
    pub(crate) fn size(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<u32>() + self.table.allocation_size()
    }

    pub(crate) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

fn span<'a>(text: &'a str, ends: &[u32], index: u32) -> &'a str {
    let index = index as usize;
    let start = index
        .checked_sub(1)
        .and_then(|before| ends.get(before))
        .map_or(0, |end| *end as usize);
    ends.get(index)
        .and_then(|end| text.get(start..*end as usize))
        .unwrap_or("")
}

fn hash_code(hasher: &DefaultHashBuilder, fold: bool, code: &str) -> u64 {
    if !fold {
        return hasher.hash_one(code.as_bytes());
    }
    let mut short = [0u8; SHORT];
    match short.get_mut(..code.len()) {
        Some(copy) => {
            copy.copy_from_slice(code.as_bytes());
            copy.make_ascii_lowercase();
            hasher.hash_one(&*copy)
        }
        None => hasher.hash_one(code.to_ascii_lowercase().as_bytes()),
    }
}
