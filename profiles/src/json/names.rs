//! Finds a property that is repeated in one object, at a cost that a hostile message cannot raise.

use std::borrow::Cow;
use std::collections::HashSet;

/// From this many properties on an object gets a hash set with a random key; below it, comparing is faster.
const LARGE: usize = 32;

/// The names of the objects that are open, innermost last.
pub(super) struct Names<'a> {
    marks: Vec<Mark<'a>>,
    objects: Vec<Object<'a>>,
}

struct Mark<'a> {
    digest: u64,
    name: Cow<'a, str>,
}

struct Object<'a> {
    first: usize,
    large: Option<HashSet<Cow<'a, str>>>,
}

impl<'a> Names<'a> {
    pub(super) fn new() -> Self {
        Names {
            marks: Vec::with_capacity(128),
            objects: Vec::with_capacity(32),
        }
    }

    pub(super) fn open(&mut self) {
        self.objects.push(Object {
            first: self.marks.len(),
            large: None,
        });
    }

    pub(super) fn close(&mut self) {
        if let Some(object) = self.objects.pop() {
            self.marks.truncate(object.first);
        }
    }

    /// Notes a name of the innermost object; false when it was there already.
    #[inline]
    pub(super) fn insert(&mut self, name: Cow<'a, str>) -> bool {
        let Some(object) = self.objects.last_mut() else {
            return true;
        };
        if let Some(large) = &mut object.large {
            return large.insert(name);
        }
        let known = self.marks.get(object.first..).unwrap_or_default();
        if known.len() >= LARGE {
            let mut large: HashSet<_> = known.iter().map(|mark| mark.name.clone()).collect();
            let new = large.insert(name);
            object.large = Some(large);
            return new;
        }
        let digest = digest(name.as_bytes());
        if known
            .iter()
            .any(|mark| mark.digest == digest && mark.name == name)
        {
            return false;
        }
        self.marks.push(Mark { digest, name });
        true
    }
}

/// Tells most names apart by their first and last eight bytes and their length.
#[inline]
fn digest(name: &[u8]) -> u64 {
    let (head, tail) = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
        _ => (name.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0),
    };
    (head ^ tail.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ name.len() as u64
}
