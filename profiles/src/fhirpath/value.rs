//! The items of a collection.

use std::borrow::Cow;
use std::fmt;

use super::decimal::Decimal;
use super::quantity::Quantity;
use super::temporal::{Temporal, TemporalKind};
use super::tree;
use crate::document::Node;

/// An item: a place in a tree, or a value that was written out or computed.
#[derive(Clone)]
pub enum Value<'d> {
    /// An element, primitive or resource of a document.
    Node(Node<'d>),
    /// `System.Boolean`.
    Boolean(bool),
    /// `System.Integer`.
    Integer(i32),
    /// `System.Decimal`.
    Decimal(Decimal),
    /// `System.String`.
    String(Cow<'d, str>),
    /// `System.Date`, `System.DateTime` or `System.Time`.
    Temporal(Temporal),
    /// `System.Quantity`.
    Quantity(Box<Quantity>),
    /// What `type()` answers.
    Type(TypeName<'d>),
}

/// The name of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeName<'d> {
    /// `System`, or `FHIR` for what a tree holds.
    pub namespace: &'static str,
    /// Its name.
    pub name: &'d str,
}

impl<'d> Value<'d> {
    /// The value as a `System` value: that of a primitive in a tree, the quantity of a `Quantity` in FHIR, or itself.
    /// `None` for what has none: complex elements, primitives without a value, texts that are none of their type.
    #[must_use]
    pub fn system(&self) -> Option<Value<'d>> {
        match self {
            Value::Node(node) => tree::system(*node),
            other => Some(other.clone()),
        }
    }

    /// The node, when it is one.
    #[must_use]
    pub fn node(&self) -> Option<Node<'d>> {
        match self {
            Value::Node(node) => Some(*node),
            _ => None,
        }
    }

    /// The text of a primitive value: what `toString()` answers.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'d, str>> {
        Some(match self {
            Value::Node(node) => {
                return node
                    .primitive()
                    .map(Cow::Borrowed)
                    .or_else(|| quantity_text(*node));
            }
            Value::Boolean(true) => Cow::Borrowed("true"),
            Value::Boolean(false) => Cow::Borrowed("false"),
            Value::Integer(value) => Cow::Owned(value.to_string()),
            Value::Decimal(value) => Cow::Owned(value.to_string()),
            Value::String(text) => text.clone(),
            Value::Temporal(value) => Cow::Owned(value.to_string()),
            Value::Quantity(value) => Cow::Owned(value.to_string()),
            Value::Type(_) => return None,
        })
    }

    /// The name of its type.
    #[must_use]
    pub fn type_name(&self) -> TypeName<'d> {
        let system = |name| TypeName {
            namespace: "System",
            name,
        };
        match self {
            Value::Node(node) => TypeName {
                namespace: "FHIR",
                name: node.fhir_type(),
            },
            Value::Boolean(_) => system("Boolean"),
            Value::Integer(_) => system("Integer"),
            Value::Decimal(_) => system("Decimal"),
            Value::String(_) => system("String"),
            Value::Temporal(value) => system(match value.kind() {
                TemporalKind::Date => "Date",
                TemporalKind::DateTime => "DateTime",
                TemporalKind::Time => "Time",
            }),
            Value::Quantity(_) => system("Quantity"),
            Value::Type(_) => system("TypeInfo"),
        }
    }
}

fn quantity_text(node: Node<'_>) -> Option<Cow<'_, str>> {
    tree::quantity(node).map(|quantity| Cow::Owned(quantity.to_string()))
}

impl<'d> From<Node<'d>> for Value<'d> {
    fn from(node: Node<'d>) -> Self {
        Value::Node(node)
    }
}

impl fmt::Debug for Value<'_> {
    /// The type, and the place of a node; never the value, which may be a patient's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Node(node) => node.fmt(f),
            other => write!(f, "{}", other.type_name().name),
        }
    }
}
