//! The resources of an answer, read as trees and found by what refers to them.

use std::collections::HashMap;

use samenhang_profiles::document::{Document, Node};
use samenhang_profiles::{FhirVersion, Limits, Received};
use samenhang_reconcile::subject::local;

/// Resources by their place in an answer.
pub(super) struct Shelf<'a> {
    version: FhirVersion,
    items: &'a [Received],
    documents: Vec<Option<Document<'a>>>,
    /// By endpoint, type and id.
    places: HashMap<(&'a str, &'a str, &'a str), usize>,
}

impl<'a> Shelf<'a> {
    /// Reads resources. What cannot be read, or is of another version, is there, matches nothing and is referred to by
    /// nothing.
    pub(super) fn new(version: FhirVersion, items: &'a [Received]) -> Shelf<'a> {
        let limits = Limits::default();
        let documents = items
            .iter()
            .map(|item| {
                let body = (item.version() == version).then(|| item.resource.body())?;
                Document::from_json(body, version, &limits).ok()
            })
            .collect();
        let mut places = HashMap::new();
        let of_version = items
            .iter()
            .enumerate()
            .filter(|(_, item)| item.version() == version);
        for (index, item) in of_version {
            if let Some(id) = item.resource.id() {
                places.insert(
                    (&*item.lineage.endpoint, item.resource.resource_type(), id),
                    index,
                );
            }
        }
        Shelf {
            version,
            items,
            documents,
            places,
        }
    }

    pub(super) fn version(&self) -> FhirVersion {
        self.version
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn item(&self, index: usize) -> Option<&'a Received> {
        self.items.get(index)
    }

    pub(super) fn kind(&self, index: usize) -> Option<&'a str> {
        self.items.get(index).map(|item| item.resource.resource_type())
    }

    pub(super) fn document(&self, index: usize) -> Option<&Document<'a>> {
        self.documents.get(index)?.as_ref()
    }

    pub(super) fn root(&self, index: usize) -> Option<Node<'_>> {
        self.document(index).map(Document::root)
    }

    /// The item that a reference of another leads to: at the same endpoint, and nowhere else.
    pub(super) fn resolve(&self, from: usize, reference: &str) -> Option<usize> {
        let endpoint = &*self.items.get(from)?.lineage.endpoint;
        let (kind, id) = local(reference, endpoint)?;
        self.places.get(&(endpoint, kind, id)).copied()
    }
}
