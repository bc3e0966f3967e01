//! Small changes to the text of a resource: what is not changed keeps every byte.

/// A part of a text that is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Splice {
    /// The first byte that goes.
    pub(super) from: usize,
    /// The first byte that stays.
    pub(super) to: usize,
    /// What comes in its place.
    pub(super) text: Vec<u8>,
}

/// The text with its splices made; they may not overlap, and one that does is left out.
pub(super) fn apply(body: &[u8], mut splices: Vec<Splice>) -> Vec<u8> {
    splices.sort_by_key(|splice| splice.from);
    let mut out =
        Vec::with_capacity(body.len() + splices.iter().map(|splice| splice.text.len()).sum::<usize>());
    let mut done = 0;
    for splice in splices {
        let Some(kept) = body.get(done..splice.from) else {
            continue;
        };
        out.extend_from_slice(kept);
        out.extend_from_slice(&splice.text);
        done = splice.to;
    }
    out.extend_from_slice(body.get(done..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::{Splice, apply};

    #[test]
    fn what_is_not_replaced_stays() {
        let splice = |from, to, text: &str| Splice {
            from,
            to,
            text: text.as_bytes().to_vec(),
        };
        let changed = apply(
            b"abcdef",
            vec![splice(4, 5, "EE"), splice(1, 1, "-"), splice(0, 2, "no")],
        );
        assert_eq!(changed, b"nocdEEf");
        assert_eq!(apply(b"abc", Vec::new()), b"abc");
    }
}
