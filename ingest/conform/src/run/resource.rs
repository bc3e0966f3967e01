//! Resources: those of the source one by one, and those that rules ask for.

use std::sync::Arc;

use samenhang_profiles::document::Node;
use samenhang_profiles::element_table::Type;

use super::{LiftedResource, MAX_RESOURCES, Run, type_of};
use crate::finding::Kind;
use crate::language::Format;
use crate::target::{Id, Tree, json};

/// The resource that is being made.
#[derive(Debug, Default, Clone)]
pub(super) struct Scope {
    /// The reference to it.
    pub(super) reference: String,
    /// The reference to the one that asked for it.
    pub(super) origin: Option<String>,
    /// Its place in a Bundle.
    pub(super) full_url: Option<String>,
    /// Whether it is contained in another.
    pub(super) contained: bool,
    /// Whether its map has a profile of its own.
    pub(super) profiled: bool,
}

/// A resource that a rule asked for.
pub(super) struct Order<'d> {
    pub(super) node: Node<'d>,
    pub(super) map: usize,
    pub(super) id: String,
    pub(super) scope: Scope,
}

/// A resource that is made, but for what is left of its source.
pub(super) struct Open<'d> {
    pub(super) tree: Tree<'d>,
    node: Node<'d>,
    map: Option<usize>,
    kind: &'static Type,
    id: Option<String>,
    full_url: Option<String>,
}

impl<'p, 'd> Run<'p, 'd> {
    /// Lifts the whole source.
    pub(super) fn all(&mut self, root: Node<'d>) {
        let fhir = self.pack.format == Format::Fhir;
        if fhir && root.resource_type() == "Bundle" && !self.pack.by_type.contains_key("Bundle") {
            self.bundle(root);
        } else {
            self.one(root, None);
        }
    }

    /// Lifts the resources of a Bundle one by one. What the Bundle says of itself is of the message and not of the record.
    fn bundle(&mut self, bundle: Node<'d>) {
        let envelope: Arc<str> = "it is of the message, not of the record".into();
        for entry in bundle.children_named("entry") {
            let url = entry.child("fullUrl");
            if let Some(resource) = entry.child("resource") {
                let given = url.and_then(|url| url.primitive());
                if let Some(url) = url {
                    self.mapped(url, || "Bundle.entry.fullUrl".to_owned());
                }
                self.one(resource, given);
            }
            for part in entry.children().filter(|part| part.name() != "resource") {
                self.ignored(part, &envelope);
            }
        }
        for part in bundle.children().filter(|part| part.name() != "entry") {
            self.ignored(part, &envelope);
        }
    }

    /// Lifts one resource of the source, and then all that its rules ask for.
    fn one(&mut self, node: Node<'d>, full_url: Option<&str>) {
        let map = self.choose(node, "");
        let kind = match map {
            Some(map) => self.pack.maps[map].to,
            None => self.resource_type(node),
        };
        let id = node.text("id");
        self.scope = Scope {
            reference: match (kind, id) {
                (Some(kind), Some(id)) => format!("{}/{id}", kind.name),
                _ => full_url.unwrap_or_default().to_owned(),
            },
            full_url: full_url.map(|url| self.referred(url, node).unwrap_or_else(|| url.to_owned())),
            ..Scope::default()
        };
        match (kind, map) {
            (Some(kind), _) => self.root(node, map, kind, id.map(str::to_owned)),
            (None, Some(map)) => {
                // A map that makes nothing itself: its rules ask for others.
                let mut nothing = self.empty();
                self.spent.set(0);
                self.map(map, &mut nothing, node, Tree::ROOT);
                self.round += 1;
            }
            (None, None) => self.find(Kind::NoMap, node),
        }
        while let Some(order) = self.waiting.pop_front() {
            let Some(kind) = self.pack.maps[order.map].to else {
                continue;
            };
            self.scope = order.scope;
            self.root(order.node, Some(order.map), kind, Some(order.id));
        }
        if self.pack.leftovers {
            let mut open = std::mem::take(&mut self.open);
            self.keep_leftovers(&mut open, node);
            self.round += 1;
            for open in open {
                self.finish(open);
            }
        }
    }

