//! Sets of equivalent codes, as far as they are unambiguous.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use super::Coded;
use crate::engine::Sets;

/// Equivalent codes, and the numbers of the maps that say so.
pub(super) type Class = (Vec<Coded>, Box<[u16]>);

/// The same while it is gathered.
type Gathered<'c> = (BTreeSet<&'c Coded>, BTreeSet<u16>);

/// What the maps equate, and what they tell apart.
#[derive(Default)]
pub(super) struct Classes {
    codes: Vec<Coded>,
    places: HashMap<Coded, usize>,
    equal: Vec<(usize, usize, u16)>,
    apart: Vec<(usize, usize)>,
}

impl Classes {
    fn place(&mut self, code: Coded) -> usize {
        if let Some(place) = self.places.get(&code) {
            return *place;
        }
        let place = self.codes.len();
        self.codes.push(code.clone());
        self.places.insert(code, place);
        place
    }

    pub(super) fn equate(&mut self, a: Coded, b: Coded, map: u16) {
        let (a, b) = (self.place(a), self.place(b));
        self.equal.push((a, b, map));
    }

    /// A map says that these are not the same, whatever another map says.
    pub(super) fn part(&mut self, a: Coded, b: Coded) {
        let (a, b) = (self.place(a), self.place(b));
        self.apart.push((a, b));
    }

    fn system(&self, place: usize) -> &str {
        self.codes.get(place).map_or("", |(system, _)| system)
    }

    /// The classes of two codes and more, each with its maps, and how many sets were ambiguous. In such a set only what
    /// one code system says of its own codes is kept.
    pub(super) fn unambiguous(&self) -> (Vec<Class>, usize) {
        let mut all = Sets::new(self.codes.len());
        let mut within = Sets::new(self.codes.len());
        for &(a, b, _) in &self.equal {
            all.union(a, b);
            if self.system(a) == self.system(b) {
                within.union(a, b);
            }
        }
        let mut doubtful: BTreeSet<usize> = BTreeSet::new();
        for &(a, b) in &self.apart {
            if all.root(a) == all.root(b) {
                doubtful.insert(all.root(a));
            }
        }
        let mut seen: BTreeMap<(usize, &str), usize> = BTreeMap::new();
        for place in 0..self.codes.len() {
            let own = within.root(place);
            if *seen.entry((all.root(place), self.system(place))).or_insert(own) != own {
                doubtful.insert(all.root(place));
            }
        }
        let told_apart: BTreeSet<usize> = self.apart.iter().flat_map(|&(a, b)| [a, b]).collect();
        let mut sets: BTreeMap<(usize, usize), Gathered<'_>> = BTreeMap::new();
        for &(a, b, map) in &self.equal {
            let is_doubtful = doubtful.contains(&all.root(a));
            let is_within = self.system(a) == self.system(b);
            if is_doubtful && (!is_within || told_apart.contains(&a) || told_apart.contains(&b)) {
                continue;
            }
            let key = (all.root(a), if is_doubtful { within.root(a) } else { 0 });
            let (codes, maps) = sets.entry(key).or_default();
            codes.extend([a, b].iter().filter_map(|&place| self.codes.get(place)));
            maps.insert(map);
        }
        let classes = sets.into_values().map(|(codes, maps)| {
            let codes: Vec<Coded> = codes.into_iter().cloned().collect();
            (codes, maps.into_iter().collect())
        });
        (
            classes.filter(|(codes, _)| codes.len() > 1).collect(),
            doubtful.len(),
        )
    }
}
