//! Builds the tree of a message that is not FHIR: CDA, HL7 version 2, CSV and the like.
//!
//! Such a tree is *logical*: its nodes have names and texts and no types, and FHIRPath goes through it by those names. A
//! reader pushes nodes in the order of the message:
//!
//! ```
//! use samenhang_profiles::Limits;
//! use samenhang_profiles::document::{Builder, Origin};
//!
//! let message = "PID|1||123";
//! let mut tree = Builder::new(message, "ADT", &Limits::default())?;
//! tree.open("PID", None, Origin::Label("PID"))?;
//! tree.leaf("id", &message[7..], Origin::Offset(7))?;
//! tree.close();
//! let document = tree.finish();
//! let id = document.root().child("PID").and_then(|pid| pid.child("id"));
//! assert_eq!(id.and_then(|id| id.primitive()), Some("123"));
//! assert_eq!(id.map(|id| id.path()).as_deref(), Some("ADT.PID.id"));
//! # Ok::<(), samenhang_profiles::ReadError>(())
//! ```

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use hashbrown::HashMap;

use crate::document::Document;
use crate::document::arena::{Arena, Data, Form, IN_ARRAY, NONE, Open};
use crate::json::limit;
use crate::limits::Limits;
use crate::raw::ReadError;
use crate::version::FhirVersion;

/// Where in a message a node comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin<'o> {
    /// Byte offset in the text.
    Offset(usize),
    /// How the format itself names the place: `OBX-5[2].1`, `row 12, column postcode`. It must hold no data.
    Label(&'o str),
    /// That of the node that it stands in.
    Parent,
}

/// A node that is open.
struct Level {
    open: Open,
    /// How many children of each name there are so far, with the first of them.
    names: HashMap<Box<str>, (u32, u32)>,
}

/// Builds a [`Document`] node by node. Texts that are parts of the message are not copied.
pub struct Builder<'a> {
    arena: Arena<'a>,
    source: &'a str,
    levels: Vec<Level>,
    limits: Limits,
}

impl<'a> Builder<'a> {
    /// A tree over the text of a message, whose root has this name. Without a text at hand it is empty, and every place
    /// is a label.
    ///
    /// # Errors
    /// [`ReadError`] when the text passes a limit.
    pub fn new(source: &'a str, root: &str, limits: &Limits) -> Result<Self, ReadError> {
        if source.len() > limits.max_bytes {
            return Err(limit("bytes", limits.max_bytes, limits.max_bytes));
        }
        let mut arena = Arena::over(Cow::Borrowed(source))?;
        // The root has its name where a resource has its type.
        let mut data = Data::new(super::arena::Span::EMPTY, 0, 0, Form::Object);
        data.value = arena.span(source, root)?;
        let node = arena.push(data, None);
        Ok(Builder {
            arena,
            source,
            levels: vec![Level::of(node)],
            limits: *limits,
        })
    }

    /// Opens a node in the one that is open, with its own text when it has one; what is pushed until [`Builder::close`]
    /// stands in it.
    ///
    /// # Errors
    /// [`ReadError`] when it passes a limit.
    pub fn open(&mut self, name: &str, text: Option<&str>, origin: Origin<'_>) -> Result<(), ReadError> {
        let node = self.push(name, text, origin)?;
        if self.levels.len() >= self.limits.max_depth {
            let at = self.arena.node(node).offset;
            return Err(limit("levels", self.limits.max_depth, at as usize));
        }
        self.levels.push(Level::of(node));
        Ok(())
    }

    /// The text of the node that is open, for formats that have it behind what stands in the node. The root has none: it
    /// has its name there.
    ///
    /// # Errors
    /// [`ReadError`] when it passes a limit.
    pub fn text(&mut self, text: &str) -> Result<(), ReadError> {
        let Some(level) = self.levels.last().filter(|level| level.open.node != 0) else {
            return Ok(());
        };
        let node = level.open.node;
        if text.len() > self.limits.max_base64 {
            let at = self.arena.node(node).offset as usize;
            return Err(limit("bytes of a text", self.limits.max_base64, at));
        }
        let value = self.arena.span(self.source, text)?;
        let data = self.arena.node_mut(node);
        data.value = value;
        data.form = Form::String;
        Ok(())
    }

    /// Closes the node that is open. The root stays open.
    pub fn close(&mut self) {
        if self.levels.len() > 1 {
            self.levels.pop();
        }
    }

    /// A node that holds a text and nothing else.
    ///
    /// # Errors
    /// [`ReadError`] when it passes a limit.
    pub fn leaf(&mut self, name: &str, text: &str, origin: Origin<'_>) -> Result<(), ReadError> {
        self.push(name, Some(text), origin).map(drop)
    }

    /// The tree.
    #[must_use]
    pub fn finish(self) -> Document<'a> {
        // FHIRPath over it knows the types of the version by name, though no node has one.
        Document::of(self.arena, FhirVersion::R4)
    }

    fn push(&mut self, name: &str, text: Option<&str>, origin: Origin<'_>) -> Result<u32, ReadError> {
        let at = match origin {
            Origin::Offset(at) => at,
            Origin::Label(_) | Origin::Parent => {
                let level = self.levels.last().map_or(0, |level| level.open.node);
                self.arena.node(level).offset as usize
            }
        };
        let limits = &self.limits;
        if self.arena.nodes.len() >= limits.max_nodes {
            return Err(limit("values", limits.max_nodes, at));
        }
        if name.len() > limits.max_name {
            return Err(limit("bytes of a name", limits.max_name, at));
        }
        if text.is_some_and(|text| text.len() > limits.max_base64) {
            return Err(limit("bytes of a text", limits.max_base64, at));
        }
        let form = if text.is_some() {
            Form::String
        } else {
            Form::Object
        };
        let mut data = Data::new(self.arena.span(self.source, name)?, 0, at, form);
        if let Some(text) = text {
            data.value = self.arena.span(self.source, text)?;
        }
        let own = u32::try_from(self.arena.nodes.len()).unwrap_or(NONE);
        let Some(level) = self.levels.last_mut() else {
            return Ok(own);
        };
        match level.names.get_mut(name) {
            Some((count, first)) => {
                data.index = *count;
                data.flags = IN_ARRAY;
                *count += 1;
                self.arena.node_mut(*first).flags |= IN_ARRAY;
            }
            None => {
                level.names.insert(name.into(), (1, own));
            }
        }
        let node = self.arena.push(data, Some(&mut level.open));
        if let Origin::Label(label) = origin {
            let label = self.arena.span(self.source, label)?;
            self.arena.labels.insert(node, label);
        }
        Ok(node)
    }
}

impl Level {
    fn of(node: u32) -> Level {
        Level {
            open: Open { node, last: NONE },
            names: HashMap::new(),
        }
    }
}

impl std::fmt::Debug for Builder<'_> {
    /// The size, never the content.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("nodes", &self.arena.nodes.len())
            .finish_non_exhaustive()
    }
}
