//! The hash of what a resource says, apart from where it was kept and how it was written down.
//!
//! Two resources with the same hash are the same statement: the order of properties, whitespace and escapes do not
//! count, and neither do `id`, `meta` and `text` of the resource itself. Numbers count by their digits (`1.0` is
//! not `1.00`), the order of arrays counts, and references count as they are written.

#[cfg(test)]
mod tests;

use sha2::{Digest as _, Sha256};

use crate::limits::Limits;
use crate::raw::RawResource;
use crate::tree::Tree;

/// The bytes were checked when the resource was read.
const CHECKED: Limits = Limits {
    max_bytes: usize::MAX,
    max_depth: usize::MAX,
    max_nodes: usize::MAX,
    max_string: usize::MAX,
    max_base64: usize::MAX,
    max_name: usize::MAX,
    max_digits: usize::MAX,
    max_exponent: u32::MAX,
    max_entries: usize::MAX,
};

/// SHA-256 over the canonical form of the content.
#[must_use]
pub fn content_hash(resource: &RawResource) -> [u8; 32] {
    let body = resource.body();
    let mut canonical = Vec::with_capacity(body.len());
    match Tree::parse(body, &CHECKED) {
        Ok(Tree::Object(mut fields)) => {
            fields.retain(|(name, _)| !matches!(&**name, "id" | "meta" | "text"));
            feed(&mut canonical, &mut Tree::Object(fields));
        }
        // Only what nests deeper than a tree comes here. It is compared as it stands.
        _ => {
            canonical.push(b'#');
            canonical.extend_from_slice(body);
        }
    }
    Sha256::digest(&canonical).into()
}

/// Appends a value so that no two values give the same bytes: a tag, a length, the content.
fn feed(out: &mut Vec<u8>, tree: &mut Tree<'_>) {
    match tree {
        Tree::Null => out.push(b'z'),
        Tree::Boolean(value) => out.push(if *value { b't' } else { b'f' }),
        Tree::Number(text) => sized(out, b'n', text),
        Tree::String(text) => sized(out, b's', text),
        Tree::Array(items) => {
            count(out, b'a', items.len());
            for item in items {
                feed(out, item);
            }
        }
        Tree::Object(fields) => {
            fields.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            count(out, b'o', fields.len());
            for (name, value) in fields {
                sized(out, b'k', name);
                feed(out, value);
            }
        }
    }
}

fn sized(out: &mut Vec<u8>, tag: u8, text: &str) {
    count(out, tag, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn count(out: &mut Vec<u8>, tag: u8, count: usize) {
    out.push(tag);
    out.extend_from_slice(&(count as u64).to_le_bytes());
}
