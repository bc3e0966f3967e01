//! Translation of codes through the tables of a pack.

use std::sync::Arc;

use samenhang_profiles::document::Node;

use super::Run;
use crate::language::{Original, Unmapped};
use crate::plan::{Coded, Found, Table};
use crate::target::{Id, Tree};

/// Where a code of the source stands.
struct Code<'d> {
    node: Node<'d>,
    system: Option<&'d str>,
    code: &'d str,
}

impl<'d> Run<'_, 'd> {
    /// Translates a code, Coding or `CodeableConcept` into the element of the target.
    pub(super) fn translate(&mut self, table: usize, tree: &mut Tree<'d>, node: Node<'d>, into: Id) {
        self.stands(node, into);
        if node.primitive().is_none() && node.children_named("coding").next().is_some() {
            for coding in node.children_named("coding") {
                if !self.claimed[coding.id()] {
                    self.coding(table, tree, coding, into);
                }
            }
            if tree.kind(into).name == "CodeableConcept" {
                for child in node.children().filter(|child| child.name() != "coding") {
                    if !self.claimed[child.id()] {
                        self.rest_child(tree, child, into);
                    }
                }
            }
            return;
        }
        self.coding(table, tree, node, into);
        if node.primitive().is_some() {
            self.attached(tree, node, into);
        }
    }

    fn rest_child(&mut self, tree: &mut Tree<'d>, child: Node<'d>, into: Id) {
        if child.name() == "extension" {
            self.extension(tree, child, into);
        } else {
            self.child(tree, child, into);
        }
    }

    /// Translates one code.
    fn coding(&mut self, table: usize, tree: &mut Tree<'d>, node: Node<'d>, into: Id) {
        let pack = self.pack;
        let table = &pack.tables[table];
        let given = match node.primitive() {
            Some(code) => Some(Code {
                node,
                system: None,
                code,
            }),
            None => node.text("code").map(|code| Code {
                node,
                system: node.text("system"),
                code,
            }),
        };
        let Some(given) = given else {
            self.unknown_code(node);
            return;
        };
        match table.get(given.system, given.code) {
            Found::Code(coded) => {
                if let Some(place) = self.write(tree, &given, coded, into) {
                    self.translated(table, coded, tree, &given, into, place);
                }
            }
            Found::Nothing => {
                let because = format!("the table {} has no target for it", table.name);
                self.ignored(given.node, &because.into());
            }
            Found::Unknown => {
                self.unknown_code(node);
                if table.unmapped == Unmapped::Keep {
                    self.keep(tree, &given, into);
                }
            }
        }
    }

    /// Accounts for a code that was translated to what stands at `place`.
    fn translated(
        &mut self,
        table: &Table,
        coded: &Coded,
        tree: &mut Tree<'d>,
        given: &Code<'d>,
        into: Id,
        place: Id,
    ) {
        if given.node.primitive().is_some() {
            self.mapped(given.node, || tree.path(into));
            return;
        }
        let same = given.system == coded.system.as_deref() && given.code == &*coded.code;
        if !same && table.original == Original::Keep {
            self.keep_original(tree, given, into);
        }
        let because: Arc<str> = "it is of the code that was translated".into();
        for part in given.node.children().filter(|child| child.name() != "extension") {
            match part.name() {
                "system" | "code" => self.mapped_all(part, &|| tree.path(into)),
                "display" if coded.display.is_some() => self.ignored(part, &because),
                _ if same => self.child(tree, part, place),
                // What was kept beside it is in the target already.
                _ => self.ignored(part, &because),
            }
        }
    }

    /// Writes a code of the target, and gives its place.
    fn write(&mut self, tree: &mut Tree<'d>, given: &Code<'d>, coded: &Coded, into: Id) -> Option<Id> {
        let kind = tree.kind(into);
        if kind.primitive.is_some() {
            if tree.text(into).is_some_and(|own| own != &*coded.code) {
                self.find(crate::finding::Kind::Occupied, given.node);
                return None;
            }
            tree.set_text(into, coded.code.to_string().into());
            return Some(into);
        }
        let Some(coding) = self.coding_of(tree, coded.system.as_deref(), &coded.code, into) else {
            self.find(crate::finding::Kind::Conversion, given.node);
            return None;
        };
        let texts = [
            ("system", coded.system.as_deref()),
            ("code", Some(&*coded.code)),
            ("display", coded.display.as_deref()),
        ];
        for (name, text) in texts {
            if let (Some(text), Some(element)) = (text, tree.element_named(coding, name)) {
                let own = tree.single(coding, element);
                tree.set_text(own, text.to_owned().into());
            }
        }
        Some(coding)
    }

    /// The Coding in the place of the target that has this code, or a new one.
    fn coding_of(&mut self, tree: &mut Tree<'d>, system: Option<&str>, code: &str, into: Id) -> Option<Id> {
        match tree.kind(into).name {
            "Coding" => Some(into),
            "CodeableConcept" => {
                let element = tree.element_named(into, "coding")?;
                let there = tree.children_of(into, element).find(|own| {
                    let text = |name| tree.child(*own, name).and_then(|child| tree.text(child));
                    text("system") == system && text("code") == Some(code)
                });
                Some(there.unwrap_or_else(|| tree.add(into, element)))
            }
            _ => None,
        }
    }

    /// Keeps a coding beside the one that it was translated to.
    fn keep_original(&mut self, tree: &mut Tree<'d>, given: &Code<'d>, into: Id) {
        if tree.kind(into).name == "CodeableConcept"
            && given.node.primitive().is_none()
            && let Some(element) = tree.element_named(into, "coding")
        {
            let own = tree.add(into, element);
            self.copy(tree, given.node, own);
        }
    }

    /// Writes a code as it was.
    fn keep(&mut self, tree: &mut Tree<'d>, given: &Code<'d>, into: Id) {
        let coding = given.node.primitive().is_none();
        if coding && tree.kind(into).name == "CodeableConcept" {
            if let Some(element) = tree.element_named(into, "coding") {
                let own = tree.add(into, element);
                self.copy(tree, given.node, own);
            }
        } else if coding && tree.kind(into).primitive.is_some() {
            if let Some(code) = given.node.child("code") {
                self.copy(tree, code, into);
            }
        } else {
            self.copy(tree, given.node, into);
        }
    }
}
