//! The tree: whatever is accepted hangs together, and every place in it can be told.

use samenhang_profiles::document::{Document, Node};
use samenhang_profiles::{FhirVersion, Limits};

pub(crate) fn run(data: &[u8]) {
    let limits = Limits::default();
    for version in [FhirVersion::Stu3, FhirVersion::R4] {
        let documents = [
            Document::from_json(data, version, &limits),
            Document::from_xml(data, version, &limits),
        ];
        for document in documents.into_iter().flatten() {
            hangs_together(&document);
        }
    }
}

fn hangs_together(document: &Document<'_>) {
    let mut open: Vec<Node<'_>> = vec![document.root()];
    let mut seen = 0_usize;
    while let Some(node) = open.pop() {
        seen += 1;
        assert!(seen <= document.len(), "a node has one parent");
        for child in node.children() {
            assert_eq!(child.parent(), Some(node));
            assert!(child.id() > node.id());
            let same = node.children_named(child.name()).nth(child.index());
            assert!(
                same == Some(child) || node.children().count() > 64,
                "an index counts: {child:?}"
            );
            open.push(child);
        }
        assert_eq!(document.node(node.id()), Some(node));
        // A long name is left out of a path, so that the length of a path is bounded by its depth.
        assert!(node.path().len() < 100_000);
        let position = document.position(node);
        assert!(position.line > 0 && position.column > 0);
    }
    for irregularity in document.irregularities() {
        assert!(!document.place(irregularity).is_empty());
    }
}
