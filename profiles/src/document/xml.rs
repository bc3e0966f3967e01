//! Builds a document from XML: one pass, each element typed as it opens.

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};

use crate::document::arena::{Arena, Data, Form, NONE, Open, Span};
use crate::document::irregularity::Rule;
use crate::document::typing::Typing;
use crate::element_table::{Primitive, Type};
use crate::limits::Limits;
use crate::raw::ReadError;
use crate::version::FhirVersion;
use crate::xml::scope::{Attributes, Namespace, Scope, split, within};
use crate::xml::{MAX_DEPTH, Source, blank, encoding, malformed, narrative};

/// What an open element is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A resource: the element of its type, inside of its place.
    Resource,
    /// The element around a resource: `contained`, `Bundle.entry.resource`.
    Place {
        filled: bool,
    },
    Other,
}

struct Frame {
    open: Open,
    shape: Shape,
    /// Order of the last child of a known name.
    order: u16,
    /// Children named `entry`.
    entries: usize,
}

/// Reads a resource.
pub(super) fn read<'a>(
    body: &'a [u8],
    version: FhirVersion,
    limits: &Limits,
) -> Result<Arena<'a>, ReadError> {
    if body.len() > limits.max_bytes {
        return Err(crate::json::limit("bytes", limits.max_bytes, limits.max_bytes));
    }
    let limits = Limits {
        max_depth: limits.max_depth.min(MAX_DEPTH),
        ..*limits
    };
    let text = encoding::decode(body)?;
    let mut builder = Builder {
        arena: Arena::over(std::borrow::Cow::Borrowed(""))?,
        text: &text,
        typing: Typing::of(version),
        limits,
        scope: Scope::default(),
        count: 0,
        frames: Vec::with_capacity(32),
        disordered: Vec::new(),
    };
    builder.all()?;
    let Builder {
        mut arena,
        mut disordered,
        ..
    } = builder;
    // Each once, or the cost would grow with the square of the message.
    disordered.sort_unstable();
    disordered.dedup();
    count_again(&mut arena, &disordered, &text);
    arena.source = text;
    Ok(arena)
}

/// Counts the children of these nodes by name, where those of one name do not stand next to each other.
fn count_again(arena: &mut Arena<'_>, owners: &[u32], source: &str) {
    for owner in owners {
        let mut counts: HashMap<String, u32> = HashMap::new();
        let mut child = arena.node(*owner).first;
        while child != NONE {
            let name = arena.text_in(source, arena.node(child).name).to_owned();
            let count = counts.entry(name).or_default();
            let data = arena.node_mut(child);
            data.index = *count;
            *count += 1;
            child = data.next;
        }
    }
}

struct Builder<'t> {
    arena: Arena<'static>,
    text: &'t str,
    typing: Typing,
    limits: Limits,
    scope: Scope,
    count: usize,
    frames: Vec<Frame>,
    /// Nodes whose children may be of one name without standing next to each other.
    disordered: Vec<u32>,
}

