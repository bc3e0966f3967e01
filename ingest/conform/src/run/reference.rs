//! What has another name in the target: types in references, systems, profiles.

use samenhang_profiles::document::Node;
use samenhang_profiles::element_table::Element;

use super::Run;
use crate::finding::Kind;
use crate::target::{Id, Text, Tree};

/// The system of the tag of a resource in which something was assumed.
const TAGS: &str = "https://samenhang.example/fhir/CodeSystem/conformance";

impl<'d> Run<'_, 'd> {
    /// What a text becomes in the target when it is a system or a reference; none when it stays as it is.
    pub(super) fn renamed(&self, tree: &Tree<'d>, into: Id, text: &str) -> Option<Text<'d>> {
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
            ("reference", "Reference") => self.referred(text).map(Into::into),
            _ => None,
        }
    }

    /// Whether the way back cannot tell what a system or the type in a reference was called.
    pub(super) fn is_shared(&self, text: &str) -> bool {
        let pack = self.pack;
        let type_of = |text: &str| pack.references.get(text.rsplit('/').nth(1)?).cloned();
        pack.shared_systems.contains(text)
            || type_of(text)
                .is_some_and(|to| pack.references.values().filter(|other| **other == to).count() > 1)
    }

    /// A literal reference with the name that its type has in the target; none when it is the same.
    pub(super) fn referred(&self, reference: &str) -> Option<String> {
        if reference.starts_with('#') || reference.starts_with("urn:") || self.pack.references.is_empty() {
            return None;
        }
        let parts: Vec<&str> = reference.split('/').collect();
        let at = match parts.as_slice() {
            [.., _, "_history", _] => parts.len().checked_sub(4)?,
            _ => parts.len().checked_sub(2)?,
        };
        let other = self.pack.references.get(*parts.get(at)?)?;
        let mut parts = parts;
        *parts.get_mut(at)? = other;
        Some(parts.join("/"))
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
