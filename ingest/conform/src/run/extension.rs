//! Extensions: by their url, wherever they stand.

use samenhang_profiles::document::Node;

use super::Run;
use crate::plan::Extension;
use crate::target::{Id, Tree};

impl<'p, 'd> Run<'p, 'd> {
    /// Carries an extension over as the pack says for its url; one that it does not name stays unmapped.
    pub(super) fn extension(&mut self, tree: &mut Tree<'d>, extension: Node<'d>, parent: Id) {
        let pack = self.pack;
        let Some(url) = extension.text("url") else {
            return;
        };
        if self.restore(tree, extension, parent) {
            return;
        }
        let Some((action, _)) = pack.extensions.get(url) else {
            return;
        };
        let Some(element) = tree.element_named(parent, extension.name()) else {
            return;
        };
        if extension.children().all(|child| child.name() == "url") {
            return;
        }
        match action {
            Extension::Ignore(because) => self.ignored(extension, because),
            Extension::Keep => {
                let own = tree.add(parent, element);
                self.deeper(extension, |run| run.parts(tree, extension, own, &|url| url));
            }
            Extension::To { url, map, parts } => {
                let own = tree.add(parent, element);
                tree.set_url(own, url.to_string().into());
                match map {
                    Some(map) => {
                        if let Some(node) = extension.child("url") {
                            self.claimed[node.id()] = true;
                        }
                        self.map(*map, tree, extension, own);
                    }
                    None => {
                        let named = |url: &'d str| parts.get(url).map_or(url, |other| &**other);
                        self.deeper(extension, |run| run.parts(tree, extension, own, &named));
                    }
                }
            }
        }
    }

    /// Copies the parts of an extension: its url, its value, and the extensions in it under their own names.
    fn parts<'n>(
        &mut self,
        tree: &mut Tree<'d>,
        extension: Node<'d>,
        into: Id,
        named: &dyn Fn(&'d str) -> &'n str,
    ) where
        'd: 'n,
    {
        self.stands(extension, into);
        for child in extension.children() {
            if self.claimed[child.id()] {
                continue;
            }
            match child.name() {
                "url" => {
                    if tree.child(into, "url").is_none() {
                        let url = child.primitive().unwrap_or_default();
                        tree.set_url(into, named(url).to_owned().into());
                    }
                }
                "extension" => {
                    let url = child.text("url").unwrap_or_default();
                    // One with an address of its own is known by that; the others belong to what they stand in.
                    if url.contains(':') {
                        self.extension(tree, child, into);
                    } else if let Some(element) = tree.element_named(into, "extension") {
                        let own = tree.add(into, element);
                        self.deeper(child, |run| run.parts(tree, child, own, named));
                    }
                }
                _ => self.child(tree, child, into),
            }
        }
    }
}
