//! From bytes to text: UTF-8, UTF-16 with a byte order mark, and ISO 8859-1 when the declaration says so.
//!
//! Any other encoding is refused; nothing is guessed.

use std::borrow::Cow;

use crate::raw::ReadError;
use crate::xml::malformed;

/// The text of a message, without its byte order mark.
pub(crate) fn decode(body: &[u8]) -> Result<Cow<'_, str>, ReadError> {
    match body {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest).map(Cow::Borrowed),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes).map(Cow::Owned),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes).map(Cow::Owned),
        _ => match declared(body).as_deref() {
            None | Some("utf-8" | "us-ascii") => utf8(body).map(Cow::Borrowed),
            Some("iso-8859-1") => Ok(Cow::Owned(body.iter().copied().map(char::from).collect())),
            Some(_) => Err(malformed(0, "an encoding other than UTF-8, UTF-16 or ISO 8859-1")),
        },
    }
}

fn utf8(body: &[u8]) -> Result<&str, ReadError> {
    std::str::from_utf8(body).map_err(|error| malformed(error.valid_up_to(), "not UTF-8"))
}

fn utf16(body: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, ReadError> {
    let (pairs, []) = body.as_chunks::<2>() else {
        return Err(malformed(body.len(), "not UTF-16"));
    };
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .collect::<Result<_, _>>()
        .map_err(|_| malformed(0, "not UTF-16"))
}

/// The encoding that the XML declaration names, in lower case.
fn declared(body: &[u8]) -> Option<String> {
    let head = body.get(..body.len().min(256))?;
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(head.get(..end)?)
        .ok()?
        .strip_prefix("<?xml")?;
    let value = declaration
        .split_once("encoding")?
        .1
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    Some(value.get(1..)?.split_once(quote)?.0.to_ascii_lowercase())
}
