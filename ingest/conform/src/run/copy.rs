//! Copying: a value into an element of the target, element by element where no map says otherwise.

use samenhang_profiles::document::Node;
use samenhang_profiles::element_table::Element;

use super::convert::{corresponds, fits, goes};
use super::{MAX_NODES, Run, type_of};
use crate::finding::Kind;
use crate::target::{Id, Text, Tree};

impl<'d> Run<'_, 'd> {
    /// Copies a node into its place: by the map of its type, as a primitive, or element by element.
    pub(super) fn copy(&mut self, tree: &mut Tree<'d>, node: Node<'d>, into: Id) {
        let kind = tree.kind(into);
        let primitive = kind.primitive.is_some();
        if !primitive && let Some(map) = self.choose(node, kind.name) {
            self.map(map, tree, node, into);
        } else if primitive && (node.is_primitive() || node.primitive().is_some()) {
            self.primitive(tree, node, into);
        } else if !primitive && corresponds(node, kind, self.pack.target) {
            self.deeper(node, |run| run.rest(tree, node, into));
        } else {
            self.find(Kind::Conversion, node);
        }
    }

    /// Copies a primitive with what is attached to it.
    pub(super) fn primitive(&mut self, tree: &mut Tree<'d>, node: Node<'d>, into: Id) {
        self.stands(node, into);
        if let Some(text) = node.primitive() {
            if !goes(node.fhir_type(), tree.kind(into).name) {
                self.find(Kind::Conversion, node);
                return;
            }
            let renamed = self.renamed(tree, into, node, text);
            if renamed
                .as_deref()
                .is_some_and(|renamed| self.is_shared(text, renamed))
            {
                self.find(Kind::Renamed, node);
            }
            self.place_text(tree, node, into, renamed.unwrap_or(text.into()));
        }
        self.attached(tree, node, into);
    }

    /// Puts the text of a node in its place, unless its type cannot hold it or something else is there.
    pub(super) fn place_text(&mut self, tree: &mut Tree<'d>, node: Node<'d>, into: Id, text: Text<'d>) {
        let kind = tree.kind(into);
        if kind.primitive.is_none() || !fits(node, kind, &text) {
            self.find(Kind::Conversion, node);
            return;
        }
        match tree.text(into) {
            Some(own) if own == text => {}
            Some(_) => {
                self.find(Kind::Occupied, node);
                return;
            }
            None => tree.set_text(into, text),
        }
        self.stands(node, into);
        self.mapped(node, || tree.path(into));
    }

    /// Puts a text that was computed in its place.
    pub(super) fn set_computed(&mut self, tree: &mut Tree<'d>, node: Node<'d>, into: Id, text: String) {
        let kind = tree.kind(into);
        if kind.primitive.is_none() || !super::convert::is_written(kind, &text) {
            self.find(Kind::Conversion, node);
        } else if tree.text(into).is_some_and(|own| own != text) {
            self.find(Kind::Occupied, node);
        } else {
            tree.set_text(into, text.into());
        }
    }

    /// Copies what is attached to a primitive: its id and extensions.
    pub(super) fn attached(&mut self, tree: &mut Tree<'d>, node: Node<'d>, into: Id) {
        for child in node.children() {
            if !self.claimed[child.id()] {
                match child.name() {
                    "extension" => self.extension(tree, child, into),
                    "id" => self.child(tree, child, into),
                    _ => {}
                }
            }
        }
    }

    /// Copies the children that no rule took, where the target has an element of that name and type.
    pub(super) fn rest(&mut self, tree: &mut Tree<'d>, node: Node<'d>, into: Id) {
        self.stands(node, into);
        let whole = corresponds(node, tree.kind(into), self.pack.target);
        for child in node.children() {
            if tree.len() > MAX_NODES {
                self.find(Kind::Limit, node);
                return;
            }
            if self.claimed[child.id()] {
                continue;
            }
            match child.name() {
                "extension" | "modifierExtension" => self.extension(tree, child, into),
                // The rule that made the extension gave it its name.
                "url" if tree.kind(into).name == "Extension" && tree.child(into, "url").is_some() => {}
                _ if whole => self.child(tree, child, into),
                _ => {}
            }
        }
    }

    /// Copies a child into the element of its name; what has no such element stays unmapped.
    pub(super) fn child(&mut self, tree: &mut Tree<'d>, child: Node<'d>, parent: Id) {
        let Some(element) = self.element(tree, child, parent) else {
            return;
        };
        if child.is_resource() {
            self.contained(tree, child, parent);
            return;
        }
        if child.name() == "profile" && tree.kind(parent).name == "Meta" {
            self.source_profile(tree, child, parent, element);
            return;
        }
        if tree.rival(parent, element).is_some() {
            if !self.is_accounted(child) {
                self.find(Kind::Occupied, child);
            }
            return;
        }
        let into = if element.many {
            tree.add(parent, element)
        } else {
            tree.single(parent, element)
        };
        self.copy(tree, child, into);
    }

    /// The element of the target for a child, when its type corresponds or a map converts it.
    fn element(&mut self, tree: &Tree<'d>, child: Node<'d>, parent: Id) -> Option<&'static Element> {
        let element = tree.element_named(parent, child.name())?;
        let kind = tree.table().type_of(element);
        let suits = if kind.primitive.is_some() {
            child.is_primitive() && goes(child.fhir_type(), kind.name)
        } else {
            kind.any_resource() && child.is_resource()
                || corresponds(child, kind, self.pack.target)
                || self.choose(child, kind.name).is_some()
        };
        suits.then_some(element)
    }

    /// The choice of the target for the type of a node.
    pub(super) fn choice(
        &mut self,
        choices: &[&'static Element],
        node: Node<'d>,
    ) -> Option<&'static Element> {
        let table = samenhang_profiles::element_table::Table::of(self.pack.target);
        let kind = |element: &&'static Element| table.type_of(element);
        let same = choices
            .iter()
            .copied()
            .find(|element| kind(element).name == type_of(node));
        same.or_else(|| {
            choices.iter().copied().find(|element| {
                let kind = kind(element);
                if kind.primitive.is_some() {
                    node.is_primitive() && goes(node.fhir_type(), kind.name)
                } else {
                    corresponds(node, kind, self.pack.target)
                }
            })
        })
    }
}
