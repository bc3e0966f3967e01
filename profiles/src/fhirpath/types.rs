//! Types by name: those of `System`, and those of FHIR with what they are based on.

use super::syntax::TypeSpecifier;
use super::value::Value;
use crate::element_table::Table;
use crate::version::FhirVersion;

/// The types of `System`.
pub(super) const SYSTEM: [&str; 10] = [
    "Any", "Boolean", "Integer", "Decimal", "String", "Date", "DateTime", "Time", "Quantity", "TypeInfo",
];

/// The primitive type that a primitive type is based on, when there is one (R4, 2.24.0).
pub(super) fn primitive_base(name: &str) -> Option<&'static str> {
    Some(match name {
        "code" | "id" | "markdown" => "string",
        "url" | "canonical" | "uuid" | "oid" => "uri",
        "positiveInt" | "unsignedInt" => "integer",
        _ => return None,
    })
}

/// Whether the type `name` of a version is `base` or based on it.
pub(super) fn is_a(version: FhirVersion, name: &str, base: &str) -> bool {
    name == base
        || primitive_base(name) == Some(base)
        || Table::of(version).is_a(name, base)
        || base == "Element"
            && Table::of(version)
                .named(name)
                .is_some_and(|kind| kind.primitive.is_some())
}

/// Whether a version has a type of this name.
pub(super) fn is_known(version: FhirVersion, name: &str) -> bool {
    Table::of(version).named(name).is_some() || matches!(name, "Element" | "Resource" | "SimpleQuantity")
}

/// Whether a value is of the type, or of one that is based on it (`is`).
pub(super) fn is(value: &Value<'_>, specifier: &TypeSpecifier) -> bool {
    match value {
        Value::Node(node) => {
            specifier.namespace.as_deref().is_none_or(|space| space == "FHIR")
                && is_a(node.document().version(), node.fhir_type(), &specifier.name)
        }
        other => system_is(other, specifier),
    }
}

/// Whether a value is taken by `as` and `ofType`: as [`is`], but a primitive has to be of the very type.
pub(super) fn is_taken(value: &Value<'_>, specifier: &TypeSpecifier) -> bool {
    match value {
        Value::Node(node) if node.is_primitive() => {
            specifier.namespace.as_deref().is_none_or(|space| space == "FHIR")
                && node.fhir_type() == &*specifier.name
        }
        other => is(other, specifier),
    }
}

fn system_is(value: &Value<'_>, specifier: &TypeSpecifier) -> bool {
    specifier
        .namespace
        .as_deref()
        .is_none_or(|space| space == "System")
        && (value.type_name().name == &*specifier.name || &*specifier.name == "Any")
}
