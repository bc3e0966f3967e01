//! The one place that looks into a tree: children by name, primitive values, quantities.
//!
//! Everything else of the engine works on what this gives, so that a tree of another format needs nothing more than to
//! be a [`Document`](crate::document::Document). Where a tree has no types, the form of a value tells what it is.

use std::borrow::Cow;

use super::decimal::Decimal;
use super::quantity::{Quantity, Unit};
use super::temporal::Temporal;
use super::value::Value;
use crate::document::{Node, ValueKind};

/// Which `System` type a primitive has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Primitive {
    Boolean,
    Integer,
    Decimal,
    Date,
    DateTime,
    Time,
    Text,
}

/// The `System` type of a primitive type of FHIR (R4, FHIRPath supplement, section 2.1.9.1.2).
pub(super) fn primitive_type(name: &str) -> Primitive {
    match name {
        "boolean" => Primitive::Boolean,
        "integer" | "positiveInt" | "unsignedInt" => Primitive::Integer,
        "decimal" => Primitive::Decimal,
        "date" => Primitive::Date,
        "dateTime" | "instant" => Primitive::DateTime,
        "time" => Primitive::Time,
        _ => Primitive::Text,
    }
}

/// The `System` value of a node, see [`Value::system`].
pub(super) fn system(node: Node<'_>) -> Option<Value<'_>> {
    let kind = node.kind();
    if kind == ValueKind::None {
        return quantity(node).map(|quantity| Value::Quantity(Box::new(quantity)));
    }
    let text = node.primitive()?;
    let primitive = match (kind, node.fhir_type()) {
        (ValueKind::Boolean, _) => Primitive::Boolean,
        (ValueKind::Number, "") if text.contains(['.', 'e', 'E']) => Primitive::Decimal,
        (ValueKind::Number, "") => Primitive::Integer,
        (_, name) => primitive_type(name),
    };
    match primitive {
        Primitive::Boolean => boolean(text).map(Value::Boolean),
        Primitive::Integer => match text.parse() {
            Ok(value) => Some(Value::Integer(value)),
            Err(_) => Decimal::parse(text).map(Value::Decimal),
        },
        Primitive::Decimal => Decimal::parse(text).map(Value::Decimal),
        Primitive::Date => Temporal::parse_date(text).map(Value::Temporal),
        Primitive::DateTime => Temporal::parse_date_time(text).map(Value::Temporal),
        Primitive::Time => Temporal::parse_time(text).map(Value::Temporal),
        Primitive::Text => Some(Value::String(Cow::Borrowed(text))),
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// The value of a boolean node.
pub(super) fn truth(node: Node<'_>) -> Option<bool> {
    (node.kind() == ValueKind::Boolean).then(|| node.primitive().and_then(boolean))?
}

/// The quantity that a FHIR `Quantity` means; `None` when it is none or carries a comparator.
pub(super) fn quantity(node: Node<'_>) -> Option<Quantity> {
    if node.is_primitive() || !node.is_a("Quantity") || node.text("comparator").is_some() {
        return None;
    }
    let value = Decimal::parse(node.text("value")?)?;
    let unit = match node.text("code").or_else(|| node.text("unit")) {
        Some(code) => Unit::Ucum(code.into()),
        None => Unit::one(),
    };
    Some(Quantity { value, unit })
}

/// Whether a node is a child that an expression means by `name`: `value` for `valueQuantity`.
#[inline]
pub(super) fn is_named(child: Node<'_>, name: &str) -> bool {
    child.stem() == name
}
