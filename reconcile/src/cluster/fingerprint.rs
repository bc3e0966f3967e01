//! A fingerprint of what a resource says, comparable between endpoints.
//!
//! `content_hash` of the profiles crate counts references as they are written, and `Medication/1` is another product
//! at another holder. Here a reference counts by what it points at: the patient is the patient, a resource of the
//! same endpoint counts by its own content, and what cannot be followed differs between endpoints.

use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashMap};
use samenhang_profiles::Received;
use samenhang_profiles::json::Kind;
use samenhang_profiles::raw::{CodingKey, IdentifierKey};
use samenhang_profiles::tape::Node;
use sha2::{Digest as _, Sha256};

use crate::fact::World;
use crate::subject::local;

/// How far references are followed; beyond it they differ between endpoints.
const DEPTH: u8 = 3;

/// SHA-256 of the content.
type Content = [u8; 32];

/// What a resource says, for comparing it with others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fingerprint {
    /// No other resource can say the same, so the content was not read: the index of the resource.
    Alone(usize),
    /// SHA-256 of the content.
    Content(Content),
}

/// The fingerprints of a set of resources, each made once.
pub(super) struct Fingerprints<'w, 'a> {
    world: &'w World<'a>,
    made: HashMap<(usize, u8), Content>,
}

impl<'w, 'a> Fingerprints<'w, 'a> {
    pub(super) fn new(world: &'w World<'a>) -> Self {
        Fingerprints {
            world,
            made: HashMap::new(),
        }
    }

    /// The fingerprint of the item at `index`.
    pub(super) fn of(&mut self, index: usize) -> Fingerprint {
        Fingerprint::Content(self.at(index, DEPTH))
    }

    fn at(&mut self, index: usize, depth: u8) -> Content {
        if let Some(made) = self.made.get(&(index, depth)) {
            return *made;
        }
        let mut out = Vec::new();
        if let Some(item) = self.world.item(index) {
            out.reserve(item.resource.body().len() + 256);
            match self.world.node(index) {
                Some(node) => self.resource(&mut out, item, node, depth),
                // Deeper than what is walked: it is compared as it stands, and with itself only.
                None => {
                    out.extend_from_slice(item.lineage.endpoint.as_bytes());
                    out.extend_from_slice(item.resource.body());
                }
            }
        }
        let made: Content = Sha256::digest(&out).into();
        self.made.insert((index, depth), made);
        made
    }

    fn resource(&mut self, out: &mut Vec<u8>, item: &'a Received, node: Node<'w>, depth: u8) {
        // STU3 and R4 of one object are never equal content, whatever the bytes.
        sized(out, b'v', item.version().full());
        let mut order = Vec::with_capacity(64);
        // Who may see it is the one thing of `meta` that a copy does not leave aside: a restricted record never stands for
        // an open one.
        if let Some(labels) = node.get("meta").and_then(|meta| meta.get("security"))
            && labels.items().next().is_some()
        {
            sized(out, b'k', "meta.security");
            self.feed(out, item, labels, depth, &mut order);
        }
        let says = node
            .fields()
            .filter(|(name, _)| !matches!(*name, "id" | "meta" | "text"));
        order.extend(says);
        self.fields(out, item, 0, depth, &mut order);
    }

    /// Appends the properties of an object that stand in `order` from `first` on, sorted.
    fn fields(
        &mut self,
        out: &mut Vec<u8>,
        item: &'a Received,
        first: usize,
        depth: u8,
        order: &mut Vec<(&'w str, Node<'w>)>,
    ) {
        let last = order.len();
        if let Some(own) = order.get_mut(first..) {
            own.sort_unstable_by(|a, b| a.0.cmp(b.0));
        }
        count(out, b'o', last - first);
        for index in first..last {
            let Some(&(name, value)) = order.get(index) else {
                continue;
            };
            sized(out, b'k', name);
            match value.as_str() {
                Some(reference) if name == "reference" => self.follow(out, item, reference, depth),
                _ => self.feed(out, item, value, depth, order),
            }
        }
        order.truncate(first);
    }

    fn feed(
        &mut self,
        out: &mut Vec<u8>,
        item: &'a Received,
        node: Node<'w>,
        depth: u8,
        order: &mut Vec<(&'w str, Node<'w>)>,
    ) {
        let text = node.scalar().unwrap_or_default();
        match node.kind() {
            Kind::Null => count(out, b'z', 0),
            Kind::Boolean => count(out, b'b', usize::from(text == "true")),
            Kind::Number => sized(out, b'n', text),
            Kind::String => sized(out, b's', text),
            Kind::Array => {
                let items = node.items();
                count(out, b'a', items.clone().count());
                for value in items {
                    self.feed(out, item, value, depth, order);
                }
            }
            Kind::Object => {
                if let Some(reference) = node.text("reference")
                    && item.resource.keys().subject.as_deref() == Some(reference)
                {
                    // The subject was checked to be the accepted patient; its id and display are the holder's.
                    count(out, b'p', 0);
                    return;
                }
                let first = order.len();
                order.extend(node.fields());
                self.fields(out, item, first, depth, order);
            }
        }
    }

