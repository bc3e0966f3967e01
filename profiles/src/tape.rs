//! The values of JSON texts in order of appearance, in one vector: for reading again what was checked when it was
//! received, many times over, without an allocation for each value.
//!
//! Texts are parts of the input, or of one string with all that had escapes in it. A [`Node`] is a place on the tape; it is
//! copied freely and borrows the tape only. For building or changing a value there is [`crate::tree`].

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::json::{Kind, Reader};
use crate::raw::ReadError;

/// What nests deeper is not read: walking it is recursive.
const MAX_DEPTH: usize = 256;

/// Set in the start of a span of what was decoded; so a text of 2 GB or more is not read.
const DECODED: u32 = 1 << 31;

/// A text: a part of the input, or of what was decoded from it.
#[derive(Clone, Copy, Default)]
struct Span {
    start: u32,
    len: u32,
}

/// One value, with those inside of it right behind it.
struct Value {
    kind: Kind,
    /// The name, of a property.
    name: Span,
    /// The text of a scalar.
    text: Span,
    /// Index behind the last value inside.
    end: u32,
}

/// JSON texts, read.
#[derive(Default)]
pub struct Tape<'a> {
    texts: Vec<&'a str>,
    decoded: String,
    values: Vec<Value>,
}

impl<'a> Tape<'a> {
    /// A tape with room for so many bytes of text.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Tape {
            values: Vec::with_capacity(bytes / 20 + 8),
            ..Tape::default()
        }
    }

    /// Reads a JSON text that was checked before, and gives its place: no limits but its depth and 2 GB of all, and no
    /// search for repeated names.
    ///
    /// # Errors
    /// [`ReadError`] when it is malformed, nests more than 256 levels or is too long; nothing of it is kept.
    pub fn add(&mut self, body: &'a [u8]) -> Result<Place, ReadError> {
        let root = self.values.len();
        // All indexes and spans stay below it: a value takes a byte of text at least.
        let limit = DECODED as usize - 1;
        if body.len() > limit.saturating_sub(root.max(self.decoded.len())) {
            let what = "bytes";
            return Err(ReadError::Limit { what, limit, at: 0 });
        }
        let reader = Reader::again(body)?;
        let place = Place {
            text: index(self.texts.len()),
            root: index(root),
        };
        self.texts.push(reader.text());
        let read = self.values(reader);
        if read.is_err() {
            self.texts.pop();
            self.values.truncate(root);
        }
        read.map(|()| place)
    }

    fn values(&mut self, mut reader: Reader<'a>) -> Result<(), ReadError> {
        let text = reader.text();
        let mut open: Vec<usize> = Vec::with_capacity(16);
        let mut name = Span::default();
        loop {
            let own = self.values.len();
            let kind = reader.peek()?;
            let part = match kind {
                Kind::Object | Kind::Array => Span::default(),
                Kind::String => self.span(text, reader.string()?),
                Kind::Number => self.span(text, Cow::Borrowed(reader.number()?)),
                Kind::Boolean | Kind::Null => {
                    let len = reader.literal()?.len();
                    Span {
                        start: index(reader.offset().saturating_sub(len)),
                        len: index(len),
                    }
                }
            };
            self.values.push(Value {
                kind,
                name: std::mem::take(&mut name),
                text: part,
                end: index(own + 1),
            });
            match kind {
                Kind::Object => reader.enter_object()?,
                Kind::Array => reader.enter_array()?,
                _ => {}
            }
            if matches!(kind, Kind::Object | Kind::Array) {
                if open.len() >= MAX_DEPTH {
                    return Err(ReadError::Limit {
                        what: "levels of nesting",
                        limit: MAX_DEPTH,
                        at: reader.offset(),
                    });
                }
                open.push(own);
            }
            loop {
                let Some(&inner) = open.last() else {
                    return reader.finish();
                };
                let is_array = self
                    .values
                    .get(inner)
                    .is_some_and(|value| value.kind == Kind::Array);
                if is_array {
                    if reader.next_item()? {
                        break;
                    }
                } else if let Some(next) = reader.next_key()? {
                    name = self.span(text, next);
                    break;
                }
                let end = index(self.values.len());
                if let Some(value) = self.values.get_mut(inner) {
                    value.end = end;
                }
                open.pop();
            }
        }
    }

    fn span(&mut self, text: &'a str, part: Cow<'a, str>) -> Span {
        match part {
            Cow::Borrowed(part) => Span {
                // A part of the input, by where it begins.
                start: index((part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)),
                len: index(part.len()),
            },
            Cow::Owned(part) => {
                let start = index(self.decoded.len()) | DECODED;
                self.decoded.push_str(&part);
                Span {
                    start,
                    len: index(part.len()),
                }
            }
        }
    }

    /// The value of a text as a whole.
    #[must_use]
    pub fn root(&self, place: Place) -> Node<'_> {
        Node {
            tape: self,
            text: place.text,
            at: place.root,
        }
    }
}

