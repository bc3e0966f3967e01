//! Character sets that a source declares. Nothing is guessed: bytes that are not of the declared set are an error.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::source::SourceError;

/// A character set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
pub enum Charset {
    #[serde(rename = "ascii")]
    /// ASCII; other bytes are an error.
    Ascii,
    #[serde(rename = "utf-8")]
    /// UTF-8, with or without a byte order mark.
    Utf8,
    #[serde(rename = "iso-8859-1")]
    /// ISO 8859-1.
    Latin1,
    #[serde(rename = "iso-8859-15")]
    /// ISO 8859-15: as 8859-1, with the euro sign.
    Latin9,
    #[serde(rename = "windows-1252")]
    /// Windows-1252.
    Windows1252,
}

/// 0x80 to 0x9f of Windows-1252; the five that it leaves open are errors.
const WINDOWS: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“',
    '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

/// Where ISO 8859-15 differs from 8859-1.
const LATIN9: [(u8, char); 8] = [
    (0xa4, '€'),
    (0xa6, 'Š'),
    (0xa8, 'š'),
    (0xb4, 'Ž'),
    (0xb8, 'ž'),
    (0xbc, 'Œ'),
    (0xbd, 'œ'),
    (0xbe, 'Ÿ'),
];

impl Charset {
    /// The text of bytes, without a byte order mark.
    ///
    /// # Errors
    /// [`SourceError::Charset`] for bytes that are not of the set.
    pub fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, SourceError> {
        let bytes = match self {
            Charset::Ascii | Charset::Utf8 => bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes),
            _ => bytes,
        };
        if self == Charset::Ascii
            && let Some(at) = bytes.iter().position(|byte| !byte.is_ascii())
        {
            return Err(SourceError::Charset {
                at,
                what: "beyond ASCII, and no character set is declared",
            });
        }
        let single: fn(u8) -> Option<char> = match self {
            Charset::Ascii | Charset::Utf8 => {
                let text = std::str::from_utf8(bytes).map_err(|error| SourceError::Charset {
                    at: error.valid_up_to(),
                    what: "not UTF-8",
                })?;
                return Ok(text.into());
            }
            Charset::Latin1 => |byte| Some(char::from(byte)),
            Charset::Latin9 => latin9,
            Charset::Windows1252 => windows,
        };
        if bytes.is_ascii()
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            return Ok(text.into());
        }
        let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
        for (at, byte) in bytes.iter().enumerate() {
            text.push(single(*byte).ok_or(SourceError::Charset {
                at,
                what: "not Windows-1252",
            })?);
        }
        Ok(text.into())
    }
}

fn latin9(byte: u8) -> Option<char> {
    let own = LATIN9.iter().find(|(from, _)| *from == byte);
    Some(own.map_or(char::from(byte), |(_, char)| *char))
}

fn windows(byte: u8) -> Option<char> {
    match byte {
        0x80..=0x9f => WINDOWS
            .get(usize::from(byte - 0x80))
            .copied()
            .filter(|char| *char != '\0'),
        _ => Some(char::from(byte)),
    }
}
