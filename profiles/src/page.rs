//! A page of a source: a Bundle, parsed once, whose resources stay slices of it.
//!
//! No resource is copied: a page lives in memory as the bytes that came in, and is freed with its last resource.

#[cfg(test)]
mod tests;

use bytes::Bytes;

use crate::json::{Kind, Reader, limit};
use crate::limits::Limits;
use crate::raw::{RawResource, ReadError, boxed, each, fields, resource, text};

/// One entry of a Bundle.
#[derive(Clone)]
pub struct Entry {
    /// `entry.fullUrl`.
    pub full_url: Option<Box<str>>,
    /// `entry.search.mode`.
    pub mode: Option<Box<str>>,
    /// `entry.resource`; `None` for an entry without one.
    pub resource: Option<RawResource>,
}

/// A Bundle.
#[derive(Clone, Default)]
pub struct Page {
    /// `Bundle.type`.
    pub kind: Box<str>,
    /// `Bundle.total`.
    pub total: Option<u64>,
    /// `Bundle.meta.lastUpdated`.
    pub last_updated: Option<Box<str>>,
    /// `link[relation=next].url`.
    pub next: Option<Box<str>>,
    /// `link[relation=self].url`.
    pub self_link: Option<Box<str>>,
    /// Entries in order.
    pub entries: Vec<Entry>,
    /// Entries whose resource names two patients: it is set aside and is `None` in its entry.
    pub set_aside: usize,
}

impl Page {
    /// Reads a Bundle in JSON.
    ///
    /// # Errors
    /// [`ReadError`] when it is malformed, passes a limit or is not a Bundle.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the page takes the buffer over: its resources share it"
    )]
    pub fn read(body: Bytes, limits: &Limits) -> Result<Self, ReadError> {
        let mut reader = Reader::new(&body, limits)?;
        reader.collect_references();
        if reader.peek()? != Kind::Object {
            return Err(ReadError::Unexpected("a Bundle is an object"));
        }
        let mut page = Page::default();
        let mut bundle = false;
        fields(&mut reader, |reader, name| {
            match name {
                "resourceType" => bundle = text(reader)?.as_deref() == Some("Bundle"),
                "type" => page.kind = text(reader)?.map(boxed).unwrap_or_default(),
                "total" => page.total = total(reader)?,
                "meta" => fields(reader, |reader, name| {
                    if name == "lastUpdated" {
                        page.last_updated = text(reader)?.map(boxed);
                    } else {
                        reader.skip()?;
                    }
                    Ok(())
                })?,
                "link" => each(reader, |reader| link(reader, &mut page))?,
                "entry" => each(reader, |reader| {
                    if page.entries.len() >= limits.max_entries {
                        return Err(limit("entries in a Bundle", limits.max_entries, reader.offset()));
                    }
                    let (entry, is_set_aside) = entry(reader, &body)?;
                    page.set_aside += usize::from(is_set_aside);
                    page.entries.push(entry);
                    Ok(())
                })?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        reader.finish()?;
        if !bundle {
            return Err(ReadError::Unexpected("not a Bundle"));
        }
        Ok(page)
    }
}

fn total(reader: &mut Reader<'_>) -> Result<Option<u64>, ReadError> {
    if reader.peek()? == Kind::Number {
        return Ok(reader.number()?.parse().ok());
    }
    reader.skip()?;
    Ok(None)
}

fn link(reader: &mut Reader<'_>, page: &mut Page) -> Result<(), ReadError> {
    let (mut relation, mut url) = (None, None);
    fields(reader, |reader, name| {
        match name {
            "relation" => relation = text(reader)?,
            "url" => url = text(reader)?.map(boxed),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    match relation.as_deref() {
        Some("next") => page.next = url,
        Some("self") => page.self_link = url,
        _ => {}
    }
    Ok(())
}

/// Reads an entry; says whether its resource was set aside.
fn entry(reader: &mut Reader<'_>, body: &Bytes) -> Result<(Entry, bool), ReadError> {
    if reader.peek()? != Kind::Object {
        return Err(ReadError::Unexpected("an entry is an object"));
    }
    let mut entry = Entry {
        full_url: None,
        mode: None,
        resource: None,
    };
    let mut is_set_aside = false;
    fields(reader, |reader, name| {
        match name {
            "fullUrl" => entry.full_url = text(reader)?.map(boxed),
            "search" => fields(reader, |reader, name| {
                if name == "mode" {
                    entry.mode = text(reader)?.map(boxed);
                } else {
                    reader.skip()?;
                }
                Ok(())
            })?,
            "resource" => {
                let usable = resource(reader)?.usable();
                is_set_aside |= usable.is_err();
                entry.resource = usable.ok().map(|parts| RawResource::of(body, parts));
            }
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok((entry, is_set_aside))
}
