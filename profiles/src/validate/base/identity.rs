//! Ids within a resource, contained resources, and what points at them.

use std::borrow::Cow;
use std::collections::HashSet;

use super::reference::{Index, Reason, Resolution};
use crate::document::{Node, ValueKind};
use crate::narrative::{Entities, Narrative};
use crate::validate::collect::Findings;
use crate::validate::finding::Argument;
use crate::validate::rule::{Rule, Severity, bundle as rule, narrative as text_rule};

/// Checks ids, contained resources and local references.
pub(super) fn check<'d>(index: &Index<'d>, findings: &mut Findings<'d>) {
    let document = index.document();
    let nodes = (0..document.len()).filter_map(|id| document.node(id));
    let mut ids = HashSet::new();
    let mut everywhere = HashSet::new();
    let mut narratives = Vec::new();
    for node in nodes.filter(|node| node.is_known()) {
        if node.name() == "id" {
            everywhere.extend(node.primitive());
            element_id(node, &mut ids, findings);
        }
        if node.name() == "contained" && node.is_resource() {
            contained_id(node, index, findings);
        }
        if node.kind() == ValueKind::Xhtml {
            narratives.push(node);
        }
        pointer(node, index, findings);
    }
    links(&narratives, &everywhere, findings);
    security(document.root(), findings);
}

/// The security labels of a resource are a set, by system and code (R4 section 2.28.0.1). Those of what it holds are
/// judged when that is looked at by itself, as the reference validator does.
fn security<'d>(resource: Node<'d>, findings: &mut Findings<'d>) {
    let Some(meta) = resource.child("meta") else {
        return;
    };
    let mut seen = HashSet::new();
    for label in meta.children_named("security") {
        if !seen.insert((label.text("system"), label.text("code"))) {
            findings.add(&rule::SECURITY_REPEATED, label, vec![]);
        }
    }
}

/// The id of a contained resource is its own among those of the same resource.
fn contained_id<'d>(node: Node<'d>, index: &Index<'d>, findings: &mut Findings<'d>) {
    let Some(own) = node.parent() else { return };
    let Some(id) = node.text("id") else {
        findings.add(&rule::CONTAINED_WITHOUT_ID, node, vec![]);
        return;
    };
    if index.contained(own, id).first() != Some(&node) {
        findings.add(&rule::DUPLICATE_CONTAINED, node, vec![Argument::value(id)]);
    }
}

/// The id of an element stands once in a resource; that of a resource is of another kind.
fn element_id<'d>(node: Node<'d>, ids: &mut HashSet<(usize, &'d str)>, findings: &mut Findings<'d>) {
    let Some((id, parent)) = node.primitive().zip(node.parent()) else {
        return;
    };
    if !parent.is_resource() && !ids.insert((node.resource().id(), id)) {
        findings.add(&rule::DUPLICATE_ID, parent, vec![Argument::value(id)]);
    }
}

/// A reference leads where it says: a local one to a contained resource, one into the Bundle to one entry of its type.
fn pointer<'d>(node: Node<'d>, index: &Index<'d>, findings: &mut Findings<'d>) {
    let reference = node.fhir_type() == "string" && node.name() == "reference";
    let Some(text) = node.primitive().filter(|text| !text.is_empty()) else {
        return;
    };
    let local = node.fhir_type() == "canonical" && text.starts_with('#');
    if !reference && !local {
        return;
    }
    if reference && let Some(rule) = misspelt(text, node) {
        findings.add(rule, node.parent().unwrap_or(node), vec![Argument::value(text)]);
        return;
    }
    let broken = match index.resolve_text(node, text) {
        Resolution::Broken(Reason::NotContained) => &rule::LOCAL_REFERENCE,
        Resolution::Broken(Reason::Ambiguous) => &rule::AMBIGUOUS,
        Resolution::Broken(Reason::OtherType) => &rule::OTHER_TYPE,
        Resolution::Broken(Reason::Form) => &rule::REFERENCE_FORM,
        // Whether the target has to be in the Bundle is for the type of the Bundle to say.
        Resolution::Broken(Reason::OtherBase | Reason::OtherVersion)
        | Resolution::NotInDocument
        | Resolution::Found(_) => return,
    };
    // What a canonical leads to may be known elsewhere by that name, so that is suspect only.
    let severity = if reference {
        broken.severity
    } else {
        Severity::Warning
    };
    let at = node.parent().unwrap_or(node);
    findings.add_as(severity, broken, at, vec![Argument::value(text)], None);
}

/// What is wrong with the text of a reference, wherever it leads: white space, or a search that is none (R4 section
/// 3.1.0.11.2 for conditional references).
fn misspelt(text: &str, near: Node<'_>) -> Option<&'static Rule> {
    if text.contains(char::is_whitespace) {
        return Some(&rule::REFERENCE_WHITE_SPACE);
    }
    let (kind, query) = text.split_once('?')?;
    let is_name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let fits = query.split('&').all(|part| {
        part.split_once('=')
            .is_some_and(|(name, value)| is_name(name) && !value.contains('='))
    });
    (near.document().has_resource(kind) && !fits).then_some(&rule::REFERENCE_QUERY)
}

/// Links within a narrative lead to an id in the document, or to a place in one of its narratives.
fn links<'d>(narratives: &[Node<'d>], ids: &HashSet<&'d str>, findings: &mut Findings<'d>) {
    let local = |text: &str| ["\"#", "'#", "&#"].iter().any(|mark| text.contains(mark));
    if !narratives.iter().any(|node| node.primitive().is_some_and(local)) {
        return;
    }
    let read = |node: &Node<'d>| {
        (
            *node,
            Narrative::read(node.primitive().unwrap_or_default(), Entities::Html),
        )
    };
    let all: Vec<_> = narratives.iter().map(read).collect();
    let places: HashSet<&str> = all
        .iter()
        .flat_map(|(_, read)| read.places.iter().map(|place| &**place))
        .collect();
    for (node, read) in &all {
        // A contained resource is found by its id as well.
        let lost = |place: &Cow<'_, str>| !places.contains(&**place) && !ids.contains(&**place);
        if read.local.iter().any(lost) {
            findings.add(&text_rule::TARGET, *node, vec![]);
        }
    }
}
