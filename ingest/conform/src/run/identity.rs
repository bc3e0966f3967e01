//! Ids and references of what is made: the same for the same source, place and map.

use samenhang_profiles::document::Node;
use uuid::Uuid;

use super::resource::{Order, Scope};
use super::{MAX_RESOURCES, Run, type_of};
use crate::finding::Kind;
use crate::target::{Id, TargetPath, Tree};

/// The space of names of the ids that are made here.
const SPACE: Uuid = Uuid::from_u128(0x5a3c_0f5e_6d0b_4c58_9b1e_0c7d_92f4_1a66);

impl<'d> Run<'_, 'd> {
    /// Asks for the resource that a map makes of a node, and gives the reference to it; the same node and map are the
    /// same resource.
    pub(super) fn order(&mut self, node: Node<'d>, map: usize) -> Option<String> {
        if let Some(reference) = self.made.get(&(node.id(), map)) {
            return Some(reference.clone());
        }
        if self.waiting.len() + self.inside.len() + self.resources.len() >= MAX_RESOURCES {
            self.find(Kind::Limit, node);
            return None;
        }
        let pack = self.pack;
        let kind = pack.maps[map].to?;
        let id = self.name(node, map);
        let contained = self.scope.contained;
        let (reference, full_url) = match self.scope.full_url.as_deref() {
            _ if contained => (format!("#{id}"), None),
            Some(url) if url.starts_with("urn:uuid:") => {
                let url = format!("urn:uuid:{id}");
                (url.clone(), Some(url))
            }
            Some(url) => {
                let base = url.strip_suffix(&self.scope.reference);
                let reference = format!("{}/{id}", kind.name);
                let full_url = base.map(|base| format!("{base}{reference}"));
                (reference, full_url)
            }
            None => (format!("{}/{id}", kind.name), None),
        };
        self.made.insert((node.id(), map), reference.clone());
        let orders = if contained {
            &mut self.inside
        } else {
            &mut self.waiting
        };
        orders.push_back(Order {
            node,
            map,
            id,
            scope: Scope {
                reference: reference.clone(),
                origin: Some(self.scope.reference.clone()),
                full_url,
                contained,
                profiled: false,
            },
        });
        Some(reference)
    }

    /// The id of what a map makes of a node: of what the map says tells it apart, or else of its place.
    fn name(&mut self, node: Node<'d>, map: usize) -> String {
        let pack = self.pack;
        let map = &pack.maps[map];
        let mut parts = vec![self.context.source.to_owned(), map.name.to_string()];
        let above = super::within(node, map.within.as_deref());
        let outer = std::mem::replace(&mut self.within, above);
        let own = map.id.as_ref().map(|id| self.evaluate(id, node));
        self.within = outer;
        let own = own.unwrap_or_default();
        for item in own {
            match item {
                super::evaluate::Item::Text(text) => parts.push(text),
                super::evaluate::Item::Node(found) => {
                    parts.extend(found.primitive().map(str::to_owned));
                }
            }
        }
        if parts.len() == 2 {
            let resource = node.resource();
            let path = node.path();
            let inside = path.strip_prefix(&resource.path()).unwrap_or(&path);
            parts.push(self.context.message.to_owned());
            parts.push(match (resource.text("id"), &self.scope.full_url) {
                (Some(id), _) => format!("{}/{id}", type_of(resource)),
                (None, Some(url)) => url.clone(),
                (None, None) => resource.path(),
            });
            parts.push(inside.to_owned());
        }
        Uuid::new_v5(&SPACE, parts.join("\n").as_bytes())
            .hyphenated()
            .to_string()
    }

    /// Writes a reference where a rule wants it.
    pub(super) fn link(
        &mut self,
        tree: &mut Tree<'d>,
        at: Id,
        link: &TargetPath,
        reference: String,
        node: Node<'d>,
    ) {
        let into = tree.reach(at, &link.steps);
        let Some(element) = tree.element_named(into, "reference") else {
            self.find(Kind::Conversion, node);
            return;
        };
        let own = tree.single(into, element);
        if tree.text(own).is_some_and(|other| other != reference) {
            self.find(Kind::Occupied, node);
            return;
        }
        tree.set_text(own, reference.into());
    }
}
