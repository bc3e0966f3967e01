//! Builds a document from JSON: first the nodes as they stand, then their types.
//!
//! `resourceType` may stand behind what it explains, so nothing is typed while it is read.

use std::borrow::Cow;

use crate::document::arena::{Arena, Data, Form, IN_ARRAY, NONE, Open, Span};
use crate::document::irregularity::Rule;
use crate::document::sidecar;
use crate::document::typing::Typing;
use crate::json::{Kind, Reader, limit, utf8};
use crate::limits::Limits;
use crate::raw::ReadError;
use crate::version::FhirVersion;

/// An object or array that is being read.
enum Level {
    Object {
        open: Open,
        /// Whether anything stands in it.
        filled: bool,
        /// Whether a name with an underscore stands in it.
        sidecars: bool,
    },
    Array {
        name: Span,
        /// Items so far, those of arrays in it included.
        items: u32,
    },
}

/// Reads a resource.
pub(super) fn read<'a>(
    body: &'a [u8],
    version: FhirVersion,
    limits: &Limits,
) -> Result<Arena<'a>, ReadError> {
    let mut reader = Reader::new(body, limits)?;
    let source = utf8(body)?;
    if reader.peek()? != Kind::Object {
        return Err(ReadError::Unexpected("a resource is an object"));
    }
    let mut builder = Builder {
        arena: Arena::over(Cow::Borrowed(source))?,
        source,
        levels: Vec::with_capacity(32),
        max_entries: limits.max_entries,
    };
    builder.value(&mut reader, Span::EMPTY, None)?;
    while let Some(level) = builder.levels.last() {
        match level {
            Level::Object { .. } => builder.property(&mut reader)?,
            Level::Array { .. } => builder.item(&mut reader)?,
        }
    }
    reader.finish()?;
    let mut arena = builder.arena;
    Typing::of(version).json(&mut arena);
    Ok(arena)
}

struct Builder<'a> {
    arena: Arena<'a>,
    source: &'a str,
    levels: Vec<Level>,
    max_entries: usize,
}

impl<'a> Builder<'a> {
    /// Reads the next property of the innermost object, or its end.
    fn property(&mut self, reader: &mut Reader<'a>) -> Result<(), ReadError> {
        let Some(name) = reader.next_key()? else {
            self.end();
            return Ok(());
        };
        let Some(Level::Object {
            open,
            filled,
            sidecars,
        }) = self.levels.last_mut()
        else {
            return Ok(());
        };
        *filled = true;
        *sidecars |= name.starts_with('_');
        if name == "resourceType" && reader.peek()? == Kind::String {
            let own = open.node;
            let text = reader.string()?;
            self.arena.node_mut(own).value = self.arena.span(self.source, &text)?;
            return Ok(());
        }
        let name = self.arena.span(self.source, &name)?;
        self.value(reader, name, None)
    }

    /// Reads the next item of the innermost array, or its end.
    fn item(&mut self, reader: &mut Reader<'a>) -> Result<(), ReadError> {
        let more = reader.next_item()?;
        let Some(Level::Array { name, items }) = self.levels.last_mut() else {
            return Ok(());
        };
        if !more {
            self.end();
            return Ok(());
        }
        let (name, index) = (*name, *items);
        *items += 1;
        if index as usize >= self.max_entries && self.arena.text(name) == "entry" {
            return Err(limit("entries", self.max_entries, reader.offset()));
        }
        self.value(reader, name, Some(index))
    }

    /// Reads a scalar, or enters an object or array.
    #[inline]
    fn value(&mut self, reader: &mut Reader<'a>, name: Span, index: Option<u32>) -> Result<(), ReadError> {
        let kind = reader.peek()?;
        let at = reader.offset();
        if kind == Kind::Array {
            if index.is_some() {
                let owner = self.owner().map_or(0, |open| open.node);
                self.arena.irregular_at(Rule::NestedArray, owner, name, at);
            }
            reader.enter_array()?;
            let items = index.unwrap_or(0);
            self.levels.push(Level::Array { name, items });
            return Ok(());
        }
        let form = match kind {
            Kind::Object | Kind::Array => Form::Object,
            Kind::String => Form::String,
            Kind::Number => Form::Number,
            Kind::Boolean => Form::Boolean,
            Kind::Null => Form::Null,
        };
        let mut data = Data::new(name, index.unwrap_or(0), at, form);
        if index.is_some() {
            data.flags = IN_ARRAY;
        }
        match kind {
            Kind::Object | Kind::Array => reader.enter_object()?,
            Kind::String => {
                let text = reader.string()?;
                data.value = self.arena.span(self.source, &text)?;
            }
            Kind::Number => data.value = self.arena.span(self.source, reader.number()?)?,
            Kind::Boolean => data.value = self.arena.span(self.source, reader.literal()?)?,
            Kind::Null => drop(reader.literal()?),
        }
        let owner = self.levels.iter_mut().rev().find_map(open);
        let node = self.arena.push(data, owner);
        if form == Form::Object {
            self.levels.push(Level::Object {
                open: Open { node, last: NONE },
                filled: false,
                sidecars: false,
            });
        }
        Ok(())
    }

    /// The object that is being read.
    fn owner(&mut self) -> Option<&mut Open> {
        self.levels.iter_mut().rev().find_map(open)
    }

    /// The innermost object or array ends.
    fn end(&mut self) {
        match self.levels.pop() {
            Some(Level::Object { open, filled, .. }) if !filled => {
                self.arena.irregular(Rule::Empty, open.node);
            }
            Some(Level::Object { open, sidecars, .. }) if sidecars => {
                sidecar::merge(&mut self.arena, open.node);
            }
            Some(Level::Array { name, items }) => match self.levels.last_mut() {
                // The items of an array in an array count on.
                Some(Level::Array { items: outer, .. }) => *outer = items,
                _ if items == 0 => {
                    let owner = self.owner().map_or(0, |open| open.node);
                    let at = self
                        .arena
                        .offset_of(name)
                        .unwrap_or(self.arena.node(owner).offset);
                    self.arena
                        .irregular_at(Rule::EmptyArray, owner, name, at as usize);
                }
                _ => {}
            },
            _ => {}
        }
    }
}

fn open(level: &mut Level) -> Option<&mut Open> {
    match level {
        Level::Object { open, .. } => Some(open),
        Level::Array { .. } => None,
    }
}