    fn follow(&mut self, out: &mut Vec<u8>, item: &'a Received, reference: &str, depth: u8) {
        let endpoint = &*item.lineage.endpoint;
        if reference.starts_with('#') {
            return sized(out, b'c', reference);
        }
        let Some((kind, id)) = local(reference, endpoint) else {
            // Absolute: it means the same everywhere.
            return sized(out, b'r', reference);
        };
        match self.world.place(endpoint, kind, id) {
            Some(target) if depth > 0 => {
                let print = self.at(target, depth - 1);
                sized(out, b't', kind);
                out.extend_from_slice(&print);
            }
            _ => {
                sized(out, b'e', endpoint);
                sized(out, b'r', reference);
            }
        }
    }
}

/// For each item whether another one may say the same: equal contents have equal keys and equal sums, so what is alone with
/// these needs no fingerprint. It is most of what different holders tell of one patient.
pub(super) fn doubled(world: &World<'_>, items: &[Received]) -> Vec<bool> {
    let state = DefaultHashBuilder::default();
    let by_keys = twins(items.iter().map(|item| Some(state.hash_one(Told::of(item)))));
    twins(by_keys.into_iter().enumerate().map(|(index, has_twin)| {
        let node = world.node(index).filter(|_| has_twin)?;
        let says = node
            .fields()
            .filter(|(name, _)| !matches!(*name, "id" | "meta" | "text"));
        Some(says.fold(0_u64, |sum, field| sum.wrapping_add(named(field))))
    }))
}

/// For each number whether another is the same; nothing has no twin.
fn twins(numbers: impl ExactSizeIterator<Item = Option<u64>>) -> Vec<bool> {
    let mut first: HashMap<u64, usize> = HashMap::with_capacity(numbers.len());
    let mut twins = vec![false; numbers.len()];
    for (index, number) in numbers.enumerate() {
        let Some(number) = number else { continue };
        let seen = *first.entry(number).or_insert(index);
        if seen != index {
            for place in [seen, index] {
                if let Some(mark) = twins.get_mut(place) {
                    *mark = true;
                }
            }
        }
    }
    twins
}

/// What was taken of the content of a resource when it came in.
#[derive(Hash)]
struct Told<'a> {
    kind: &'a str,
    date: Option<&'a str>,
    status: Option<&'a str>,
    code: Option<&'a CodingKey>,
    identifier: Option<&'a IdentifierKey>,
}

impl<'a> Told<'a> {
    fn of(item: &'a Received) -> Self {
        let keys = item.resource.keys();
        Told {
            kind: &keys.resource_type,
            date: keys.date.as_deref(),
            status: keys.status.as_deref(),
            code: keys.codes.first(),
            identifier: keys.identifiers.first(),
        }
    }
}

/// A quick sum over a property: the same for equal contents in any order of properties, and it says no more. References
/// are left out, since they are written differently for one thing.
fn named((name, node): (&str, Node<'_>)) -> u64 {
    if name == "reference" {
        return 0;
    }
    mixed(glance(name) ^ quick(node).rotate_left(17))
}

fn quick(node: Node<'_>) -> u64 {
    match node.kind() {
        Kind::Array => node
            .items()
            .fold(1, |sum: u64, item| sum.wrapping_mul(31).wrapping_add(quick(item))),
        // What stands beside a reference is the holder's, where the reference is to the patient.
        Kind::Object if node.get("reference").is_some() => 2,
        Kind::Object => node.fields().fold(3, |sum, field| sum.wrapping_add(named(field))),
        _ => glance(node.scalar().unwrap_or_default()),
    }
}

/// A number for a text by its length, beginning, middle and end: who makes two texts that have one number only makes us
/// read both.
fn glance(text: &str) -> u64 {
    let text = text.as_bytes();
    let word = |part: Option<&[u8; 8]>| part.map_or(0, |part| u64::from_le_bytes(*part));
    let own = if text.len() < 8 {
        text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))
    } else {
        let middle = text.get(text.len() / 2..).and_then(<[u8]>::first_chunk);
        word(text.first_chunk()) ^ word(middle).rotate_left(21) ^ word(text.last_chunk()).rotate_left(43)
    };
    mixed(own ^ (text.len() as u64) << 56)
}

fn mixed(word: u64) -> u64 {
    let word = word.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    word ^ word >> 29
}

fn sized(out: &mut Vec<u8>, tag: u8, text: &str) {
    count(out, tag, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn count(out: &mut Vec<u8>, tag: u8, count: usize) {
    out.push(tag);
    out.extend_from_slice(&(count as u64).to_le_bytes());
}
