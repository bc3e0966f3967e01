//! Writes the tree as JSON (R4, section 2.6.1): elements in the order of the definition, a primitive's id and extensions
//! beside it, `null` where only one of the two is there.

use samenhang_profiles::element_table::{Element, Primitive};
use samenhang_profiles::write::JsonWriter;

use super::{Id, Tree};

/// What there is to write of each node, found from the leaves to the root: children have higher numbers than parents.
struct Shape {
    /// Whether the node has a text or a child that is written.
    filled: Vec<bool>,
    /// Whether it has a child that is written.
    inside: Vec<bool>,
}

impl Shape {
    fn of(tree: &Tree<'_>) -> Shape {
        let mut shape = Shape {
            filled: vec![false; tree.nodes.len()],
            inside: vec![false; tree.nodes.len()],
        };
        for (at, node) in tree.nodes.iter().enumerate().rev() {
            shape.filled[at] = node.text.is_some() || shape.inside[at];
            // An extension that has its url only says nothing.
            let named = node.parent != super::NONE
                && node.element.is_some_and(|element| element.name == "url")
                && tree.kind(node.parent).name == "Extension";
            // A node that was cleared no longer links to what stood in it, so the link is asked, not the parent.
            if shape.filled[at] && node.parent != super::NONE && !named && shape.linked(tree, node.parent) {
                shape.inside[node.parent as usize] = true;
            }
        }
        shape
    }

    fn linked(&self, tree: &Tree<'_>, parent: Id) -> bool {
        tree.node(parent).first != super::NONE
    }

    fn is_filled(&self, id: Id) -> bool {
        self.filled[id as usize]
    }

    fn has_inside(&self, id: Id) -> bool {
        self.inside[id as usize]
    }
}

/// The JSON of a tree; none when there is nothing in it.
pub(crate) fn json(tree: &Tree<'_>) -> Option<Vec<u8>> {
    let shape = Shape::of(tree);
    if !shape.is_filled(Tree::ROOT) {
        return None;
    }
    let mut out = JsonWriter::with_capacity(tree.nodes.len() * 32);
    object(tree, &shape, &mut out, Tree::ROOT);
    Some(out.finish().into())
}

/// An object. Recursion follows the nesting of the target, which is bounded when the tree is made.
fn object(tree: &Tree<'_>, shape: &Shape, out: &mut JsonWriter, id: Id) {
    out.begin_object();
    let kind = tree.kind(id);
    if kind.resource {
        out.field("resourceType", kind.name);
    }
    let mut children: Vec<(u16, Id)> = tree
        .children(id)
        .filter(|child| shape.is_filled(*child))
        .filter_map(|child| Some((tree.element(child)?.order, child)))
        .collect();
    // Stable: what repeats keeps the order in which it was made.
    children.sort_by_key(|(order, _)| *order);
    let mut rest = children.as_slice();
    while let Some((_, first)) = rest.first() {
        let Some(element) = tree.element(*first) else {
            break;
        };
        let same =
            |(_, child): &(u16, Id)| tree.element(*child).is_some_and(|own| std::ptr::eq(own, element));
        let run = rest.iter().take_while(|entry| same(entry)).count().max(1);
        let (items, after) = rest.split_at(run);
        rest = after;
        property(tree, shape, out, element, items);
    }
    out.end_object();
}

/// A property with all of its items.
fn property(tree: &Tree<'_>, shape: &Shape, out: &mut JsonWriter, element: &Element, items: &[(u16, Id)]) {
    let primitive = tree.table().type_of(element).primitive;
    let Some(primitive) = primitive else {
        out.key(&element.name);
        list(out, element, items, |out, id| object(tree, shape, out, id));
        return;
    };
    if items.iter().any(|(_, id)| tree.text(*id).is_some()) {
        out.key(&element.name);
        list(out, element, items, |out, id| match tree.text(id) {
            Some(text) => value(out, primitive, text),
            None => out.null(),
        });
    }
    if items.iter().any(|(_, id)| shape.has_inside(*id)) {
        out.key(&format!("_{}", element.name));
        list(out, element, items, |out, id| {
            if shape.has_inside(id) {
                object(tree, shape, out, id);
            } else {
                out.null();
            }
        });
    }
}

/// One item, or a list of them where the element repeats.
fn list(
    out: &mut JsonWriter,
    element: &Element,
    items: &[(u16, Id)],
    mut item: impl FnMut(&mut JsonWriter, Id),
) {
    if !element.many {
        if let Some((_, id)) = items.first() {
            item(out, *id);
        }
        return;
    }
    out.begin_array();
    for (_, id) in items {
        item(out, *id);
    }
    out.end_array();
}

/// A primitive. What is no number or boolean was kept out when the text was set.
fn value(out: &mut JsonWriter, primitive: Primitive, text: &str) {
    match primitive {
        Primitive::Boolean | Primitive::Number => out.raw(text.as_bytes()),
        Primitive::Text | Primitive::Base64 | Primitive::Xhtml => out.string(text),
    }
}
