//! The children of an element: each to its rule, and how often each occurs.

use std::sync::Arc;

use crate::document::Node;
use crate::validate::finding::Argument;
use crate::validate::program::{ElementRule, Program, RuleIndex};
use crate::validate::rule::{Rule, slicing, structure};

use super::Run;

impl<'d> Run<'_, 'd> {
    /// Holds the children of a node to the children of a rule.
    pub(super) fn children(&mut self, node: Node<'d>, program: &Arc<Program>, parent: RuleIndex) {
        let rules = &program.rule(parent).children;
        let mark = self.counts.len();
        self.counts.resize(mark + rules.len(), 0);
        for child in node.children() {
            let Some(at) = rules.iter().position(|&rule| is_for(program.rule(rule), child)) else {
                self.misfit(child, program, rules);
                continue;
            };
            self.counts[mark + at] += 1;
            let rule = program.rule(rules[at]);
            if rule.slicing.is_none() {
                self.element(child, program, rules[at]);
            }
            if self.is_settled() {
                break;
            }
        }
        for (at, &index) in rules.iter().enumerate() {
            if self.is_settled() {
                break;
            }
            let rule = program.rule(index);
            let count = self.counts[mark + at] as usize;
            self.occurrences(node, program, rule, count, false);
            if rule.slicing.is_some() {
                let elements: Vec<Node<'d>> = node.children().filter(|child| is_for(rule, *child)).collect();
                self.slices(node, program, index, &elements);
            }
        }
        self.counts.truncate(mark);
    }

    /// Says when an element occurs too seldom or too often.
    pub(super) fn occurrences(
        &mut self,
        node: Node<'d>,
        program: &Arc<Program>,
        rule: &ElementRule,
        count: usize,
        is_slice: bool,
    ) {
        let (limit, broken): (usize, &'static Rule) = if count < rule.min {
            (
                rule.min,
                if is_slice {
                    &slicing::SLICE_MINIMUM
                } else {
                    &structure::MINIMUM
                },
            )
        } else if count > rule.max {
            (
                rule.max,
                if is_slice {
                    &slicing::SLICE_MAXIMUM
                } else {
                    &structure::MAXIMUM
                },
            )
        } else {
            return;
        };
        let arguments = vec![
            Argument::name(&rule.id),
            Argument::name(limit),
            Argument::name(count),
            Argument::name(&program.url),
        ];
        self.findings
            .add_as(broken.severity, broken, node, arguments, Some(&program.url));
    }

    /// A child without a rule: what is unknown was said by the reader; a type that a choice was narrowed away from is
    /// said here.
    fn misfit(&mut self, child: Node<'d>, program: &Arc<Program>, rules: &[RuleIndex]) {
        let Some(stem) = child.element().strip_suffix("[x]") else {
            return;
        };
        let mut allowed = rules
            .iter()
            .map(|&rule| program.rule(rule))
            .filter(|rule| {
                let rest = rule.name.strip_prefix(stem);
                rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()))
            })
            .map(|rule| &*rule.name)
            .peekable();
        if allowed.peek().is_some() {
            let arguments = vec![
                Argument::name(child.fhir_type()),
                Argument::name(allowed.collect::<Vec<_>>().join(", ")),
                Argument::name(&program.url),
            ];
            let rule = &structure::TYPE;
            self.findings
                .add_as(rule.severity, rule, child, arguments, Some(&program.url));
        }
    }
}

/// Whether a rule is for this element.
fn is_for(rule: &ElementRule, child: Node<'_>) -> bool {
    if rule.is_choice() {
        child.element() == &*rule.name
    } else {
        child.name() == &*rule.name
    }
}
