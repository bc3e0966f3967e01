//! The values of a JSON text in order of appearance, in one vector: what was checked when it was received is read again as
//! often as it is needed, without an allocation for each value.
//!
//! Texts are parts of the input, or of one string with all that had escapes in it. A [`Node`] is a place on the tape; it is
//! copied freely and borrows text and tape only. For building or changing a value there is [`crate::tree`].

mod recorder;
#[cfg(test)]
mod tests;

use crate::json::{Kind, Reader, utf8};
use crate::raw::ReadError;

pub(crate) use recorder::Recorder;

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

/// What tells most names apart at a glance: the length, and a byte of the beginning, the middle and the end.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Tag(u32);

impl Tag {
    #[inline]
    fn of(name: &[u8]) -> Self {
        let byte = |at: usize| u32::from(name.get(at).copied().unwrap_or_default());
        let (middle, last) = (name.len() / 2, name.len().saturating_sub(1));
        // Names are short: a reader lets none through of which the length takes more than these bits.
        Tag((name.len() as u32) << 24 ^ byte(0) << 16 ^ byte(middle) << 8 ^ byte(last))
    }
}

/// One value, with those inside of it right behind it.
struct Value {
    kind: Kind,
    tag: Tag,
    /// The name, of a property.
    name: Span,
    /// The text of a scalar.
    text: Span,
    /// Index behind the last value inside.
    end: u32,
}

/// The values of one JSON text, without the text: 28 bytes for each, and what had escapes.
pub struct Tape {
    decoded: Box<str>,
    values: Box<[Value]>,
}

impl Tape {
    /// Reads a JSON text that was checked before: no limits but its depth and 2 GB of all, and no search for repeated
    /// names.
    ///
    /// # Errors
    /// [`ReadError`] when it is malformed, nests more than 256 levels or is too long.
    pub fn read(body: &[u8]) -> Result<Self, ReadError> {
        let mut reader = Reader::again(body)?;
        reader.record();
        reader.skip()?;
        let at = reader.offset();
        let tape = reader.recorded();
        reader.finish()?;
        tape.ok_or(ReadError::Limit {
            what: "levels of nesting",
            limit: MAX_DEPTH,
            at,
        })
    }
}

/// The tape of a text: one that was kept, or one of its own.
enum Of<'a> {
    Kept(&'a Tape),
    Own(Tape),
}

/// A text with its tape.
pub struct Taped<'a> {
    text: &'a str,
    tape: Of<'a>,
}

impl<'a> Taped<'a> {
    /// Reads a text as [`Tape::read`] does.
    ///
    /// # Errors
    /// As there.
    pub fn read(body: &'a [u8]) -> Result<Self, ReadError> {
        Ok(Taped {
            tape: Of::Own(Tape::read(body)?),
            text: utf8(body)?,
        })
    }

    /// A text with the tape that was made when it was read.
    pub(crate) fn kept(body: &'a [u8], tape: &'a Tape) -> Result<Self, ReadError> {
        Ok(Taped {
            tape: Of::Kept(tape),
            text: utf8(body)?,
        })
    }

    /// The value as a whole.
    #[inline]
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        Node {
            tape: match &self.tape {
                Of::Kept(tape) => tape,
                Of::Own(tape) => tape,
            },
            text: self.text,
            at: 0,
        }
    }
}

/// A value on a tape.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tape: &'t Tape,
    text: &'t str,
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
            0 => (self.text, span.start),
            _ => (&*self.tape.decoded, span.start & !DECODED),
        };
        of.get(start as usize..start as usize + span.len as usize)
            .unwrap_or_default()
    }

    /// What it is.
    #[inline]
    #[must_use]
    pub fn kind(self) -> Kind {
        self.value().map_or(Kind::Null, |value| value.kind)
    }

    /// The text of a scalar: of a string its value with escapes decoded, of another what stands there. Nothing for an
    /// object or array.
    #[inline]
    #[must_use]
    pub fn scalar(self) -> Option<&'t str> {
        let value = self.value()?;
        (!matches!(value.kind, Kind::Object | Kind::Array)).then(|| self.part(value.text))
    }

    #[inline]
    fn of(self, kind: Kind) -> Option<&'t str> {
        let value = self.value().filter(|value| value.kind == kind)?;
        Some(self.part(value.text))
    }

    /// The value of a string.
    #[inline]
    #[must_use]
    pub fn as_str(self) -> Option<&'t str> {
        self.of(Kind::String)
    }

    /// The text of a number.
    #[inline]
    #[must_use]
    pub fn as_number(self) -> Option<&'t str> {
        self.of(Kind::Number)
    }

    /// The value of a boolean.
    #[inline]
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        self.of(Kind::Boolean).map(|text| text == "true")
    }

    /// The property `name` of an object.
    #[inline]
    #[must_use]
    pub fn get(self, name: &str) -> Option<Node<'t>> {
        let tag = Tag::of(name.as_bytes());
        self.inside(Kind::Object).find(|node| {
            let value = node.value();
            value.is_some_and(|value| value.tag == tag && node.part(value.name) == name)
        })
    }

    /// The string at the property `name` of an object.
    #[inline]
    #[must_use]
    pub fn text(self, name: &str) -> Option<&'t str> {
        self.get(name)?.as_str()
    }

    /// The items of an array in order; none for what is not an array.
    #[inline]
    #[must_use]
    pub fn items(self) -> Inside<'t> {
        self.inside(Kind::Array)
    }

    /// The items of an array, or what is not an array itself.
    #[inline]
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
    #[inline]
    pub fn fields(self) -> impl Iterator<Item = (&'t str, Node<'t>)> + Clone {
        self.inside(Kind::Object).map(|node| {
            let name = node.value().map(|value| node.part(value.name));
            (name.unwrap_or_default(), node)
        })
    }

    #[inline]
    fn inside(self, kind: Kind) -> Inside<'t> {
        let end = self.value().filter(|value| value.kind == kind);
        Inside {
            of: self,
            at: self.at + 1,
            end: end.map_or(0, |value| value.end),
        }
    }
}

/// The properties of one object, for finding many of them: where each is stands together.
#[derive(Default)]
pub struct Properties<'t> {
    of: Option<Node<'t>>,
    places: Vec<(Tag, u32)>,
}

impl<'t> Properties<'t> {
    /// Takes those of an object in the place of what was there, in the same room.
    pub fn take(&mut self, of: Node<'t>) {
        self.of = Some(of);
        self.places.clear();
        let inside = of.inside(Kind::Object);
        let places = inside.filter_map(|node| Some((node.value()?.tag, node.at)));
        self.places.extend(places);
    }

    /// The object.
    #[inline]
    #[must_use]
    pub fn node(&self) -> Option<Node<'t>> {
        self.of
    }

    /// The property `name`.
    #[inline]
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Node<'t>> {
        let (of, tag) = (self.of?, Tag::of(name.as_bytes()));
        let like = self.places.iter().filter(|(own, _)| *own == tag);
        let mut like = like.map(|(_, at)| Node { at: *at, ..of });
        like.find(|node| node.value().is_some_and(|value| node.part(value.name) == name))
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

    #[inline]
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
