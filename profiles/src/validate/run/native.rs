//! Invariants that hold for nearly every element, without FHIRPath: the same meaning, a fraction of the work.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use crate::document::{Node, ValueKind};
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

/// Whether every contained resource is reached: from the resource around it, by way of others, or because it refers
/// to that resource by `#`. Links of narratives count, as the reference validator has it.
fn contained_is_used(node: Node<'_>) -> bool {
    // What each owner refers to: nothing for the resource around, otherwise the contained one.
    let mut referred: HashMap<Option<usize>, HashSet<&str>> = HashMap::new();
    let mut open: Vec<(Node<'_>, Option<usize>)> = vec![(container(node), None)];
    while let Some((at, within)) = open.pop() {
        for child in at.children() {
            let own = if child.name() == "contained" && child.is_resource() {
                Some(child.id())
            } else {
                within
            };
            if let Some(text) = child.primitive() {
                let into = referred.entry(own).or_default();
                match child.kind() {
                    ValueKind::Xhtml => into.extend(places(text)),
                    _ => into.extend(text.strip_prefix('#')),
                }
            }
            open.push((child, own));
        }
    }
    let all: Vec<Node<'_>> = contained(node).collect();
    let mut by_id: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, own) in all.iter().enumerate() {
        by_id
            .entry(own.text("id").unwrap_or_default())
            .or_default()
            .push(at);
    }
    let of = |owner: Option<usize>| referred.get(&owner).into_iter().flatten();
    let to = |id: &&str| by_id.get(*id).into_iter().flatten().copied();
    let back = (0..all.len()).filter(|at| of(Some(all[*at].id())).any(|id| id.is_empty()));
    let mut open: Vec<usize> = of(None)
        .filter(|id| !id.is_empty())
        .flat_map(to)
        .chain(back)
        .collect();
    let mut reached = vec![false; all.len()];
    while let Some(at) = open.pop() {
        if !std::mem::replace(&mut reached[at], true) {
            open.extend(of(Some(all[at].id())).filter(|id| !id.is_empty()).flat_map(to));
        }
    }
    reached.iter().all(|reached| *reached)
}

/// The local places that a narrative links to, read without its markup being judged.
fn places(text: &str) -> impl Iterator<Item = &str> {
    text.split(['"', '\''])
        .filter_map(|part| part.strip_prefix('#'))
        .filter(|place| !place.is_empty())
}
