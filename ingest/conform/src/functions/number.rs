//! Numbers.

use std::borrow::Cow;

/// A decimal without a fraction as an integer.
pub(super) fn integer(text: &str) -> Option<Cow<'_, str>> {
    let whole = match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| whole.into())
}

/// A decimal with a comma as one with a point.
pub(super) fn decimal_comma(text: &str) -> Option<Cow<'_, str>> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once(',').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (plain(whole) && plain(fraction)).then(|| text.replace(',', ".").into())
}

/// A number as JSON has it: white space, a plus and zeros before it are left out, and there is a digit before the point.
pub(super) fn number(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    let text = text.strip_prefix('+').unwrap_or(text);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || fraction.is_some_and(|part| part.is_empty() || !plain(part)) || digits.is_empty() {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        other => other,
    };
    Some(match fraction {
        Some(fraction) => format!("{sign}{whole}.{fraction}").into(),
        None => format!("{sign}{whole}").into(),
    })
}

/// A unit as a code of UCUM: what is none becomes an annotation, `{stuks}`, which UCUM lets stand for it.
pub(super) fn ucum_code(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    if samenhang_terminology::ucum::is_unit(text) {
        return Some(text.into());
    }
    let plain = |byte: u8| matches!(byte, 33..=126) && !matches!(byte, b'{' | b'}');
    (!text.is_empty() && text.bytes().all(plain)).then(|| format!("{{{text}}}").into())
}
