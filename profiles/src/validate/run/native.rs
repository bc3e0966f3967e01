//! Invariants that hold for nearly every element, without FHIRPath: the same meaning, a fraction of the work.

use crate::document::Node;

use crate::validate::base::reference::{Index, container};

/// An invariant of the base definitions that is judged without FHIRPath.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::validate) enum Native {
    /// `ele-1`: a value or children.
    HasContent,
    /// `ext-1`: extensions or a value.
    ValueOrExtensions,
    /// `dom-2`: nothing contained in what is contained.
    NothingContainedTwice,
    /// `dom-3`: what is contained is referred to, or refers to what contains it.
    ContainedIsUsed,
    /// `dom-4`, `dom-5`: no version, time or security label of what is contained.
    ContainedHasNo(&'static [&'static str]),
    /// `dom-6`: a narrative.
    HasNarrative,
    /// `ref-1`: what `#id` refers to is contained.
    LocalIsContained,
    /// Judged with the narrative, by the base rules.
    Elsewhere,
}

impl Native {
    /// The native form of an expression of HL7's base definitions.
    pub(super) fn of(expression: &str) -> Option<Self> {
        Some(match expression {
            "hasValue() or (children().count() > id.count())"
            | "hasValue() | (children().count() > id.count())"
            | "hasValue() or (children().count() > id.count()) or $this is Parameters"
            | "children().count() > id.count()" => Native::HasContent,
            "extension.exists() != value.exists()" => Native::ValueOrExtensions,
            "contained.contained.empty()" => Native::NothingContainedTwice,
            text if text.starts_with("contained.where((")
                && text.ends_with(".empty()")
                && text.contains("%resource.descendants().reference") =>
            {
                Native::ContainedIsUsed
            }
            "contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()" => {
                Native::ContainedHasNo(&["versionId", "lastUpdated"])
            }
            "contained.meta.security.empty()" => Native::ContainedHasNo(&["security"]),
            "text.`div`.exists()" | "text.div.exists()" => Native::HasNarrative,
            text if text.starts_with("reference.startsWith('#').not() or (reference.substring(1)") => {
                Native::LocalIsContained
            }
            "htmlChecks()" | "htmlchecks()" => Native::Elsewhere,
            _ => return None,
        })
    }

    /// Whether it holds at a node.
    pub(super) fn holds<'d>(self, node: Node<'d>, index: &Index<'d>) -> bool {
        match self {
            Native::HasContent => {
                node.primitive().is_some() || node.children().any(|child| child.name() != "id")
            }
            Native::ValueOrExtensions => {
                let extended = node.child("extension").is_some();
                extended != node.children().any(|child| child.element() == "value[x]")
            }
            Native::NothingContainedTwice => contained(node).all(|own| own.child("contained").is_none()),
            Native::ContainedIsUsed => node.child("contained").is_none() || contained_is_used(node),
            Native::ContainedHasNo(names) => contained(node)
                .filter_map(|own| own.child("meta"))
                .all(|meta| meta.children().all(|child| !names.contains(&child.name()))),
            Native::HasNarrative => node.child("text").is_some_and(|text| text.child("div").is_some()),
            Native::LocalIsContained => local_is_contained(node, index),
            Native::Elsewhere => true,
        }
    }
}

fn contained<'d>(node: Node<'d>) -> impl Iterator<Item = Node<'d>> {
    node.children_named("contained")
}

fn local_is_contained<'d>(node: Node<'d>, index: &Index<'d>) -> bool {
    match node.text("reference").and_then(|text| text.strip_prefix('#')) {
        None | Some("") => true,
        Some(id) => !index.contained(container(node), id).is_empty(),
    }
}

fn contained_is_used(node: Node<'_>) -> bool {
    let mut used = std::collections::HashSet::new();
    let mut refers_back = std::collections::HashSet::new();
    let mut open: Vec<(Node<'_>, Option<usize>)> = vec![(container(node), None)];
    while let Some((at, within)) = open.pop() {
        for child in at.children() {
            let own = if child.name() == "contained" && child.is_resource() {
                Some(child.id())
            } else {
                within
            };
            if let Some(id) = child.primitive().and_then(|text| text.strip_prefix('#')) {
                if id.is_empty() {
                    refers_back.extend(own);
                } else {
                    used.insert(id);
                }
            }
            open.push((child, own));
        }
    }
    contained(node)
        .all(|own| own.text("id").is_some_and(|id| used.contains(id)) || refers_back.contains(&own.id()))
}
