//! References within a document: from a `Reference` or URI to the node of the resource that it means.
//!
//! The order is that of R4 sections 2.3.0 and 3.3: `#id` among the contained resources, an absolute reference by
//! `fullUrl`, a relative one by the base of the `fullUrl` of its own entry, a versioned one by `meta.versionId` on
//! top. Nothing outside of the document is ever asked.

use std::collections::HashMap;

use crate::document::{Document, Node};
use crate::validate::run::is_absolute;

/// Where a reference leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution<'d> {
    /// To this resource.
    Found(Node<'d>),
    /// Somewhere else, or nowhere: the document cannot tell.
    NotInDocument,
    /// Nowhere, by what the document says.
    Broken(Reason),
}

/// Why a reference leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No contained resource has this id.
    NotContained,
    /// More than one entry fits.
    Ambiguous,
    /// A resource of this type and id is there, but its `fullUrl` says that it is another.
    OtherBase,
    /// None of the entries has this version.
    OtherVersion,
    /// The entry with this address holds a resource of another type than the reference says.
    OtherType,
    /// Neither an absolute nor a relative reference to a resource.
    Form,
}

/// Resources of a document by what refers to them.
pub struct Index<'d> {
    document: &'d Document<'d>,
    /// By the resource around it and the id.
    contained: Names<'d>,
    /// By the Bundle and the `fullUrl`.
    full_urls: Names<'d>,
    /// By the Bundle and the id.
    ids: Names<'d>,
}

/// Resources by the number of what they are in and a name.
#[derive(Default)]
struct Names<'d>(HashMap<usize, HashMap<&'d str, Vec<Node<'d>>>>);

impl<'d> Names<'d> {
    fn insert(&mut self, within: Node<'d>, name: &'d str, node: Node<'d>) {
        self.0
            .entry(within.id())
            .or_default()
            .entry(name)
            .or_default()
            .push(node);
    }

    fn get(&self, within: Node<'d>, name: &str) -> &[Node<'d>] {
        let found = self.0.get(&within.id()).and_then(|names| names.get(name));
        found.map(Vec::as_slice).unwrap_or_default()
    }
}

impl<'d> Index<'d> {
    /// Finds the resources of a document, in one pass.
    #[must_use]
    pub fn of(document: &'d Document<'d>) -> Self {
        let mut index = Index {
            document,
            contained: Names::default(),
            full_urls: Names::default(),
            ids: Names::default(),
        };
        let places = (1..document.len()).filter_map(|id| document.node(id));
        for node in places.filter(|node| node.is_resource()) {
            let Some(owner) = node.parent() else { continue };
            if node.name() == "contained" {
                if let Some(id) = node.text("id") {
                    index.contained.insert(owner, id, node);
                }
            } else if let Some(bundle) = owner.parent().filter(|bundle| is_entry(owner, *bundle, node)) {
                if let Some(url) = owner.text("fullUrl") {
                    index.full_urls.insert(bundle, url, node);
                }
                if let Some(id) = node.text("id") {
                    index.ids.insert(bundle, id, node);
                }
            }
        }
        index
    }

    /// The document that was indexed.
    #[must_use]
    pub fn document(&self) -> &'d Document<'d> {
        self.document
    }

