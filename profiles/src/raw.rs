//! A resource as it was received: its bytes, and the keys by which it is found, ordered and compared.
//!
//! Reading checks all of the bytes against the limits and keeps them as they are. It does not check that the
//! resource conforms to a profile, and it never rewrites anything.

mod extract;
mod keys;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;

pub use crate::error::ReadError;
use crate::json::Reader;
use crate::limits::Limits;
pub(crate) use crate::raw::extract::{Parts, boxed, each, fields, resource, text};
pub use crate::raw::keys::{CodingKey, IdentifierKey, Keys};
use crate::tape::{Tape, Taped};

/// A resource as it was received. A clone shares the bytes and the keys.
#[derive(Clone)]
pub struct RawResource {
    body: Bytes,
    keys: Arc<Keys>,
    /// The tape that was made when it was read, unless it does not fit on one or was let go of.
    tape: Option<Arc<Tape>>,
}

impl RawResource {
    /// Reads one resource in JSON.
    ///
    /// # Errors
    /// [`ReadError`] when it is malformed, passes a limit or has no `resourceType`.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the resource takes the buffer over: its body is a part of it"
    )]
    pub fn read(body: Bytes, limits: &Limits) -> Result<Self, ReadError> {
        let mut reader = Reader::new(&body, limits)?;
        reader.collect_references();
        let parts = resource(&mut reader)?.usable()?;
        reader.finish()?;
        Ok(RawResource::of(&body, parts))
    }

    /// A resource as a part of a text. Whitespace around the object is no part of it: a splice must not carry it along.
    pub(crate) fn of(text: &Bytes, parts: Parts) -> Self {
        RawResource {
            body: text.slice(parts.range),
            keys: Arc::new(parts.keys),
            tape: parts.tape.map(Arc::new),
        }
    }

    /// All that it says, without reading it again when it was kept from the first time.
    ///
    /// # Errors
    /// [`ReadError`] when it nests deeper than what is walked, or is longer than 2 GB.
    pub fn taped(&self) -> Result<Taped<'_>, ReadError> {
        match &self.tape {
            Some(tape) => Taped::kept(&self.body, tape),
            None => Taped::read(&self.body),
        }
    }

    /// The same resource over another copy of its bytes, so that it no longer holds on to the page that it came in, and
    /// to what was read of it.
    /// `None` when they are not the same bytes: a resource is never rewritten.
    #[must_use]
    pub fn over(&self, copy: Bytes) -> Option<Self> {
        (copy == self.body).then(|| RawResource {
            body: copy,
            keys: Arc::clone(&self.keys),
            tape: None,
        })
    }

    /// The bytes as received: one JSON object.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The extracted keys.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// `resourceType`.
    #[must_use]
    pub fn resource_type(&self) -> &str {
        &self.keys.resource_type
    }

    /// `id`.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.keys.id.as_deref()
    }
}
