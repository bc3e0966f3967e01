//! Identifiers and the systems that they are of.

use std::borrow::Cow;

use samenhang_terminology::naming;

/// An OID as a URI; that of a public naming system as its URL.
pub(super) fn oid_uri(text: &str) -> Option<Cow<'_, str>> {
    if let Some(url) = naming::url_of(text) {
        return Some(url.into());
    }
    let oid = text.strip_prefix("urn:oid:").unwrap_or(text);
    let arc = |arc: &str| {
        !arc.is_empty()
            && arc.bytes().all(|byte| byte.is_ascii_digit())
            && (arc.len() == 1 || !arc.starts_with('0'))
    };
    let valid = oid.contains('.') && oid.starts_with(['0', '1', '2']) && oid.split('.').all(arc);
    valid.then(|| format!("urn:oid:{oid}").into())
}

/// A UUID as a URI.
pub(super) fn uuid_uri(text: &str) -> Option<Cow<'_, str>> {
    let uuid = uuid::Uuid::try_parse(text).ok()?;
    Some(format!("urn:uuid:{}", uuid.hyphenated()).into())
}

/// A Dutch postal code without the space that is often written in it, in capitals; others as they are.
pub(super) fn dutch_postcode(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    let plain: String = text
        .chars()
        .filter(|char| !char.is_whitespace())
        .map(|char| char.to_ascii_uppercase())
        .collect();
    let digits = |at: std::ops::Range<usize>| {
        plain
            .get(at)
            .is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit()))
    };
    let letters = plain
        .get(4..)
        .is_some_and(|part| part.bytes().all(|b| b.is_ascii_uppercase()));
    let dutch = plain.len() == 6 && digits(0..4) && letters;
    if text.is_empty() {
        None
    } else if dutch {
        Some(plain.into())
    } else {
        Some(text.into())
    }
}
