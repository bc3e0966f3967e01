//! Quirks of texts and codes.

use samenhang_profiles::document::Node;

use super::Quirk;
use super::examine::Look;

/// Words that programs write for "nothing".
const NOTHING: [&str; 7] = [
    "null",
    "NULL",
    "Null",
    "undefined",
    "NaN",
    "[object Object]",
    "nil",
];
/// Codes of elements of one required value set that are often written with capitals.
const CODES: [&str; 36] = [
    "active",
    "inactive",
    "resolved",
    "confirmed",
    "unconfirmed",
    "refuted",
    "entered-in-error",
    "final",
    "preliminary",
    "registered",
    "amended",
    "corrected",
    "cancelled",
    "unknown",
    "completed",
    "in-progress",
    "planned",
    "arrived",
    "triaged",
    "onleave",
    "finished",
    "stopped",
    "on-hold",
    "draft",
    "intended",
    "not-taken",
    "current",
    "superseded",
    "male",
    "female",
    "other",
    "order",
    "plan",
    "proposal",
    "official",
    "usual",
];
/// Elements that have them.
const ELEMENTS: [&str; 6] = [
    "status",
    "clinicalStatus",
    "verificationStatus",
    "gender",
    "intent",
    "use",
];
/// Letters for a sex.
const LETTERS: [&str; 8] = ["M", "F", "V", "O", "m", "f", "v", "o"];

/// A text of a person.
pub(super) fn prose(look: &mut Look<'_>, node: Node<'_>, value: &str) {
    plain(look, node, value);
    if has_markup(value) {
        look.note(Quirk::MarkupInText, node);
    }
}

/// A text in which markup may stand.
pub(super) fn plain(look: &mut Look<'_>, node: Node<'_>, value: &str) {
    if NOTHING.contains(&value) {
        return look.note(Quirk::WordForNothing, node);
    }
    let is_control = |letter: char| letter < ' ' && !matches!(letter, '\t' | '\n' | '\r');
    if value.contains(is_control) {
        let rest = value.trim_end_matches(is_control);
        if rest.contains(is_control) || rest.is_empty() {
            look.note(Quirk::ControlInside, node);
        } else {
            look.replace(Quirk::ControlAtEnd, node, rest);
        }
    }
}

/// A code.
pub(super) fn code(look: &mut Look<'_>, node: Node<'_>, value: &str) {
    if NOTHING.contains(&value) && node.name() != "code" {
        return look.note(Quirk::WordForNothing, node);
    }
    let trimmed = trimmed(value);
    if trimmed != value {
        return look.replace(Quirk::PaddedToken, node, trimmed);
    }
    if !ELEMENTS.contains(&node.name()) {
        return;
    }
    if value.bytes().any(|byte| byte.is_ascii_uppercase()) {
        let lower = value.to_ascii_lowercase();
        if CODES.contains(&&*lower) {
            return look.replace(Quirk::CodeInCapitals, node, &lower);
        }
    }
    if node.name() == "gender" && LETTERS.contains(&value) {
        look.note(Quirk::LetterForGender, node);
    }
}

/// A name that has no white space.
pub(super) fn token(look: &mut Look<'_>, node: Node<'_>, value: &str) {
    let trimmed = trimmed(value);
    if trimmed != value {
        look.replace(Quirk::PaddedToken, node, trimmed);
    }
}

fn trimmed(value: &str) -> &str {
    value.trim_matches(|letter: char| letter.is_whitespace() || letter < ' ')
}

/// Whether a text has a tag or an entity of HTML: `<b>`, `</p>`, `&amp;`.
fn has_markup(text: &str) -> bool {
    let bytes = text.as_bytes();
    let tag = |at: usize| {
        let rest = bytes.get(at + 1..).unwrap_or_default();
        let name = rest.strip_prefix(b"/").unwrap_or(rest);
        let letters = name
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        let close = rest.iter().take(200).position(|byte| *byte == b'>');
        letters > 0 && name.first().is_some_and(u8::is_ascii_alphabetic) && close.is_some()
    };
    let entity = |at: usize| {
        let rest = bytes.get(at + 1..).unwrap_or_default();
        let name = rest.strip_prefix(b"#").unwrap_or(rest);
        let letters = name
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        (2..=8).contains(&letters) && name.get(letters) == Some(&b';')
    };
    bytes.iter().enumerate().any(|(at, byte)| match byte {
        b'<' => tag(at),
        b'&' => entity(at),
        _ => false,
    })
}
