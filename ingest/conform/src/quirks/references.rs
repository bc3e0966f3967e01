//! Quirks of references. What leads to the same resource is written as FHIR does; where one leads is never guessed.

use samenhang_profiles::document::Node;

use super::Quirk;
use super::examine::Look;

pub(super) fn look(look: &mut Look<'_>, node: Node<'_>) {
    let Some(reference) = node.child("reference") else {
        return;
    };
    let Some(text) = reference.primitive() else { return };
    if text.starts_with("http://") || text.starts_with("https://") {
        absolute(look, node, reference, text);
        return;
    }
    if text.starts_with('#') || text.contains(':') || text.contains('?') {
        return;
    }
    if let Some(rest) = text.strip_prefix('/') {
        if is_local(rest) {
            look.replace(Quirk::ReferenceFromRoot, reference, rest);
        }
    } else if !text.contains('/') {
        if has_contained(node, text) {
            look.replace(Quirk::ContainedWithoutHash, reference, &format!("#{text}"));
        } else {
            look.note(Quirk::ReferenceWithoutType, reference);
        }
    }
}

/// A reference by address: to the server that the resource is from, or to another.
fn absolute(look: &mut Look<'_>, node: Node<'_>, reference: Node<'_>, text: &str) {
    let Some(base) = base_of(node) else { return };
    match text.strip_prefix(base).and_then(|rest| rest.strip_prefix('/')) {
        Some(rest) if is_local(rest) => look.replace(Quirk::AbsoluteReference, reference, rest),
        _ => {
            let is_subject = ["subject", "patient", "beneficiary"].contains(&node.name());
            if is_subject && text.contains("/Patient/") {
                look.note(Quirk::SubjectElsewhere, reference);
            }
        }
    }
}

/// The address of the server that a resource is from, by the `fullUrl` of its entry.
fn base_of<'d>(node: Node<'d>) -> Option<&'d str> {
    let mut entry = node;
    while !(entry.name() == "entry" && entry.parent().is_some_and(Node::is_resource)) {
        entry = entry.parent()?;
    }
    let url = entry.text("fullUrl").filter(|url| url.starts_with("http"))?;
    let resource = entry.child("resource")?;
    let id = resource.text("id")?;
    let rest = url.strip_suffix(id)?.strip_suffix('/')?;
    rest.strip_suffix(resource.resource_type())?.strip_suffix('/')
}

/// Whether it is `Type/id`, with or without a version.
fn is_local(text: &str) -> bool {
    let mut parts = text.split('/');
    let kind = parts.next().unwrap_or_default();
    let id = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let is_type = kind.bytes().all(|byte| byte.is_ascii_alphabetic())
        && kind.starts_with(|c: char| c.is_ascii_uppercase());
    is_type && super::records::is_id(id) && matches!(rest[..], [] | ["_history", _])
}

/// Whether a resource of this id is contained in the one that the reference is of.
fn has_contained(node: Node<'_>, id: &str) -> bool {
    let resource = node.resource();
    let owner = match resource.name() {
        "contained" => resource.parent().unwrap_or(resource),
        _ => resource,
    };
    owner
        .children_named("contained")
        .any(|contained| contained.text("id") == Some(id))
}
