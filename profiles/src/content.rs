//! The hash of what a resource says, apart from where it was kept and how it was written down.
//!
//! Two resources with the same hash are the same statement: the order of properties, whitespace and escapes do not
//! count, and neither do `id`, `meta` and `text` of the resource itself. Numbers count by their digits (`1.0` is
//! not `1.00`), the order of arrays counts, and references count as they are written.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use crate::json::{Kind, Reader};
use crate::raw::{RawResource, ReadError};

/// What nests deeper is compared as it stands: ordering it is recursive.
const MAX_DEPTH: usize = 256;

/// A value, with those inside of it right behind it: one allocation for a resource.
struct Node<'a> {
    /// `o` object, `a` array, `n` number, `s` string, `t`, `f` and `z` for the literals.
    tag: u8,
    /// The name, of a property.
    name: Cow<'a, str>,
    /// The text, of a number or string.
    text: Cow<'a, str>,
    /// Index behind the last value inside.
    end: usize,
}

/// SHA-256 over the canonical form of the content.
#[must_use]
pub fn content_hash(resource: &RawResource) -> [u8; 32] {
    let body = resource.body();
    let mut canonical = Vec::with_capacity(body.len() + 256);
    match nodes(body) {
        Ok(Some(nodes)) => feed(&mut canonical, &nodes, 0, &mut Vec::with_capacity(64)),
        _ => {
            canonical.push(b'#');
            canonical.extend_from_slice(body);
        }
    }
    Sha256::digest(&canonical).into()
}

/// All values in order of appearance; nothing when they nest too deep.
fn nodes(body: &[u8]) -> Result<Option<Vec<Node<'_>>>, ReadError> {
    let mut reader = Reader::again(body)?;
    let mut nodes: Vec<Node<'_>> = Vec::with_capacity(body.len() / 12 + 16);
    let mut open: Vec<usize> = Vec::with_capacity(32);
    let mut name = Cow::Borrowed("");
    loop {
        let own = nodes.len();
        let (tag, text) = match reader.peek()? {
            Kind::Object => (b'o', Cow::Borrowed("")),
            Kind::Array => (b'a', Cow::Borrowed("")),
            Kind::String => (b's', reader.string()?),
            Kind::Number => (b'n', Cow::Borrowed(reader.number()?)),
            Kind::Boolean => (
                if reader.literal()? == "true" { b't' } else { b'f' },
                Cow::Borrowed(""),
            ),
            Kind::Null => {
                reader.literal()?;
                (b'z', Cow::Borrowed(""))
            }
        };
        nodes.push(Node {
            tag,
            name: std::mem::take(&mut name),
            text,
            end: own + 1,
        });
        match tag {
            b'o' => reader.enter_object()?,
            b'a' => reader.enter_array()?,
            _ => {}
        }
        if matches!(tag, b'o' | b'a') {
            if open.len() >= MAX_DEPTH {
                return Ok(None);
            }
            open.push(own);
        }
        loop {
            let Some(inner) = open.last().copied() else {
                return Ok(Some(nodes));
            };
            if nodes[inner].tag == b'a' {
                if reader.next_item()? {
                    break;
                }
            } else if let Some(next) = reader.next_key()? {
                name = next;
                break;
            }
            nodes[inner].end = nodes.len();
            open.pop();
        }
    }
}

/// Appends a value so that no two values give the same bytes: a tag, a length, the content. `order` is scratch space
/// for the properties of the objects that are being written.
fn feed(out: &mut Vec<u8>, nodes: &[Node<'_>], at: usize, order: &mut Vec<usize>) {
    let node = &nodes[at];
    let first = order.len();
    match node.tag {
        b's' | b'n' => sized(out, node.tag, &node.text),
        b'o' | b'a' => {
            let mut inner = at + 1;
            while inner < node.end {
                // Of the resource itself: where it was kept, and its narrative.
                if at > 0 || !matches!(&*nodes[inner].name, "id" | "meta" | "text") {
                    order.push(inner);
                }
                inner = nodes[inner].end;
            }
            if node.tag == b'o' {
                order[first..].sort_unstable_by(|a, b| nodes[*a].name.cmp(&nodes[*b].name));
            }
            let last = order.len();
            count(out, node.tag, last - first);
            for index in first..last {
                let inner = order[index];
                if node.tag == b'o' {
                    sized(out, b'k', &nodes[inner].name);
                }
                feed(out, nodes, inner, order);
            }
            order.truncate(first);
        }
        tag => out.push(tag),
    }
}

fn sized(out: &mut Vec<u8>, tag: u8, text: &str) {
    count(out, tag, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// Appends a tag and a count of seven bits a byte, the lowest first. It ends where a byte is below 128, so no two
/// counts are written alike.
fn count(out: &mut Vec<u8>, tag: u8, mut count: usize) {
    out.push(tag);
    while count >= 0x80 {
        out.push((count & 0x7f) as u8 | 0x80);
        count >>= 7;
    }
    out.push(count as u8);
}
