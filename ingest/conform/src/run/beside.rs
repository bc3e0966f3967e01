//! What has no place in the target, kept beside it.
//!
//! FHIR has an extension for every element of another version (R4, section 2.1.0.6.3, "Extensions for converting between
//! versions"): its url is `http://hl7.org/fhir/[version]/StructureDefinition/extension-[path]`. When the pack says
//! `leftovers: extension`, what no rule took and what the target cannot hold goes into these, at the nearest thing that was
//! made of what it stands in; the pack of the way back reads them. What is itself an extension stays what it is. What
//! FHIR does not know stays unmapped, and what changes how the rest is to be read, such as a status: a reader may pass an
//! extension by.

use samenhang_profiles::FhirVersion;
use samenhang_profiles::document::Node;
use samenhang_profiles::element_table::Element;

use super::resource::Open;
use super::{MAX_NODES, Run, Stand, each, type_of};
use crate::finding::Kind;
use crate::ledger::Fate;
use crate::received::refusal::changes_meaning;
use crate::target::{Id, Tree};

/// How the urls of elements of a version begin.
fn beginning(version: FhirVersion) -> &'static str {
    match version {
        FhirVersion::Stu3 => "http://hl7.org/fhir/3.0/StructureDefinition/extension-",
        FhirVersion::R4 => "http://hl7.org/fhir/4.0/StructureDefinition/extension-",
    }
}

/// The element of an extension for a value of a type; of types that extensions of the target do not have, the nearest.
fn value_name(kind: &str) -> String {
    let kind = match kind {
        "canonical" | "url" | "uuid" => "uri",
        "xhtml" => "string",
        kind => kind,
    };
    let (first, rest) = kind.split_at(kind.len().min(1));
    format!("value{}{rest}", first.to_ascii_uppercase())
}

