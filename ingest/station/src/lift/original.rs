//! What the source sent, beside what was made of it: a client that speaks the source's own version of FHIR gets it
//! unchanged.

use bytes::Bytes;
use samenhang_profiles::document::Document;
use samenhang_profiles::page::Page;
use samenhang_profiles::{FhirVersion, Limits, RawResource, xml};

/// The resources of a message, by the place of each in its tree.
pub(super) struct Originals {
    /// Number of the node at which each begins, in order, and its text in JSON.
    found: Vec<(usize, Option<Bytes>)>,
    last: Option<usize>,
}

/// What the source sent, for one resource that was made.
#[derive(Default)]
pub(super) struct Original {
    /// The resource that it was made of, unless it stands with another that was made of the same.
    pub body: Option<Bytes>,
    /// Whether another stands for the whole of what it was made of.
    pub is_part: bool,
}

impl Originals {
    /// Finds the resources of a message of STU3. What is written in XML is written in JSON here; a resource without an
    /// id has no original, because nobody could ask for it.
    pub(super) fn find(body: &Bytes, is_xml: bool, document: &Document<'_>, limits: &Limits) -> Self {
        let json = if is_xml {
            xml::to_json(body, FhirVersion::Stu3, limits).ok()
        } else {
            Some(body.clone())
        };
        let root = document.root();
        let with_id = |resource: RawResource| resource.id().is_some().then(|| resource.body().clone());
        let found = if root.resource_type() == "Bundle" {
            let page = json.and_then(|json| Page::read(json, limits).ok());
            // What was put right before it was read may have other entries; then none is taken for another.
            let count = root.children_named("entry").count();
            let page = page.filter(|page| page.entries.len() == count);
            let mut entries = page.map(|page| page.entries.into_iter()).into_iter().flatten();
            root.children_named("entry")
                .map(|entry| {
                    let resource = entries.next().and_then(|entry| entry.resource);
                    let begins = entry.child("resource").map_or(entry.id(), |node| node.id());
                    (begins, resource.and_then(with_id))
                })
                .collect()
        } else {
            let resource = json.and_then(|json| RawResource::read(json, limits).ok());
            vec![(root.id(), resource.and_then(with_id))]
        };
        Originals { found, last: None }
    }

    /// The original of what was made of a node. Asked in the order in which resources were made: the first of an original
    /// stands for it.
    pub(super) fn of(&mut self, node: usize) -> Original {
        let at = self.found.partition_point(|(begins, _)| *begins <= node);
        let Some(at) = at.checked_sub(1) else {
            return Original::default();
        };
        let is_part = self.last == Some(at);
        self.last = Some(at);
        let body = self.found.get(at).and_then(|(_, body)| body.clone());
        Original {
            // Parts of what has no original of its own are served as what they are.
            is_part: is_part && body.is_some(),
            body: body.filter(|_| !is_part),
        }
    }
}