    /// A tree that is never written.
    fn empty(&self) -> Tree<'d> {
        Tree::new(self.pack.target, &samenhang_profiles::element_table::UNKNOWN)
    }

    /// Makes a resource with all that is contained in it.
    fn root(&mut self, node: Node<'d>, map: Option<usize>, kind: &'static Type, id: Option<String>) {
        if self.resources.len() + self.open.len() >= MAX_RESOURCES {
            self.find(Kind::Limit, node);
            return;
        }
        self.spent.set(0);
        let mut tree = Tree::new(self.pack.target, kind);
        self.fill(&mut tree, node, map, Tree::ROOT);
        self.make_contained(&mut tree);
        if let Some(id) = &id {
            identify(&mut tree, Tree::ROOT, id);
        }
        let open = Open {
            tree,
            node,
            map,
            kind,
            id,
            full_url: self.scope.full_url.clone(),
        };
        // What is left is known when all that its rules asked for is made.
        if self.pack.leftovers {
            self.open.push(open);
        } else {
            self.finish(open);
        }
    }

    /// Writes a resource.
    fn finish(&mut self, open: Open<'d>) {
        let Open {
            tree,
            node,
            map,
            kind,
            id,
            full_url,
        } = open;
        let Some(json) = json(&tree) else {
            return;
        };
        // A source may say the same thing at several places: who sent it with each result.
        if map.is_some_and(|map| self.pack.maps[map].id.is_some())
            && let Some(key) = id.clone().map(|id| (kind.name, id))
        {
            match self
                .written
                .get(&key)
                .and_then(|number| self.resources.get(*number))
            {
                Some(before) if before.json == json => return,
                Some(_) => self.find(Kind::Differs, node),
                None => {
                    self.written.insert(key, self.resources.len());
                }
            }
        }
        self.resources.push(LiftedResource {
            json,
            resource_type: kind.name,
            id,
            full_url,
            node: node.id(),
            map: map.map(|map| Arc::clone(&self.pack.maps[map].name)),
        });
    }

    /// Makes what contained resources asked for: it is contained beside them, as contained resources hold none.
    fn make_contained(&mut self, tree: &mut Tree<'d>) {
        let outer = self.scope.clone();
        while let Some(order) = self.inside.pop_front() {
            let kind = self.pack.maps[order.map].to;
            let (Some(kind), Some(element)) = (kind, tree.element_named(Tree::ROOT, "contained")) else {
                continue;
            };
            let own = tree.add_resource(Tree::ROOT, element, kind);
            self.scope = order.scope;
            self.fill(tree, order.node, Some(order.map), own);
            identify(tree, own, &order.id);
        }
        self.scope = outer;
    }

    /// Fills a resource of the target from one of the source.
    fn fill(&mut self, tree: &mut Tree<'d>, node: Node<'d>, map: Option<usize>, at: Id) {
        self.scope.profiled = map.is_some_and(|map| self.pack.maps[map].profile.is_some());
        match map {
            Some(map) => self.map(map, tree, node, at),
            None => self.rest(tree, node, at),
        }
        if tree.kind(at).resource {
            self.profile(map, tree, at);
        }
    }

    /// A resource within another.
    pub(super) fn contained(&mut self, tree: &mut Tree<'d>, node: Node<'d>, parent: Id) {
        let map = self.choose(node, "");
        let kind = match map {
            Some(map) => self.pack.maps[map].to,
            None => self.resource_type(node),
        };
        let element = tree.element_named(parent, node.name());
        let (Some(kind), Some(element)) = (kind, element) else {
            self.find(Kind::NoMap, node);
            return;
        };
        let reference = format!("#{}", node.text("id").unwrap_or_default());
        let scope = Scope {
            reference,
            contained: true,
            ..Scope::default()
        };
        let outer = std::mem::replace(&mut self.scope, scope);
        let own = tree.add_resource(parent, element, kind);
        self.deeper(node, |run| run.fill(tree, node, map, own));
        self.scope = outer;
    }

    /// The type of the target for a resource without a map.
    pub(super) fn resource_type(&self, node: Node<'d>) -> Option<&'static Type> {
        let name = node.resource_type();
        let name = self.pack.references.get(name).map_or(name, |other| &**other);
        let table = samenhang_profiles::element_table::Table::of(self.pack.target);
        let fhir = self.pack.format == Format::Fhir;
        table.named(name).filter(|kind| fhir && kind.resource)
    }

    /// The map that is chosen by type for a node: to the type `to`, or to any when it is empty.
    pub(super) fn choose(&mut self, node: Node<'d>, to: &str) -> Option<usize> {
        let pack = self.pack;
        let maps = pack.by_type.get(type_of(node))?;
        maps.iter().copied().find(|number| {
            let map = &pack.maps[*number];
            (to.is_empty() || map.to_name() == to) && self.holds(map.when.as_ref(), node)
        })
    }
}

/// Gives a resource that says something an id, unless it has one.
fn identify(tree: &mut Tree<'_>, at: Id, id: &str) {
    if tree.child(at, "id").is_none()
        && tree.has_content(at)
        && let Some(element) = tree.element_named(at, "id")
    {
        let own = tree.add(at, element);
        tree.set_text(own, id.to_owned().into());
    }
}
