//! The resource that is being made: a tree of elements, in any order, until it is written.
//!
//! Elements are those of the target's element table, so that what the tree holds is FHIR by its shape: names, types, what
//! repeats and what does not. What stays without content is not written.

mod path;
mod template;
#[cfg(test)]
mod tests;
mod write;

use std::borrow::Cow;

use samenhang_profiles::FhirVersion;
use samenhang_profiles::element_table::{Element, Table, Type};

pub(crate) use path::{PathError, Slot, TargetPath};
pub(crate) use template::{Content, holds};
pub(crate) use write::json;

/// Number of a node.
pub(crate) type Id = u32;

/// No node.
const NONE: Id = Id::MAX;

/// A text of the target: as the source has it, or made.
pub(crate) type Text<'d> = Cow<'d, str>;

/// A node of the target.
#[derive(Debug)]
struct Node<'d> {
    /// None for the root.
    element: Option<&'static Element>,
    kind: &'static Type,
    text: Option<Text<'d>>,
    /// The tag of the rules that share it; zero for none.
    tag: u32,
    parent: Id,
    first: Id,
    last: Id,
    next: Id,
}

/// A resource, or several that are contained in one.
pub(crate) struct Tree<'d> {
    nodes: Vec<Node<'d>>,
    table: &'static Table,
}

impl<'d> Tree<'d> {
    /// The root of the tree.
    pub(crate) const ROOT: Id = 0;

    /// A resource without content.
    pub(crate) fn new(version: FhirVersion, kind: &'static Type) -> Self {
        let mut nodes = Vec::with_capacity(64);
        nodes.push(Node {
            element: None,
            kind,
            text: None,
            tag: 0,
            parent: NONE,
            first: NONE,
            last: NONE,
            next: NONE,
        });
        Tree {
            nodes,
            table: Table::of(version),
        }
    }

    fn node(&self, id: Id) -> &Node<'d> {
        &self.nodes[id as usize]
    }

    fn node_mut(&mut self, id: Id) -> &mut Node<'d> {
        &mut self.nodes[id as usize]
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The element table.
    pub(crate) fn table(&self) -> &'static Table {
        self.table
    }

    /// The type of a node.
    pub(crate) fn kind(&self, id: Id) -> &'static Type {
        self.node(id).kind
    }

    /// The element of a node; none for the root.
    pub(crate) fn element(&self, id: Id) -> Option<&'static Element> {
        self.node(id).element
    }

    /// The node that this one stands in.
    pub(crate) fn parent(&self, id: Id) -> Option<Id> {
        let parent = self.node(id).parent;
        (parent != NONE).then_some(parent)
    }

    /// The text of a node.
    pub(crate) fn text(&self, id: Id) -> Option<&str> {
        self.node(id).text.as_deref()
    }

    /// Sets the text of a node.
    pub(crate) fn set_text(&mut self, id: Id, text: Text<'d>) {
        self.node_mut(id).text = Some(text);
    }

    /// Takes all content from a node, after which it is not written.
    pub(crate) fn clear(&mut self, id: Id) {
        let node = self.node_mut(id);
        node.text = None;
        node.first = NONE;
        node.last = NONE;
    }

    /// The children in the order in which they were made.
    pub(crate) fn children(&self, id: Id) -> impl Iterator<Item = Id> {
        let first = self.node(id).first;
        std::iter::successors((first != NONE).then_some(first), |at| {
            let next = self.node(*at).next;
            (next != NONE).then_some(next)
        })
    }

    /// The children of this element.
    pub(crate) fn children_of(&self, id: Id, element: &'static Element) -> impl Iterator<Item = Id> {
        self.children(id).filter(move |at| {
            self.node(*at)
                .element
                .is_some_and(|own| std::ptr::eq(own, element))
        })
    }

    /// The child of this name.
    pub(crate) fn child(&self, id: Id, name: &str) -> Option<Id> {
        let named = |at: &Id| self.node(*at).element.is_some_and(|element| element.name == name);
        self.children(id).find(named)
    }

    /// Another type of the same choice that has content.
    pub(crate) fn rival(&self, id: Id, element: &'static Element) -> Option<Id> {
        if !element.definition.ends_with("[x]") {
            return None;
        }
        self.children(id).find(|at| {
            let other = self.node(*at).element;
            other.is_some_and(|other| other.definition == element.definition && !std::ptr::eq(other, element))
                && self.has_content(*at)
        })
    }

    /// A new child.
    pub(crate) fn add(&mut self, parent: Id, element: &'static Element) -> Id {
        let kind = self.table.type_of(element);
        self.add_of(parent, element, kind, 0)
    }

    /// A new child of a type that the element does not say: a resource in another one.
    pub(crate) fn add_resource(&mut self, parent: Id, element: &'static Element, kind: &'static Type) -> Id {
        self.add_of(parent, element, kind, 0)
    }

    fn add_of(&mut self, parent: Id, element: &'static Element, kind: &'static Type, tag: u32) -> Id {
        let own = u32::try_from(self.nodes.len()).unwrap_or(NONE - 1);
        self.nodes.push(Node {
            element: Some(element),
            kind,
            text: None,
            tag,
            parent,
            first: NONE,
            last: NONE,
            next: NONE,
        });
        let last = self.node(parent).last;
        if last == NONE {
            self.node_mut(parent).first = own;
        } else {
            self.node_mut(last).next = own;
        }
        self.node_mut(parent).last = own;
        own
    }

    /// The child of an element that does not repeat, made when it is not there.
    pub(crate) fn single(&mut self, parent: Id, element: &'static Element) -> Id {
        let found = self.children_of(parent, element).next();
        found.unwrap_or_else(|| self.add(parent, element))
    }

    /// Whether something is written for a node.
    pub(crate) fn has_content(&self, id: Id) -> bool {
        self.node(id).text.is_some() || self.children(id).any(|child| self.has_content(child))
    }

    /// The element `name` of a node.
    pub(crate) fn element_named(&self, id: Id, name: &str) -> Option<&'static Element> {
        let kind = self.node(id).kind;
        if kind.primitive.is_some() {
            return self.table.named("Element")?.element(name);
        }
        kind.element(name)
    }

    /// The place in FHIRPath, as far as it is settled while the tree grows.
    pub(crate) fn path(&self, id: Id) -> String {
        let mut names = Vec::new();
        let mut at = id;
        loop {
            let node = self.node(at);
            match node.element {
                None => {
                    names.push(node.kind.name.to_owned());
                    break;
                }
                Some(element) if element.many => {
                    let before = self
                        .children_of(node.parent, element)
                        .take_while(|other| *other != at);
                    names.push(format!("{}[{}]", element.name, before.count()));
                }
                Some(element) => names.push(element.name.to_string()),
            }
            at = node.parent;
        }
        names.reverse();
        names.join(".")
    }
}
