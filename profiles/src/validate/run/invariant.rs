//! Invariants: what must hold at an element, as FHIRPath.

use std::sync::Arc;

use crate::definition::{Constraint, Severity as Weight};
use crate::document::Node;
use crate::validate::finding::Argument;
use crate::validate::program::{ElementRule, Program};
use crate::validate::rule::{Severity, unchecked, value as rules};

use super::native::Native;
use super::{Answer, Run};

/// An invariant that was compiled.
pub(in crate::validate) enum Invariant {
    /// One that is judged without FHIRPath.
    Native(Native),
    /// One that is not understood, and why.
    Faulty(String),
}

impl Invariant {
    /// Compiles an expression.
    pub(in crate::validate) fn compile(expression: &str) -> Self {
        if let Some(native) = Native::of(expression) {
            return Invariant::Native(native);
        }
        Invariant::Faulty("FHIRPath is not built in".to_owned())
    }
}

impl<'d> Run<'_, 'd> {
    /// Holds a node to the invariants of a rule.
    pub(super) fn invariants(&mut self, node: Node<'d>, program: &Arc<Program>, rule: &ElementRule) {
        for constraint in &rule.constraints {
            if self.holds(node, constraint) != Answer::No {
                continue;
            }
            let severity = match constraint.severity {
                _ if constraint.best_practice => self.validator.settings.best_practice,
                Weight::Error => Severity::Error,
                Weight::Warning => Severity::Warning,
            };
            let arguments = vec![
                Argument::name(&constraint.key),
                Argument::name(
                    constraint
                        .human
                        .as_deref()
                        .or(constraint.expression.as_deref())
                        .unwrap_or_default(),
                ),
                Argument::name(constraint.source.as_deref().unwrap_or(&program.url)),
            ];
            self.findings
                .add_as(severity, &rules::INVARIANT, node, arguments, Some(&program.url));
        }
    }

    /// Whether an invariant holds at a node. Where that is not known, says so.
    pub(super) fn holds(&mut self, node: Node<'d>, constraint: &Constraint) -> Answer {
        let Some(invariant) = self.validator.invariant(constraint) else {
            return Answer::Yes;
        };
        let reason = match &*invariant {
            Invariant::Native(native) => return Answer::of(native.holds(node)),
            Invariant::Faulty(reason) => reason.clone(),
        };
        let source = constraint.source.as_deref().unwrap_or_default();
        let arguments = vec![
            Argument::name(&constraint.key),
            Argument::name(source),
            Argument::name(reason),
        ];
        self.findings.add(&unchecked::INVARIANT, node, arguments);
        Answer::Unknown
    }

    /// Whether an expression, evaluated at the resource, selects a node.
    pub(super) fn selects(&mut self, _node: Node<'d>, _expression: &str) -> Answer {
        Answer::Unknown
    }
}
