//! The resources of one question as they are read: each once, for all that is asked of it, with what its references
//! point at within its endpoint.

use hashbrown::HashMap;
use samenhang_profiles::Received;
use samenhang_profiles::tape::{self, Node, Tape};

use super::extract::codes;
use crate::policy::Path;
use crate::policy::path::{Follow, Found};
use crate::subject::local;

/// The resources of one question, each read once for all that is asked of it, and what refers to what.
pub(crate) struct World<'a> {
    pub(super) items: &'a [Received],
    tape: Tape<'a>,
    /// Where each resource stands on the tape; nowhere when it nests deeper than what is walked.
    read: Vec<Option<tape::Place>>,
    /// Endpoint, type and id of each resource; the first in order counts.
    places: HashMap<(&'a str, &'a str, &'a str), usize>,
    /// Endpoint and id of each resource, for references of a document by `urn:uuid`, which is the id; nothing for an id
    /// that two types have.
    ids: HashMap<(&'a str, &'a str), Option<usize>>,
}

impl<'a> World<'a> {
    pub(crate) fn new(items: &'a [Received]) -> Self {
        World::of(items, |_| true)
    }

    /// The same, of which only some are read.
    pub(crate) fn of(items: &'a [Received], is_read: impl Fn(&Received) -> bool) -> Self {
        let mut places = HashMap::with_capacity(items.len());
        let mut ids = HashMap::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            if let Some(id) = item.resource.id() {
                places
                    .entry((&*item.lineage.endpoint, item.resource.resource_type(), id))
                    .or_insert(index);
                ids.entry((&*item.lineage.endpoint, id))
                    .and_modify(|place| *place = None)
                    .or_insert(Some(index));
            }
        }
        let wanted = items.iter().filter(|item| is_read(item));
        let bytes = wanted.map(|item| item.resource.body().len()).sum();
        let mut tape = Tape::with_capacity(bytes);
        World {
            ids,
            items,
            read: items
                .iter()
                .map(|item| {
                    let body = is_read(item).then(|| item.resource.body())?;
                    tape.add(body).ok()
                })
                .collect(),
            tape,
            places,
        }
    }

    /// One of the resources.
    pub(crate) fn item(&self, index: usize) -> Option<&'a Received> {
        self.items.get(index)
    }

    /// What a resource says; nothing when it nests deeper than what is walked.
    pub(crate) fn node(&self, index: usize) -> Option<Node<'_>> {
        let place = (*self.read.get(index)?)?;
        Some(self.tape.root(place))
    }

    /// What was received from an endpoint by its type and id.
    pub(crate) fn place(&self, endpoint: &str, kind: &str, id: &str) -> Option<usize> {
        self.places.get(&(endpoint, kind, id)).copied()
    }

    /// What stands at a path of one resource.
    pub(crate) fn found<'w>(&'w self, index: usize, path: &Path) -> Vec<Found<'w>> {
        let mut found = Vec::new();
        if let Some(node) = self.node(index) {
            path.find(node, &At { world: self, index }, &mut found);
        }
        found
    }

    /// What a reference of a resource points at, when it was received from the same endpoint.
    pub(crate) fn target(&self, index: usize, reference: &str) -> Option<usize> {
        let endpoint = &*self.items.get(index)?.lineage.endpoint;
        if let Some(id) = reference.strip_prefix("urn:uuid:") {
            return *self.ids.get(&(endpoint, id))?;
        }
        let (kind, id) = local(reference, endpoint)?;
        self.place(endpoint, kind, id)
    }

    /// Which of the codes stands at a path of one resource: the place of the first of them.
    pub(crate) fn first_code(&self, index: usize, path: &Path, wanted: &[String]) -> Option<usize> {
        let found = self.found(index, path);
        let said = found.iter().flat_map(|found| codes(found.node));
        said.filter_map(|said| wanted.iter().position(|code| code == said))
            .min()
    }
}

/// Follows the references of one resource.
pub(super) struct At<'w, 'a> {
    pub(super) world: &'w World<'a>,
    pub(super) index: usize,
}

impl<'w> Follow<'w> for At<'w, '_> {
    fn follow(&self, reference: &str) -> Option<Node<'w>> {
        if let Some(id) = reference.strip_prefix('#') {
            let mut contained = self.world.node(self.index)?.get("contained")?.items();
            return contained.find(|node| node.text("id") == Some(id));
        }
        self.world.node(self.world.target(self.index, reference)?)
    }
}
