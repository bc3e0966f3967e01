//! The resources of one question as they were read when they came in, with what their references point at within their
//! endpoint.

use hashbrown::HashMap;
use samenhang_profiles::Received;
use samenhang_profiles::tape::{Node, Taped};

use super::extract::codes;
use crate::policy::Path;
use crate::policy::path::{Follow, Found};
use crate::subject::local;

/// The resources of one question, each read once for all that is asked of it, and what refers to what in them.
pub(crate) struct World<'a> {
    pub(super) items: &'a [Received],
    /// What each resource says; nothing when it nests deeper than what is walked.
    read: Vec<Option<Taped<'a>>>,
    places: Places<'a>,
}

/// Where the resources are, by endpoint and id.
struct Places<'a> {
    endpoints: HashMap<&'a str, usize>,
    /// By endpoint and id the resources that have them.
    ends: HashMap<(usize, &'a str), Ends>,
    /// By resource the next that has its endpoint and id: another type, or another version.
    next: Vec<Option<usize>>,
}

/// The first and the last of some resources, and how many there are.
struct Ends {
    first: usize,
    last: usize,
    count: usize,
}

/// Most resources of one id at one endpoint that are found by it. There are a few types and versions of a kind; who sends
/// thousands must not make every reference slow.
const MAX_OF_ID: usize = 32;

impl<'a> Places<'a> {
    fn new(items: &'a [Received]) -> Self {
        let mut places = Places {
            endpoints: HashMap::new(),
            ends: HashMap::with_capacity(items.len()),
            next: vec![None; items.len()],
        };
        for (index, item) in items.iter().enumerate() {
            let Some(id) = item.resource.id() else { continue };
            let count = places.endpoints.len();
            let endpoint = *places.endpoints.entry(&item.lineage.endpoint).or_insert(count);
            let ends = places.ends.entry((endpoint, id)).or_insert(Ends {
                first: index,
                last: index,
                count: 0,
            });
            ends.count += 1;
            if ends.count > 1
                && ends.count <= MAX_OF_ID
                && let Some(next) = places.next.get_mut(std::mem::replace(&mut ends.last, index))
            {
                *next = Some(index);
            }
        }
        places
    }

    /// The resources with an id at an endpoint, in order.
    fn of(&self, endpoint: &str, id: &str) -> impl Iterator<Item = usize> {
        let number = self.endpoints.get(endpoint);
        let ends = number.and_then(|number| self.ends.get(&(*number, id)));
        let first = ends.map(|ends| ends.first);
        std::iter::successors(first, |index| *self.next.get(*index)?)
    }
}

impl<'a> World<'a> {
    pub(crate) fn new(items: &'a [Received]) -> Self {
        World::of(items, |_| true)
    }

    /// The same, of which only some are read.
    pub(crate) fn of(items: &'a [Received], is_read: impl Fn(&Received) -> bool) -> Self {
        let read = items.iter().map(|item| {
            let taped = is_read(item).then(|| item.resource.taped());
            taped.and_then(Result::ok)
        });
        World {
            items,
            read: read.collect(),
            places: Places::new(items),
        }
    }

    /// One of the resources.
    pub(crate) fn item(&self, index: usize) -> Option<&'a Received> {
        self.items.get(index)
    }

    /// What a resource says; nothing when it nests deeper than what is walked.
    pub(crate) fn node(&self, index: usize) -> Option<Node<'_>> {
        Some(self.read.get(index)?.as_ref()?.root())
    }

    /// What was received from an endpoint by its type and id; the first in order counts.
    pub(crate) fn place(&self, endpoint: &str, kind: &str, id: &str) -> Option<usize> {
        let mut there = self.places.of(endpoint, id);
        there.find(|&index| {
            let item = self.items.get(index);
            item.is_some_and(|item| item.resource.resource_type() == kind)
        })
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
            // Of a document, in which the id is all there is; two that have it are not told apart.
            let mut there = self.places.of(endpoint, id);
            return there.next().filter(|_| there.next().is_none());
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
