//! Encodings and escapes of text (`encode`, `decode`, `escape`, `unescape`).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// The text in base64, base64 for URLs, or hexadecimal digits; `None` for another format.
pub(super) fn encode(text: &str, format: &str) -> Option<String> {
    Some(match format {
        "base64" => STANDARD.encode(text),
        "urlbase64" => URL_SAFE.encode(text),
        "hex" => text.bytes().map(|byte| format!("{byte:02x}")).collect(),
        _ => return None,
    })
}

/// The text that [`encode`] was given; `None` when there is none.
pub(super) fn decode(text: &str, format: &str) -> Option<String> {
    let bytes = match format {
        "base64" => STANDARD.decode(text).ok()?,
        "urlbase64" => URL_SAFE.decode(text).ok()?,
        "hex" => {
            let digit = |byte: u8| {
                char::from(byte)
                    .to_digit(16)
                    .and_then(|digit| u8::try_from(digit).ok())
            };
            let pair = |pair: &[u8]| match pair {
                [high, low] => Some(digit(*high)? * 16 + digit(*low)?),
                _ => None,
            };
            text.as_bytes().chunks(2).map(pair).collect::<Option<Vec<u8>>>()?
        }
        _ => return None,
    };
    String::from_utf8(bytes).ok()
}

/// What stands for a character in HTML.
const ENTITIES: [(char, &str); 5] = [
    ('&', "&amp;"),
    ('<', "&lt;"),
    ('>', "&gt;"),
    ('"', "&quot;"),
    ('\'', "&#39;"),
];

/// What stands for a character in JSON behind a backslash.
const ESCAPES: [(char, char); 7] = [
    ('"', '"'),
    ('\\', '\\'),
    ('\n', 'n'),
    ('\r', 'r'),
    ('\t', 't'),
    ('\u{8}', 'b'),
    ('\u{c}', 'f'),
];

/// The text as it stands in HTML or in a JSON string; `None` for another target.
pub(super) fn escape(text: &str, target: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match target {
            "html" => match ENTITIES.iter().find(|(plain, _)| *plain == char) {
                Some((_, entity)) => out.push_str(entity),
                None => out.push(char),
            },
            "json" => match ESCAPES.iter().find(|(plain, _)| *plain == char) {
                Some((_, escaped)) => out.extend(['\\', *escaped]),
                None if char < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(char))),
                None => out.push(char),
            },
            _ => return None,
        }
    }
    Some(out)
}

/// The text that [`escape`] was given; what is no escape stays as it is.
pub(super) fn unescape(text: &str, target: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let (plain, length) = match target {
            "html" => entity(rest),
            "json" => json_escape(rest),
            _ => return None,
        }
        .unwrap_or((char, char.len_utf8()));
        out.push(plain);
        rest = rest.get(length..).unwrap_or_default();
    }
    Some(out)
}

/// The character that the entity at the front stands for, and its length.
fn entity(text: &str) -> Option<(char, usize)> {
    if let Some((plain, entity)) = ENTITIES.iter().find(|(_, entity)| text.starts_with(entity)) {
        return Some((*plain, entity.len()));
    }
    let code = text.strip_prefix("&#")?;
    let end = code.bytes().take(8).position(|byte| byte == b';')?;
    let digits = code.get(..end)?;
    let value = match digits.strip_prefix('x') {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some((char::from_u32(value)?, 3 + digits.len()))
}

/// The character that the escape at the front stands for, and its length.
fn json_escape(text: &str) -> Option<(char, usize)> {
    let escaped = text.strip_prefix('\\')?;
    let first = escaped.chars().next()?;
    if first == 'u' {
        let value = u32::from_str_radix(escaped.get(1..5)?, 16).ok()?;
        return Some((char::from_u32(value)?, 6));
    }
    let known = ESCAPES.iter().find(|(_, escape)| *escape == first);
    known
        .map(|(plain, _)| (*plain, 2))
        .or((first == '/').then_some(('/', 2)))
}
