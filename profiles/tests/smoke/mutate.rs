//! Damages seeds: flipped bits, cut ends, spliced parts, swapped and repeated tokens; and runs a target on them. The
//! smoke tests of other crates use this file too.

/// Texts that turn one meaning into another.
const TOKENS: [&[u8]; 22] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b":",
    b",",
    b"null",
    b"true",
    b"-0",
    b"1e999",
    b"\\u0000",
    b"\\ud800",
    b"<",
    b"/>",
    b"</",
    b"&amp;",
    b"&#0;",
    b"<!--",
    b"<![CDATA[",
    b"xmlns=\"\"",
    b"resourceType",
];

/// A source of damaged seeds, the same for the same seeds.
pub(crate) struct Mutator<'s> {
    seeds: &'s [Vec<u8>],
    state: u64,
}

impl<'s> Mutator<'s> {
    pub(crate) fn new(seeds: &'s [Vec<u8>]) -> Self {
        Mutator { seeds, state: 0x5eed }
    }

    /// A seed with one to six faults.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        let mut bytes = self.seed().clone();
        for _ in 0..=self.below(5) {
            self.damage(&mut bytes);
        }
        bytes
    }

    fn damage(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len());
        match self.below(7) {
            0 => {
                let bit = 1 << self.below(8);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= bit;
                }
            }
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(..at)),
            3 => {
                let end = (at + self.below(40)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => {
                let token = TOKENS[self.below(TOKENS.len())];
                bytes.splice(at..at, token.iter().copied());
            }
            5 => {
                let end = (at + self.below(60)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                let to = self.below(bytes.len());
                bytes.splice(to..to, part);
            }
            _ => {
                let other = self.seed();
                let from = self.below(other.len());
                let end = (from + self.below(200)).min(other.len());
                bytes.splice(at..at, other[from..end].iter().copied());
            }
        }
    }

    fn seed(&mut self) -> &'s Vec<u8> {
        let seeds = self.seeds;
        &seeds[self.below(seeds.len())]
    }

    /// A number below `bound`, or zero (`SplitMix64` by Steele, Lea and Flood).
    fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) % bound.max(1) as u64) as usize
    }
}

/// Runs a target on every seed as it stands, and on so many damaged ones.
pub(crate) fn rounds(target: fn(&[u8]), seeds: &[Vec<u8>], rounds: usize) {
    let held = |bytes: &[u8]| {
        let held = std::panic::catch_unwind(|| target(bytes)).is_ok();
        assert!(
            held,
            "a promise was broken by {:?}",
            String::from_utf8_lossy(bytes)
        );
    };
    seeds.iter().for_each(|seed| held(seed));
    let mut mutator = Mutator::new(seeds);
    for _ in 0..rounds {
        held(&mutator.next());
    }
}
