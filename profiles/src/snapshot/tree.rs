//! Elements as a tree by id: children below their owner, slices beside the element that they are slices of.

use crate::definition::ElementDefinition;
use crate::snapshot::{MAX_ELEMENTS, MAX_LEVELS, SnapshotError};

/// An element with what is below it.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    /// Last step of the path: `value[x]`, or the name of the type for the root.
    pub(super) name: String,
    /// What follows the name in the id: the name of the slice, or the name to which a choice is narrowed.
    pub(super) label: Option<String>,
    /// The element; without path when only its children or slices were given.
    pub(super) element: ElementDefinition,
    pub(super) children: Vec<Node>,
    pub(super) slices: Vec<Node>,
}

impl Node {
    /// Builds the tree of a snapshot.
    pub(super) fn of_snapshot(elements: &[ElementDefinition]) -> Result<Node, SnapshotError> {
        let mut root = Node::of(elements)?;
        root.settle();
        Ok(root)
    }

    /// Builds the tree of a differential.
    pub(super) fn of(elements: &[ElementDefinition]) -> Result<Node, SnapshotError> {
        if elements.len() > MAX_ELEMENTS {
            return Err(SnapshotError::Limit {
                what: "elements in a snapshot",
                limit: MAX_ELEMENTS,
            });
        }
        let mut root = Node::default();
        for element in elements {
            let mut steps = element.id.split('.');
            let top = steps.next().unwrap_or_default();
            if root.name.is_empty() {
                top.clone_into(&mut root.name);
            } else if top != root.name {
                return Err(SnapshotError::UnknownElement {
                    id: element.id.clone(),
                });
            }
            if element.id.bytes().filter(|byte| *byte == b'.').count() >= MAX_LEVELS {
                return Err(SnapshotError::Limit {
                    what: "levels of an element id",
                    limit: MAX_LEVELS,
                });
            }
            let mut node = &mut root;
            for step in steps {
                node = node.step(step);
            }
            node.element = element.clone();
        }
        Ok(root)
    }

    /// The child or slice that a step of an id names; made when it is not there.
    fn step(&mut self, step: &str) -> &mut Node {
        let (name, label) = match step.split_once(':') {
            Some((name, label)) => (name, Some(label)),
            None => (step, None),
        };
        // What comes next is mostly what came last.
        let at = self.children.iter().rposition(|child| child.name == name);
        let entry = made(&mut self.children, at, name, None);
        let Some(label) = label else {
            return entry;
        };
        let at = entry
            .slices
            .iter()
            .rposition(|slice| slice.label.as_deref() == Some(label));
        made(&mut entry.slices, at, name, Some(label))
    }

    /// A choice of which only one narrowed form is there is that form: it has no element of its own.
    fn settle(&mut self) {
        for child in &mut self.children {
            if child.name.ends_with("[x]")
                && child.element.path.is_empty()
                && child.children.is_empty()
                && child.slices.len() == 1
                && let Some(only) = child.slices.pop()
            {
                *child = only;
                child.element.slice_name = None;
            }
            child.settle();
            child.slices.iter_mut().for_each(Node::settle);
        }
    }

    /// A copy of the element with what is below it, but without its slices.
    pub(super) fn without_slices(&self) -> Node {
        Node {
            name: self.name.clone(),
            label: self.label.clone(),
            element: self.element.clone(),
            children: self.children.clone(),
            slices: Vec::new(),
        }
    }

    /// Number of elements in the tree.
    pub(super) fn count(&self) -> usize {
        1 + self
            .children
            .iter()
            .chain(&self.slices)
            .map(Node::count)
            .sum::<usize>()
    }

    /// The elements in document order, with ids and paths as their places say.
    pub(super) fn flatten(self) -> Vec<ElementDefinition> {
        let mut elements = Vec::with_capacity(self.count());
        let name = self.name.clone();
        self.flatten_into(&name, &name, &mut elements);
        elements
    }

    fn flatten_into(mut self, id: &str, path: &str, out: &mut Vec<ElementDefinition>) {
        if !self.element.path.is_empty() {
            id.clone_into(&mut self.element.id);
            path.clone_into(&mut self.element.path);
            out.push(self.element);
        }
        for mut child in self.children {
            let path = format!("{path}.{}", child.name);
            let slices = std::mem::take(&mut child.slices);
            let own = child_id(id, &child);
            child.flatten_into(&own, &path, out);
            for slice in slices {
                let own = child_id(id, &slice);
                slice.flatten_into(&own, &path, out);
            }
        }
    }
}

fn child_id(owner: &str, child: &Node) -> String {
    match &child.label {
        Some(label) => format!("{owner}.{}:{label}", child.name),
        None => format!("{owner}.{}", child.name),
    }
}

/// The node at a place, or a new one behind the others.
fn made<'n>(nodes: &'n mut Vec<Node>, at: Option<usize>, name: &str, label: Option<&str>) -> &'n mut Node {
    let at = at.unwrap_or_else(|| {
        nodes.push(Node {
            name: name.to_owned(),
            label: label.map(str::to_owned),
            ..Node::default()
        });
        nodes.len() - 1
    });
    &mut nodes[at]
}
