//! Writes a document that was read from XML as JSON, with `_name` beside primitives that carry more than a value.

use bytes::Bytes;

use crate::document::{Document, Irregularity, Node, Rule, ValueKind, shown};
use crate::limits::Limits;
use crate::raw::ReadError;
use crate::write::JsonWriter;
use crate::xml::malformed;

/// Writes the resource.
///
/// # Errors
/// [`ReadError`] when the document has what JSON could not carry.
pub(super) fn json(document: &Document<'_>, capacity: usize) -> Result<Bytes, ReadError> {
    for irregularity in document.irregularities() {
        accept(document, irregularity)?;
    }
    let mut out = JsonWriter::with_capacity(capacity);
    object(document.root(), &mut out)?;
    Ok(out.finish())
}

/// Refuses what would be lost or changed in JSON. Order and emptiness are kept as they are.
fn accept(document: &Document<'_>, irregularity: &Irregularity) -> Result<(), ReadError> {
    let at = irregularity.offset();
    let what = match irregularity.rule() {
        Rule::ElementOrder | Rule::Empty | Rule::SchemaHint => return Ok(()),
        Rule::MissingResourceType => "no resource where one must be",
        Rule::RepeatedResource => "two resources at one place",
        Rule::Text => "text outside of an attribute",
        Rule::Namespace => "an element outside of its namespace",
        rule => {
            let node = document.node_of(irregularity);
            let mark = if rule == Rule::UnknownAttribute { "@" } else { "" };
            return Err(ReadError::UnknownElement {
                path: path(node, mark),
                at,
            });
        }
    };
    Err(malformed(at, what))
}

/// Names of the elements from the root on, those of resources included.
fn path(node: Node<'_>, mark: &str) -> String {
    let mut names = Vec::new();
    for above in std::iter::successors(Some(node), |node| node.parent()) {
        if above.is_resource() && above.parent().is_some() {
            names.push(shown(above.resource_type()).to_owned());
        }
        let mark = if above == node { mark } else { "" };
        names.push(format!("{mark}{}", shown(above.name())));
    }
    names.reverse();
    names.join(".")
}

/// Writes an object. Recursion is bounded by the depth of the message.
fn object(node: Node<'_>, out: &mut JsonWriter) -> Result<(), ReadError> {
    out.begin_object();
    if node.is_resource() {
        out.field("resourceType", node.fhir_type());
    }
    for first in node.children().filter(|child| child.index() == 0) {
        let same: Vec<Node<'_>> = node.children_named(first.name()).collect();
        if !first.repeats()
            && let Some(second) = same.get(1)
        {
            return Err(malformed(
                second.offset(),
                "an element is repeated that may stand once",
            ));
        }
        property(first, &same, out)?;
    }
    out.end_object();
    Ok(())
}

fn property(first: Node<'_>, same: &[Node<'_>], out: &mut JsonWriter) -> Result<(), ReadError> {
    if !first.is_primitive() {
        out.key(first.name());
        return list(first, same, out, object);
    }
    if same.iter().any(|node| node.primitive().is_some()) {
        out.key(first.name());
        list(first, same, out, scalar)?;
    }
    if same.iter().any(|node| node.children().next().is_some()) {
        out.key(&format!("_{}", first.name()));
        list(first, same, out, |node, out| {
            if node.children().next().is_some() {
                return object(node, out);
            }
            out.null();
            Ok(())
        })?;
    }
    Ok(())
}

fn list(
    first: Node<'_>,
    same: &[Node<'_>],
    out: &mut JsonWriter,
    write: impl Fn(Node<'_>, &mut JsonWriter) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    if first.repeats() {
        out.begin_array();
    }
    for node in same {
        write(*node, out)?;
    }
    if first.repeats() {
        out.end_array();
    }
    Ok(())
}

/// Writes the value of a primitive as it stands in JSON.
fn scalar(node: Node<'_>, out: &mut JsonWriter) -> Result<(), ReadError> {
    let Some(text) = node.primitive() else {
        out.null();
        return Ok(());
    };
    match node.kind() {
        ValueKind::Boolean => match text.trim() {
            text @ ("true" | "false") => out.raw(text.as_bytes()),
            _ => {
                return Err(malformed(
                    node.offset(),
                    "a boolean that is neither true nor false",
                ));
            }
        },
        ValueKind::Number => {
            let text = text.trim();
            let number = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
            if !number || crate::json::check(text.as_bytes(), &Limits::NONE).is_err() {
                return Err(malformed(node.offset(), "a number that is not written as one"));
            }
            out.raw(text.as_bytes());
        }
        _ => out.string(text),
    }
    Ok(())
}
