//! A node of a document, as validation, FHIRPath and mapping see it.

use std::fmt;

use crate::document::Document;
use crate::document::arena::{Data, Form, IN_ARRAY, NONE};
use crate::element_table::Primitive;

/// What kind of value a primitive has; of a known element by its definition, else as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// No value: a complex element, a resource, or a primitive that has only extensions.
    None,
    /// A boolean.
    Boolean,
    /// A number: integers and decimals.
    Number,
    /// Any other text: strings, codes, dates and the like.
    Text,
    /// Base64 data.
    Base64,
    /// The `div` of a narrative.
    Xhtml,
}

/// An element, primitive or resource at its place in a document. Copying it is cheap.
#[derive(Clone, Copy)]
pub struct Node<'d> {
    pub(super) document: &'d Document<'d>,
    pub(super) id: u32,
}

impl<'d> Node<'d> {
    fn data(self) -> &'d Data {
        self.document.arena.node(self.id)
    }

    fn at(self, id: u32) -> Option<Node<'d>> {
        (id != NONE).then_some(Node {
            document: self.document,
            id,
        })
    }

    /// The document that the node is in.
    #[must_use]
    pub fn document(self) -> &'d Document<'d> {
        self.document
    }

    /// Number of the node in its document; a parent has a lower one than its children.
    #[must_use]
    pub fn id(self) -> usize {
        self.id as usize
    }

    /// The name as written: `valueQuantity`; of the root its type.
    #[must_use]
    pub fn name(self) -> &'d str {
        let data = self.data();
        match data.element {
            Some(element) => &element.name,
            None if data.parent == NONE => self.document.arena.text(data.value),
            None => self.document.arena.text(data.name),
        }
    }

    /// The name in the definition: `value[x]` for a choice, else the name.
    #[must_use]
    pub fn element(self) -> &'d str {
        match self.data().element {
            Some(element) => element.definition,
            None => self.name(),
        }
    }

    /// The name as FHIRPath has it: `value` for a choice, else the name.
    #[must_use]
    pub fn stem(self) -> &'d str {
        let element = self.element();
        element.strip_suffix("[x]").unwrap_or(element)
    }

    /// The type: `Quantity`, `code`, of a resource its type, of what is defined inside of another its path
    /// (`Patient.contact`); empty when the definitions do not know it.
    #[must_use]
    pub fn fhir_type(self) -> &'static str {
        self.data().kind.name
    }

    /// Whether the type is `name` or based on it, directly or not: `Resource`, `Element`, `Quantity` for an `Age`.
    #[must_use]
    pub fn is_a(self, name: &str) -> bool {
        self.document.table().is_a(self.fhir_type(), name)
    }

    /// Whether the element may repeat by its definition; of what is unknown, whether it stood in an array.
    #[must_use]
    pub fn repeats(self) -> bool {
        let data = self.data();
        data.element
            .map_or(data.flags & IN_ARRAY != 0, |element| element.many)
    }

    /// Whether a resource stands here, the root included, of whatever type.
    #[must_use]
    pub fn is_resource(self) -> bool {
        let data = self.data();
        let place = |element| self.document.table().type_of(element).any_resource();
        data.kind.resource || data.parent == NONE || data.element.is_some_and(place)
    }

    /// The type of a resource as written, known or not; empty for what is no resource.
    #[must_use]
    pub fn resource_type(self) -> &'d str {
        let data = self.data();
        if self.is_resource() && data.form == Form::Object {
            self.document.arena.text(data.value)
        } else {
            ""
        }
    }

    /// Whether the definitions have this element at this place.
    #[must_use]
    pub fn is_known(self) -> bool {
        !self.fhir_type().is_empty()
    }

    /// The text of a primitive value as written: numbers with their digits, strings without escapes.
    #[must_use]
    pub fn primitive(self) -> Option<&'d str> {
        let data = self.data();
        match data.form {
            Form::Null | Form::Object => None,
            Form::Boolean | Form::Number | Form::String => Some(self.document.arena.text(data.value)),
        }
    }

    /// What kind of value it has.
    #[must_use]
    pub fn kind(self) -> ValueKind {
        let data = self.data();
        match (data.form, data.kind.primitive) {
            (Form::Null | Form::Object, _) => ValueKind::None,
            (_, Some(Primitive::Boolean)) => ValueKind::Boolean,
            (_, Some(Primitive::Number)) => ValueKind::Number,
            (_, Some(Primitive::Text)) => ValueKind::Text,
            (_, Some(Primitive::Base64)) => ValueKind::Base64,
            (_, Some(Primitive::Xhtml)) => ValueKind::Xhtml,
            (Form::Boolean, None) => ValueKind::Boolean,
            (Form::Number, None) => ValueKind::Number,
            (Form::String, None) => ValueKind::Text,
        }
    }

    /// Whether the type is a primitive, with or without a value.
    #[must_use]
    pub fn is_primitive(self) -> bool {
        self.data().kind.primitive.is_some()
    }

    /// Whether it is an attribute in XML: an id of an element, or the url of an extension.
    pub(crate) fn is_attribute(self) -> bool {
        self.data().element.is_some_and(|element| element.attribute)
    }

    /// Its place in the order of the definition; what is not known comes last.
    pub(crate) fn order(self) -> u16 {
        self.data().element.map_or(u16::MAX, |element| element.order)
    }

    /// The children in document order: elements, attributes, resources.
    pub fn children(self) -> Children<'d> {
        Children {
            next: self.at(self.data().first),
        }
    }

    /// The first child of this name, as written.
    #[must_use]
    pub fn child(self, name: &str) -> Option<Node<'d>> {
        self.children().find(|child| child.name() == name)
    }

    /// The children of this name, as written.
    pub fn children_named(self, name: &str) -> impl Iterator<Item = Node<'d>> {
        self.children().filter(move |child| child.name() == name)
    }

    /// The text of the first child of this name, when it has a value.
    #[must_use]
    pub fn text(self, name: &str) -> Option<&'d str> {
        self.child(name)?.primitive()
    }

    /// The node that this one stands in; none for the root.
    #[must_use]
    pub fn parent(self) -> Option<Node<'d>> {
        self.at(self.data().parent)
    }

    /// The nearest resource: the node itself or what it stands in.
    #[must_use]
    pub fn resource(self) -> Node<'d> {
        let mut node = self;
        while let Some(parent) = node.parent().filter(|_| !node.is_resource()) {
            node = parent;
        }
        node
    }

    /// Place among the siblings of the same name, from zero.
    #[must_use]
    pub fn index(self) -> usize {
        self.data().index as usize
    }

    /// Byte offset in the text: of the value in JSON, of the element in XML.
    #[must_use]
    pub fn offset(self) -> usize {
        self.data().offset as usize
    }

    /// How the format itself names the place, for a tree that is not of FHIR; also that of the node it stands in.
    #[must_use]
    pub fn origin(self) -> Option<&'d str> {
        let arena = &self.document.arena;
        if arena.labels.is_empty() {
            return None;
        }
        let mut nodes = std::iter::successors(Some(self), |node| node.parent());
        let label = nodes.find_map(|node| arena.labels.get(&node.id))?;
        Some(arena.text(*label))
    }

    /// The place in FHIRPath: `Bundle.entry[2].resource.name[0].given[1]`, `Observation.value.ofType(Quantity)`.
    ///
    /// Names that no element of FHIR could have are left out: a place must not carry content.
    #[must_use]
    pub fn path(self) -> String {
        let mut nodes: Vec<Node<'d>> = std::iter::successors(Some(self), |node| node.parent()).collect();
        nodes.reverse();
        let mut path = String::new();
        for node in nodes {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(shown(node.stem()));
            if node.element() != node.stem() {
                path.push_str(&format!(".ofType({})", node.fhir_type()));
            } else if node.repeats() || node.index() > 0 {
                path.push_str(&format!("[{}]", node.index()));
            }
        }
        path
    }
}

/// A name that comes from outside, unless it is no name that FHIR could have: it must not carry content.
pub(crate) fn shown(name: &str) -> &str {
    let plain = name.len() <= 64
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.bytes().any(|byte| byte.is_ascii_alphabetic());
    if plain { name } else { "(unnamed)" }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(
            std::ptr::from_ref(self.document).cast::<()>(),
            std::ptr::from_ref(other.document).cast::<()>(),
        ) && self.id == other.id
    }
}

impl Eq for Node<'_> {}

impl fmt::Debug for Node<'_> {
    /// The place, never the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({})", self.path())
    }
}

/// The children of a node, see [`Node::children`].
#[derive(Debug, Clone)]
pub struct Children<'d> {
    next: Option<Node<'d>>,
}

impl<'d> Iterator for Children<'d> {
    type Item = Node<'d>;

    fn next(&mut self) -> Option<Node<'d>> {
        let node = self.next?;
        self.next = node.at(node.data().next);
        Some(node)
    }
}
