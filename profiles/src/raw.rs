//! A resource as it was received: its bytes, and the keys by which it is found, ordered and compared.
//!
//! Reading checks all of the bytes against the limits and keeps them as they are. It does not check that the
//! resource conforms to a profile, and it never rewrites anything.

mod extract;
mod keys;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::{Buf, Bytes};

pub use crate::error::ReadError;
use crate::json::Reader;
use crate::limits::Limits;
pub(crate) use crate::raw::extract::{boxed, each, fields, resource, text};
pub use crate::raw::keys::{CodingKey, IdentifierKey, Keys};

/// A resource as it was received. A clone shares the bytes and the keys.
#[derive(Clone)]
pub struct RawResource {
    body: Bytes,
    keys: Arc<Keys>,
}

impl RawResource {
    /// Reads one resource in JSON.
    ///
    /// # Errors
    /// [`ReadError`] when it is malformed, passes a limit or has no `resourceType`.
    pub fn read(body: Bytes, limits: &Limits) -> Result<Self, ReadError> {
        let mut reader = Reader::new(&body, limits)?;
        reader.collect_references();
        let (keys, range) = resource(&mut reader)?.usable()?;
        reader.finish()?;
        // Whitespace around the object is no part of the resource: a splice must not carry it along.
        let mut body = body;
        body.truncate(range.end);
        body.advance(range.start);
        Ok(RawResource::from_parts(body, keys))
    }

    /// A resource whose bytes and keys were read together, as a part of a page.
    pub(crate) fn from_parts(body: Bytes, keys: Keys) -> Self {
        RawResource {
            body,
            keys: Arc::new(keys),
        }
    }

    /// The same resource over another copy of its bytes, so that it no longer holds on to the page that it came in.
    /// `None` when they are not the same bytes: a resource is never rewritten.
    #[must_use]
    pub fn over(&self, copy: Bytes) -> Option<Self> {
        (copy == self.body).then(|| RawResource {
            body: copy,
            keys: Arc::clone(&self.keys),
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
