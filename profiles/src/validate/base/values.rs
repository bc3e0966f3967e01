//! Single elements: narratives, attachments, identifiers, codings, and the urls by which definitions are known.

use super::attachment;
use crate::document::{Document, Node, shown};
use crate::narrative::{Entities, Fault, Narrative};
use crate::validate::collect::Findings;
use crate::validate::finding::Argument;
use crate::validate::rule::{bundle as rule, narrative};
use crate::validate::run::{is_absolute, is_canonical};

/// Judges all nodes.
pub(super) fn check<'d>(document: &'d Document<'d>, findings: &mut Findings<'d>) {
    let nodes = (0..document.len()).filter_map(|id| document.node(id));
    for node in nodes {
        match node.fhir_type() {
            "xhtml" => div(node, findings),
            "Attachment" => attachment::check(node, findings),
            "Identifier" => identifier(node, findings),
            "Coding" => global(node.child("system"), findings, is_system),
            "uri" => canonical(node, findings),
            _ => {}
        }
    }
}

/// A system means the same everywhere; so does a value that is said to be a URI.
fn identifier<'d>(node: Node<'d>, findings: &mut Findings<'d>) {
    global(node.child("system"), findings, |text| {
        is_system(text) || text.starts_with("ldap:")
    });
    if node.text("system") == Some("urn:ietf:rfc:3986") {
        global(node.child("value"), findings, is_absolute);
    }
}

/// The url by which a definition is known is absolute, also when it is contained.
fn canonical<'d>(node: Node<'d>, findings: &mut Findings<'d>) {
    let Some((text, parent)) = node.primitive().zip(node.parent()) else {
        return;
    };
    if node.name() == "url" && is_canonical(parent.fhir_type()) && !is_absolute(text) {
        findings.add(&rule::CANONICAL_RELATIVE, node, vec![Argument::value(text)]);
    }
}

/// The schemes that the reference validator accepts for a system.
fn is_system(text: &str) -> bool {
    ["http:", "https:", "urn:"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
}

fn global<'d>(node: Option<Node<'d>>, findings: &mut Findings<'d>, fits: impl Fn(&str) -> bool) {
    let Some(node) = node else { return };
    if let Some(text) = node.primitive().filter(|text| !text.is_empty() && !fits(text)) {
        findings.add(&rule::SYSTEM, node, vec![Argument::value(text)]);
    }
}

fn div<'d>(node: Node<'d>, findings: &mut Findings<'d>) {
    let Some(text) = node.primitive() else { return };
    for fault in Narrative::read(text, Entities::Html).faults {
        let (rule, argument) = match fault {
            Fault::Malformed(what) => (&narrative::MALFORMED, Some(what)),
            Fault::Root(name) => (&narrative::ROOT, Some(shown(name))),
            Fault::Namespace => (&narrative::NAMESPACE, None),
            Fault::Element(name) => (&narrative::ELEMENT, Some(shown(name))),
            Fault::Attribute(name) => (&narrative::ATTRIBUTE, Some(shown(name))),
            Fault::Block(name) => (&narrative::BLOCK, Some(shown(name))),
            Fault::Place(name) => (&narrative::PLACE, Some(shown(name))),
            Fault::Address => (&narrative::ADDRESS, None),
            Fault::Empty => (&narrative::EMPTY, None),
            Fault::Link(kind) => (&narrative::LINK, Some(kind)),
            Fault::Style => (&narrative::STYLE, None),
        };
        findings.add(rule, node, argument.map(Argument::name).into_iter().collect());
    }
}
