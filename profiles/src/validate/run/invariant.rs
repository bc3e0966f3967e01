//! Invariants: what must hold at an element, as FHIRPath.

use std::sync::Arc;

use crate::definition::{Constraint, Severity as Weight};
use crate::document::Node;
use crate::fhirpath::{Conformance, DEFAULT_STEPS, Environment, EvaluateError, Expression, Resolve, Value};
use crate::validate::finding::Argument;
use crate::validate::program::{ElementRule, Program};
use crate::validate::rule::{Severity, unchecked, value as rules};

use super::native::Native;
use super::{Answer, Run};

/// An invariant that was compiled.
pub(in crate::validate) enum Invariant {
    /// One that is judged without FHIRPath.
    Native(Native),
    /// Any other.
    Expression(Box<Expression>),
    /// One that is not understood, and why.
    Faulty(String),
}

impl Invariant {
    /// Compiles an expression.
    pub(in crate::validate) fn compile(expression: &str) -> Self {
        if let Some(native) = Native::of(expression) {
            return Invariant::Native(native);
        }
        match Expression::invariant(corrected(expression)) {
            Ok(compiled) => Invariant::Expression(Box::new(compiled)),
            Err(error) => Invariant::Faulty(error.to_string()),
        }
    }
}

/// Published expressions that say something else than they mean, as their publisher corrected them.
fn corrected(expression: &str) -> &str {
    match expression {
        // STU3 obs-7: without components there is nothing to differ from. Corrected in the zib2017 snapshots.
        "value.empty() or code!=component.code" => {
            "value.empty() or component.code.where((coding.code = %resource.code.coding.code) and \
             (coding.system = %resource.code.coding.system)).empty()"
        }
        other => other,
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
            Invariant::Native(native) => return Answer::of(native.holds(node, &self.index)),
            Invariant::Faulty(reason) => reason.clone(),
            Invariant::Expression(expression) => match self.evaluate(node, expression) {
                Ok(holds) => return Answer::of(holds),
                Err(error) => error.to_string(),
            },
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
    pub(super) fn selects(&mut self, node: Node<'d>, expression: &str) -> Answer {
        let Ok(expression) = Expression::invariant(expression) else {
            return Answer::Unknown;
        };
        let surroundings = Surroundings { run: self };
        let environment = surroundings.environment(node.resource());
        match expression.evaluate(&[Value::Node(node.resource())], &environment) {
            Ok(result) => Answer::of(result.iter().any(|value| value.node() == Some(node))),
            Err(_) => Answer::Unknown,
        }
    }

    fn evaluate(&mut self, node: Node<'d>, expression: &Expression) -> Result<bool, EvaluateError> {
        if self.spent.get() >= self.budget.expression_steps {
            self.out_of("steps of invariants");
        }
        let surroundings = Surroundings { run: self };
        let environment = surroundings.environment(node);
        expression.holds(&[Value::Node(node)], &environment)
    }
}

/// What FHIRPath may ask of a run.
struct Surroundings<'r, 'v, 'd> {
    run: &'r Run<'v, 'd>,
}

impl<'r> Surroundings<'r, '_, '_> {
    fn environment(&'r self, node: Node<'r>) -> Environment<'r> {
        let left = self
            .run
            .budget
            .expression_steps
            .saturating_sub(self.run.spent.get());
        let environment = Environment {
            steps: left.min(DEFAULT_STEPS),
            spent: Some(&self.run.spent),
            now: self.run.now,
            resolver: self,
            profiles: self,
            terminology: self.run.terminology,
            ..Environment::new()
        };
        environment.at(node)
    }
}

impl Resolve for Surroundings<'_, '_, '_> {
    fn resolve<'n>(&self, reference: &str, from: Node<'n>) -> Option<Node<'n>> {
        let document = self.run.document;
        let found = self.run.resolve_text(document.node(from.id())?, reference)?;
        from.document().node(found.id())
    }
}

impl Conformance for Surroundings<'_, '_, '_> {
    fn conforms(&self, node: Node<'_>, profile: &str) -> Option<bool> {
        let node = self.run.document.node(node.id())?;
        let program = self.run.validator.program(profile)?;
        match self.run.apart().fits(node, &program) {
            Answer::Yes => Some(true),
            Answer::No => Some(false),
            Answer::Unknown => None,
        }
    }
}