impl Builder<'_> {
    fn all(&mut self) -> Result<(), ReadError> {
        let mut source = Source::over(self.text);
        let mut first = true;
        loop {
            match source.next()? {
                Event::Start(start) => self.open(&start, &mut source, false)?,
                Event::Empty(start) => self.open(&start, &mut source, true)?,
                Event::End(_) => self.close(source.at)?,
                Event::Text(text) if blank(&text) => {}
                Event::Comment(_) => {}
                Event::Decl(_) if first => {}
                Event::Eof => break,
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => match self.frames.last() {
                    Some(frame) => {
                        let node = frame.open.node;
                        self.arena.irregular_at(Rule::Text, node, Span::ABSENT, source.at);
                    }
                    None => return Err(malformed(source.at, "text outside of the root element")),
                },
                Event::DocType(_) => return Err(malformed(source.at, "a document type")),
                Event::PI(_) | Event::Decl(_) => {
                    return Err(malformed(source.at, "a processing instruction"));
                }
            }
            first = false;
        }
        if self.frames.is_empty() && !self.arena.nodes.is_empty() {
            Ok(())
        } else {
            Err(malformed(self.text.len(), "the text ends early"))
        }
    }

    /// An element opens; `empty` when it closes at once.
    fn open(
        &mut self,
        start: &BytesStart<'_>,
        source: &mut Source<'_>,
        empty: bool,
    ) -> Result<(), ReadError> {
        let at = source.at;
        let depth = self.frames.len() + 1;
        within("levels of nesting", depth, self.limits.max_depth, at)?;
        let attributes = self.scope.enter(start, depth, at, &self.limits)?;
        self.count += 1 + attributes.plain.len();
        within("values", self.count, self.limits.max_nodes, at)?;
        let (prefix, name) = split(start.name().0);
        let namespace = self.scope.resolve(prefix);
        let shape = self.node(name, at)?;
        let Some(node) = self.frames.last().map(|frame| frame.open.node) else {
            return Ok(());
        };
        let kind = self.arena.node(node).kind;
        let narrative = kind.primitive == Some(Primitive::Xhtml) && shape == Shape::Other;
        if narrative || namespace == Namespace::Xhtml {
            if namespace != Namespace::Xhtml {
                return Err(malformed(at, "an element outside of its namespace"));
            }
            if !narrative {
                self.arena.irregular(Rule::Namespace, node);
            }
            let verbatim = prefix.is_empty() && attributes.declares_default;
            let mut copy = narrative::Copy {
                scope: &mut self.scope,
                limits: &self.limits,
                nodes: &mut self.count,
                depth,
            };
            let text = copy.element(start, source, empty, verbatim)?;
            within("bytes in a string", text.len(), self.limits.max_string, at)?;
            let value = self.arena.span(self.text, &text)?;
            let data = self.arena.node_mut(node);
            data.value = value;
            data.form = Form::String;
            return self.close(at);
        }
        if namespace != Namespace::Fhir {
            self.arena.irregular(Rule::Namespace, node);
        }
        if attributes.hinted {
            self.arena.irregular(Rule::SchemaHint, node);
        }
        self.attributes(node, shape, attributes, at)?;
        if empty { self.close(at) } else { Ok(()) }
    }

    /// Makes the node of an element and enters it.
    fn node(&mut self, name: &str, at: usize) -> Result<Shape, ReadError> {
        let span = self.arena.span(self.text, name)?;
        let data = Data::new(span, 0, at, Form::Object);
        let Some(owner) = self.frames.last_mut() else {
            if !self.arena.nodes.is_empty() {
                return Err(malformed(at, "a second root element"));
            }
            let node = self.arena.push(data, None);
            self.resource(node, span, name);
            self.enter(Open { node, last: NONE }, Shape::Resource);
            return Ok(Shape::Resource);
        };
        if let Shape::Place { filled } = owner.shape {
            owner.shape = Shape::Place { filled: true };
            let (mut node, mut last) = (owner.open.node, owner.open.last);
            if filled {
                // A second resource is a second node beside the first.
                let before = self.arena.node(node).clone();
                let data = Data {
                    index: before.index + 1,
                    element: before.element,
                    ..Data::new(before.name, 0, at, Form::Object)
                };
                let above = self.frames.len() - 2;
                let above = self.frames.get_mut(above).map(|frame| &mut frame.open);
                node = self.arena.push(data, above);
                last = NONE;
                self.arena.irregular(Rule::RepeatedResource, node);
                if let Some(place) = self.frames.last_mut() {
                    place.open.node = node;
                }
            }
            self.resource(node, span, name);
            self.enter(Open { node, last }, Shape::Resource);
            return Ok(Shape::Resource);
        }
        self.child(data, name, at)
    }

    /// Makes the node of an element that is no resource, and enters it.
    fn child(&mut self, mut data: Data, name: &str, at: usize) -> Result<Shape, ReadError> {
        let Some(owner) = self.frames.last_mut() else {
            return Ok(Shape::Other);
        };
        if name == "entry" {
            owner.entries += 1;
            within("entries", owner.entries, self.limits.max_entries, at)?;
        }
        let kind = self.arena.node(owner.open.node).kind;
        let element = self.typing.element(kind, name);
        let before = owner.open.last;
        let again = before != NONE && self.arena.text_in(self.text, self.arena.node(before).name) == name;
        if again {
            data.index = self.arena.node(before).index + 1;
        }
        let mut fault = None;
        let mut shape = Shape::Other;
        let mut behind = true;
        if let Some(element) = element {
            data.element = Some(element);
            data.kind = self.typing.type_of(element);
            behind = before == NONE || element.order > owner.order;
            if element.attribute {
                fault = Some(Rule::ElementForAttribute);
            } else if element.order < owner.order {
                fault = Some(Rule::ElementOrder);
            }
            owner.order = owner.order.max(element.order);
            if data.kind.any_resource() {
                data.kind = &crate::element_table::UNKNOWN;
                shape = Shape::Place { filled: false };
            }
        } else if !kind.name.is_empty() {
            fault = Some(Rule::UnknownElement);
        }
        if (!behind || element.is_none()) && !again && self.disordered.last() != Some(&owner.open.node) {
            self.disordered.push(owner.open.node);
        }
        let node = self.arena.push(data, Some(&mut owner.open));
        if let Some(rule) = fault {
            self.arena.irregular(rule, node);
        }
        self.enter(Open { node, last: NONE }, shape);
        Ok(shape)
    }

    fn enter(&mut self, open: Open, shape: Shape) {
        self.frames.push(Frame {
            open,
            shape,
            order: 0,
            entries: 0,
        });
    }

    /// Makes a node a resource of this type.
    fn resource(&mut self, node: u32, span: Span, name: &str) {
        let kind = self.typing.resource(name);
        let data = self.arena.node_mut(node);
        data.value = span;
        match kind {
            Some(kind) => data.kind = kind,
            None => self.arena.irregular(Rule::UnknownResourceType, node),
        }
    }

    fn attributes(
        &mut self,
        node: u32,
        shape: Shape,
        found: Attributes<'_>,
        at: usize,
    ) -> Result<(), ReadError> {
        let kind = self.arena.node(node).kind;
        for (name, value) in found.plain {
            let takes_value = shape == Shape::Other && (kind.primitive.is_some() || kind.name.is_empty());
            if takes_value && name == "value" {
                self.limit(kind, &value, at)?;
                let value = self.arena.span(self.text, &value)?;
                let data = self.arena.node_mut(node);
                data.value = value;
                data.form = Form::String;
                continue;
            }
            within("bytes in a string", value.len(), self.limits.max_string, at)?;
            let name_span = self.arena.span(self.text, name)?;
            let mut data = Data::new(name_span, 0, at, Form::String);
            data.value = self.arena.span(self.text, &value)?;
            data.element = self
                .typing
                .element(kind, name)
                .filter(|element| element.attribute && shape == Shape::Other);
            data.kind = data
                .element
                .map_or(data.kind, |element| self.typing.type_of(element));
            let known = data.element.is_some() || kind.name.is_empty() && shape == Shape::Other;
            let attribute = self
                .arena
                .push(data, self.frames.last_mut().map(|frame| &mut frame.open));
            if !known {
                self.arena.irregular(Rule::UnknownAttribute, attribute);
            }
            // An element of the same name may follow.
            if (!known || kind.name.is_empty()) && self.disordered.last() != Some(&node) {
                self.disordered.push(node);
            }
        }
        Ok(())
    }

    /// Holds a value to the limits that JSON has for values of its type.
    fn limit(&self, kind: &Type, value: &str, at: usize) -> Result<(), ReadError> {
        let (what, most) = match kind.primitive {
            Some(Primitive::Base64) => ("bytes of base64 data", self.limits.max_base64),
            _ => ("bytes in a string", self.limits.max_string),
        };
        within(what, value.len(), most, at)?;
        if kind.primitive == Some(Primitive::Number)
            && let Err(ReadError::Limit { what, limit, .. }) =
                crate::json::check(value.trim().as_bytes(), &self.limits)
        {
            return Err(ReadError::Limit { what, limit, at });
        }
        Ok(())
    }

    /// The innermost element closes.
    fn close(&mut self, at: usize) -> Result<(), ReadError> {
        self.scope.leave(self.frames.len());
        let Some(frame) = self.frames.pop() else {
            return Err(malformed(at, "an end without a start"));
        };
        let data = self.arena.node(frame.open.node);
        let empty = data.first == NONE && (data.form == Form::Object || data.value.is_absent());
        if let Shape::Place { filled: false } = frame.shape {
            self.arena.irregular(Rule::MissingResourceType, frame.open.node);
        } else if empty && frame.shape == Shape::Other {
            self.arena.irregular(Rule::Empty, frame.open.node);
        }
        Ok(())
    }
}
