//! How primitive values are written.
//!
//! Source: FHIR R4 2.24.0.1 (primitive types), STU3 2.24.1 likewise; where the page is loose, as strict as the
//! reference validator: real dates, a zone with every time, whole identifiers.

#[cfg(test)]
mod tests;

use crate::document::{Node, ValueKind};
use crate::validate::finding::Argument;
use crate::validate::rule::primitive as rules;

use super::Run;
use super::binding::is_absolute;
use crate::version::FhirVersion;

/// Characters of a string (R4 section 2.24.0.1).
const MAX_STRING: usize = 1 << 20;

impl<'d> Run<'_, 'd> {
    /// Holds a primitive value to its type.
    pub(super) fn primitive(&mut self, node: Node<'d>) {
        let Some(text) = node.primitive() else { return };
        let of = node.fhir_type();
        if let Err(why) = check(of, text, self.document.version()) {
            let mut arguments = vec![Argument::name(of), Argument::name(why)];
            // Data is neither short nor of use in a message.
            if node.kind() != ValueKind::Base64 {
                arguments.push(Argument::value(text));
            }
            self.findings.add(&rules::FORMAT, node, arguments);
        } else if matches!(of, "date" | "dateTime" | "instant") && is_unlikely(text) {
            self.findings
                .add(&rules::UNLIKELY_YEAR, node, vec![Argument::value(text)]);
        } else if is_spaced(of, text) {
            self.findings
                .add(&rules::WHITE_SPACE, node, vec![Argument::name(of)]);
        }
    }
}

/// Whether a text has white space that is allowed and not meant: at its ends, or in Base64.
fn is_spaced(of: &str, text: &str) -> bool {
    let first = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_whitespace);
    match of {
        "string" => first(text.as_bytes().first()) || first(text.as_bytes().last()),
        "base64Binary" => text.bytes().any(|byte| byte.is_ascii_whitespace()),
        _ => false,
    }
}

/// Whether a text is a value of a type; why not.
fn check(of: &str, text: &str, version: FhirVersion) -> Result<(), &'static str> {
    let ok = |good: bool, why: &'static str| if good { Ok(()) } else { Err(why) };
    match of {
        "boolean" => ok(matches!(text, "true" | "false"), "only true and false are"),
        "integer" => integer(text, i64::from(i32::MIN)),
        "unsignedInt" => integer(text, 0),
        "positiveInt" => integer(text, 1),
        "decimal" => ok(is_decimal(text, version), "it is not a decimal number"),
        "base64Binary" => ok(is_base64(text), "it is not Base64"),
        "instant" => instant(text),
        "date" => {
            date(text).and_then(|rest| ok(rest.is_empty(), "only a year, month and day may stand in it"))
        }
        "dateTime" => date_time(text),
        "time" => ok(
            is_time(text),
            "hours, minutes and seconds are asked, without a zone",
        ),
        "id" => id(text),
        "code" => code(text),
        "oid" => ok(
            text.strip_prefix("urn:oid:").is_some_and(is_oid),
            "urn:oid: and an OID are asked",
        ),
        "uuid" => ok(
            text.strip_prefix("urn:uuid:")
                .is_some_and(|uuid| is_uuid(uuid) && uuid.len() == 36 && !uuid.contains(char::is_uppercase)),
            "urn:uuid: and a UUID in lower case are asked",
        ),
        "uri" | "url" => uri(text),
        "canonical" => {
            uri(text)?;
            ok(text.starts_with('#') || is_absolute(text), "it is not absolute")
        }
        "xhtml" => Ok(()),
        _ => string(text),
    }
}

fn integer(text: &str, least: i64) -> Result<(), &'static str> {
    let digits = text.strip_prefix('-').filter(|_| least < 0).unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || (digits.len() > 1 && digits.starts_with('0')) {
        return Err("it is not a whole number");
    }
    match text.parse::<i64>() {
        Ok(value) if value >= least && value <= i64::from(i32::MAX) => Ok(()),
        _ => Err("it is out of range"),
    }
}

/// An exponent came with R4.
fn is_decimal(text: &str, version: FhirVersion) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && (exponent.is_none() || version != FhirVersion::Stu3)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)))
}

/// Base64 of RFC 4648, in which white space is passed.
fn is_base64(text: &str) -> bool {
    let mut length = 0_usize;
    let mut padding = 0_usize;
    for byte in text.bytes() {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => continue,
            b'=' => padding += 1,
            _ if padding > 0 => return false,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {}
            _ => return false,
        }
        length += 1;
    }
    length > 0 && length.is_multiple_of(4) && padding <= 2
}

