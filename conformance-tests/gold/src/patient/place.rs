//! How a resource is written by its holder.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

use serde_json::Value;

use crate::chance::Chance;
use crate::render::DIGITS;
use crate::statement::Statement;

/// What a statement says, as a number.
pub(crate) fn print(statement: &Statement) -> u64 {
    let mut hasher = DefaultHasher::new();
    statement.hash(&mut hasher);
    hasher.finish()
}

/// The bytes; with chance, the members of each object in another order.
pub(super) fn body(json: &Value, chance: Option<&mut Chance>) -> Vec<u8> {
    let text = match chance {
        None => json.to_string(),
        Some(chance) => {
            let mut out = String::new();
            write(json, chance, 0, &mut out);
            out
        }
    };
    let mut out = String::with_capacity(text.len());
    let mark = format!("\"{DIGITS}");
    let mut parts = text.split(&mark);
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (digits, rest) = part.split_once('"').unwrap_or((part, ""));
        out.push_str(digits);
        out.push_str(rest);
    }
    out.into_bytes()
}

fn write(json: &Value, chance: &mut Chance, depth: usize, out: &mut String) {
    match json {
        Value::Object(fields) if depth < 16 => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            chance.shuffle(&mut fields);
            out.push('{');
            for (at, (name, value)) in fields.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&Value::String(name.clone()).to_string());
                out.push(':');
                write(value, chance, depth + 1, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, value) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(value, chance, depth + 1, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}
