//! Holds a configuration against its JSON schema and names everything that is wrong, not only the first thing.
//!
//! Knows as much of JSON schema as `schemars` writes for our sections: types, properties, required, references,
//! alternatives, enumerations. What it does not know it lets pass; deserialising has the last word.

use serde_json::{Map, Value};

use super::Finding;

/// Compares a value with a schema.
pub(super) fn compare(value: &Value, schema: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    Comparison {
        root: schema,
        findings: &mut findings,
    }
    .node(value, schema, "");
    findings
}

struct Comparison<'a> {
    root: &'a Value,
    findings: &'a mut Vec<Finding>,
}

impl<'a> Comparison<'a> {
    fn node(&mut self, value: &Value, schema: &'a Value, path: &str) {
        let schema = self.resolve(schema);
        if let Some(choices) = alternatives(schema) {
            let fits = |choice: &Value| {
                let mut trial = Vec::new();
                Comparison {
                    root: self.root,
                    findings: &mut trial,
                }
                .node(value, choice, path);
                trial
            };
            let trials: Vec<_> = choices.iter().map(fits).collect();
            if trials.iter().any(Vec::is_empty) {
                return;
            }
            // An optional section: tell what is wrong inside it, not that it is not null.
            let structured = choices
                .iter()
                .zip(trials)
                .find(|(choice, _)| self.resolve(choice).get("properties").is_some());
            match structured {
                Some((_, trial)) if value.is_object() => self.findings.extend(trial),
                _ => self.wrong(path, format!("it is not {}", expected(choices, self.root))),
            }
            return;
        }
        if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
            && !allowed.contains(value)
        {
            let names: Vec<String> = allowed.iter().map(Value::to_string).collect();
            self.wrong(path, format!("it is not one of {}", names.join(", ")));
            return;
        }
        if let Some(constant) = schema.get("const")
            && constant != value
        {
            self.wrong(path, format!("it is not {constant}"));
            return;
        }
        if let Some(kind) = schema.get("type")
            && !is_kind(value, kind)
        {
            self.wrong(path, format!("it is not {}", kind_name(kind)));
            return;
        }
        match value {
            Value::Object(fields) => self.object(fields, schema, path),
            Value::Array(items) => {
                if let Some(of_items) = schema.get("items") {
                    for (index, item) in items.iter().enumerate() {
                        self.node(item, of_items, &format!("{path}[{index}]"));
                    }
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, fields: &Map<String, Value>, schema: &'a Value, path: &str) {
        let none = Map::new();
        let known = schema.get("properties").and_then(Value::as_object);
        let names: Vec<&String> = known.unwrap_or(&none).keys().collect();
        for (name, value) in fields {
            let at = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            match known.and_then(|known| known.get(name)) {
                Some(of_field) => self.node(value, of_field, &at),
                None => match schema.get("additionalProperties") {
                    Some(Value::Bool(false)) => {
                        self.wrong(&at, format!("there is no such key{}", suggestion(name, &names)));
                    }
                    Some(of_any @ Value::Object(_)) => self.node(value, of_any, &at),
                    _ => {}
                },
            }
        }
        for name in schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            if !fields.contains_key(name) {
                let at = if path.is_empty() {
                    name.to_owned()
                } else {
                    format!("{path}.{name}")
                };
                self.wrong(&at, "it is missing".to_owned());
            }
        }
    }

    fn wrong(&mut self, path: &str, reason: String) {
        self.findings.push(Finding {
            key: path.to_owned(),
            reason,
        });
    }

    fn resolve(&self, schema: &'a Value) -> &'a Value {
        resolve(schema, self.root)
    }
}

fn resolve<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let mut schema = schema;
    // Bounded: a reference to a reference to itself must not hang.
    for _ in 0..16 {
        let target = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|target| target.strip_prefix('#'));
        match target.and_then(|pointer| root.pointer(pointer)) {
            Some(next) => schema = next,
            None => break,
        }
    }
    schema
}

fn alternatives(schema: &Value) -> Option<&Vec<Value>> {
    ["anyOf", "oneOf"]
        .iter()
        .find_map(|name| schema.get(*name)?.as_array())
}

fn expected(choices: &[Value], root: &Value) -> String {
    let names: Vec<String> = choices
        .iter()
        .map(|choice| resolve(choice, root))
        .filter(|choice| choice.get("type").and_then(Value::as_str) != Some("null"))
        .map(|choice| match (choice.get("const"), choice.get("type")) {
            (Some(constant), _) => constant.to_string(),
            (None, Some(kind)) => kind_name(kind),
            _ => "one of its alternatives".to_owned(),
        })
        .collect();
    names.join(" or ")
}

fn is_kind(value: &Value, kind: &Value) -> bool {
    match kind {
        Value::Array(kinds) => kinds.iter().any(|kind| is_kind(value, kind)),
        Value::String(kind) => match kind.as_str() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "null" => value.is_null(),
            _ => true,
        },
        _ => true,
    }
}

fn kind_name(kind: &Value) -> String {
    match kind {
        Value::Array(kinds) => {
            let names: Vec<_> = kinds
                .iter()
                .filter(|kind| *kind != "null")
                .map(kind_name)
                .collect();
            names.join(" or ")
        }
        Value::String(kind) => match kind.as_str() {
            "object" => "a table".to_owned(),
            "array" => "a list".to_owned(),
            "integer" => "a whole number".to_owned(),
            "string" => "a text".to_owned(),
            "boolean" => "true or false".to_owned(),
            other => format!("a {other}"),
        },
        _ => "what is expected".to_owned(),
    }
}

/// Names the known key that is nearest, when it is near.
fn suggestion(name: &str, known: &[&String]) -> String {
    let nearest = known.iter().map(|other| (distance(name, other), other)).min();
    match nearest {
        Some((far, other)) if far <= 1 + name.len() / 4 => format!("; did you mean '{other}'?"),
        _ => String::new(),
    }
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
