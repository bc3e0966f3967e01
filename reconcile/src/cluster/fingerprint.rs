//! A fingerprint of what a resource says, comparable between endpoints.
//!
//! `content_hash` of the profiles crate counts references as they are written, and `Medication/1` is another product
//! at another holder. Here a reference counts by what it points at: the patient is the patient, a resource of the
//! same endpoint counts by its own content, and what cannot be followed differs between endpoints.

use std::collections::{BTreeMap, HashMap};

use samenhang_profiles::Received;
use samenhang_profiles::tree::Tree;
use sha2::{Digest as _, Sha256};

use crate::CHECKED;
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
pub(super) struct Fingerprints<'a> {
    items: &'a [Received],
    /// Endpoint, type and id of each resource, for following references.
    places: BTreeMap<(&'a str, &'a str, &'a str), usize>,
    made: HashMap<(usize, u8), Content>,
}

impl<'a> Fingerprints<'a> {
    pub(super) fn new(items: &'a [Received]) -> Self {
        let mut places = BTreeMap::new();
        for (index, item) in items.iter().enumerate() {
            if let Some(id) = item.resource.id() {
                // The first in order, so that the outcome does not depend on arrival.
                places
                    .entry((&*item.lineage.endpoint, item.resource.resource_type(), id))
                    .or_insert(index);
            }
        }
        Fingerprints {
            items,
            places,
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
        let mut hash = Sha256::new();
        if let Some(item) = self.items.get(index) {
            match Tree::parse(item.resource.body(), &CHECKED) {
                Ok(tree) => self.resource(&mut hash, item, &tree, depth),
                // Deeper than a tree can be: it is compared as it stands, and with itself only.
                Err(_) => {
                    hash.update(&*item.lineage.endpoint);
                    hash.update(item.resource.body());
                }
            }
        }
        let made: Content = hash.finalize().into();
        self.made.insert((index, depth), made);
        made
    }

    fn resource(&mut self, hash: &mut Sha256, item: &'a Received, tree: &Tree<'_>, depth: u8) {
        let mut fields: Vec<(&str, &Tree<'_>)> = tree
            .fields()
            .filter(|(name, _)| !matches!(*name, "id" | "meta" | "text"))
            .collect();
        fields.sort_unstable_by(|a, b| a.0.cmp(b.0));
        // STU3 and R4 of one object are never equal content, whatever the bytes.
        sized(hash, b'v', item.version().full());
        count(hash, b'o', fields.len());
        for (name, value) in fields {
            sized(hash, b'k', name);
            self.feed(hash, item, value, depth);
        }
    }

    fn feed(&mut self, hash: &mut Sha256, item: &'a Received, tree: &Tree<'_>, depth: u8) {
        match tree {
            Tree::Null => count(hash, b'z', 0),
            Tree::Boolean(value) => count(hash, b'b', usize::from(*value)),
            Tree::Number(text) => sized(hash, b'n', text),
            Tree::String(text) => sized(hash, b's', text),
            Tree::Array(items) => {
                count(hash, b'a', items.len());
                for value in items {
                    self.feed(hash, item, value, depth);
                }
            }
            Tree::Object(_) => {
                let reference = tree.text("reference");
                if let Some(reference) = reference
                    && item.resource.keys().subject.as_deref() == Some(reference)
                {
                    // The subject was checked to be the accepted patient; its id and display are the holder's.
                    count(hash, b'p', 0);
                    return;
                }
                let mut fields: Vec<(&str, &Tree<'_>)> = tree.fields().collect();
                fields.sort_unstable_by(|a, b| a.0.cmp(b.0));
                count(hash, b'o', fields.len());
                for (name, value) in fields {
                    sized(hash, b'k', name);
                    match value.as_str() {
                        Some(reference) if name == "reference" => self.follow(hash, item, reference, depth),
                        _ => self.feed(hash, item, value, depth),
                    }
                }
            }
        }
    }

    fn follow(&mut self, hash: &mut Sha256, item: &'a Received, reference: &str, depth: u8) {
        let endpoint = &*item.lineage.endpoint;
        if reference.starts_with('#') {
            return sized(hash, b'c', reference);
        }
        let Some((kind, id)) = local(reference, endpoint) else {
            // Absolute: it means the same everywhere.
            return sized(hash, b'r', reference);
        };
        match self.places.get(&(endpoint, kind, id)).copied() {
            Some(target) if depth > 0 => {
                let print = self.at(target, depth - 1);
                sized(hash, b't', kind);
                hash.update(print);
            }
            _ => {
                sized(hash, b'e', endpoint);
                sized(hash, b'r', reference);
            }
        }
    }
}

/// For each item whether another one may say the same: equal contents have equal keys, so what is alone with its keys
/// needs no reading. It is most of what different holders tell of one patient.
pub(super) fn doubled(items: &[Received]) -> Vec<bool> {
    let mut first: HashMap<_, usize> = HashMap::new();
    let mut doubled = vec![false; items.len()];
    for (index, item) in items.iter().enumerate() {
        let keys = item.resource.keys();
        let seen = first
            .entry((
                (item.lineage.fhir, &keys.resource_type, &keys.date),
                (&keys.codes, &keys.categories, &keys.identifiers),
                (&keys.status, &keys.verification_status),
            ))
            .or_insert(index);
        if *seen != index {
            for place in [*seen, index] {
                if let Some(mark) = doubled.get_mut(place) {
                    *mark = true;
                }
            }
        }
    }
    doubled
}

fn sized(hash: &mut Sha256, tag: u8, text: &str) {
    count(hash, tag, text.len());
    hash.update(text);
}

fn count(hash: &mut Sha256, tag: u8, count: usize) {
    hash.update([tag]);
    hash.update((count as u64).to_le_bytes());
}