/// Where a text stands on a tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    text: u32,
    root: u32,
}

/// An index of a tape: what is read is shorter than 2 GB.
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A value on a tape.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tape: &'t Tape<'t>,
    text: u32,
    at: u32,
}

impl<'t> Node<'t> {
    #[inline]
    fn value(self) -> Option<&'t Value> {
        self.tape.values.get(self.at as usize)
    }

    #[inline]
    fn part(self, span: Span) -> &'t str {
        let (of, start) = match span.start & DECODED {
            0 => (self.tape.texts.get(self.text as usize).copied(), span.start),
            _ => (Some(&*self.tape.decoded), span.start & !DECODED),
        };
        of.and_then(|of| of.get(start as usize..start as usize + span.len as usize))
            .unwrap_or_default()
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.value().map_or(Kind::Null, |value| value.kind)
    }

    /// The text of a scalar: of a string its value with escapes decoded, of another what stands there. Nothing for an
    /// object or array.
    #[must_use]
    pub fn scalar(self) -> Option<&'t str> {
        let value = self.value()?;
        (!matches!(value.kind, Kind::Object | Kind::Array)).then(|| self.part(value.text))
    }

    fn of(self, kind: Kind) -> Option<&'t str> {
        let value = self.value().filter(|value| value.kind == kind)?;
        Some(self.part(value.text))
    }

    /// The value of a string.
    #[must_use]
    pub fn as_str(self) -> Option<&'t str> {
        self.of(Kind::String)
    }

    /// The text of a number.
    #[must_use]
    pub fn as_number(self) -> Option<&'t str> {
        self.of(Kind::Number)
    }

    /// The value of a boolean.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        self.of(Kind::Boolean).map(|text| text == "true")
    }

    /// The property `name` of an object.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Node<'t>> {
        self.inside(Kind::Object).find(|node| {
            // Most names differ in length, which needs no look at the text.
            node.value()
                .is_some_and(|value| value.name.len as usize == name.len() && node.part(value.name) == name)
        })
    }

    /// The string at the property `name` of an object.
    #[must_use]
    pub fn text(self, name: &str) -> Option<&'t str> {
        self.get(name)?.as_str()
    }

    /// The items of an array in order; none for what is not an array.
    #[must_use]
    pub fn items(self) -> Inside<'t> {
        self.inside(Kind::Array)
    }

    /// The items of an array, or what is not an array itself.
    #[must_use]
    pub fn many(self) -> Inside<'t> {
        match self.value() {
            Some(value) if value.kind != Kind::Array => Inside {
                of: self,
                at: self.at,
                end: value.end,
            },
            _ => self.items(),
        }
    }

    /// The properties of an object in order; none for what is not an object.
    pub fn fields(self) -> impl Iterator<Item = (&'t str, Node<'t>)> + Clone {
        self.inside(Kind::Object).map(|node| {
            let name = node.value().map(|value| node.part(value.name));
            (name.unwrap_or_default(), node)
        })
    }

    fn inside(self, kind: Kind) -> Inside<'t> {
        let end = self.value().filter(|value| value.kind == kind);
        Inside {
            of: self,
            at: self.at + 1,
            end: end.map_or(0, |value| value.end),
        }
    }
}

/// The values of one level.
#[derive(Clone)]
pub struct Inside<'t> {
    of: Node<'t>,
    at: u32,
    end: u32,
}

impl<'t> Iterator for Inside<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        if self.at >= self.end {
            return None;
        }
        let node = Node {
            at: self.at,
            ..self.of
        };
        self.at = node.value()?.end;
        Some(node)
    }
}
