//! Which types correspond, and which texts a type can hold.

use samenhang_profiles::FhirVersion;
use samenhang_profiles::document::{Node, ValueKind};
use samenhang_profiles::element_table::{Primitive, Table, Type};
use samenhang_profiles::fhirpath::{Precision, Temporal};

/// Whether a complex value can be copied element by element into something of the type `target`.
pub(super) fn corresponds(node: Node<'_>, target: &Type, version: FhirVersion) -> bool {
    let name = node.fhir_type();
    if name.is_empty() || target.primitive.is_some() {
        return false;
    }
    name == target.name
        || node.is_resource() && target.resource
        || name.contains('.') && target.name.contains('.')
        || node.is_a("Quantity") && Table::of(version).is_a(target.name, "Quantity")
}

/// The group of primitive types in which a text can go from one to another.
fn family(name: &str) -> u8 {
    match name {
        "string" | "markdown" | "code" | "id" => 1,
        "uri" | "url" | "canonical" | "oid" | "uuid" => 2,
        "integer" | "positiveInt" | "unsignedInt" | "decimal" => 3,
        "date" | "dateTime" | "instant" => 4,
        _ => 0,
    }
}

/// Whether a primitive of one type can go to another, when the text suits it. What has no type goes to all.
pub(crate) fn goes(from: &str, to: &str) -> bool {
    from.is_empty() || from == to || family(from) != 0 && family(from) == family(to)
}

/// Whether the type of the target can hold the text of a node. A text that comes from the same type is not judged, but
/// for what JSON itself asks of numbers and booleans.
pub(super) fn fits(node: Node<'_>, target: &Type, text: &str) -> bool {
    if node.fhir_type() != target.name {
        return is_written(target, text);
    }
    match target.primitive {
        Some(Primitive::Number) => is_number(text),
        Some(Primitive::Boolean) => matches!(text, "true" | "false"),
        _ => node.kind() != ValueKind::None,
    }
}

/// Whether a text is one of a primitive type (R4, section 2.24.0.1).
pub(super) fn is_written(target: &Type, text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match target.name {
        "boolean" => matches!(text, "true" | "false"),
        "integer" => digits(text.strip_prefix('-').unwrap_or(text)) && is_number(text),
        "unsignedInt" => digits(text) && is_number(text),
        "positiveInt" => digits(text) && is_number(text) && text != "0",
        "decimal" => is_number(text),
        "date" => Temporal::parse_date(text).is_some(),
        "dateTime" => is_date_time(text, Precision::Year),
        "instant" => is_date_time(text, Precision::Second),
        "time" => Temporal::parse_time(text).is_some(),
        "code" => {
            !text.is_empty()
                && text.trim() == text
                && !text.contains(['\t', '\r', '\n'])
                && !text.contains("  ")
        }
        "id" => {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
            (1..=64).contains(&text.len()) && text.bytes().all(plain)
        }
        "uri" | "url" | "canonical" | "oid" | "uuid" => {
            !text.is_empty() && !text.contains(char::is_whitespace)
        }
        _ => !text.trim().is_empty(),
    }
}

/// Whether a text is a dateTime of FHIR of at least a precision: one with a time has a zone.
fn is_date_time(text: &str, least: Precision) -> bool {
    let Some(moment) = Temporal::parse_date_time(text) else {
        return false;
    };
    let zoned =
        !text.contains('T') || moment.offset_minutes().is_some() && moment.precision() >= Precision::Second;
    zoned && moment.precision() >= least
}

/// Whether a text is a number of JSON.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (number, None),
    };
    digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)))
}
