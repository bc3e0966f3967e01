//! Expressions over the source: what they select, whether they hold, what they give.

use std::cell::OnceCell;

use hashbrown::HashMap;
use samenhang_profiles::document::{Document, Node};
use samenhang_profiles::fhirpath::{DEFAULT_STEPS, Environment, Expression, Resolve, Value};

use super::{MAX_STEPS, Run};
use crate::finding::Kind;
use crate::plan::Selection;

/// A result of an expression.
pub(super) enum Item<'d> {
    Node(Node<'d>),
    Text(String),
}

impl<'d> Run<'_, 'd> {
    /// The nodes that a rule selects.
    pub(super) fn select(&mut self, selection: &Selection, node: Node<'d>) -> Vec<Node<'d>> {
        match selection {
            Selection::This => vec![node],
            Selection::Path(names) => path(node, names),
            Selection::Expression(expression) => {
                let items = self.evaluate(expression, node);
                let nodes = items.into_iter().filter_map(|item| match item {
                    Item::Node(node) => Some(node),
                    Item::Text(_) => None,
                });
                nodes.collect()
            }
        }
    }

    /// Whether a condition holds; one that has no answer does not.
    pub(super) fn holds(&mut self, condition: Option<&Expression>, node: Node<'d>) -> bool {
        let Some(expression) = condition else {
            return true;
        };
        let held = {
            let variables = self.variables();
            let env = self.environment(&variables, node);
            expression.holds(&[Value::Node(node)], &env)
        };
        held.unwrap_or_else(|_| {
            self.find(Kind::Expression, node);
            false
        })
    }

    /// What an expression gives; nothing when it has no answer.
    pub(super) fn evaluate(&mut self, expression: &Expression, node: Node<'d>) -> Vec<Item<'d>> {
        let document = node.document();
        let items = {
            let variables = self.variables();
            let env = self.environment(&variables, node);
            // The evaluation borrows for a shorter time than the source lives, so nodes are found again by number.
            expression.evaluate(&[Value::Node(node)], &env).map(|values| {
                let item = |value: &Value<'_>| match value {
                    Value::Node(found) => document.node(found.id()).map(Item::Node),
                    other => other.text().map(|text| Item::Text(text.into_owned())),
                };
                values.iter().filter_map(item).collect::<Vec<_>>()
            })
        };
        items.unwrap_or_else(|_| {
            self.find(Kind::Expression, node);
            Vec::new()
        })
    }

    /// `%origin`, and `%within` when the map has one.
    fn variables(&self) -> Vec<(&'static str, Value<'_>)> {
        let origin = self.scope.origin.as_deref().unwrap_or_default();
        let mut variables = vec![("origin", Value::String(origin.into()))];
        variables.extend(self.within.map(|above| ("within", Value::Node(above))));
        variables
    }

    fn environment<'s>(&'s self, variables: &'s [(&'s str, Value<'s>)], node: Node<'s>) -> Environment<'s> {
        Environment {
            variables,
            resolver: self.index,
            steps: DEFAULT_STEPS.min(MAX_STEPS.saturating_sub(self.spent.get())),
            spent: Some(&self.spent),
            ..Environment::new()
        }
        .at(node)
    }
}

/// The children by name, level by level.
fn path<'d>(node: Node<'d>, names: &[Box<str>]) -> Vec<Node<'d>> {
    let mut nodes = vec![node];
    for name in names {
        let mut next = Vec::new();
        for node in nodes {
            next.extend(node.children().filter(|child| child.stem() == &**name));
        }
        nodes = next;
    }
    nodes
}

/// Resources of a Bundle by their full URL and by type and id, found when they are first asked for.
pub(super) struct Index(OnceCell<HashMap<String, usize>>);

impl Index {
    pub(super) fn new() -> Self {
        Index(OnceCell::new())
    }

    fn build(document: &Document<'_>) -> HashMap<String, usize> {
        let mut index = HashMap::new();
        for entry in document.root().children_named("entry") {
            let Some(resource) = entry.child("resource") else {
                continue;
            };
            if let Some(url) = entry.text("fullUrl") {
                index.entry(url.to_owned()).or_insert(resource.id());
            }
            if let Some(id) = resource.text("id") {
                let key = format!("{}/{id}", resource.resource_type());
                index.entry(key).or_insert(resource.id());
            }
        }
        index
    }
}

impl Resolve for Index {
    fn resolve<'n>(&self, reference: &str, from: Node<'n>) -> Option<Node<'n>> {
        let document = from.document();
        let index = self.0.get_or_init(|| Index::build(document));
        document.node(*index.get(reference)?)
    }
}
