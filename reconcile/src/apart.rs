//! Records of which a person said that they are not the same: they are never joined, whatever the evidence (R4).
//!
//! The engine takes them as pairs of addresses and keeps nothing. What is said of nobody in the answer has no effect.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use samenhang_profiles::Received;

/// Why a person keeps two records apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ground {
    /// They are two facts.
    TwoFacts,
    /// One of them is about somebody else.
    AnotherPerson,
    /// One of them was recorded by mistake.
    Mistake,
    /// Something else.
    Other,
}

impl Ground {
    /// Every ground.
    pub const ALL: [Ground; 4] = [
        Ground::TwoFacts,
        Ground::AnotherPerson,
        Ground::Mistake,
        Ground::Other,
    ];

    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Ground::TwoFacts => "two-facts",
            Ground::AnotherPerson => "another-person",
            Ground::Mistake => "mistake",
            Ground::Other => "other",
        }
    }

    /// The ground of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Ground> {
        Ground::ALL.into_iter().find(|ground| ground.code() == code)
    }

    /// In English and in Dutch, for a person.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Ground::TwoFacts => ("they are two facts", "het zijn twee feiten"),
            Ground::AnotherPerson => ("one is about somebody else", "een ervan gaat over een ander"),
            Ground::Mistake => (
                "one was recorded by mistake",
                "een ervan is bij vergissing vastgelegd",
            ),
            Ground::Other => ("another reason", "een andere reden"),
        }
    }
}

/// Two records that a person keeps apart, by their addresses in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// The one.
    pub a: String,
    /// The other.
    pub b: String,
    /// When it was said, if that is known.
    pub at: Option<Timestamp>,
    /// Why.
    pub ground: Ground,
}

/// Two records of an answer that a person keeps apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unlinked {
    /// The one.
    pub a: usize,
    /// The other, later in order.
    pub b: usize,
    /// When it was said.
    pub at: Option<Timestamp>,
    /// Why.
    pub ground: Ground,
}

/// Finds the records in an answer: by the address that they have there, or that their original has. Each pair once.
pub(crate) fn resolve(items: &[Received], said: &[Apart]) -> Vec<Unlinked> {
    if said.is_empty() {
        return Vec::new();
    }
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        let original = item
            .conversion
            .as_deref()
            .map(|conversion| &*conversion.original_url);
        let own = Some(&*item.full_url);
        for address in own
            .into_iter()
            .chain(original.filter(|other| Some(*other) != own))
        {
            places.entry(address).or_default().push(index);
        }
    }
    let of = |address: &str| places.get(address).map_or(&[][..], Vec::as_slice);
    let mut found: Vec<Unlinked> = Vec::new();
    for pair in said {
        for &a in of(&pair.a) {
            // What was made of one original is one record.
            for &b in of(&pair.b).iter().filter(|b| **b != a) {
                found.push(Unlinked {
                    a: a.min(b),
                    b: a.max(b),
                    at: pair.at,
                    ground: pair.ground,
                });
            }
        }
    }
    found.sort_unstable();
    found.dedup_by_key(|pair| (pair.a, pair.b));
    found
}
