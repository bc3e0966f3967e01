//! The nodes of a document in one vector, linked by index; their texts are spans of the input.

use std::borrow::Cow;

use hashbrown::HashMap;

use crate::document::irregularity::{Irregularity, Rule};
use crate::element_table::{Element, Type, UNKNOWN};
use crate::raw::ReadError;

/// No node, or no text.
pub(super) const NONE: u32 = u32::MAX;

/// Set in the start of a span of the decoded text.
const DECODED: u32 = 1 << 31;

/// A text: a part of the source, or of what was decoded from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    len: u32,
}

impl Span {
    pub(super) const EMPTY: Span = Span { start: 0, len: 0 };
    pub(super) const ABSENT: Span = Span { start: NONE, len: 0 };

    pub(super) fn is_absent(self) -> bool {
        self.start == NONE
    }

    /// The same without its first byte, which is an underscore.
    pub(super) fn without_underscore(self) -> Span {
        Span {
            start: self.start + 1,
            len: self.len - 1,
        }
    }
}

/// What stands at a node in its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `null`, or an item that only `_name` has.
    Null,
    Boolean,
    Number,
    /// A string of JSON, an attribute of XML.
    String,
    /// An object of JSON, an element of XML.
    Object,
}

/// The item of an array of JSON.
pub(super) const IN_ARRAY: u8 = 1;
/// Carries what `_name` says.
pub(super) const BESIDE: u8 = 2;
/// Merged into another node.
pub(super) const MERGED: u8 = 4;

/// One node.
#[derive(Debug, Clone)]
pub(super) struct Data {
    pub(super) name: Span,
    /// The value of a primitive; of a resource in JSON its type.
    pub(super) value: Span,
    pub(super) parent: u32,
    pub(super) first: u32,
    pub(super) next: u32,
    /// Place among the siblings of the same name.
    pub(super) index: u32,
    pub(super) offset: u32,
    pub(super) form: Form,
    pub(super) flags: u8,
    pub(super) element: Option<&'static Element>,
    pub(super) kind: &'static Type,
}

impl Data {
    pub(super) fn new(name: Span, index: u32, offset: usize, form: Form) -> Self {
        Data {
            name,
            value: Span::ABSENT,
            parent: NONE,
            first: NONE,
            next: NONE,
            index,
            offset: narrow(offset),
            form,
            flags: 0,
            element: None,
            kind: &UNKNOWN,
        }
    }
}

/// An element or object that is being read, with its last child so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub(super) node: u32,
    pub(super) last: u32,
}

/// The nodes, and the texts that they point into.
#[derive(Debug, Clone)]
pub(super) struct Arena<'a> {
    pub(super) source: Cow<'a, str>,
    pub(super) decoded: String,
    pub(super) nodes: Vec<Data>,
    /// How another format than FHIR names the place of a node.
    pub(super) labels: HashMap<u32, Span>,
    pub(super) irregularities: Vec<Irregularity>,
}

impl<'a> Arena<'a> {
    /// An empty arena over a text of less than two gigabytes.
    pub(super) fn over(source: Cow<'a, str>) -> Result<Self, ReadError> {
        let most = DECODED as usize - 1;
        if source.len() > most {
            return Err(crate::json::limit("bytes", most, most));
        }
        Ok(Arena {
            nodes: Vec::with_capacity(source.len() / 24 + 8),
            source,
            decoded: String::new(),
            labels: HashMap::new(),
            irregularities: Vec::new(),
        })
    }

    /// The text of a span; empty when there is none.
    pub(super) fn text(&self, span: Span) -> &str {
        self.text_in(&self.source, span)
    }

    /// The same while the source is not yet in the arena.
    pub(super) fn text_in<'s>(&'s self, source: &'s str, span: Span) -> &'s str {
        if span.is_absent() {
            return "";
        }
        let start = (span.start & !DECODED) as usize;
        let whole = if span.start & DECODED == 0 {
            source
        } else {
            &self.decoded
        };
        whole.get(start..start + span.len as usize).unwrap_or_default()
    }

    /// Where a text of the source stands; nothing for what was decoded.
    pub(super) fn offset_of(&self, span: Span) -> Option<u32> {
        (!span.is_absent() && span.start & DECODED == 0).then_some(span.start)
    }

    /// The span of a text that `source` holds; any other text is kept with what was decoded.
    ///
    /// `source` is the text that the arena was made over, from which `text` was taken.
    pub(super) fn span(&mut self, source: &str, text: &str) -> Result<Span, ReadError> {
        if text.is_empty() {
            return Ok(Span::EMPTY);
        }
        let at = text.as_ptr().addr().wrapping_sub(source.as_ptr().addr());
        if at < source.len() {
            return Ok(Span {
                start: narrow(at),
                len: narrow(text.len()),
            });
        }
        let start = self.decoded.len();
        if start + text.len() >= DECODED as usize {
            return Err(crate::json::limit("bytes", DECODED as usize, start));
        }
        self.decoded.push_str(text);
        Ok(Span {
            start: narrow(start) | DECODED,
            len: narrow(text.len()),
        })
    }

    /// Appends a node as the last child of `owner`, or as the root.
    #[inline]
    pub(super) fn push(&mut self, mut data: Data, owner: Option<&mut Open>) -> u32 {
        let own = narrow(self.nodes.len());
        if let Some(owner) = owner {
            data.parent = owner.node;
            let link = if owner.last == NONE {
                &mut self.nodes[owner.node as usize].first
            } else {
                &mut self.nodes[owner.last as usize].next
            };
            *link = own;
            owner.last = own;
        }
        self.nodes.push(data);
        own
    }

    #[inline]
    pub(super) fn node(&self, node: u32) -> &Data {
        &self.nodes[node as usize]
    }

    #[inline]
    pub(super) fn node_mut(&mut self, node: u32) -> &mut Data {
        &mut self.nodes[node as usize]
    }

    /// Notes a fault of shape at a node.
    pub(super) fn irregular(&mut self, rule: Rule, node: u32) {
        let offset = self.node(node).offset;
        self.irregular_at(rule, node, Span::ABSENT, offset as usize);
    }

    /// Notes a fault of shape of something inside of a node that is no node itself.
    pub(super) fn irregular_at(&mut self, rule: Rule, node: u32, name: Span, offset: usize) {
        self.irregularities.push(Irregularity {
            rule,
            node,
            name,
            offset: narrow(offset),
        });
    }
}

/// An offset or index of a text of less than two gigabytes.
#[inline]
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NONE - 1)
}
