//! Writes the objects that were built as JSON, with `_name` beside primitives that carry more than a value.

use crate::write::JsonWriter;
use crate::xml::build::{Field, Object, Scalar, Value};

/// Writes an object. Recursion is bounded by the depth of the message.
pub(super) fn object(object: &Object, out: &mut JsonWriter) {
    out.begin_object();
    if let Some(kind) = object.resource {
        out.field("resourceType", kind);
    }
    for field in &object.fields {
        if field.primitive {
            primitive(field, out);
        } else {
            out.key(&field.name);
            list(field, out, complex);
        }
    }
    out.end_object();
}

fn primitive(field: &Field, out: &mut JsonWriter) {
    if field.values.iter().any(|value| value.scalar.is_some()) {
        out.key(&field.name);
        list(field, out, |value, out| match &value.scalar {
            Some(scalar) => write(scalar, out),
            None => out.null(),
        });
    }
    if field.values.iter().any(|value| value.object.is_some()) {
        out.key(&format!("_{}", field.name));
        list(field, out, complex);
    }
}

fn complex(value: &Value, out: &mut JsonWriter) {
    match &value.object {
        Some(inner) => object(inner, out),
        None => out.null(),
    }
}

fn list(field: &Field, out: &mut JsonWriter, write: impl Fn(&Value, &mut JsonWriter)) {
    if field.many {
        out.begin_array();
    }
    for value in &field.values {
        write(value, out);
    }
    if field.many {
        out.end_array();
    }
}

fn write(scalar: &Scalar, out: &mut JsonWriter) {
    if scalar.quoted {
        out.string(&scalar.text);
    } else {
        out.raw(scalar.text.as_bytes());
    }
}
