//! Where every value of a source went.

use std::sync::Arc;

use samenhang_profiles::document::{Document, Node};

/// What became of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is in the target.
    Mapped,
    /// A map says that it is not needed; the number of the reason.
    Ignored(u32),
    /// Nothing took it.
    Unmapped,
}

/// A value, and what became of it.
#[derive(Debug, Clone, Copy)]
pub struct Leaf {
    /// Number of its node in the document.
    pub node: usize,
    /// What became of it.
    pub fate: Fate,
}

/// The account of one source: each of its values is mapped, ignored or unmapped, and nothing else.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    leaves: Vec<Leaf>,
    reasons: Vec<Arc<str>>,
}

impl Ledger {
    /// The account of a document, of which this is known of its nodes.
    pub(crate) fn of(document: &Document<'_>, mut fates: Vec<Fate>, reasons: Vec<Arc<str>>) -> Ledger {
        name_extensions(document, &mut fates);
        let mut leaves = Vec::with_capacity(fates.len() / 2);
        let mut open: Vec<Node<'_>> = vec![document.root()];
        while let Some(node) = open.pop() {
            if node.primitive().is_some() {
                leaves.push(Leaf {
                    node: node.id(),
                    fate: fates.get(node.id()).copied().unwrap_or(Fate::Unmapped),
                });
            }
            open.extend(node.children());
        }
        leaves.sort_unstable_by_key(|leaf| leaf.node);
        Ledger { leaves, reasons }
    }

    /// All values, in the order of the document.
    #[must_use]
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// Number of values.
    #[must_use]
    pub fn total(&self) -> usize {
        self.leaves.len()
    }

    fn count(&self, fits: impl Fn(Fate) -> bool) -> usize {
        self.leaves.iter().filter(|leaf| fits(leaf.fate)).count()
    }

    /// Number of values that are in the target.
    #[must_use]
    pub fn mapped(&self) -> usize {
        self.count(|fate| fate == Fate::Mapped)
    }

    /// Number of values that are not needed.
    #[must_use]
    pub fn ignored(&self) -> usize {
        self.count(|fate| matches!(fate, Fate::Ignored(_)))
    }

    /// Number of values that nothing took.
    #[must_use]
    pub fn unmapped(&self) -> usize {
        self.count(|fate| fate == Fate::Unmapped)
    }

    /// The nodes of the values that nothing took.
    pub fn losses<'s, 'd: 's>(&'s self, document: &'d Document<'d>) -> impl Iterator<Item = Node<'d>> + 's {
        let lost = self.leaves.iter().filter(|leaf| leaf.fate == Fate::Unmapped);
        lost.filter_map(|leaf| document.node(leaf.node))
    }

    /// Why a value is not needed.
    #[must_use]
    pub fn reason(&self, fate: Fate) -> Option<&str> {
        match fate {
            Fate::Ignored(number) => self.reasons.get(number as usize).map(|reason| &**reason),
            Fate::Mapped | Fate::Unmapped => None,
        }
    }
}

/// The url of an extension is its name: it goes with what the extension holds, as far as that went somewhere.
fn name_extensions(document: &Document<'_>, fates: &mut [Fate]) {
    // What stands in something has a higher number, so what is in an extension is settled before it.
    for id in (0..document.len()).rev() {
        let Some(extension) = document.node(id).filter(|node| node.fhir_type() == "Extension") else {
            continue;
        };
        let Some(url) = extension.children().find(|child| child.name() == "url") else {
            continue;
        };
        if fates.get(url.id()) != Some(&Fate::Unmapped) {
            continue;
        }
        let mut open: Vec<Node<'_>> = extension.children().filter(|child| *child != url).collect();
        let mut together = None;
        while let Some(node) = open.pop() {
            if node.primitive().is_some() {
                let fate = fates.get(node.id()).copied().unwrap_or(Fate::Unmapped);
                together = match (together, fate) {
                    (Some(Fate::Mapped), _) | (_, Fate::Mapped) => Some(Fate::Mapped),
                    (Some(Fate::Ignored(first)), _) => Some(Fate::Ignored(first)),
                    (_, fate) => Some(fate),
                };
            }
            open.extend(node.children());
        }
        if let (Some(fate), Some(own)) = (together, fates.get_mut(url.id())) {
            *own = fate;
        }
    }
}
