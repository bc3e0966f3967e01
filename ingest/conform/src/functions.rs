//! The functions that a rule names with `as`: from the text of a value to a text, or a refusal.
//!
//! Each is total and says in one sentence what it does; `docs/src/integrator/maps.md` has them for who writes maps.

mod identifier;
mod moment;
mod number;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

/// A function on a text; none when the text is not what it takes.
pub(crate) type Function = fn(&str) -> Option<Cow<'_, str>>;

/// The functions by name.
const FUNCTIONS: [(&str, Function); 14] = [
    ("trim", trim),
    ("lower", lower),
    ("upper", upper),
    ("oid-uri", identifier::oid_uri),
    ("uuid-uri", identifier::uuid_uri),
    ("hl7-date", moment::hl7_date),
    ("hl7-timestamp", moment::hl7_timestamp),
    ("dutch-date", moment::dutch_date),
    ("date-of", moment::date_of),
    ("integer", number::integer),
    ("decimal-comma", number::decimal_comma),
    ("number", number::number),
    ("ucum-code", number::ucum_code),
    ("dutch-postcode", identifier::dutch_postcode),
];

/// The function of a name.
pub(crate) fn named(name: &str) -> Option<Function> {
    let found = FUNCTIONS.iter().find(|(own, _)| *own == name);
    found.map(|(_, function)| *function)
}

/// Whether a text is a number as JSON has it, digit for digit.
pub(crate) fn plain_number(text: &str) -> bool {
    number::number(text).as_deref() == Some(text)
}

/// The URL of the public naming system of an OID, with or without `urn:oid:`; other OIDs as `urn:oid:`.
pub(crate) fn oid_uri(text: &str) -> Option<Cow<'_, str>> {
    identifier::oid_uri(text)
}

/// The names of the functions.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|(name, _)| *name)
}

/// Takes away white space at both ends.
fn trim(text: &str) -> Option<Cow<'_, str>> {
    Some(text.trim().into()).filter(|text: &Cow<'_, str>| !text.is_empty())
}

/// Makes capitals of ASCII small.
fn lower(text: &str) -> Option<Cow<'_, str>> {
    Some(text.to_ascii_lowercase().into())
}

/// Makes capitals of small letters of ASCII.
fn upper(text: &str) -> Option<Cow<'_, str>> {
    Some(text.to_ascii_uppercase().into())
}
