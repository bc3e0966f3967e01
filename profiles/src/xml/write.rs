//! Writes a resource as FHIR XML: elements in the order of the definitions, ids and urls as attributes.
//!
//! Values are escaped and otherwise stand as they were, but for control characters, which XML has not; narrative is copied as it is. What the definitions do not know
//! comes last, in its own order.

use crate::document::{Document, Node, ValueKind};

/// The resource of a document.
pub(super) fn xml(document: &Document<'_>, size: usize) -> String {
    let mut out = String::with_capacity(size + size / 2);
    resource(document.root(), true, &mut out);
    out
}

/// A resource as the element of its type. Recursion ends: readers bound how deep a document is.
fn resource(node: Node<'_>, is_root: bool, out: &mut String) {
    let kind = node.resource_type();
    out.push('<');
    out.push_str(kind);
    if is_root {
        out.push_str(" xmlns=\"http://hl7.org/fhir\"");
    }
    out.push('>');
    content(node, out);
    close(kind, out);
}

fn element(node: Node<'_>, out: &mut String) {
    let name = node.name();
    if node.kind() == ValueKind::Xhtml {
        // It carries its own element, `div`, with its namespace.
        out.push_str(node.primitive().unwrap_or_default());
        return;
    }
    if node.is_resource() {
        open(name, out);
        resource(node, false, out);
        close(name, out);
        return;
    }
    out.push('<');
    out.push_str(name);
    for attribute in node.children().filter(|child| child.is_attribute()) {
        written(attribute.name(), attribute.primitive().unwrap_or_default(), out);
    }
    if let Some(value) = node.primitive() {
        written("value", value, out);
    }
    if node.children().all(Node::is_attribute) {
        out.push_str("/>");
        return;
    }
    out.push('>');
    content(node, out);
    close(name, out);
}

/// The children that are elements, in the order of the definition.
fn content(node: Node<'_>, out: &mut String) {
    let mut children: Vec<Node<'_>> = node.children().filter(|child| !child.is_attribute()).collect();
    // Stable: what repeats keeps its order.
    children.sort_by_key(|child| child.order());
    for child in children {
        // A gap in an array of primitives has nothing to write.
        if child.primitive().is_some() || child.children().next().is_some() || child.is_resource() {
            element(child, out);
        }
    }
}

fn written(name: &str, value: &str, out: &mut String) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for character in value.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            // A reader would make a blank of these in an attribute.
            '\t' | '\n' | '\r' => out.push_str(&format!("&#{};", character as u32)),
            // XML has no other control characters, not even written as a reference.
            control if control < ' ' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out.push('"');
}

fn open(name: &str, out: &mut String) {
    out.push('<');
    out.push_str(name);
    out.push('>');
}

fn close(name: &str, out: &mut String) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}
