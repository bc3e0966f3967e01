//! One tree of a resource, the same from JSON and from XML, for validation, FHIRPath and mapping.
//!
//! The nodes stand in one vector and their texts are spans of the input, so that building it costs no string a node.
//! Names and types come from the published definitions; what these do not have is kept, without a type, and noted
//! as an [`Irregularity`], as is everything else that a tree cannot show. A reader that refuses (malformed text,
//! a limit, a document type in XML) gives a [`ReadError`] and no document. Nothing here is repaired.

mod arena;
mod build;
mod cda;
mod irregularity;
mod json;
mod node;
mod position;
mod sidecar;
#[cfg(test)]
mod tests;
mod typing;
mod xml;

use std::fmt;
use std::sync::OnceLock;

use crate::document::arena::Arena;
pub use crate::document::build::{Builder, Origin};
pub use crate::document::irregularity::{Irregularity, Rule};
pub(crate) use crate::document::node::shown;
pub use crate::document::node::{Children, Node, ValueKind};
use crate::document::position::Marks;
pub use crate::document::position::Position;
use crate::element_table::Table;
use crate::limits::Limits;
use crate::raw::ReadError;
use crate::version::FhirVersion;

/// A resource as a tree.
#[derive(Clone)]
pub struct Document<'a> {
    arena: Arena<'a>,
    version: FhirVersion,
    marks: OnceLock<Marks>,
}

impl<'a> Document<'a> {
    /// Reads a resource in JSON.
    ///
    /// # Errors
    /// [`ReadError`] when it is malformed, passes a limit or is no object.
    pub fn from_json(body: &'a [u8], version: FhirVersion, limits: &Limits) -> Result<Self, ReadError> {
        json::read(body, version, limits).map(|arena| Document::of(arena, version))
    }

    /// Reads a resource in XML.
    ///
    /// # Errors
    /// [`ReadError`] when it is malformed, passes a limit or holds what FHIR forbids in XML.
    pub fn from_xml(body: &'a [u8], version: FhirVersion, limits: &Limits) -> Result<Self, ReadError> {
        xml::read(body, version, limits).map(|arena| Document::of(arena, version))
    }

    /// Reads a message of HL7 version 3, such as a CDA document, as a logical tree (see [`Builder`]). The text is what
    /// [`crate::xml::decode`] gives.
    ///
    /// FHIRPath goes through it by the names of the XML:
    ///
    /// * an element is a node with its name, and an attribute is a text in it, `recordTarget.patientRole.id.extension`;
    ///   elements of `urn:hl7-org:sdtc` begin with `sdtc_`, those of other namespaces with `other_`;
    /// * `xsi:type` is `xsi_type`, without a prefix: `value.where(xsi_type = 'PQ').unit`;
    /// * what is written in an element is its own text, without white space around it: `name.family`;
    /// * the `text` of a section is one text, the markup as it was written;
    /// * a `reference` to a place in such a text has `narrative`, the words of that place: `text.reference.narrative`.
    ///
    /// # Errors
    /// [`ReadError`] when it is malformed, passes a limit, or holds a document type, an entity of its own or a processing
    /// instruction.
    pub fn from_cda(text: &'a str, limits: &Limits) -> Result<Self, ReadError> {
        cda::read(text, limits)
    }

    fn of(mut arena: Arena<'a>, version: FhirVersion) -> Self {
        arena.irregularities.sort_by_key(Irregularity::offset);
        Document {
            arena,
            version,
            marks: OnceLock::new(),
        }
    }

    /// The version whose definitions the nodes have.
    #[must_use]
    pub fn version(&self) -> FhirVersion {
        self.version
    }

    /// The resource.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        Node {
            document: self,
            id: 0,
        }
    }

    /// The node of a number, see [`Node::id`].
    #[must_use]
    pub fn node(&self, id: usize) -> Option<Node<'_>> {
        let id = u32::try_from(id).ok()?;
        ((id as usize) < self.arena.nodes.len()).then_some(Node { document: self, id })
    }

    /// How many numbers of nodes there are, see [`Node::id`].
    #[must_use]
    pub fn len(&self) -> usize {
        self.arena.nodes.len()
    }

    /// Never: a document has a root.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.arena.nodes.is_empty()
    }

    /// The faults of shape, in the order of the text.
    #[must_use]
    pub fn irregularities(&self) -> &[Irregularity] {
        &self.arena.irregularities
    }

    /// The node at which a fault of shape was found.
    #[must_use]
    pub fn node_of(&self, irregularity: &Irregularity) -> Node<'_> {
        Node {
            document: self,
            id: irregularity.node,
        }
    }

    /// The place of a fault of shape in FHIRPath, see [`Node::path`].
    #[must_use]
    pub fn place(&self, irregularity: &Irregularity) -> String {
        let path = self.node_of(irregularity).path();
        match self.arena.text(irregularity.name) {
            "" => path,
            name => format!("{path}.{}", shown(name)),
        }
    }

    /// Line and column of a node.
    #[must_use]
    pub fn position(&self, node: Node<'_>) -> Position {
        self.position_at(node.offset())
    }

    /// Line and column of a byte of the text.
    #[must_use]
    pub fn position_at(&self, offset: usize) -> Position {
        let text = &self.arena.source;
        self.marks.get_or_init(|| Marks::of(text)).find(text, offset)
    }

    /// Whether the version has a type of resource of this name.
    #[must_use]
    pub fn has_resource(&self, name: &str) -> bool {
        self.table().named(name).is_some_and(|kind| kind.resource)
    }

    fn table(&self) -> &'static Table {
        Table::of(self.version)
    }
}

impl fmt::Debug for Document<'_> {
    /// The size, never the content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("version", &self.version)
            .field("nodes", &self.len())
            .finish_non_exhaustive()
    }
}
