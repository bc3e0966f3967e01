//! A set of small numbers, one bit each.

/// A set of small numbers, one bit each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    /// Room for the numbers below `count`.
    pub(crate) fn new(count: usize) -> Self {
        Bits(vec![0; count.div_ceil(64)])
    }

    /// All the numbers below `count`.
    pub(crate) fn all(count: usize) -> Self {
        let mut bits = Bits(vec![u64::MAX; count.div_ceil(64)]);
        if let (Some(last), rest @ 1..) = (bits.0.last_mut(), count % 64) {
            *last = (1 << rest) - 1;
        }
        bits
    }

    /// Adds a number; whether it is new. A number for which there is no room is not added.
    pub(crate) fn insert(&mut self, number: u32) -> bool {
        let Some(word) = self.0.get_mut(number as usize / 64) else {
            return false;
        };
        let bit = 1 << (number % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    pub(crate) fn contains(&self, number: u32) -> bool {
        self.0
            .get(number as usize / 64)
            .is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// Keeps what is in both.
    pub(crate) fn intersect(&mut self, other: &Bits) {
        for (at, word) in self.0.iter_mut().enumerate() {
            *word &= other.0.get(at).copied().unwrap_or(0);
        }
    }

    /// What is not in it, of the numbers below `count`.
    pub(crate) fn complement(&self, count: usize) -> Bits {
        let mut all = Bits::all(count);
        for (at, word) in all.0.iter_mut().enumerate() {
            *word &= !self.0.get(at).copied().unwrap_or(0);
        }
        all
    }

    /// Bytes on the heap.
    pub(crate) fn size(&self) -> usize {
        self.0.capacity() * size_of::<u64>()
    }

    /// The numbers, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros();
                (rest != 0).then(|| {
                    rest &= rest - 1;
                    at as u32 * 64 + bit
                })
            })
        })
    }
}
