//! The hash of what a resource says, apart from where it was kept and how it was written down.
//!
//! Two resources with the same hash are the same statement: the order of properties, whitespace and escapes do not
//! count, and neither do `id`, `meta` and `text` of the resource itself. Numbers count by their digits (`1.0` is
//! not `1.00`), the order of arrays counts, and references count as they are written.

#[cfg(test)]
mod tests;

use sha2::{Digest as _, Sha256};

use crate::json::Kind;
use crate::raw::RawResource;
use crate::tape::Node;

/// SHA-256 over the canonical form of the content.
#[must_use]
pub fn content_hash(resource: &RawResource) -> [u8; 32] {
    let body = resource.body();
    let mut canonical = Vec::with_capacity(body.len() + 256);
    // What nests too deep is compared as it stands.
    match resource.taped() {
        Ok(taped) => feed(&mut canonical, taped.root(), true, &mut Vec::with_capacity(64)),
        Err(_) => {
            canonical.push(b'#');
            canonical.extend_from_slice(body);
        }
    }
    Sha256::digest(&canonical).into()
}

/// Appends a value so that no two values give the same bytes: a tag, a length, the content. `order` is scratch space
/// for the properties of the objects that are being written.
fn feed<'t>(out: &mut Vec<u8>, node: Node<'t>, is_resource: bool, order: &mut Vec<(&'t str, Node<'t>)>) {
    let first = order.len();
    let text = node.scalar().unwrap_or_default();
    match node.kind() {
        Kind::String => sized(out, b's', text),
        Kind::Number => sized(out, b'n', text),
        Kind::Boolean => out.push(if text == "true" { b't' } else { b'f' }),
        Kind::Null => out.push(b'z'),
        Kind::Array => {
            let items = node.items();
            count(out, b'a', items.clone().count());
            for item in items {
                feed(out, item, false, order);
            }
        }
        Kind::Object => {
            // Of the resource itself: where it was kept, and its narrative.
            let says = |name: &str| !is_resource || !matches!(name, "id" | "meta" | "text");
            order.extend(node.fields().filter(|(name, _)| says(name)));
            order[first..].sort_unstable_by(|a, b| a.0.cmp(b.0));
            let last = order.len();
            count(out, b'o', last - first);
            for index in first..last {
                let (name, inner) = order[index];
                sized(out, b'k', name);
                feed(out, inner, false, order);
            }
            order.truncate(first);
        }
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
