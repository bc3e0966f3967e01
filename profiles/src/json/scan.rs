//! Strings and numbers of JSON: where they end, and whether they are what the grammar allows.

use crate::json::{limit, malformed};
use crate::limits::Limits;
use crate::raw::ReadError;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = ONES << 7;

/// Marks the first byte of eight that ends a run of plain text: a quote, a backslash or a control character.
///
/// Bytes above the first marked one may be marked wrongly (borrows run upwards), so only the lowest counts.
#[inline]
fn special(word: u64) -> u64 {
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = word ^ (ONES * 0x22);
    let quote = quote.wrapping_sub(ONES) & !quote;
    let backslash = word ^ (ONES * 0x5c);
    let backslash = backslash.wrapping_sub(ONES) & !backslash;
    (control | quote | backslash) & HIGH
}

/// The offset of the first quote, backslash or control character from `at` on, or the end.
#[inline]
fn plain(bytes: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let marks = special(u64::from_le_bytes(*chunk));
        if marks != 0 {
            return at + (marks.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(byte) = bytes.get(at) {
        if matches!(byte, b'"' | b'\\' | 0..=0x1f) {
            break;
        }
        at += 1;
    }
    at
}

/// Reads a string from after its opening quote: the offset of the closing quote, and whether it has escapes.
#[inline]
pub(super) fn string(bytes: &[u8], start: usize) -> Result<(usize, bool), ReadError> {
    let mut at = plain(bytes, start);
    let mut escaped = false;
    loop {
        match bytes.get(at) {
            Some(b'"') => return Ok((at, escaped)),
            Some(b'\\') => {
                escaped = true;
                at = plain(bytes, escape(bytes, at)?);
            }
            Some(_) => return Err(malformed(at, "a control character in a string")),
            None => return Err(malformed(at, "the text ends early")),
        }
    }
}

/// Checks the escape that starts at `at`, and returns the offset behind it.
fn escape(bytes: &[u8], at: usize) -> Result<usize, ReadError> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => {
            let unit = hex(bytes, at + 2)?;
            match unit {
                0xd800..=0xdbff => {
                    let low = bytes.get(at + 6..at + 8) == Some(b"\\u")
                        && (0xdc00..=0xdfff).contains(&hex(bytes, at + 8)?);
                    if low {
                        Ok(at + 12)
                    } else {
                        Err(malformed(at, "a lone surrogate"))
                    }
                }
                0xdc00..=0xdfff => Err(malformed(at, "a lone surrogate")),
                _ => Ok(at + 6),
            }
        }
        Some(_) => Err(malformed(at, "an unknown escape")),
        None => Err(malformed(at, "the text ends early")),
    }
}

fn hex(bytes: &[u8], at: usize) -> Result<u32, ReadError> {
    let digits = bytes
        .get(at..at + 4)
        .ok_or_else(|| malformed(at, "the text ends early"))?;
    digits.iter().try_fold(0, |unit, digit| {
        char::from(*digit)
            .to_digit(16)
            .map(|value| unit * 16 + value)
            .ok_or_else(|| malformed(at, "four hexadecimal digits expected"))
    })
}

/// Decodes the escapes of a string that [`string`] has accepted.
pub(crate) fn decode(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        text.push_str(rest.get(..at).unwrap_or_default());
        let mut used = at + 2;
        match rest.as_bytes().get(at + 1).copied().unwrap_or_default() {
            b'b' => text.push('\u{8}'),
            b'f' => text.push('\u{c}'),
            b'n' => text.push('\n'),
            b'r' => text.push('\r'),
            b't' => text.push('\t'),
            b'u' => {
                let mut unit = hex(rest.as_bytes(), at + 2).unwrap_or(0xfffd);
                used += 4;
                if (0xd800..=0xdbff).contains(&unit) {
                    let low = hex(rest.as_bytes(), at + 8).unwrap_or(0xdc00);
                    unit = 0x10000 + ((unit - 0xd800) << 10) + low.saturating_sub(0xdc00);
                    used += 6;
                }
                text.push(char::from_u32(unit).unwrap_or('\u{fffd}'));
            }
            other => text.push(char::from(other)),
        }
        rest = rest.get(used..).unwrap_or_default();
    }
    text.push_str(rest);
    text
}

/// Reads a number from `start`, and returns the offset behind it.
#[inline]
pub(super) fn number(bytes: &[u8], start: usize, limits: &Limits) -> Result<usize, ReadError> {
    let mut at = start;
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    let whole = at;
    at = digits(bytes, at)?;
    if bytes.get(whole) == Some(&b'0') && at - whole > 1 {
        return Err(malformed(whole, "a leading zero"));
    }
    let mut count = at - whole;
    if bytes.get(at) == Some(&b'.') {
        let end = digits(bytes, at + 1)?;
        count += end - at - 1;
        at = end;
    }
    if count > limits.max_digits {
        return Err(limit("digits in a number", limits.max_digits, start));
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        if let Some(b'+' | b'-') = bytes.get(at) {
            at += 1;
        }
        let end = digits(bytes, at)?;
        let exponent = bytes
            .get(at..end)
            .unwrap_or_default()
            .iter()
            .fold(0_u32, |sum, digit| {
                sum.saturating_mul(10).saturating_add(u32::from(digit - b'0'))
            });
        if exponent > limits.max_exponent {
            return Err(limit("as an exponent", limits.max_exponent as usize, at));
        }
        at = end;
    }
    Ok(at)
}

/// The offset behind one or more digits.
#[inline]
fn digits(bytes: &[u8], start: usize) -> Result<usize, ReadError> {
    let mut at = start;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    if at == start {
        Err(malformed(at, "expected a digit"))
    } else {
        Ok(at)
    }
}
