//! Comments in JSON, which FHIR forbids and people write: they can be taken out before reading, when asked.

use std::borrow::Cow;

/// The text with every comment (`// ...` and `/* ... */`, outside of strings) made blank, so that places stay the same.
///
/// For who asks to allow comments, as the reference validator can be; a [`Reader`](super::Reader) refuses them. What
/// is not closed is left for the reader to refuse.
#[must_use]
pub fn without_comments(body: &[u8]) -> Cow<'_, [u8]> {
    let mut blank = Cow::Borrowed(body);
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        let end = match (byte, body.get(at + 1)) {
            (b'"', _) => {
                at = string(body, at + 1);
                continue;
            }
            (b'/', Some(b'/')) => body[at..]
                .iter()
                .position(|byte| matches!(byte, b'\n' | b'\r'))
                .map_or(body.len(), |length| at + length),
            (b'/', Some(b'*')) => {
                let Some(length) = body[at + 2..].windows(2).position(|pair| pair == b"*/") else {
                    return blank;
                };
                at + 2 + length + 2
            }
            _ => {
                at += 1;
                continue;
            }
        };
        for byte in &mut blank.to_mut()[at..end] {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        at = end;
    }
    blank
}

/// Where the string ends that starts before `at`.
fn string(body: &[u8], mut at: usize) -> usize {
    while let Some(byte) = body.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}
