//! Puts the constraints of one element of a differential over those of its base.

use std::sync::Arc;

use crate::definition::{
    Constraint, Discriminator, DiscriminatorKind, ElementDefinition, Max, Slicing, SlicingRules, TypedValue,
};
use crate::snapshot::tree::Node;
use crate::tree::Tree;

/// Puts `diff` over `base`: what it tells replaces, invariants and concepts are added. `source` is the canonical URL
/// of the definition that `diff` is of.
pub(super) fn overlay(base: &mut ElementDefinition, diff: &ElementDefinition, source: &str) {
    fn replace<T: Clone>(base: &mut Option<T>, diff: &Option<T>) {
        if diff.is_some() {
            base.clone_from(diff);
        }
    }
    replace(&mut base.min, &diff.min);
    replace(&mut base.max, &diff.max);
    replace(&mut base.fixed, &diff.fixed);
    replace(&mut base.pattern, &diff.pattern);
    replace(&mut base.min_value, &diff.min_value);
    replace(&mut base.max_value, &diff.max_value);
    replace(&mut base.max_length, &diff.max_length);
    replace(&mut base.is_modifier, &diff.is_modifier);
    replace(&mut base.must_support, &diff.must_support);
    if !diff.types.is_empty() {
        base.types.clone_from(&diff.types);
    }
    if let Some(binding) = &diff.binding {
        let max_value_set = base.binding.take().and_then(|binding| binding.max_value_set);
        let binding = base.binding.insert(binding.clone());
        binding.max_value_set = binding.max_value_set.take().or(max_value_set);
    }
    if let Some(controls) = &diff.controls {
        base.controls.get_or_insert_default().overlay(controls);
    }
    if let Some(slicing) = &diff.slicing {
        let discriminators = base.slicing.take().map(|slicing| slicing.discriminators);
        let slicing = base.slicing.insert(slicing.clone());
        if slicing.discriminators.is_empty() {
            slicing.discriminators = discriminators.unwrap_or_default();
        }
    }
    for condition in &diff.conditions {
        if !base.conditions.contains(condition) {
            base.conditions.push(condition.clone());
        }
    }
    for concept in &diff.concepts {
        if !base.concepts.contains(concept) {
            base.concepts.push(concept.clone());
        }
    }
    for constraint in &diff.constraints {
        add_constraint(&mut base.constraints, constraint, source);
    }
}

/// Adds an invariant that is not there yet, with the definition that it comes from.
fn add_constraint(to: &mut Vec<Arc<Constraint>>, new: &Arc<Constraint>, source: &str) {
    let known = |old: &Arc<Constraint>| old.key == new.key && old.expression == new.expression;
    if to.iter().any(known) {
        return;
    }
    to.push(sourced(new, source));
}

/// The invariant with a source, which is `source` when it tells none.
fn sourced(constraint: &Arc<Constraint>, source: &str) -> Arc<Constraint> {
    if constraint.source.is_some() {
        return Arc::clone(constraint);
    }
    let mut sourced = Constraint::clone(constraint);
    sourced.source = Some(source.to_owned());
    Arc::new(sourced)
}

/// Gives every invariant of a tree that has no source this one.
pub(super) fn tell_sources(node: &mut Node, source: &str) {
    for constraint in &mut node.element.constraints {
        *constraint = sourced(constraint, source);
    }
    for child in node.children.iter_mut().chain(&mut node.slices) {
        tell_sources(child, source);
    }
}

/// Makes a copy of a sliced element into a new slice of it: optional, and not sliced itself.
pub(super) fn start_slice(element: &mut ElementDefinition, name: &str) {
    element.slice_name = Some(name.to_owned());
    element.slicing = None;
    element.min = Some(0);
}

/// Narrows a choice to the types whose names with a capital are among `suffixes`.
pub(super) fn narrow(element: &mut ElementDefinition, suffixes: &[&str]) {
    let named = |code: &str| suffixes.iter().any(|suffix| is_capitalised(code, suffix));
    element.types.retain(|kind| named(&kind.code));
}

/// Whether one of the types of a choice has the name `suffix` with a capital.
pub(super) fn has_type(element: &ElementDefinition, suffix: &str) -> bool {
    element
        .types
        .iter()
        .any(|kind| is_capitalised(&kind.code, suffix))
}

fn is_capitalised(code: &str, capitalised: &str) -> bool {
    code.len() == capitalised.len()
        && code.as_bytes().first().map(u8::to_ascii_uppercase) == capitalised.as_bytes().first().copied()
        && code.get(1..) == capitalised.get(1..)
}

/// The slicing of elements that were sliced without saying how: extensions by url, choices by type.
pub(super) fn implied_slicing(name: &str) -> Slicing {
    let discriminator = match name {
        "extension" | "modifierExtension" => Some((DiscriminatorKind::Value, "url")),
        _ if name.ends_with("[x]") => Some((DiscriminatorKind::Type, "$this")),
        _ => None,
    };
    Slicing {
        discriminators: discriminator
            .into_iter()
            .map(|(kind, path)| Discriminator {
                kind,
                path: path.to_owned(),
            })
            .collect(),
        rules: SlicingRules::Open,
        ordered: false,
    }
}

/// The url of an extension is that of its definition, also when its differential does not say so.
pub(super) fn fix_url(extension: &mut Node, url: &str) {
    let child = extension.children.iter_mut().find(|child| child.name == "url");
    if let Some(child) = child
        && child.element.fixed.is_none()
    {
        child.element.fixed = Some(TypedValue {
            type_name: "uri".to_owned(),
            value: Tree::String(url.to_owned().into()),
        });
    }
}

/// An extension with a value has no extensions.
pub(super) fn close_simple_extensions(extension: &mut Node) {
    let has_value = |child: &Node| child.name == "value[x]" && child.element.max != Some(Max::Count(0));
    let simple = extension.children.iter().any(has_value);
    for child in &mut extension.children {
        if child.name != "extension" {
            continue;
        }
        if simple && child.slices.is_empty() {
            child.element.max = Some(Max::Count(0));
        }
        child.slices.iter_mut().for_each(close_simple_extensions);
    }
}
