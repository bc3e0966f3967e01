//! Merges what JSON writes beside a primitive (`_birthDate`, `_given`) with the primitive.

use std::collections::HashMap;

use crate::document::arena::{Arena, BESIDE, Form, IN_ARRAY, MERGED, NONE, Span};
use crate::document::irregularity::Rule;

/// The children of one name: they stand next to each other in JSON.
struct Run {
    name: Span,
    nodes: Vec<u32>,
    /// Whether the run went into another.
    merged: bool,
}

/// Merges every `_x` among the children of `owner` with `x`, or makes it `x` when that is absent.
///
/// What does not fit stays under the name it has, and is found to be unknown when it is typed. Takes time that is
/// linear in the number of children.
pub(super) fn merge(arena: &mut Arena<'_>, owner: u32) {
    let mut runs = runs(arena, owner);
    let names: HashMap<String, usize> = runs
        .iter()
        .enumerate()
        .map(|(at, run)| (arena.text(run.name).to_owned(), at))
        .collect();
    for at in 0..runs.len() {
        let name = arena.text(runs[at].name);
        let Some(plain) = name.strip_prefix('_').filter(|plain| !plain.is_empty()) else {
            continue;
        };
        let plain = names.get(plain).copied();
        let fits = |run: &Run, object: bool| {
            let form = |node: &u32| arena.node(*node).form;
            run.nodes
                .iter()
                .all(|node| form(node) == Form::Null || (form(node) == Form::Object) == object)
        };
        if !fits(&runs[at], true) || plain.is_some_and(|plain| !fits(&runs[plain], false)) {
            continue;
        }
        let sidecar = std::mem::take(&mut runs[at].nodes);
        let Some(plain) = plain else {
            let name = runs[at].name.without_underscore();
            for node in &sidecar {
                rename(arena, *node, name);
            }
            runs[at].nodes = sidecar;
            continue;
        };
        let values = std::mem::take(&mut runs[plain].nodes);
        // A parent must stand before its children, so the run that comes first keeps its nodes.
        let (keep, other) = if plain < at { (plain, at) } else { (at, plain) };
        runs[keep].nodes = pair(arena, &values, &sidecar, plain < at);
        runs[other].merged = true;
    }
    relink(
        arena,
        owner,
        runs.iter().filter(|run| !run.merged).flat_map(|run| &run.nodes),
    );
}

/// The children by their name, in order.
fn runs(arena: &Arena<'_>, owner: u32) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut child = arena.node(owner).first;
    while child != NONE {
        let data = arena.node(child);
        match runs.last_mut() {
            Some(run) if run.name == data.name => run.nodes.push(child),
            _ => runs.push(Run {
                name: data.name,
                nodes: vec![child],
                merged: false,
            }),
        }
        child = data.next;
    }
    runs
}

/// Merges values with what stands beside them, one by one; what only one of them has stays as it is.
fn pair(arena: &mut Arena<'_>, values: &[u32], sidecar: &[u32], values_first: bool) -> Vec<u32> {
    let array =
        |arena: &Arena<'_>, nodes: &[u32]| nodes.first().map(|node| arena.node(*node).flags & IN_ARRAY);
    if array(arena, values) != array(arena, sidecar)
        && let Some(node) = sidecar.first()
    {
        arena.irregular(Rule::SidecarMisfit, *node);
    }
    let name = values.first().map(|node| arena.node(*node).name);
    let name = name.unwrap_or(Span::EMPTY);
    let mut kept = Vec::with_capacity(values.len().max(sidecar.len()));
    for at in 0..values.len().max(sidecar.len()) {
        match (values.get(at), sidecar.get(at)) {
            (Some(value), Some(beside)) if values_first => {
                adopt(arena, *value, *beside);
                kept.push(*value);
            }
            (Some(value), Some(beside)) => {
                let data = arena.node(*value);
                let (text, form, flags) = (data.value, data.form, data.flags & IN_ARRAY);
                arena.node_mut(*value).flags |= MERGED;
                let object = arena.node(*beside).form == Form::Object;
                let into = arena.node_mut(*beside);
                into.value = text;
                into.form = form;
                into.flags = flags | if object { BESIDE } else { 0 };
                into.name = name;
                kept.push(*beside);
            }
            (Some(value), None) => kept.push(*value),
            (None, Some(beside)) => {
                rename(arena, *beside, name);
                kept.push(*beside);
            }
            (None, None) => {}
        }
    }
    kept
}

/// Makes a node of `_x` one of `x`, without a value.
fn rename(arena: &mut Arena<'_>, node: u32, name: Span) {
    let data = arena.node_mut(node);
    data.name = name;
    if data.form == Form::Object {
        data.form = Form::Null;
        data.flags |= BESIDE;
    }
}

/// Gives the children of `from` to `into`, which has none.
fn adopt(arena: &mut Arena<'_>, into: u32, from: u32) {
    let data = arena.node_mut(from);
    data.flags |= MERGED;
    if data.form != Form::Object {
        if data.flags & IN_ARRAY == 0 {
            arena.irregular(Rule::Null, into);
        }
        return;
    }
    let first = std::mem::replace(&mut data.first, NONE);
    let mut child = first;
    while child != NONE {
        let data = arena.node_mut(child);
        data.parent = into;
        child = data.next;
    }
    let data = arena.node_mut(into);
    data.first = first;
    data.flags |= BESIDE;
}

/// Links the children of `owner` in this order.
fn relink<'n>(arena: &mut Arena<'_>, owner: u32, children: impl Iterator<Item = &'n u32>) {
    let mut before = None;
    arena.node_mut(owner).first = NONE;
    for child in children {
        match before {
            None => arena.node_mut(owner).first = *child,
            Some(before) => arena.node_mut(before).next = *child,
        }
        arena.node_mut(*child).next = NONE;
        before = Some(*child);
    }
}
