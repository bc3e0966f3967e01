//! A validating JSON reader over bytes, with limits: one pass, no tree, no recursion.
//!
//! It accepts exactly RFC 8259 text in UTF-8 without a byte order mark, and refuses what FHIR forbids or what is
//! only ever an attack: repeated properties, lone surrogates, comments, `NaN`, text after the value, and whatever
//! passes a limit of [`Limits`]. Nesting is kept on the heap, so a message of a hundred thousand brackets is an
//! error and never a stack overflow. It does not convert numbers: a number is its text.

mod comments;
mod names;
mod scan;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

pub use crate::json::comments::without_comments;
use crate::json::names::Names;
pub(crate) use crate::json::scan::decode;
use crate::limits::Limits;
use crate::raw::ReadError;
use crate::tape::{Recorder, Tape};

/// What the next value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An object.
    Object,
    /// An array.
    Array,
    /// A string.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`.
    Null,
}

/// What the name just read says about a string that follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Follows {
    Plain,
    Base64,
    Reference,
}

/// An object or array that is being read.
#[derive(Debug, Clone, Copy)]
struct Frame {
    object: bool,
    started: bool,
}

/// A cursor over one JSON text.
///
/// Values are taken one by one: [`Reader::peek`] tells what comes, and one of the taking functions consumes it.
/// What is not wanted is passed with [`Reader::skip`], which checks it all the same.
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    limits: Limits,
    nodes: usize,
    frames: Vec<Frame>,
    /// None for a text that was checked before.
    names: Option<Names<'a>>,
    follows: Follows,
    collect: bool,
    references: Vec<Cow<'a, str>>,
    /// Notes what is passed, for a tape of it.
    recorder: Option<Recorder>,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte of `body`.
    ///
    /// # Errors
    /// [`ReadError`] when it is longer than the limit, not UTF-8, or starts with a byte order mark.
    pub fn new(body: &'a [u8], limits: &Limits) -> Result<Self, ReadError> {
        if body.len() > limits.max_bytes {
            return Err(limit("bytes", limits.max_bytes, limits.max_bytes));
        }
        let text = utf8(body)?;
        if text.starts_with('\u{feff}') {
            return Err(malformed(0, "a byte order mark"));
        }
        Ok(Reader::of(text, limits, Some(Names::new())))
    }

    fn of(text: &'a str, limits: &Limits, names: Option<Names<'a>>) -> Self {
        Reader {
            text,
            at: 0,
            limits: *limits,
            nodes: 0,
            frames: Vec::with_capacity(32),
            names,
            follows: Follows::Plain,
            collect: false,
            references: Vec::new(),
            recorder: None,
        }
    }

    /// Starts at the first byte of a text that was read before: no limits, no search for repeated names.
    pub(crate) fn again(body: &'a [u8]) -> Result<Self, ReadError> {
        let text = utf8(body)?;
        Ok(Reader::of(text, &Limits::NONE, None))
    }

    /// Byte offset of what is read next.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.at
    }

    /// From now on every string named `reference` is noted, wherever it stands.
    pub(crate) fn collect_references(&mut self) {
        self.collect = true;
    }

    /// The references noted since the last call.
    pub(crate) fn take_references(&mut self) -> std::vec::Drain<'_, Cow<'a, str>> {
        self.references.drain(..)
    }

    /// From now on what is passed is noted, from the value that comes next.
    pub(crate) fn record(&mut self) {
        self.space();
        let at = self.at;
        self.recorder.get_or_insert_default().begin(at);
    }

    /// The tape of the value that has been passed since [`Reader::record`]; nothing when it does not fit on one.
    pub(crate) fn recorded(&mut self) -> Option<Tape> {
        self.recorder.as_mut()?.tape()
    }

    /// What the next value is, without consuming it.
    ///
    /// # Errors
    /// [`ReadError::Malformed`] when no value can start here.
    #[inline]
    pub fn peek(&mut self) -> Result<Kind, ReadError> {
        match self.byte() {
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'"') => Ok(Kind::String),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't' | b'f') => Ok(Kind::Boolean),
            Some(b'n') => Ok(Kind::Null),
            Some(_) => Err(malformed(self.at, "expected a value")),
            None => Err(malformed(self.at, "the text ends early")),
        }
    }

    /// Enters an object; its properties follow by [`Reader::next_key`].
    ///
    /// # Errors
    /// [`ReadError`] when something else comes, or the nesting passes the limit.
    pub fn enter_object(&mut self) -> Result<(), ReadError> {
        self.enter(b'{', "expected an object")
    }

    /// Enters an array; its items follow by [`Reader::next_item`].
    ///
    /// # Errors
    /// [`ReadError`] when something else comes, or the nesting passes the limit.
    pub fn enter_array(&mut self) -> Result<(), ReadError> {
        self.enter(b'[', "expected an array")
    }

    fn enter(&mut self, open: u8, what: &'static str) -> Result<(), ReadError> {
        if self.byte() != Some(open) {
            return Err(malformed(self.at, what));
        }
        self.node()?;
        if self.frames.len() >= self.limits.max_depth {
            return Err(limit("levels of nesting", self.limits.max_depth, self.at));
        }
        let object = open == b'{';
        if object && let Some(names) = &mut self.names {
            names.open();
        }
        self.frames.push(Frame {
            object,
            started: false,
        });
        if let Some(recorder) = &mut self.recorder {
            recorder.enter(if object { Kind::Object } else { Kind::Array });
        }
        self.follows = Follows::Plain;
        self.at += 1;
        Ok(())
    }

    /// The name of the next property of the object that was entered last, or `None` at its end.
    ///
    /// # Errors
    /// [`ReadError`] when it is malformed, repeated or too long.
    pub fn next_key(&mut self) -> Result<Option<Cow<'a, str>>, ReadError> {
        if !self.advance(true, b'}')? {
            if let Some(names) = &mut self.names {
                names.close();
            }
            return Ok(None);
        }
        if self.byte() != Some(b'"') {
            return Err(malformed(self.at, "expected a property name"));
        }
        let start = self.at + 1;
        let (end, escaped) = scan::string(self.text.as_bytes(), start)?;
        if end - start > self.limits.max_name {
            return Err(limit("bytes in a property name", self.limits.max_name, start));
        }
        let name = self.cow(start..end, escaped);
        if let Some(recorder) = &mut self.recorder {
            recorder.name(&name, start..end, escaped);
        }
        if self
            .names
            .as_mut()
            .is_some_and(|names| !names.insert(name.clone()))
        {
            return Err(ReadError::DuplicateKey { at: start });
        }
        self.follows = match &*name {
            "data" | "content" => Follows::Base64,
            "reference" if self.collect => Follows::Reference,
            _ => Follows::Plain,
        };
        self.at = end + 1;
        if self.byte() != Some(b':') {
            return Err(malformed(self.at, "expected a colon"));
        }
        self.at += 1;
        Ok(Some(name))
    }

    /// Whether the array that was entered last has another item; at its end the array is left.
    ///
    /// # Errors
    /// [`ReadError::Malformed`] when neither an item nor the end comes.
    pub fn next_item(&mut self) -> Result<bool, ReadError> {
        self.advance(false, b']')
    }

    /// Passes a comma or the end of the innermost object or array; false at the end.
    #[inline]
    fn advance(&mut self, object: bool, close: u8) -> Result<bool, ReadError> {
        let byte = self.byte();
        let at = self.at;
        let Some(frame) = self.frames.last_mut().filter(|frame| frame.object == object) else {
            return Err(malformed(at, "read out of turn"));
        };
        match byte {
            Some(byte) if byte == close => {
                self.frames.pop();
                if let Some(recorder) = &mut self.recorder {
                    recorder.leave();
                }
                self.at += 1;
                Ok(false)
            }
            Some(b',') if frame.started => {
                self.at += 1;
                Ok(true)
            }
            Some(_) if !frame.started => {
                frame.started = true;
                Ok(true)
            }
            Some(_) => Err(malformed(at, "expected a comma or the end")),
            None => Err(malformed(at, "the text ends early")),
        }
    }

    /// Takes a string, with its escapes decoded.
    ///
    /// # Errors
    /// [`ReadError`] when something else comes, or it is malformed or too long.
    pub fn string(&mut self) -> Result<Cow<'a, str>, ReadError> {
        if self.byte() != Some(b'"') {
            return Err(malformed(self.at, "expected a string"));
        }
        let (range, escaped) = self.take_string()?;
        Ok(self.cow(range, escaped))
    }

    #[inline]
    fn take_string(&mut self) -> Result<(Range<usize>, bool), ReadError> {
        self.node()?;
        let start = self.at + 1;
        let (end, escaped) = scan::string(self.text.as_bytes(), start)?;
        let follows = std::mem::replace(&mut self.follows, Follows::Plain);
        let (most, what) = match follows {
            Follows::Base64 => (self.limits.max_base64, "bytes of base64 data"),
            _ => (self.limits.max_string, "bytes in a string"),
        };
        if end - start > most {
            return Err(limit(what, most, start));
        }
        self.at = end + 1;
        if follows == Follows::Reference {
            let reference = self.cow(start..end, escaped);
            self.references.push(reference);
        }
        if let Some(recorder) = &mut self.recorder {
            let decoded = escaped.then(|| decode(self.text.get(start..end).unwrap_or_default()));
            recorder.scalar(Kind::String, start..end, decoded.as_deref());
        }
        Ok((start..end, escaped))
    }

    /// Takes a number as its text.
    ///
    /// # Errors
    /// [`ReadError`] when something else comes, or its digits or exponent pass a limit.
    pub fn number(&mut self) -> Result<&'a str, ReadError> {
        self.space();
        self.node()?;
        let start = self.at;
        self.at = scan::number(self.text.as_bytes(), start, &self.limits)?;
        if let Some(recorder) = &mut self.recorder {
            recorder.scalar(Kind::Number, start..self.at, None);
        }
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    /// Takes `true`, `false` or `null` as its text.
    ///
    /// # Errors
    /// [`ReadError::Malformed`] when something else comes.
    pub fn literal(&mut self) -> Result<&'a str, ReadError> {
        self.space();
        self.node()?;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let literal = ["true", "false", "null"]
            .into_iter()
            .find(|literal| rest.starts_with(literal))
            .ok_or_else(|| malformed(self.at, "expected a value"))?;
        let start = self.at;
        self.at += literal.len();
        if let Some(recorder) = &mut self.recorder {
            let kind = if literal == "null" {
                Kind::Null
            } else {
                Kind::Boolean
            };
            recorder.scalar(kind, start..self.at, None);
        }
        Ok(literal)
    }

    /// Passes one value, checking all of it.
    ///
    /// # Errors
    /// [`ReadError`] when it is malformed or passes a limit.
    pub fn skip(&mut self) -> Result<(), ReadError> {
        self.raw().map(drop)
    }

    /// Passes one value, checking all of it, and gives its text as it stands.
    ///
    /// # Errors
    /// [`ReadError`] when it is malformed or passes a limit.
    pub fn raw(&mut self) -> Result<&'a str, ReadError> {
        let floor = self.frames.len();
        self.space();
        let start = self.at;
        self.begin()?;
        while let Some(frame) = self.frames.get(floor..).and_then(<[Frame]>::last) {
            let more = if frame.object {
                self.next_key()?.is_some()
            } else {
                self.next_item()?
            };
            if more {
                self.begin()?;
            }
        }
        Ok(self.slice(start..self.at))
    }

    /// Takes a scalar, or enters an object or array.
    #[inline]
    fn begin(&mut self) -> Result<(), ReadError> {
        match self.peek()? {
            Kind::String => self.take_string().map(drop),
            Kind::Object => self.enter_object(),
            Kind::Array => self.enter_array(),
            Kind::Number => self.number().map(drop),
            Kind::Boolean | Kind::Null => self.literal().map(drop),
        }
    }

    /// Ends the reading: nothing but whitespace may be left.
    ///
    /// # Errors
    /// [`ReadError::Malformed`] when something is.
    pub fn finish(mut self) -> Result<(), ReadError> {
        match self.byte() {
            None if self.frames.is_empty() => Ok(()),
            None => Err(malformed(self.at, "the text ends early")),
            Some(_) => Err(malformed(self.at, "text after the value")),
        }
    }

    #[inline]
    fn slice(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }

    #[inline]
    fn cow(&self, range: Range<usize>, escaped: bool) -> Cow<'a, str> {
        let raw = self.slice(range);
        if escaped {
            Cow::Owned(decode(raw))
        } else {
            Cow::Borrowed(raw)
        }
    }

    #[inline]
    fn node(&mut self) -> Result<(), ReadError> {
        self.nodes += 1;
        if self.nodes > self.limits.max_nodes {
            return Err(limit("values", self.limits.max_nodes, self.at));
        }
        Ok(())
    }

    /// The next byte that is not whitespace.
    #[inline]
    fn byte(&mut self) -> Option<u8> {
        self.space();
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn space(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(self.at) {
            self.at += 1;
        }
    }
}

/// Checks one JSON text as a whole.
///
/// # Errors
/// [`ReadError`] when it is malformed or passes a limit.
pub fn check(body: &[u8], limits: &Limits) -> Result<(), ReadError> {
    let mut reader = Reader::new(body, limits)?;
    reader.skip()?;
    reader.finish()
}

/// The text that bytes are.
pub(crate) fn utf8(body: &[u8]) -> Result<&str, ReadError> {
    std::str::from_utf8(body).map_err(|error| malformed(error.valid_up_to(), "not UTF-8"))
}

pub(crate) fn malformed(at: usize, what: &'static str) -> ReadError {
    ReadError::Malformed { at, what }
}

pub(crate) fn limit(what: &'static str, limit: usize, at: usize) -> ReadError {
    ReadError::Limit { what, limit, at }
}
