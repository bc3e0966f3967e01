//! Makes a tape while a text is read for the first time, so that it is read once.

use std::ops::Range;

use super::{DECODED, MAX_DEPTH, Span, Tag, Tape, Value};
use crate::json::Kind;

/// Notes the values that a reader passes, from a value that begins until its end. Its room is used again for the next.
#[derive(Default)]
pub(crate) struct Recorder {
    /// Where in the text the value begins.
    base: usize,
    name: Span,
    tag: Tag,
    values: Vec<Value>,
    /// The objects and arrays that are being read.
    open: Vec<u32>,
    decoded: String,
    /// Whether something did not fit on a tape.
    is_over: bool,
}

impl Recorder {
    /// Begins with the value at an offset.
    pub(crate) fn begin(&mut self, base: usize) {
        self.base = base;
        self.name = Span::default();
        self.tag = Tag::default();
        self.values.clear();
        self.open.clear();
        self.decoded.clear();
        self.is_over = false;
    }

    /// The name of the value that comes next, where it stands, and whether it has escapes.
    #[inline]
    pub(crate) fn name(&mut self, name: &str, range: Range<usize>, escaped: bool) {
        self.name = self.span(range, escaped.then_some(name));
        self.tag = Tag::of(name.as_bytes());
    }

    /// A scalar; with what it says when it has escapes.
    #[inline]
    pub(crate) fn scalar(&mut self, kind: Kind, range: Range<usize>, decoded: Option<&str>) {
        let text = self.span(range, decoded);
        self.push(kind, text);
    }

    /// An object or array begins.
    #[inline]
    pub(crate) fn enter(&mut self, kind: Kind) {
        self.is_over |= self.open.len() >= MAX_DEPTH;
        let own = self.index(self.values.len());
        self.open.push(own);
        self.push(kind, Span::default());
    }

    /// The innermost object or array ends.
    #[inline]
    pub(crate) fn leave(&mut self) {
        let end = self.index(self.values.len());
        if let Some(value) = self.open.pop().and_then(|own| self.values.get_mut(own as usize)) {
            value.end = end;
        }
    }

    /// The tape of the value, which has ended. Nothing when it nests too deep or is too long for one.
    pub(crate) fn tape(&mut self) -> Option<Tape> {
        if self.is_over || !self.open.is_empty() {
            return None;
        }
        // What is kept takes no more room than it needs.
        let mut values = Vec::with_capacity(self.values.len());
        values.append(&mut self.values);
        Some(Tape {
            decoded: self.decoded.as_str().into(),
            values: values.into_boxed_slice(),
        })
    }

    #[inline]
    fn push(&mut self, kind: Kind, text: Span) {
        let end = self.index(self.values.len() + 1);
        self.values.push(Value {
            kind,
            tag: std::mem::take(&mut self.tag),
            name: std::mem::take(&mut self.name),
            text,
            end,
        });
    }

    #[inline]
    fn span(&mut self, range: Range<usize>, decoded: Option<&str>) -> Span {
        match decoded {
            None => Span {
                start: self.index(range.start.saturating_sub(self.base)),
                len: self.index(range.len()),
            },
            Some(text) => {
                let start = self.index(self.decoded.len()) | DECODED;
                self.decoded.push_str(text);
                Span {
                    start,
                    len: self.index(text.len()),
                }
            }
        }
    }

    /// An index of a tape, below 2 GB.
    #[inline]
    fn index(&mut self, at: usize) -> u32 {
        let index = u32::try_from(at).ok().filter(|index| *index < DECODED);
        self.is_over |= index.is_none();
        index.unwrap_or_default()
    }
}
