//! Where findings are gathered during a run: cheap until one is kept, and bounded.

use std::sync::Arc;

use crate::document::Node;

use super::finding::{Argument, Finding};
use super::rule::{Rule, Severity, structure, unchecked};

/// A finding before its place is written out.
struct Draft<'d> {
    rule: &'static Rule,
    severity: Severity,
    arguments: Vec<Argument>,
    node: Node<'d>,
    profile: Option<Arc<str>>,
}

/// The findings of a run, or of the trial of one profile.
pub(super) struct Findings<'d> {
    drafts: Vec<Draft<'d>>,
    errors: usize,
    most: usize,
    overflow: bool,
}

impl<'d> Findings<'d> {
    /// Keeps at most this many, and as many again that are unchecked, and errors.
    pub(super) fn new(most: usize) -> Self {
        Findings {
            drafts: Vec::new(),
            errors: 0,
            most,
            overflow: false,
        }
    }

    /// Adds a finding of the severity of its rule.
    pub(super) fn add(&mut self, rule: &'static Rule, node: Node<'d>, arguments: Vec<Argument>) {
        self.add_as(rule.severity, rule, node, arguments, None);
    }

    /// Adds a finding of a profile, with a severity of its own.
    pub(super) fn add_as(
        &mut self,
        severity: Severity,
        rule: &'static Rule,
        node: Node<'d>,
        arguments: Vec<Argument>,
        profile: Option<&Arc<str>>,
    ) {
        if severity == Severity::Error {
            self.errors += 1;
        }
        // What decides the verdict has room of its own, so that no flood of warnings hides it.
        let room = match severity {
            Severity::Error => self.most.saturating_mul(3),
            _ if rule.unchecked => self.most.saturating_mul(2),
            _ => self.most,
        };
        if self.drafts.len() >= room {
            self.overflow = true;
            return;
        }
        self.drafts.push(Draft {
            rule,
            severity,
            arguments,
            node,
            profile: profile.cloned(),
        });
    }

    /// The number of errors so far, those that were not kept included.
    pub(super) fn errors(&self) -> usize {
        self.errors
    }

    /// Whether something is unchecked that could be an error: a required binding, a budget.
    pub(super) fn is_undecided(&self) -> bool {
        let required = Argument::name("required");
        self.drafts.iter().any(|draft| {
            std::ptr::eq(draft.rule, &unchecked::BUDGET)
                || std::ptr::eq(draft.rule, &unchecked::BINDING) && draft.arguments.get(1) == Some(&required)
        })
    }

    /// Writes out the places, in document order; says each thing once.
    pub(super) fn finish(mut self, root: Node<'d>) -> Vec<Finding> {
        if self.overflow {
            self.drafts.push(Draft {
                rule: &structure::LEFT_OUT,
                severity: structure::LEFT_OUT.severity,
                arguments: vec![Argument::name(self.most)],
                node: root,
                profile: None,
            });
        }
        self.drafts.sort_by_key(|draft| draft.node.id());
        let mut findings: Vec<Finding> = Vec::with_capacity(self.drafts.len());
        let mut from = 0;
        let mut at = None;
        for draft in self.drafts {
            if at != Some(draft.node.id()) {
                at = Some(draft.node.id());
                from = findings.len();
            }
            let said = findings[from..]
                .iter()
                .any(|said| std::ptr::eq(said.rule, draft.rule) && said.arguments == draft.arguments);
            if said {
                continue;
            }
            let position = draft.node.document().position(draft.node);
            findings.push(Finding {
                rule: draft.rule,
                severity: draft.severity,
                arguments: draft.arguments,
                expression: draft.node.path(),
                line: position.line,
                column: position.column,
                profile: draft.profile,
            });
        }
        findings
    }
}
