//! Builds the objects of a resource while its elements open and close.

use std::borrow::Cow;

use quick_xml::events::BytesStart;

use crate::limits::Limits;
use crate::raw::ReadError;
use crate::xml::scope::{Attributes, Namespace, Scope, split, within};
use crate::xml::table::{Element, Primitive, Table};
use crate::xml::{Source, malformed, narrative};

/// An object of JSON.
#[derive(Default)]
pub(super) struct Object {
    /// The type, when it is a resource.
    pub(super) resource: Option<&'static str>,
    pub(super) fields: Vec<Field>,
}

/// A property of an object, with every value it has.
pub(super) struct Field {
    pub(super) name: Cow<'static, str>,
    pub(super) many: bool,
    pub(super) primitive: bool,
    pub(super) values: Vec<Value>,
}

/// One value: an object, or a primitive with what stands beside it (`_name` in JSON).
pub(super) struct Value {
    pub(super) scalar: Option<Scalar>,
    pub(super) object: Option<Object>,
}

/// A primitive value.
pub(super) struct Scalar {
    pub(super) text: String,
    /// Whether it is a string in JSON.
    pub(super) quoted: bool,
}

/// What an open element is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Resource,
    Complex,
    Primitive(Primitive),
    /// The element around a resource: `contained`, `Bundle.entry.resource`.
    Place,
}

struct Frame {
    /// The element in its owner; none for a resource, which has a place around it or is the root.
    element: Option<&'static Element>,
    /// Name of the type.
    kind: &'static str,
    shape: Shape,
    object: Object,
    scalar: Option<Scalar>,
}

/// The elements that are open, and what they hold so far.
pub(super) struct Builder {
    table: &'static Table,
    limits: Limits,
    scope: Scope,
    nodes: usize,
    stack: Vec<Frame>,
    root: Option<Object>,
}

impl Builder {
    pub(super) fn new(table: &'static Table, limits: &Limits) -> Self {
        Builder {
            table,
            limits: *limits,
            scope: Scope::default(),
            nodes: 0,
            stack: Vec::new(),
            root: None,
        }
    }

    /// An element opens; `empty` when it closes at once.
    pub(super) fn open(
        &mut self,
        start: &BytesStart<'_>,
        source: &mut Source<'_>,
        empty: bool,
    ) -> Result<(), ReadError> {
        let at = source.at;
        let depth = self.stack.len() + 1;
        within("levels of nesting", depth, self.limits.max_depth, at)?;
        let attributes = self.scope.enter(start, depth, at, &self.limits)?;
        self.nodes += 1 + attributes.plain.len();
        within("values", self.nodes, self.limits.max_nodes, at)?;
        let (prefix, name) = split(start.name().0);
        let namespace = self.scope.resolve(prefix);
        let mut frame = self.frame(name, at)?;
        let narrative = frame.shape == Shape::Primitive(Primitive::Xhtml);
        let expected = if narrative {
            Namespace::Xhtml
        } else {
            Namespace::Fhir
        };
        if namespace != expected {
            return Err(malformed(at, "an element outside of its namespace"));
        }
        if narrative {
            let verbatim = prefix.is_empty() && attributes.declares_default;
            let mut copy = narrative::Copy {
                scope: &mut self.scope,
                limits: &self.limits,
                nodes: &mut self.nodes,
                depth,
            };
            let text = copy.element(start, source, empty, verbatim)?;
            within("bytes in a string", text.len(), self.limits.max_string, at)?;
            frame.scalar = Some(Scalar { text, quoted: true });
            self.stack.push(frame);
            return self.close(at);
        }
        self.attributes(&mut frame, attributes, at)?;
        self.stack.push(frame);
        if empty { self.close(at) } else { Ok(()) }
    }

    /// What an element of this name is at this place.
    fn frame(&self, name: &str, at: usize) -> Result<Frame, ReadError> {
        let unknown = || ReadError::UnknownElement {
            path: self.path(name),
            at,
        };
        let owner = self.stack.last();
        if owner.is_none() && self.root.is_some() {
            return Err(malformed(at, "a second root element"));
        }
        if owner.is_none_or(|owner| owner.shape == Shape::Place) {
            if owner.is_some_and(|owner| owner.object.resource.is_some()) {
                return Err(malformed(at, "two resources at one place"));
            }
            let (kind, _) = self
                .table
                .kind(name)
                .filter(|(_, kind)| kind.resource)
                .ok_or_else(unknown)?;
            let object = Object {
                resource: Some(kind),
                fields: Vec::new(),
            };
            return Ok(Frame {
                element: None,
                kind,
                shape: Shape::Resource,
                object,
                scalar: None,
            });
        }
        let kind = owner.map_or("", |owner| match owner.shape {
            Shape::Primitive(_) => "Element",
            _ => owner.kind,
        });
        let element = self
            .table
            .element(kind, name)
            .filter(|e| !e.attribute)
            .ok_or_else(unknown)?;
        let shape = match self.table.kind(element.kind) {
            Some(("Resource", _)) => Shape::Place,
            Some((_, kind)) => kind.primitive.map_or(Shape::Complex, Shape::Primitive),
            None => return Err(unknown()),
        };
        let object = Object::default();
        Ok(Frame {
            element: Some(element),
            kind: element.kind,
            shape,
            object,
            scalar: None,
        })
    }

