//! A small lossless tree of one JSON text, for reading a few fields off the hot path.
//!
//! Order of properties and the text of numbers are kept, so writing a tree gives the same values. It borrows the
//! text that it was parsed from; [`Tree::into_owned`] lets go of it. It is no model of FHIR.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::json::{Kind, Reader};
use crate::limits::Limits;
use crate::raw::ReadError;
use crate::write::JsonWriter;

/// Deeper than this no tree is built, whatever the limits say: dropping and walking it is recursive.
const MAX_DEPTH: usize = 256;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number, as its text.
    Number(Cow<'a, str>),
    /// A string, decoded.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Tree<'a>>),
    /// An object: its properties in order, each once.
    Object(Vec<(Cow<'a, str>, Tree<'a>)>),
}

impl<'a> Tree<'a> {
    /// Parses one JSON text.
    ///
    /// # Errors
    /// [`ReadError`] when it is malformed, passes a limit, or nests more than 256 levels.
    pub fn parse(body: &'a [u8], limits: &Limits) -> Result<Self, ReadError> {
        let limits = Limits {
            max_depth: limits.max_depth.min(MAX_DEPTH),
            ..*limits
        };
        let mut reader = Reader::new(body, &limits)?;
        let tree = value(&mut reader)?;
        reader.finish()?;
        Ok(tree)
    }

    /// Takes the value that comes next from a reader whose depth is limited to what may be walked recursively.
    pub(crate) fn take(reader: &mut Reader<'a>) -> Result<Self, ReadError> {
        value(reader)
    }

    /// The property `name` of an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Tree<'a>> {
        match self {
            Tree::Object(fields) => fields.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The item at `index` of an array.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<&Tree<'a>> {
        self.items().get(index)
    }

    /// Follows names and indexes joined by dots, for example `code.coding.0.display`.
    #[must_use]
    pub fn path(&self, path: &str) -> Option<&Tree<'a>> {
        path.split('.').try_fold(self, |tree, step| match tree {
            Tree::Array(_) => tree.at(step.parse().ok()?),
            _ => tree.get(step),
        })
    }

    /// The string at a path, see [`Tree::path`].
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        self.path(path)?.as_str()
    }

    /// The value of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Tree::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a number.
    #[must_use]
    pub fn as_number(&self) -> Option<&str> {
        match self {
            Tree::Number(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a boolean.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Tree::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// The items of an array; none for what is not an array.
    #[must_use]
    pub fn items(&self) -> &[Tree<'a>] {
        match self {
            Tree::Array(items) => items,
            _ => &[],
        }
    }

    /// The properties of an object in order; none for what is not an object.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Tree<'a>)> {
        let fields: &[(Cow<'a, str>, Tree<'a>)] = match self {
            Tree::Object(fields) => fields,
            _ => &[],
        };
        fields.iter().map(|(key, value)| (&**key, value))
    }

    /// Takes every property of this name away, wherever it stands.
    pub(crate) fn remove_all(&mut self, name: &str) {
        match self {
            Tree::Array(items) => items.iter_mut().for_each(|item| item.remove_all(name)),
            Tree::Object(fields) => {
                fields.retain(|(key, _)| key != name);
                fields.iter_mut().for_each(|(_, value)| value.remove_all(name));
            }
            _ => {}
        }
    }

    /// The same tree without a borrow.
    #[must_use]
    pub fn into_owned(self) -> Tree<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Tree::Null => Tree::Null,
            Tree::Boolean(value) => Tree::Boolean(value),
            Tree::Number(text) => Tree::Number(own(text)),
            Tree::String(text) => Tree::String(own(text)),
            Tree::Array(items) => Tree::Array(items.into_iter().map(Tree::into_owned).collect()),
            Tree::Object(fields) => Tree::Object(
                fields
                    .into_iter()
                    .map(|(key, value)| (own(key), value.into_owned()))
                    .collect(),
            ),
        }
    }

    /// Writes the value.
    pub fn write(&self, out: &mut JsonWriter) {
        match self {
            Tree::Null => out.null(),
            Tree::Boolean(value) => out.boolean(*value),
            Tree::Number(text) => out.raw(text.as_bytes()),
            Tree::String(text) => out.string(text),
            Tree::Array(items) => {
                out.begin_array();
                for item in items {
                    item.write(out);
                }
                out.end_array();
            }
            Tree::Object(fields) => {
                out.begin_object();
                for (key, value) in fields {
                    out.key(key);
                    value.write(out);
                }
                out.end_object();
            }
        }
    }
}

/// Reads the value that comes next. Recursion is bounded by the reader's depth, which is at most [`MAX_DEPTH`].
fn value<'a>(reader: &mut Reader<'a>) -> Result<Tree<'a>, ReadError> {
    Ok(match reader.peek()? {
        Kind::Null => {
            reader.literal()?;
            Tree::Null
        }
        Kind::Boolean => Tree::Boolean(reader.literal()? == "true"),
        Kind::Number => Tree::Number(Cow::Borrowed(reader.number()?)),
        Kind::String => Tree::String(reader.string()?),
        Kind::Array => {
            reader.enter_array()?;
            let mut items = Vec::new();
            while reader.next_item()? {
                items.push(value(reader)?);
            }
            Tree::Array(items)
        }
        Kind::Object => {
            reader.enter_object()?;
            let mut fields = Vec::new();
            while let Some(name) = reader.next_key()? {
                fields.push((name, value(reader)?));
            }
            Tree::Object(fields)
        }
    })
}