/// Reads a year, a month or a day, and gives the rest.
fn date(text: &str) -> Result<&str, &'static str> {
    let year = number(text, 4).ok_or("a year of four digits is asked")?;
    if year == 0 {
        return Err("there is no year 0");
    }
    let Some(rest) = text[4..].strip_prefix('-') else {
        return Ok(&text[4..]);
    };
    let month = number(rest, 2)
        .filter(|month| (1..=12).contains(month))
        .ok_or("there is no such month")?;
    let Some(rest) = rest[2..].strip_prefix('-') else {
        return Ok(&rest[2..]);
    };
    let day = number(rest, 2).ok_or("there is no such day")?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if day == 0 || day > last {
        return Err("there is no such day");
    }
    Ok(&rest[2..])
}

fn date_time(text: &str) -> Result<(), &'static str> {
    let rest = date(text)?;
    if rest.is_empty() {
        return Ok(());
    }
    if text.len() - rest.len() != 10 {
        return Err("a time needs a whole date");
    }
    zoned(rest)
}

fn instant(text: &str) -> Result<(), &'static str> {
    let rest = date(text)?;
    if rest.is_empty() || text.len() - rest.len() != 10 {
        return Err("a date, a time and a zone are asked");
    }
    zoned(rest)
}

/// `T`, a time and a zone.
fn zoned(text: &str) -> Result<(), &'static str> {
    let time = text
        .strip_prefix('T')
        .ok_or("only a time may stand behind the date")?;
    let zone = time.find(['Z', '+', '-']).ok_or("a time needs a zone")?;
    if !is_time(&time[..zone]) {
        return Err("hours, minutes and seconds are asked");
    }
    let zone = &time[zone..];
    let offset = zone.get(1..).unwrap_or_default();
    let fits = zone == "Z"
        || offset.len() == 5
            && offset.as_bytes()[2] == b':'
            && number(offset, 2)
                .zip(number(&offset[3..], 2))
                .is_some_and(|(hours, minutes)| hours < 14 && minutes < 60 || hours == 14 && minutes == 0);
    if fits {
        Ok(())
    } else {
        Err("there is no such zone")
    }
}

/// Hours, minutes, seconds and a fraction.
fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    if text.len() < 8 || !text.is_ascii() || bytes[2] != b':' || bytes[5] != b':' {
        return false;
    }
    let (Some(hours), Some(minutes), Some(seconds)) =
        (number(text, 2), number(&text[3..], 2), number(&text[6..], 2))
    else {
        return false;
    };
    let fraction = text[8..].strip_prefix('.');
    let fraction_fits = match fraction {
        Some(digits) => !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()),
        None => text.len() == 8,
    };
    hours < 24 && minutes < 60 && seconds < 61 && fraction_fits
}

/// The number in the first so many digits.
fn number(text: &str, digits: usize) -> Option<u32> {
    let first = text.get(..digits)?;
    first
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| first.parse().ok())?
}

fn id(text: &str) -> Result<(), &'static str> {
    if text.is_empty() || text.len() > 64 {
        return Err("1 to 64 characters are asked");
    }
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    if plain {
        Ok(())
    } else {
        Err("only letters, digits, - and . may stand in it")
    }
}

fn code(text: &str) -> Result<(), &'static str> {
    let spaced = text.split(' ').any(str::is_empty) || text.contains(['\t', '\n', '\r']);
    if spaced {
        Err("it is empty, or has white space that it may not have")
    } else {
        Ok(())
    }
}

fn uri(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.contains(char::is_whitespace) {
        return Err("it has white space");
    }
    if text.starts_with("oid:") || text.starts_with("uuid:") {
        return Err("urn: is missing in front of it");
    }
    if text.strip_prefix("urn:oid:").is_some_and(|oid| !is_oid(oid)) {
        return Err("the OID in it is none");
    }
    if text.strip_prefix("urn:uuid:").is_some_and(|uuid| !is_uuid(uuid)) {
        return Err("the UUID in it is none");
    }
    Ok(())
}

/// Roots as short as `2.16` are never meant, but for `1.3` (as the reference validator has it).
fn is_oid(text: &str) -> bool {
    let mut parts = text.split('.');
    let first = parts.next().is_some_and(|first| matches!(first, "0" | "1" | "2"));
    let mut more = false;
    for part in parts {
        more = true;
        let plain = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !plain || (part.len() > 1 && part.starts_with('0')) {
            return false;
        }
    }
    first && more && (text.rfind('.').is_some_and(|last| last >= 4) || text.starts_with("1.3"))
}

fn is_uuid(text: &str) -> bool {
    let text = text.split(['?', '#', '/', '|']).next().unwrap_or_default();
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn string(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("it is empty");
    }
    // Bytes are never fewer than characters, so that most texts need not be counted.
    if text.len() > MAX_STRING && text.chars().count() > MAX_STRING {
        return Err("it has more than 1048576 characters");
    }
    if text
        .chars()
        .any(|character| character < ' ' && !matches!(character, '\t' | '\n' | '\r'))
    {
        return Err("it has control characters");
    }
    Ok(())
}

/// Years that are more likely mistyped than meant.
fn is_unlikely(text: &str) -> bool {
    number(text, 4).is_some_and(|year| !(1800..=2100).contains(&year))
}
