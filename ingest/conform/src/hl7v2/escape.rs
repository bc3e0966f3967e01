//! Escape sequences (HL7 version 2.5.1, section 2.7).

use std::borrow::Cow;

use super::Delimiters;

/// Most characters between two escape characters.
const MAX_SEQUENCE: usize = 64;

/// The text with its escape sequences resolved. `\.br\` and the like become line ends; what is not known, and what is
/// formatting of another kind, is kept as it was written or left out when it has no text.
pub(super) fn resolve<'t>(text: &'t str, escape: char, delimiters: &Delimiters) -> Cow<'t, str> {
    if !text.contains(escape) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(escape) {
        out.push_str(before);
        let sequence = after
            .split_once(escape)
            .filter(|(sequence, _)| sequence.len() <= MAX_SEQUENCE);
        let Some((sequence, behind)) = sequence else {
            // An escape character that stands alone is a character.
            out.push(escape);
            rest = after;
            continue;
        };
        if replace(sequence, delimiters, &mut out) {
            rest = behind;
        } else {
            out.push(escape);
            rest = after;
        }
    }
    out.push_str(rest);
    out.into()
}

/// Writes what a sequence stands for. Whether it is one.
fn replace(sequence: &str, delimiters: &Delimiters, out: &mut String) -> bool {
    match sequence {
        "F" => out.push(delimiters.field),
        "S" => out.push(delimiters.component),
        "T" => out.push(delimiters.subcomponent),
        "R" => out.push(delimiters.repetition),
        "E" => out.push(delimiters.escape),
        "H" | "N" => {}
        ".br" | ".ce" => out.push('\n'),
        ".fi" | ".nf" => {}
        _ => {
            if let Some(count) = sequence.strip_prefix(".sp") {
                let lines = count
                    .trim_start_matches('+')
                    .parse()
                    .unwrap_or(1_usize)
                    .clamp(1, 99);
                out.extend(std::iter::repeat_n('\n', lines));
            } else if sequence.starts_with(".in")
                || sequence.starts_with(".ti")
                || sequence.starts_with(".sk")
            {
                out.push(' ');
            } else if let Some(digits) = sequence.strip_prefix('X') {
                return hexadecimal(digits, out);
            } else {
                return false;
            }
        }
    }
    true
}

/// Bytes in hexadecimal: UTF-8 when they are, else one character each.
fn hexadecimal(digits: &str, out: &mut String) -> bool {
    let pairs = digits.as_bytes().as_chunks::<2>();
    let (pairs, []) = pairs else {
        return false;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = |pair: &[u8; 2]| u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok();
    let Some(bytes) = pairs.iter().map(byte).collect::<Option<Vec<u8>>>() else {
        return false;
    };
    match String::from_utf8(bytes) {
        Ok(text) => out.push_str(&text),
        Err(error) => out.extend(error.as_bytes().iter().copied().map(char::from)),
    }
    !digits.is_empty()
}
