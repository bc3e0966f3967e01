//! Fixed values, patterns and limits.

use std::sync::Arc;

use crate::document::Node;
use crate::tree::Tree;
use crate::validate::finding::Argument;
use crate::validate::program::{Program, ValueRule};
use crate::validate::rule::{Rule, value as rules};

use super::Run;

/// Deeper than this no fixed value is compared; none that is published comes near it.
const MAX_DEPTH: usize = 32;

impl<'d> Run<'_, 'd> {
    /// Holds a value to its limits.
    pub(super) fn value(&mut self, node: Node<'d>, program: &Arc<Program>, limits: &ValueRule) {
        for (asked, exact) in [(&limits.fixed, true), (&limits.pattern, false)] {
            let Some(asked) = asked else { continue };
            if let Some(difference) = differs(node, &asked.value, exact, MAX_DEPTH) {
                self.difference(node, program, &difference, exact);
            }
        }
        if let Some(most) = limits.max_length
            && let Some(text) = node.primitive()
        {
            let length = text.chars().count();
            if length > most as usize {
                let arguments = vec![
                    Argument::name(most),
                    Argument::name(length),
                    Argument::name(&program.url),
                ];
                self.broken(&rules::MAX_LENGTH, node, program, arguments);
            }
        }
        self.bounds(node, program, limits);
    }

    fn difference(
        &mut self,
        node: Node<'d>,
        program: &Arc<Program>,
        difference: &Difference<'d, '_>,
        exact: bool,
    ) {
        let place = difference.place();
        let at = difference.node.unwrap_or(node);
        let Some(expected) = difference.expected else {
            let arguments = vec![Argument::name(place), Argument::name(&program.url)];
            return self.broken(&rules::FIXED_EXTRA, at, program, arguments);
        };
        let mut arguments = vec![
            Argument::name(place),
            Argument::name(expected),
            Argument::name(&program.url),
        ];
        if let Some(found) = at.primitive() {
            arguments.push(Argument::value(found));
        }
        let rule = if exact { &rules::FIXED } else { &rules::PATTERN };
        self.broken(rule, at, program, arguments);
    }

    /// Says that a rule of a profile is broken.
    pub(super) fn broken(
        &mut self,
        rule: &'static Rule,
        node: Node<'d>,
        program: &Arc<Program>,
        arguments: Vec<Argument>,
    ) {
        self.findings
            .add_as(rule.severity, rule, node, arguments, Some(&program.url));
    }
}

/// Whether a node has a value: exactly, or at least.
pub(super) fn matches(node: Node<'_>, value: &Tree<'_>, exact: bool) -> bool {
    differs(node, value, exact, MAX_DEPTH).is_none()
}

/// The first place at which a node differs from what is asked.
struct Difference<'d, 't> {
    /// The node that differs; none when it is absent.
    node: Option<Node<'d>>,
    /// Name of what is absent or too much.
    name: &'t str,
    /// What is asked there, when it is a single value or absent altogether; none when nothing is.
    expected: Option<Shown<'t>>,
}

/// A value of a definition, in a message.
#[derive(Clone, Copy)]
pub(super) struct Shown<'t>(pub(super) &'t Tree<'t>);

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Tree::String(text) => write!(f, "'{text}'"),
            Tree::Number(text) => f.write_str(text),
            Tree::Boolean(value) => write!(f, "{value}"),
            Tree::Null => f.write_str("null"),
            Tree::Array(items) => {
                let mut items = items.iter();
                if let Some(first) = items.next() {
                    write!(f, "{}", Shown(first))?;
                }
                items.try_for_each(|item| write!(f, ", {}", Shown(item)))
            }
            Tree::Object(fields) => {
                f.write_str("{")?;
                for (at, (name, value)) in fields.iter().enumerate() {
                    if at > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{name}: {}", Shown(value))?;
                }
                f.write_str("}")
            }
        }
    }
}

impl Difference<'_, '_> {
    fn place(&self) -> &str {
        match self.node {
            Some(node) if self.name.is_empty() => crate::document::shown(node.name()),
            _ => crate::document::shown(self.name),
        }
    }
}

/// Compares what is below a node with a value. The tree's texts outlive the node's place in the result.
fn differs<'d, 't>(
    node: Node<'d>,
    value: &'t Tree<'t>,
    exact: bool,
    depth: usize,
) -> Option<Difference<'d, 't>> {
    let here = || {
        Some(Difference {
            node: Some(node),
            name: "",
            expected: Some(Shown(value)),
        })
    };
    if depth == 0 {
        return here();
    }
    match value {
        Tree::Null => None,
        Tree::Boolean(asked) => {
            (node.primitive() != Some(if *asked { "true" } else { "false" })).then(here)?
        }
        Tree::Number(asked) | Tree::String(asked) => (node.primitive() != Some(&**asked)).then(here)?,
        Tree::Array(items) => items
            .iter()
            .find_map(|item| differs(node, item, exact, depth - 1)),
        Tree::Object(fields) => {
            for (name, asked) in fields {
                // `_name` adds an id or extensions to a primitive, which are its children here.
                let name = name.strip_prefix('_').unwrap_or(name);
                let found = property(node, name, asked, exact, depth - 1);
                if found.is_some() {
                    return found;
                }
            }
            if !exact {
                return None;
            }
            let extra = node.children().find(|child| {
                let known = |name: &str| value.get(name).is_some();
                !known(child.name()) && !known(&format!("_{}", child.name()))
            })?;
            Some(Difference {
                node: Some(extra),
                name: "",
                expected: None,
            })
        }
    }
}

/// Compares the children of one name with what is asked of them.
fn property<'d, 't>(
    node: Node<'d>,
    name: &'t str,
    asked: &'t Tree<'t>,
    exact: bool,
    depth: usize,
) -> Option<Difference<'d, 't>> {
    let absent = |expected| {
        Some(Difference {
            node: None,
            name,
            expected: Some(Shown(expected)),
        })
    };
    let mut found = node.children_named(name);
    let Tree::Array(items) = asked else {
        return match found.next() {
            Some(child) => differs(child, asked, exact, depth),
            None => absent(asked),
        };
    };
    if exact {
        for item in items {
            match found.next() {
                Some(child) => {
                    if let Some(difference) = differs(child, item, true, depth) {
                        return Some(difference);
                    }
                }
                None => return absent(item),
            }
        }
        return found.next().map(|extra| Difference {
            node: Some(extra),
            name: "",
            expected: None,
        });
    }
    let found: Vec<Node<'d>> = found.collect();
    items.iter().find_map(|item| {
        if found
            .iter()
            .any(|child| differs(*child, item, false, depth).is_none())
        {
            return None;
        }
        match &found[..] {
            [only] => differs(*only, item, false, depth),
            _ => absent(item),
        }
    })
}