impl<'d> Run<'_, 'd> {
    /// Notes what was made of a node: what is left of it goes there.
    pub(super) fn stands(&mut self, node: Node<'d>, into: Id) {
        if self.pack.leftovers {
            let number = u32::try_from(self.open.len()).unwrap_or(u32::MAX);
            let stand = &mut self.placed[node.id()];
            if stand.round != self.round {
                *stand = Stand {
                    round: self.round,
                    number,
                    at: into,
                };
            }
        }
    }

    /// Keeps what is left of a resource beside what was made of it.
    pub(super) fn keep_leftovers(&mut self, open: &mut [Open<'d>], resource: Node<'d>) {
        self.rule = None;
        if let Some(stand) = self.stand(resource).filter(|_| self.is_left(resource)) {
            self.leftovers(open, resource, stand);
        }
    }

    /// What was made of a node.
    fn stand(&self, node: Node<'d>) -> Option<Stand> {
        self.placed
            .get(node.id())
            .copied()
            .filter(|stand| stand.round == self.round)
    }

    fn leftovers(&mut self, open: &mut [Open<'d>], node: Node<'d>, own: Stand) {
        for child in node.children() {
            if !self.is_left(child) {
                continue;
            }
            if let Some(stand) = self.stand(child) {
                self.deeper(child, |run| run.leftovers(open, child, stand));
            } else if let Some(tree) = open.get_mut(own.number as usize).map(|open| &mut open.tree)
                && tree.len() < MAX_NODES
            {
                self.deeper(child, |run| run.keep_beside(tree, child, node, own.at));
            }
        }
    }

    /// Keeps what is left of a child in an extension of what was made of its parent.
    fn keep_beside(&mut self, tree: &mut Tree<'d>, child: Node<'d>, parent: Node<'d>, at: Id) {
        // What changes how the rest is to be read may not go where readers need not look.
        let unfit = child.is_resource() || child.name() == "contained" || changes_meaning(child);
        if child.fhir_type().is_empty() || unfit {
            return;
        }
        let extension = child.name() == "extension";
        let at = room(tree, at);
        let Some(element) = tree.element_named(at, "extension") else {
            return;
        };
        self.find(Kind::Beside, child);
        let own = tree.add(at, element);
        if extension {
            self.as_it_is(tree, child, own);
        } else {
            let url = format!(
                "{}{}.{}",
                beginning(self.pack.source),
                type_of(parent),
                child.stem()
            );
            self.valued(tree, child, own, url);
        }
    }

    /// Makes an extension of what is left of a node: its value where all of it is left, otherwise its parts by name.
    fn valued(&mut self, tree: &mut Tree<'d>, node: Node<'d>, extension: Id, url: String) {
        tree.set_url(extension, url.into());
        let value = tree.element_named(extension, &value_name(node.fhir_type()));
        // A type that lost or won elements, such as Money, is kept by its parts.
        let value = value.filter(|value| holds_all(tree, value, node));
        if let Some(value) = value
            && self.is_untouched(node)
        {
            let own = tree.add(extension, value);
            self.as_it_is(tree, node, own);
            return;
        }
        if let Some(value) = value
            && node.is_primitive()
        {
            // The text went somewhere; what is attached to it did not.
            let own = tree.add(extension, value);
            self.as_it_is(tree, node, own);
            return;
        }
        let Some(element) = tree.element_named(extension, "extension") else {
            return;
        };
        for child in node.children() {
            if !self.is_left(child) || child.is_resource() {
                continue;
            }
            let part = tree.add(extension, element);
            if child.name() == "extension" {
                self.deeper(child, |run| run.as_it_is(tree, child, part));
            } else {
                self.deeper(child, |run| {
                    run.valued(tree, child, part, child.stem().to_owned());
                });
            }
        }
    }

    /// Copies what is left of a node without any change.
    fn as_it_is(&mut self, tree: &mut Tree<'d>, node: Node<'d>, into: Id) {
        if let Some(text) = node.primitive()
            && self.fates[node.id()] == Fate::Unmapped
        {
            self.place_text(tree, node, into, text.into());
        }
        for child in node.children() {
            let name = child.name() == "url" && tree.kind(into).name == "Extension";
            if name && let Some(url) = child.primitive() {
                tree.set_url(into, url.into());
                continue;
            }
            if !self.is_left(child) {
                continue;
            }
            if let Some(element) = tree.element_named(into, child.name()) {
                let own = tree.add(into, element);
                self.deeper(child, |run| run.as_it_is(tree, child, own));
            }
        }
    }

    /// Whether something of a node went nowhere yet.
    fn is_left(&self, node: Node<'d>) -> bool {
        let mut any = false;
        each(node, &mut |leaf| {
            any |= !is_name(leaf) && self.fates[leaf.id()] == Fate::Unmapped;
        });
        any
    }

    /// Whether nothing of a node went anywhere yet.
    fn is_untouched(&self, node: Node<'d>) -> bool {
        let mut all = true;
        each(node, &mut |leaf| {
            all &= is_name(leaf) || self.fates[leaf.id()] == Fate::Unmapped;
        });
        all
    }

    /// Puts what was kept beside in a lift from the version of the target back where it was. Whether it has a place there.
    pub(super) fn restore(&mut self, tree: &mut Tree<'d>, extension: Node<'d>, parent: Id) -> bool {
        if !self.pack.leftovers {
            return false;
        }
        let path = extension
            .text("url")
            .and_then(|url| url.strip_prefix(beginning(self.pack.target)));
        let Some((kind, name)) = path.and_then(|path| path.rsplit_once('.')) else {
            return false;
        };
        let parent = owner(tree, parent, kind);
        self.deeper(extension, |run| run.restore_named(tree, extension, parent, name))
            .unwrap_or(false)
    }

    fn restore_named(&mut self, tree: &mut Tree<'d>, extension: Node<'d>, parent: Id, name: &str) -> bool {
        let value = extension
            .children()
            .find(|child| child.stem() == "value" && child.name() != "url");
        let Some(element) = restored(tree, parent, name, value) else {
            return false;
        };
        if tree.rival(parent, element).is_some() {
            return false;
        }
        let filled = |tree: &Tree<'d>| tree.children_of(parent, element).any(|own| tree.has_content(own));
        if let Some(value) = value {
            if !element.many && filled(tree) && value.primitive().is_some() {
                return false;
            }
            let into = if element.many {
                tree.add(parent, element)
            } else {
                tree.single(parent, element)
            };
            self.copy(tree, value, into);
            return true;
        }
        let into = if element.many {
            tree.add(parent, element)
        } else {
            tree.single(parent, element)
        };
        for part in extension.children_named("extension") {
            let Some(url) = part.text("url") else { continue };
            if url.contains(':') {
                self.extension(tree, part, into);
            } else {
                self.deeper(part, |run| run.restore_named(tree, part, into, url));
            }
        }
        true
    }
}

/// Where what is left of something can go: beside the value of an extension there is no room, in the value there is.
fn room(tree: &Tree<'_>, at: Id) -> Id {
    if tree.kind(at).name != "Extension" {
        return at;
    }
    let is_value = |own: &Id| {
        let element = tree.element(*own);
        element.is_some_and(|element| element.definition == "value[x]")
    };
    tree.children(at).find(is_value).unwrap_or(at)
}

/// The nearest of a type that a node of the target stands in, itself included; the node itself when there is none.
fn owner(tree: &Tree<'_>, of: Id, kind: &str) -> Id {
    let mut next = Some(of);
    while let Some(at) = next {
        if tree.kind(at).name == kind {
            return at;
        }
        next = tree.parent(at);
    }
    of
}

/// Whether the type of an element of the target has all elements that a node of the source has.
fn holds_all(tree: &Tree<'_>, element: &Element, node: Node<'_>) -> bool {
    let kind = tree.table().type_of(element);
    node.is_primitive() || node.children().all(|child| kind.element(child.name()).is_some())
}

/// Whether a node is the url of an extension, which goes with what the extension holds.
fn is_name(node: Node<'_>) -> bool {
    node.name() == "url"
        && node
            .parent()
            .is_some_and(|above| above.fhir_type() == "Extension")
}

/// The element of the target that an extension stands for.
fn restored(tree: &Tree<'_>, parent: Id, name: &str, value: Option<Node<'_>>) -> Option<&'static Element> {
    if let Some(element) = tree.element_named(parent, name) {
        return Some(element);
    }
    let kind = value
        .map(|value| value.fhir_type())
        .filter(|kind| !kind.is_empty())?;
    let choice = value_name(kind);
    tree.element_named(parent, &choice.replacen("value", name, 1))
}
