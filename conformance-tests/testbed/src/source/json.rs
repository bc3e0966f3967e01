//! A small JSON tree that loses nothing: order of properties and the text of numbers stay as they were.
//!
//! Sources serve resources from it after a change (a quirk, an added BSN, an added `id`); what is not changed is served from
//! the original bytes. Refuses what nests too deep; it is for the operator's own folders, not for messages from outside.

use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

/// Levels of nesting that are read.
const MAX_DEPTH: usize = 64;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`, `true`, `false` or a number: its text.
    Literal(Box<str>),
    /// A string, unescaped.
    Text(String),
    /// An array.
    Array(Vec<Json>),
    /// An object, in order.
    Object(Vec<(String, Json)>),
}

/// Why a text is not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// Not well-formed.
    #[error("not well-formed JSON at line {line} column {column}")]
    Malformed {
        /// Line, from 1; within the innermost object or array that could be found.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// A property twice in one object.
    #[error("a property is repeated in one object")]
    Repeated,
    /// Nested too deep.
    #[error("more than {MAX_DEPTH} levels deep")]
    Depth,
}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        JsonError::Malformed {
            line: error.line(),
            column: error.column(),
        }
    }
}

/// The properties of one object, still as text.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry::<String, &'de RawValue>()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

impl Json {
    /// Reads a text.
    ///
    /// # Errors
    /// [`JsonError`] when it is not well-formed, repeats a property or nests deeper than 64 levels.
    pub fn parse(text: &[u8]) -> Result<Json, JsonError> {
        let raw: &RawValue = serde_json::from_slice(text)?;
        Json::from_raw(raw, 0)
    }

    fn from_raw(raw: &RawValue, depth: usize) -> Result<Json, JsonError> {
        if depth > MAX_DEPTH {
            return Err(JsonError::Depth);
        }
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'{') => {
                let Members(members) = serde_json::from_str(text)?;
                let mut object: Vec<(String, Json)> = Vec::with_capacity(members.len());
                for (name, value) in members {
                    if object.iter().any(|(known, _)| *known == name) {
                        return Err(JsonError::Repeated);
                    }
                    object.push((name, Json::from_raw(value, depth + 1)?));
                }
                Ok(Json::Object(object))
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text)?;
                let items = items.into_iter().map(|item| Json::from_raw(item, depth + 1));
                Ok(Json::Array(items.collect::<Result<_, _>>()?))
            }
            Some(b'"') => Ok(Json::Text(serde_json::from_str(text)?)),
            _ => Ok(Json::Literal(text.into())),
        }
    }

    /// A string.
    pub fn text(text: impl Into<String>) -> Json {
        Json::Text(text.into())
    }

    /// An object of these properties.
    pub fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
        Json::Object(
            members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    /// `true` or `false`.
    #[must_use]
    pub fn boolean(value: bool) -> Json {
        Json::Literal(if value { "true" } else { "false" }.into())
    }

    /// A whole number.
    #[must_use]
    pub fn number(value: usize) -> Json {
        Json::Literal(value.to_string().into())
    }

    /// A property of an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// A property of an object, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Json> {
        match self {
            Json::Object(members) => members
                .iter_mut()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text of a string property.
    #[must_use]
    pub fn str(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of an array; of anything else the value itself, once.
    #[must_use]
    pub fn items(&self) -> &[Json] {
        match self {
            Json::Array(items) => items,
            other => std::slice::from_ref(other),
        }
    }

    /// The items of the property `name`; none when it is absent.
    #[must_use]
    pub fn list(&self, name: &str) -> &[Json] {
        self.get(name).map_or(&[], Json::items)
    }

    /// Sets a property in its place, or adds it at the end.
    pub fn set(&mut self, name: &str, value: Json) {
        if let Some(place) = self.get_mut(name) {
            *place = value;
        } else if let Json::Object(members) = self {
            members.push((name.to_owned(), value));
        }
    }

    /// Takes a property out.
    pub fn remove(&mut self, name: &str) -> Option<Json> {
        match self {
            Json::Object(members) => {
                let at = members.iter().position(|(known, _)| known == name)?;
                Some(members.remove(at).1)
            }
            _ => None,
        }
    }

    /// Adds an item to the array property `name`, which is made when it is absent.
    pub fn push(&mut self, name: &str, value: Json) {
        match self.get_mut(name) {
            Some(Json::Array(items)) => items.push(value),
            _ => self.set(name, Json::Array(vec![value])),
        }
    }

    /// Every value at a dotted path; arrays on the way are walked through.
    #[must_use]
    pub fn at<'a>(&'a self, path: &str) -> Vec<&'a Json> {
        let mut found = vec![self];
        for name in path.split('.') {
            found = found
                .into_iter()
                .flat_map(Json::items)
                .filter_map(|value| value.get(name))
                .collect();
        }
        found.into_iter().flat_map(Json::items).collect()
    }

    /// Calls `change` on this value and on every value inside, children first.
    pub fn walk(&mut self, change: &mut impl FnMut(&mut Json)) {
        match self {
            Json::Array(items) => items.iter_mut().for_each(|item| item.walk(change)),
            Json::Object(members) => members.iter_mut().for_each(|(_, value)| value.walk(change)),
            _ => {}
        }
        change(self);
    }

    /// The text of the value, without blanks.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Json::Literal(text) => out.extend_from_slice(text.as_bytes()),
            Json::Text(text) => write_text(text, out),
            Json::Array(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    item.write(out);
                }
                out.push(b']');
            }
            Json::Object(members) => {
                out.push(b'{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    write_text(name, out);
                    out.push(b':');
                    value.write(out);
                }
                out.push(b'}');
            }
        }
    }
}

/// Writes a JSON string.
pub fn write_text(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn keeps_order_and_the_text_of_numbers() {
        let text = r#"{"z":1.50,"a":[1e-7,12345678901234567890.10,-0],"t":"é\n\"","n":null,"b":true}"#;
        let tree = Json::parse(text.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(tree.to_bytes()).unwrap(), text);
    }

    #[test]
    fn walks_paths_through_arrays() {
        let tree = Json::parse(br#"{"a":[{"b":{"c":["1","2"]}},{"b":{"c":"3"}},{"x":1}]}"#).unwrap();
        let found: Vec<_> = tree.at("a.b.c").into_iter().filter_map(Json::as_str).collect();
        assert_eq!(found, ["1", "2", "3"]);
    }

    #[test]
    fn refuses_what_is_broken_deep_or_repeated() {
        assert!(Json::parse(b"{\"a\":").is_err());
        assert!(Json::parse(b"{\"a\":1,\"a\":2}").is_err());
        let deep = format!("{}{}", "[".repeat(80), "]".repeat(80));
        assert!(Json::parse(deep.as_bytes()).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_reads_back(text in ".*", digits in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?") {
            let mut tree = Json::object([("n", Json::Literal(digits.into()))]);
            tree.set(&text, Json::Array(vec![Json::text(text.as_str())]));
            let read = Json::parse(&tree.to_bytes()).unwrap();
            proptest::prop_assert_eq!(read, tree);
        }
    }
}