    /// Where a node leads: a `Reference`, or a primitive with an address.
    #[must_use]
    pub fn resolve(&self, node: Node<'d>) -> Resolution<'d> {
        let text = match node.fhir_type() {
            "Reference" => node.text("reference"),
            _ => node.primitive(),
        };
        text.map_or(Resolution::NotInDocument, |text| self.resolve_text(node, text))
    }

    /// Where a reference leads that stands at `from`.
    #[must_use]
    pub fn resolve_text(&self, from: Node<'d>, reference: &str) -> Resolution<'d> {
        let own = container(from);
        if let Some(id) = reference.strip_prefix('#') {
            return self.local(own, id);
        }
        let entry = own.parent();
        let Some((entry, bundle)) = entry.and_then(|entry| Some((entry, entry.parent()?))) else {
            return Resolution::NotInDocument;
        };
        if !is_entry(entry, bundle, own) {
            return Resolution::NotInDocument;
        }
        let (address, version) = match reference.split_once("/_history/") {
            Some((address, version)) => (address, Some(version)),
            None => (reference, None),
        };
        if is_absolute(address) {
            return choose(
                self.full_urls.get(bundle, address),
                version,
                Resolution::NotInDocument,
            );
        }
        let mut parts = address.split('/');
        let (Some(kind), Some(id), None) = (parts.next(), parts.next(), parts.next()) else {
            // A search for the target is resolved by the server that gets it.
            return if address.contains('?') {
                Resolution::NotInDocument
            } else {
                Resolution::Broken(Reason::Form)
            };
        };
        let same = self
            .ids
            .get(bundle, id)
            .iter()
            .filter(|node| node.resource_type() == kind);
        let same: Vec<Node<'d>> = same.copied().collect();
        let Some(full_url) = entry.text("fullUrl") else {
            return choose(&same, version, Resolution::NotInDocument);
        };
        let target = match base(full_url) {
            Some(base) if base.starts_with("urn:") => format!("{base}{id}"),
            Some(base) => format!("{base}{address}"),
            None => return Resolution::NotInDocument,
        };
        let otherwise = if same.is_empty() {
            Resolution::NotInDocument
        } else {
            Resolution::Broken(Reason::OtherBase)
        };
        match choose(self.full_urls.get(bundle, &target), version, otherwise) {
            Resolution::Found(node) if node.resource_type() != kind => Resolution::Broken(Reason::OtherType),
            resolution => resolution,
        }
    }

    /// The contained resources of a resource that have this id.
    #[must_use]
    pub fn contained(&self, own: Node<'d>, id: &str) -> &[Node<'d>] {
        self.contained.get(own, id)
    }

    fn local(&self, own: Node<'d>, id: &str) -> Resolution<'d> {
        match self.contained(own, id) {
            // The resource around it, by `#` (R4 section 2.3.0.2) or by its own id.
            [] if id.is_empty() || own.text("id") == Some(id) => Resolution::Found(own),
            [] => Resolution::Broken(Reason::NotContained),
            [first, ..] => Resolution::Found(*first),
        }
    }
}

/// The resource that a node is in, and that holds its contained resources: never one that is contained itself.
#[must_use]
pub fn container(node: Node<'_>) -> Node<'_> {
    let mut own = node.resource();
    while let Some(parent) = own.parent().filter(|_| own.name() == "contained") {
        own = parent.resource();
    }
    own
}

fn is_entry(entry: Node<'_>, bundle: Node<'_>, resource: Node<'_>) -> bool {
    bundle.fhir_type() == "Bundle" && entry.name() == "entry" && resource.name() == "resource"
}

/// One of the resources that fit a reference.
fn choose<'d>(fitting: &[Node<'d>], version: Option<&str>, otherwise: Resolution<'d>) -> Resolution<'d> {
    let stated = |node: &Node<'d>| node.child("meta").and_then(|meta| meta.text("versionId"));
    match (fitting, version) {
        ([], _) => otherwise,
        ([one], None) => Resolution::Found(*one),
        (_, None) => Resolution::Broken(Reason::Ambiguous),
        (_, Some(version)) => {
            let mut same = fitting.iter().filter(|node| stated(node) == Some(version));
            match (same.next(), same.next(), fitting) {
                (Some(one), None, _) => Resolution::Found(*one),
                (Some(_), Some(_), _) => Resolution::Broken(Reason::Ambiguous),
                // Without a statement of its version it may be the one.
                (None, _, [one]) if stated(one).is_none() => Resolution::Found(*one),
                (None, ..) => Resolution::Broken(Reason::OtherVersion),
            }
        }
    }
}

/// What a relative reference is put behind: the address of the server, or the scheme of a URN.
fn base(full_url: &str) -> Option<&str> {
    if full_url.starts_with("urn:uuid:") || full_url.starts_with("urn:oid:") {
        return full_url.rfind(':').and_then(|at| full_url.get(..=at));
    }
    let id = full_url.rfind('/')?;
    let kind = full_url.get(..id)?.rfind('/')?;
    full_url.get(..=kind)
}

impl std::fmt::Debug for Index<'_> {
    /// The sizes, never addresses.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index")
            .field("resources", &self.contained.0.len())
            .field("bundles", &self.full_urls.0.len())
            .finish_non_exhaustive()
    }
}