    fn attributes(&self, frame: &mut Frame, found: Attributes<'_>, at: usize) -> Result<(), ReadError> {
        for (name, value) in found.plain {
            if let (Shape::Primitive(primitive), "value") = (frame.shape, name) {
                frame.scalar = Some(self.scalar(primitive, value, at)?);
                continue;
            }
            let kind = if frame.shape == Shape::Complex {
                frame.kind
            } else {
                "Element"
            };
            let element = self
                .table
                .element(kind, name)
                .filter(|e| e.attribute && !matches!(frame.shape, Shape::Resource | Shape::Place))
                .ok_or_else(|| {
                    let own = frame.element.map_or(frame.kind, |element| &element.name);
                    ReadError::UnknownElement {
                        path: format!("{}.@{}", self.path(own), shown(name)),
                        at,
                    }
                })?;
            let scalar = self.scalar(Primitive::Text, value, at)?;
            frame.object.fields.push(Field {
                name: element.name.clone(),
                many: false,
                primitive: true,
                values: vec![Value {
                    scalar: Some(scalar),
                    object: None,
                }],
            });
        }
        Ok(())
    }

    /// The value of a primitive as it stands in JSON.
    fn scalar(&self, primitive: Primitive, value: Cow<'_, str>, at: usize) -> Result<Scalar, ReadError> {
        let (what, most) = match primitive {
            Primitive::Base64 => ("bytes of base64 data", self.limits.max_base64),
            _ => ("bytes in a string", self.limits.max_string),
        };
        within(what, value.len(), most, at)?;
        match primitive {
            Primitive::Boolean => match value.trim() {
                text @ ("true" | "false") => Ok(Scalar {
                    text: text.to_owned(),
                    quoted: false,
                }),
                _ => Err(malformed(at, "a boolean that is neither true nor false")),
            },
            Primitive::Number => {
                let text = value.trim();
                let number = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
                match crate::json::check(text.as_bytes(), &self.limits) {
                    Ok(()) if number => Ok(Scalar {
                        text: text.to_owned(),
                        quoted: false,
                    }),
                    Err(ReadError::Limit { what, limit, .. }) => Err(ReadError::Limit { what, limit, at }),
                    _ => Err(malformed(at, "a number that is not written as one")),
                }
            }
            _ => Ok(Scalar {
                text: value.into_owned(),
                quoted: true,
            }),
        }
    }

    /// The innermost element closes.
    pub(super) fn close(&mut self, at: usize) -> Result<(), ReadError> {
        self.scope.leave(self.stack.len());
        let Some(frame) = self.stack.pop() else {
            return Err(malformed(at, "an end without a start"));
        };
        let Some(owner) = self.stack.last_mut() else {
            self.root = Some(frame.object);
            return Ok(());
        };
        let Some(element) = frame.element else {
            // A resource: its place takes it over.
            owner.object = frame.object;
            return Ok(());
        };
        let value = match frame.shape {
            Shape::Place if frame.object.resource.is_none() => {
                return Err(malformed(at, "no resource where one must be"));
            }
            Shape::Primitive(_) => {
                let beside = Some(frame.object).filter(|object| !object.fields.is_empty());
                Value {
                    scalar: frame.scalar,
                    object: beside,
                }
            }
            _ => Value {
                scalar: None,
                object: Some(frame.object),
            },
        };
        let fields = &mut owner.object.fields;
        match fields.iter_mut().rfind(|field| field.name == element.name) {
            Some(field) if field.many => field.values.push(value),
            Some(_) => return Err(malformed(at, "an element is repeated that may stand once")),
            None => fields.push(Field {
                name: element.name.clone(),
                many: element.many,
                primitive: matches!(frame.shape, Shape::Primitive(_)),
                values: vec![value],
            }),
        }
        Ok(())
    }

    /// The resource, when all is closed.
    pub(super) fn finish(self, at: usize) -> Result<Object, ReadError> {
        match self.root {
            Some(root) if self.stack.is_empty() => Ok(root),
            _ => Err(malformed(at, "the text ends early")),
        }
    }

    /// Names of the open elements, then `name`.
    fn path(&self, name: &str) -> String {
        let open = self
            .stack
            .iter()
            .map(|frame| frame.element.map_or(frame.kind, |element| &element.name));
        open.chain([shown(name)]).collect::<Vec<_>>().join(".")
    }
}

/// A name that comes from outside, unless it is no name that FHIR could have: it must not carry content.
fn shown(name: &str) -> &str {
    let plain = name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain { name } else { "(unnamed)" }
}
