//! Takes out what says nothing: empty strings, objects and arrays, and `null`, and with them what is empty then.
//!
//! The items of an array that stands beside another (`given` and `_given`) keep their place: which belongs to which
//! is told by nothing else.

use samenhang_profiles::tree::Tree;
use samenhang_profiles::write::JsonWriter;
use samenhang_profiles::{Limits, ReadError};

/// The text without what says nothing; `None` when there is nothing to take out.
///
/// # Errors
/// [`ReadError`] when it is malformed or passes a limit.
pub(super) fn pruned(body: &[u8], limits: &Limits) -> Result<Option<Vec<u8>>, ReadError> {
    let mut tree = Tree::parse(body, limits)?;
    if !prune(&mut tree) {
        return Ok(None);
    }
    let mut out = JsonWriter::with_capacity(body.len());
    tree.write(&mut out);
    Ok(Some(out.finish().to_vec()))
}

/// Whether a text says nothing: FHIR has no empty strings, nor strings of whitespace alone.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

fn is_empty(tree: &Tree<'_>) -> bool {
    match tree {
        Tree::Null => true,
        Tree::String(text) => is_blank(text),
        Tree::Array(items) => items.is_empty(),
        Tree::Object(fields) => fields.is_empty(),
        Tree::Boolean(_) | Tree::Number(_) => false,
    }
}

/// Says whether anything was taken out. Recursion is bounded by the depth of a tree.
fn prune(tree: &mut Tree<'_>) -> bool {
    match tree {
        Tree::Array(items) => {
            let mut changed = items
                .iter_mut()
                .fold(false, |changed, item| prune(item) | changed);
            let before = items.len();
            items.retain(|item| !is_empty(item));
            changed |= items.len() != before;
            changed
        }
        Tree::Object(fields) => {
            let mut beside: Vec<String> = Vec::new();
            for (name, value) in fields.iter() {
                let plain = name.strip_prefix('_').filter(|_| matches!(value, Tree::Array(_)));
                beside.extend(plain.map(str::to_owned));
            }
            let mut changed = false;
            for (name, value) in fields.iter_mut() {
                let plain = name.strip_prefix('_').unwrap_or(name);
                if beside.iter().any(|beside| beside == plain) {
                    continue;
                }
                changed |= prune(value);
            }
            let before = fields.len();
            fields.retain(|(_, value)| !is_empty(value));
            changed | (fields.len() != before)
        }
        _ => false,
    }
}
