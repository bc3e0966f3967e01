//! Where things are: the resource that contains another, the entries of a Bundle, the names of an element's place.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use crate::document::Node;
use crate::version::FhirVersion;

use super::Run;

/// The entries of a Bundle, by what refers to them.
pub(super) struct Entries<'d> {
    /// The resource by the `fullUrl` of its entry.
    pub(super) by_url: HashMap<&'d str, Node<'d>>,
    /// The resource by `Type/id`.
    pub(super) by_id: HashMap<String, Node<'d>>,
}

impl<'d> Run<'_, 'd> {
    /// The entries of a Bundle, found once.
    pub(super) fn bundle(&self, bundle: Node<'d>) -> Rc<Entries<'d>> {
        if let Some(known) = self.bundles.borrow().get(&bundle.id()) {
            return Rc::clone(known);
        }
        let mut entries = Entries {
            by_url: HashMap::new(),
            by_id: HashMap::new(),
        };
        for entry in bundle.children_named("entry") {
            let Some(resource) = entry.child("resource") else {
                continue;
            };
            if let Some(url) = entry.text("fullUrl") {
                entries.by_url.entry(url).or_insert(resource);
            }
            if let Some(id) = resource.text("id") {
                let key = format!("{}/{id}", resource.fhir_type());
                entries.by_id.entry(key).or_insert(resource);
            }
        }
        let entries = Rc::new(entries);
        self.bundles.borrow_mut().insert(bundle.id(), Rc::clone(&entries));
        entries
    }
}

/// The resource that `#` means at a node: the one around what is contained.
pub(super) fn container(node: Node<'_>) -> Node<'_> {
    let mut found = node.resource();
    while found.name() == "contained" {
        match found.parent() {
            Some(parent) => found = parent.resource(),
            None => break,
        }
    }
    found
}

/// The innermost entry of a Bundle around a node, with that Bundle.
pub(super) fn entry_of(node: Node<'_>) -> Option<(Node<'_>, Node<'_>)> {
    let mut at = container(node);
    loop {
        let parent = at.parent()?;
        if parent.fhir_type() == "Bundle.entry" {
            return Some((parent, parent.parent()?));
        }
        at = container(parent);
        if at == parent && at.parent().is_none() {
            return None;
        }
    }
}

/// A reference as an absolute one, given the `fullUrl` of where it stands.
pub(super) fn absolute<'t>(text: &'t str, full_url: Option<&str>) -> Cow<'t, str> {
    if super::binding::is_absolute(text) {
        return Cow::Borrowed(text);
    }
    // `http://server/fhir/Patient/1`: without the last two parts.
    let base = full_url.filter(|url| url.starts_with("http")).and_then(|url| {
        let (rest, _) = url.split_once("/_history/").unwrap_or((url, ""));
        let (rest, _) = rest.rsplit_once('/')?;
        rest.rsplit_once('/').map(|(base, _)| base)
    });
    match base {
        Some(base) => Cow::Owned(format!("{base}/{text}")),
        None => Cow::Borrowed(text),
    }
}

/// The type of resource that a reference names: `Patient/1`, `http://server/fhir/Patient/1/_history/2`.
pub(super) fn type_in(reference: &str, version: FhirVersion) -> Option<&str> {
    let reference = reference
        .split_once("/_history/")
        .map_or(reference, |(before, _)| before);
    let reference = reference.split_once('?').map_or(reference, |(before, _)| before);
    let (before, id) = reference.rsplit_once('/')?;
    let name = before.rsplit('/').next()?;
    let is_resource = crate::element_table::Table::of(version)
        .named(name)
        .is_some_and(|found| found.resource);
    (is_resource && !id.is_empty()).then_some(name)
}

/// The names that an extension's definition may know an element by: its path from each type around it, and its types.
pub(super) fn names(node: Node<'_>) -> Vec<String> {
    let mut names = Vec::new();
    let mut suffix = String::new();
    let mut at = node;
    loop {
        let name = at.fhir_type();
        if !name.is_empty() {
            names.push(format!("{name}{suffix}"));
            if at.element().ends_with("[x]") && at == node {
                // Also as `value[x]`, without the type.
                if let Some(parent) = at.parent() {
                    names.push(format!("{}.{}", parent.fhir_type(), at.element()));
                }
            }
        }
        if at.is_resource() {
            break;
        }
        suffix = format!(".{}{suffix}", at.stem());
        match at.parent() {
            Some(parent) => at = parent,
            None => break,
        }
    }
    names
}
