//! Maps and rules, in their order.

use std::sync::Arc;

use samenhang_profiles::document::Node;

use super::evaluate::Item;
use super::{MAX_NODES, Run};
use crate::finding::Kind;
use crate::language::Many;
use crate::plan::{Action, Body, Rule, Selection, Via};
use crate::target::{Content, Id, Slot, TargetPath, Tree};

/// The extension that says why something is not there.
const ABSENT: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

impl<'p, 'd> Run<'p, 'd> {
    /// Runs a map on a node, for something of the target.
    pub(super) fn map(&mut self, map: usize, tree: &mut Tree<'d>, node: Node<'d>, at: Id) {
        self.stands(node, at);
        let map = &self.pack.maps[map];
        let above = super::within(node, map.within.as_deref()).or(self.within);
        let outer = std::mem::replace(&mut self.within, above);
        self.deeper(node, |run| run.body(&map.body, tree, node, at));
        self.within = outer;
    }

    /// Runs rules about a node, then copies the rest, then puts in what is fixed or assumed.
    fn body(&mut self, body: &'p Body, tree: &mut Tree<'d>, node: Node<'d>, at: Id) {
        let outer = self.rule;
        let mut whole = false;
        for rule in &body.rules {
            if tree.len() > MAX_NODES {
                self.find(Kind::Limit, node);
                break;
            }
            self.rule = Some(rule);
            self.apply(rule, tree, node, at);
            whole |= rule.takes_all();
        }
        self.rule = outer;
        if body.copy_rest && !whole {
            if node.primitive().is_some() && tree.kind(at).primitive.is_some() && tree.text(at).is_none() {
                self.primitive(tree, node, at);
            } else {
                self.rest(tree, node, at);
            }
        }
        for rule in &body.finals {
            self.rule = Some(rule);
            if self.holds(rule.when.as_ref(), node) {
                self.put(rule, tree, node, at);
            }
        }
        self.rule = outer;
    }

    fn apply(&mut self, rule: &'p Rule, tree: &mut Tree<'d>, node: Node<'d>, at: Id) {
        match &rule.action {
            Action::Copy {
                from,
                to,
                via,
                many,
                because,
                ..
            } => {
                let nodes = self.chosen(rule, from, node);
                self.copies(&nodes, tree, at, to, via, (many.as_ref(), because));
            }
            Action::Make { from, map, link } => {
                for found in self.chosen(rule, from, node) {
                    let reference = self.order(found, *map);
                    self.claimed[found.id()] = true;
                    if let (Some(link), Some(reference)) = (link, reference) {
                        self.link(tree, at, link, reference, found);
                    }
                }
            }
            Action::Value { from, value, to } => {
                if self.holds(rule.when.as_ref(), node) {
                    self.value(from.as_ref(), value, to, tree, node, at);
                }
            }
            Action::Ignore { from, because } => {
                for found in self.chosen(rule, from, node) {
                    self.claimed[found.id()] = true;
                    self.ignored(found, because);
                }
            }
            Action::Const { .. } | Action::Assume { .. } | Action::Absent { .. } => {}
        }
    }

