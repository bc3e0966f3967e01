//! Changes to a JSON text: a span and what comes in its place. What is not in a span stays byte for byte.

use std::ops::Range;

use samenhang_profiles::write::JsonWriter;

/// A change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    /// What goes.
    pub(super) span: Range<usize>,
    /// What comes.
    pub(super) with: String,
}

/// Makes the changes. Of two that overlap the first counts: the other is found again when the text is read again.
pub(super) fn apply(text: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut order: Vec<&Edit> = edits.iter().collect();
    order.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = Vec::with_capacity(text.len() + 16 * edits.len());
    let mut at = 0;
    for edit in order {
        let (Some(before), true) = (text.get(at..edit.span.start), edit.span.end <= text.len()) else {
            continue;
        };
        out.extend_from_slice(before);
        out.extend_from_slice(edit.with.as_bytes());
        at = edit.span.end;
    }
    out.extend_from_slice(text.get(at..).unwrap_or_default());
    out
}

/// A string as JSON has it.
pub(super) fn quoted(text: &str) -> String {
    let mut out = JsonWriter::with_capacity(text.len() + 2);
    out.string(text);
    String::from_utf8_lossy(&out.finish()).into_owned()
}

/// Where the value ends that begins at `at`, in a text that was read as JSON before.
pub(super) fn end_of(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' => end_of_string(text, at),
        b'{' | b'[' => {
            let (mut depth, mut at) = (0_usize, at);
            loop {
                match text.get(at)? {
                    b'"' => {
                        at = end_of_string(text, at)?;
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
        }
        _ => {
            let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
            let rest = text.get(at..)?;
            Some(at + rest.iter().position(ends).unwrap_or(rest.len()))
        }
    }
}

fn end_of_string(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The nearest byte before `at` that is no whitespace.
pub(super) fn before(text: &[u8], at: usize) -> Option<usize> {
    text.get(..at)?
        .iter()
        .rposition(|byte| !byte.is_ascii_whitespace())
}

/// The nearest byte from `at` on that is no whitespace.
pub(super) fn after(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    Some(at + rest.iter().position(|byte| !byte.is_ascii_whitespace())?)
}

/// Where the value of a property of the object at `at` begins; the first of that name.
pub(super) fn property(text: &[u8], at: usize, name: &str) -> Option<usize> {
    let mut at = after(text, at + 1)?;
    while text.get(at)? == &b'"' {
        let end = end_of_string(text, at)?;
        let value = after(text, after(text, end)? + 1)?;
        if text.get(at + 1..end - 1)? == name.as_bytes() {
            return Some(value);
        }
        let next = after(text, end_of(text, value)?)?;
        at = after(text, next + 1)?;
    }
    None
}
