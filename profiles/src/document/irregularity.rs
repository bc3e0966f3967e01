//! Faults of shape: what a reader sees and a tree can no longer show.

use crate::document::arena::Span;

/// A rule about the shape of JSON or XML that FHIR sets (R4 sections 2.6.1 and 2.6.2; STU3 likewise).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// A property or element that this place does not have.
    UnknownElement,
    /// An attribute of XML that this element does not have.
    UnknownAttribute,
    /// A `resourceType` or root element that is no resource of this version.
    UnknownResourceType,
    /// No `resourceType`, or no element where a resource must be.
    MissingResourceType,
    /// A second resource where one may be.
    RepeatedResource,
    /// An object or element without content.
    Empty,
    /// An array without items.
    EmptyArray,
    /// `null` where nothing stands beside it in `_name`.
    Null,
    /// An array of what does not repeat.
    UnexpectedArray,
    /// No array around what repeats.
    MissingArray,
    /// An array in an array.
    NestedArray,
    /// Another kind of value: a string for a number, an object for a string, and the like.
    WrongKind,
    /// `_name` for what is no primitive.
    SidecarMisfit,
    /// An element of XML that stands behind one that it must precede.
    ElementOrder,
    /// Text between the elements of XML.
    Text,
    /// An element of XML in another namespace.
    Namespace,
    /// An element of XML that must be an attribute.
    ElementForAttribute,
    /// A hint of XML Schema, such as `xsi:schemaLocation`. It is never followed.
    SchemaHint,
}

impl Rule {
    /// The stable code of the rule.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Rule::UnknownElement => "shape-unknown-element",
            Rule::UnknownAttribute => "shape-unknown-attribute",
            Rule::UnknownResourceType => "shape-unknown-resource-type",
            Rule::MissingResourceType => "shape-missing-resource-type",
            Rule::RepeatedResource => "shape-repeated-resource",
            Rule::Empty => "shape-empty",
            Rule::EmptyArray => "shape-empty-array",
            Rule::Null => "shape-null",
            Rule::UnexpectedArray => "shape-unexpected-array",
            Rule::MissingArray => "shape-missing-array",
            Rule::NestedArray => "shape-nested-array",
            Rule::WrongKind => "shape-wrong-kind",
            Rule::SidecarMisfit => "shape-sidecar-misfit",
            Rule::ElementOrder => "shape-element-order",
            Rule::Text => "shape-text",
            Rule::Namespace => "shape-namespace",
            Rule::ElementForAttribute => "shape-element-for-attribute",
            Rule::SchemaHint => "shape-schema-hint",
        }
    }
}

/// A fault of shape at a place; see [`Document::place`](crate::document::Document::place).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Irregularity {
    pub(super) rule: Rule,
    pub(super) node: u32,
    /// The name of what is no node: an empty array.
    pub(super) name: Span,
    pub(super) offset: u32,
}

impl Irregularity {
    /// The rule that is broken.
    #[must_use]
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// Byte offset in the text, see [`Document::position_at`](crate::document::Document::position_at).
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset as usize
    }
}
