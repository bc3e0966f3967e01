//! Ids that a lifting made: UUIDs that the source does not have.

use std::borrow::Cow;

use samenhang_profiles::tree::Tree;

/// Length of a UUID in text.
const LENGTH: usize = 36;

/// Whether a text is a UUID, in small letters, as ids that are made are written.
pub(super) fn is_uuid(text: &str) -> bool {
    let fits = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
    };
    text.len() == LENGTH && text.bytes().enumerate().all(fits)
}

/// The same tree, with other names for the UUIDs in its strings. Trees have a limited depth.
pub(super) fn rewrite(value: &Tree<'_>, name: &dyn Fn(&str) -> Option<String>) -> Tree<'static> {
    match value {
        Tree::Null => Tree::Null,
        Tree::Boolean(value) => Tree::Boolean(*value),
        Tree::Number(text) => Tree::Number(Cow::Owned(text.to_string())),
        Tree::String(text) => Tree::String(Cow::Owned(renamed(text, name))),
        Tree::Array(items) => Tree::Array(items.iter().map(|item| rewrite(item, name)).collect()),
        Tree::Object(_) => Tree::Object(
            value
                .fields()
                .map(|(key, value)| (Cow::Owned(key.to_owned()), rewrite(value, name)))
                .collect(),
        ),
    }
}

fn renamed(text: &str, name: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let found = rest.get(..LENGTH).filter(|id| is_uuid(id)).and_then(name);
        let taken = match found {
            Some(name) => {
                out.push_str(&name);
                LENGTH
            }
            None => {
                let first = rest.chars().next().map_or(1, char::len_utf8);
                out.push_str(rest.get(..first).unwrap_or_default());
                first
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    out
}
