//! What has another name in the target: types in references, systems, profiles.

use samenhang_profiles::document::Node;
use samenhang_profiles::element_table::{Element, Type};
use samenhang_profiles::fhirpath::Resolve as _;

use super::Run;
use crate::finding::Kind;
use crate::language::Format;
use crate::target::{Id, Text, Tree};

/// Of a literal reference: itself without a version, what stands before its type, and its type.
fn type_in(reference: &str) -> Option<(&str, &str, &str)> {
    let resource = reference
        .split_once("/_history/")
        .map_or(reference, |(resource, _)| resource);
    let (path, _) = resource.rsplit_once('/')?;
    let at = path.rfind('/').map_or(0, |at| at + 1);
    Some((resource, path.get(..at)?, path.get(at..)?))
}

/// The system of the tag of a resource in which something was assumed.
const TAGS: &str = "https://samenhang.example/fhir/CodeSystem/conformance";

impl<'d> Run<'_, 'd> {
    /// What a text becomes in the target when it is a system or a reference; none when it stays as it is.
    pub(super) fn renamed(
        &mut self,
        tree: &Tree<'d>,
        into: Id,
        node: Node<'d>,
        text: &str,
    ) -> Option<Text<'d>> {
        let name = &*tree.element(into)?.name;
        if name != "system" && name != "reference" {
            return None;
        }
        let parent = tree.kind(tree.parent(into)?);
        match (name, parent.name) {
            ("system", "Coding" | "Identifier") => self.pack.systems.replace(text).map(Into::into),
            ("system", other) if tree.table().is_a(other, "Quantity") => {
                self.pack.systems.replace(text).map(Into::into)
            }
            ("reference", "Reference") => self.referred(text, node).map(Into::into),
            _ => None,
        }
    }

    /// Whether the way back cannot tell what a system or the type in a reference was called: `renamed` is what it is
    /// now.
    pub(super) fn is_shared(&self, text: &str, renamed: &str) -> bool {
        let pack = self.pack;
        if pack.shared_systems.contains(text) {
            return true;
        }
        let (Some((_, _, from)), Some((_, _, to))) = (type_in(text), type_in(renamed)) else {
            return false;
        };
        // What the map of the resource itself says is known only where that resource is.
        pack.references.get(from).map(|other| &**other) != Some(to)
            || pack.references.values().filter(|other| ***other == *to).count() > 1
    }

    /// A literal reference with the name that its type has in the target; none when it is the same. What is made of the
    /// resource itself says so where that is in the message, as a map may make another type of some; elsewhere the table of
    /// the pack does.
    pub(super) fn referred(&mut self, reference: &str, from: Node<'d>) -> Option<String> {
        if reference.starts_with('#') || reference.starts_with("urn:") || self.pack.format != Format::Fhir {
            return None;
        }
        let (resource, before, name) = type_in(reference)?;
        let pack = self.pack;
        let other = match self.index.resolve(resource, from) {
            Some(found) => self.becomes(found)?.name,
            None => pack.references.get(name)?,
        };
        let behind = reference.get(before.len() + name.len()..)?;
        (other != name).then(|| format!("{before}{other}{behind}"))
    }

    /// What a resource of the source becomes.
    fn becomes(&mut self, node: Node<'d>) -> Option<&'static Type> {
        if let Some(known) = self.kinds.get(&node.id()) {
            return *known;
        }
        let kind = match self.choose(node, "") {
            Some(map) => self.pack.maps[map].to,
            None => self.resource_type(node),
        };
        self.kinds.insert(node.id(), kind);
        kind
    }

    /// A profile that the source claims: the one of the target takes its place.
    pub(super) fn source_profile(
        &mut self,
        tree: &mut Tree<'d>,
        node: Node<'d>,
        meta: Id,
        element: &'static Element,
    ) {
        let Some(url) = node.primitive() else {
            return;
        };
        let pack = self.pack;
        let plain = url.split_once('|').map_or(url, |(url, _)| url);
        match pack.profiles.get(plain) {
            Some(Some(target)) => {
                let there = tree
                    .children_of(meta, element)
                    .any(|own| tree.text(own) == Some(target));
                if !there {
                    let own = tree.add(meta, element);
                    tree.set_text(own, target.to_string().into());
                }
                self.mapped(node, || tree.path(meta));
            }
            Some(None) => self.ignored(node, &"the target has no such profile".into()),
            // A map with a profile of its own takes its place, see `profile`.
            None if self.scope.profiled => self.mapped(node, || tree.path(meta)),
            None => {}
        }
    }

    /// Claims the profile of the map, in place of those of the source.
    pub(super) fn profile(&mut self, map: Option<usize>, tree: &mut Tree<'d>, at: Id) {
        let pack = self.pack;
        let Some(profile) = map.and_then(|map| pack.maps[map].profile.as_deref()) else {
            return;
        };
        let Some(meta) = tree.element_named(at, "meta") else {
            return;
        };
        let meta = tree.single(at, meta);
        let Some(element) = tree.element_named(meta, "profile") else {
            return;
        };
        let own: Vec<Id> = tree.children_of(meta, element).collect();
        for claimed in own {
            tree.clear(claimed);
        }
        let claimed = tree.add(meta, element);
        tree.set_text(claimed, profile.to_owned().into());
    }

    /// Tags the resource that something stands in: something in it was assumed.
    pub(super) fn tag_assumed(&mut self, tree: &mut Tree<'d>, inside: Id) {
        let up = std::iter::successors(Some(inside), |at| tree.parent(*at));
        let Some(resource) = up.into_iter().find(|at| tree.kind(*at).resource) else {
            return;
        };
        let Some(meta) = tree.element_named(resource, "meta") else {
            return;
        };
        let meta = tree.single(resource, meta);
        let Some(tag) = tree.element_named(meta, "tag") else {
            return;
        };
        let there = tree.children_of(meta, tag).any(|own| {
            let text = |name| tree.child(own, name).and_then(|child| tree.text(child));
            text("system") == Some(TAGS) && text("code") == Some("assumed")
        });
        if there {
            return;
        }
        let own = tree.add(meta, tag);
        for (name, text) in [("system", TAGS), ("code", "assumed")] {
            if let Some(element) = tree.element_named(own, name) {
                let child = tree.add(own, element);
                tree.set_text(child, text.into());
            }
        }
    }

    /// Notes that a code was not in a table.
    pub(super) fn unknown_code(&mut self, node: Node<'d>) {
        self.find(Kind::Code, node);
    }
}