    /// The nodes that a rule is about.
    fn chosen(&mut self, rule: &'p Rule, from: &'p Selection, node: Node<'d>) -> Vec<Node<'d>> {
        let mut nodes = self.select(from, node);
        if rule.when.is_some() {
            nodes.retain(|found| self.holds(rule.when.as_ref(), *found));
        }
        if !nodes.is_empty() {
            self.fires();
        }
        nodes
    }

    fn copies(
        &mut self,
        nodes: &[Node<'d>],
        tree: &mut Tree<'d>,
        at: Id,
        to: &'p TargetPath,
        via: &'p Via,
        (many, because): (Option<&'p Many>, &'p Arc<str>),
    ) {
        if let Some(Many::Join(between)) = many
            && nodes.len() > 1
        {
            self.join(nodes, tree, at, to, between);
            return;
        }
        let one = many.is_some() || !to.is_fresh();
        for (number, found) in nodes.iter().enumerate() {
            if number > 0 && one {
                match many {
                    Some(Many::First) => {
                        self.claimed[found.id()] = true;
                        self.ignored(*found, because);
                    }
                    _ => {
                        self.claimed[found.id()] = true;
                        self.find(Kind::Occupied, *found);
                    }
                }
                continue;
            }
            self.claimed[found.id()] = true;
            if let Some(into) = self.reach(tree, at, to, *found) {
                self.carry(tree, *found, into, via);
            }
        }
    }

    /// The place in the target for a node.
    fn reach(&mut self, tree: &mut Tree<'d>, at: Id, to: &TargetPath, node: Node<'d>) -> Option<Id> {
        if !to.choice.is_empty() {
            let owner = tree.reach(at, &to.steps);
            let Some(element) = self.choice(&to.choice, node) else {
                self.find(Kind::Conversion, node);
                return None;
            };
            if tree.rival(owner, element).is_some() {
                self.find(Kind::Occupied, node);
                return None;
            }
            return Some(tree.single(owner, element));
        }
        let Some((last, before)) = to.steps.split_last() else {
            return Some(at);
        };
        let owner = tree.reach(at, before);
        if tree.rival(owner, last.element).is_some() {
            self.find(Kind::Occupied, node);
            return None;
        }
        Some(tree.reach(owner, std::slice::from_ref(last)))
    }

    /// Converts one node into its place.
    fn carry(&mut self, tree: &mut Tree<'d>, node: Node<'d>, into: Id, via: &'p Via) {
        match via {
            Via::Type => self.copy(tree, node, into),
            Via::Map(map) => self.map(*map, tree, node, into),
            Via::Codes(table) => self.translate(*table, tree, node, into),
            Via::Function(function) => {
                let made = node.primitive().and_then(*function);
                let text = made.map(|text| text.into_owned());
                match text {
                    Some(text) => self.place_text(tree, node, into, text.into()),
                    None => self.find(Kind::Conversion, node),
                }
                self.attached(tree, node, into);
            }
            Via::Rules(body) => {
                self.stands(node, into);
                self.deeper(node, |run| run.body(body, tree, node, into));
            }
        }
    }

    /// Makes one text of several.
    fn join(&mut self, nodes: &[Node<'d>], tree: &mut Tree<'d>, at: Id, to: &TargetPath, between: &str) {
        let texts: Vec<&str> = nodes.iter().filter_map(|node| node.primitive()).collect();
        let joined = texts.join(between);
        let Some(first) = nodes.first() else {
            return;
        };
        let Some(into) = self.reach(tree, at, to, *first) else {
            return;
        };
        if tree.kind(into).primitive.is_none() || tree.text(into).is_some() {
            self.find(Kind::Occupied, *first);
            return;
        }
        tree.set_text(into, joined.into());
        for node in nodes {
            self.claimed[node.id()] = true;
            if node.primitive().is_some() {
                self.mapped(*node, || tree.path(into));
            }
            self.attached(tree, *node, into);
        }
    }

    fn value(
        &mut self,
        from: Option<&'p Selection>,
        value: &'p samenhang_profiles::fhirpath::Expression,
        to: &'p TargetPath,
        tree: &mut Tree<'d>,
        node: Node<'d>,
        at: Id,
    ) {
        let used = from.map(|from| self.select(from, node));
        if used.as_ref().is_some_and(Vec::is_empty) {
            return;
        }
        let mut written = Vec::new();
        for (number, item) in self.evaluate(value, node).into_iter().enumerate() {
            if number > 0 && !to.is_fresh() {
                self.find(Kind::Occupied, node);
                break;
            }
            let Some(into) = self.reach(tree, at, to, node) else {
                continue;
            };
            match item {
                Item::Node(found) => self.copy(tree, found, into),
                Item::Text(text) => self.set_computed(tree, node, into, text),
            }
            written.push(into);
        }
        let Some(into) = written.into_iter().find(|into| tree.has_content(*into)) else {
            return;
        };
        self.fires();
        for found in used.into_iter().flatten() {
            self.claimed[found.id()] = true;
            let path = || tree.path(into);
            self.mapped_all(found, &path);
        }
    }

    /// Puts in what is fixed, assumed or said to be absent.
    fn put(&mut self, rule: &'p Rule, tree: &mut Tree<'d>, node: Node<'d>, at: Id) {
        match &rule.action {
            Action::Const { to, content } => self.constant(tree, node, at, to, content),
            Action::Assume { to, content } if self.is_missing(tree, at, to) => {
                let into = tree.reach(at, &to.steps);
                content.put(tree, into);
                self.fires();
                self.find(Kind::Assumed, node);
                self.tag_assumed(tree, into);
            }
            Action::Absent { to, reason } if self.is_missing(tree, at, to) => {
                let into = tree.reach(at, &to.steps);
                let Some(element) = tree.element_named(into, "extension") else {
                    return;
                };
                let extension = tree.add(into, element);
                tree.set_url(extension, ABSENT.into());
                if let Some(element) = tree.element_named(extension, "valueCode") {
                    let code = tree.add(extension, element);
                    tree.set_text(code, reason.to_string().into());
                }
                self.fires();
                self.find(Kind::Absent, node);
            }
            _ => {}
        }
    }

    /// Whether nothing gave an element, though what it stands in is there.
    fn is_missing(&self, tree: &Tree<'d>, at: Id, to: &TargetPath) -> bool {
        let tagged = to
            .steps
            .iter()
            .rposition(|step| matches!(step.slot, Slot::Tagged(_)));
        if let Some(tagged) = tagged.filter(|tagged| tagged + 1 < to.steps.len()) {
            let item = tree.find(at, to.steps.get(..=tagged).unwrap_or_default());
            if !item.is_some_and(|item| tree.has_content(item)) {
                return false;
            }
        }
        let rival = |owner| {
            to.steps
                .last()
                .is_some_and(|last| tree.rival(owner, last.element).is_some())
        };
        let owner = tree.find(at, to.steps.split_last().map_or(&[][..], |(_, before)| before));
        let found = tree.find(at, &to.steps).is_some_and(|own| tree.has_content(own));
        !found && !owner.is_some_and(rival)
    }

    /// Makes sure that a constant is there.
    fn constant(&mut self, tree: &mut Tree<'d>, node: Node<'d>, at: Id, to: &TargetPath, content: &Content) {
        let tagged = to
            .steps
            .iter()
            .rposition(|step| matches!(step.slot, Slot::Tagged(_)));
        if let Some(tagged) = tagged.filter(|tagged| tagged + 1 < to.steps.len()) {
            let item = tree.find(at, to.steps.get(..=tagged).unwrap_or_default());
            if !item.is_some_and(|item| tree.has_content(item)) {
                return;
            }
        }
        self.fires();
        let Some((last, before)) = to.steps.split_last() else {
            if !content.ensure(tree, at) {
                self.find(Kind::Constant, node);
            }
            return;
        };
        let owner = tree.reach(at, before);
        if last.slot == Slot::Fresh {
            let any = tree
                .children_of(owner, last.element)
                .any(|item| crate::target::holds(tree, item, content));
            if !any {
                let item = tree.add(owner, last.element);
                content.put(tree, item);
            }
            return;
        }
        let into = tree.reach(owner, std::slice::from_ref(last));
        if !content.ensure(tree, into) {
            self.find(Kind::Constant, node);
        }
    }
}
