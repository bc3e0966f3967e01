//! Evaluation on one stack.
//!
//! Each expression pushes its items; a step replaces the items above its base by its own. So a path costs no allocation
//! of its own, and what only asks yes or no (`and`, `exists()`, `=`) does not touch the stack for its answer. Recursion
//! follows the nesting of the expression, which the parser bounds; everything else is a loop that pays for its steps.

mod collections;
mod conversion;
mod equality;
mod fhir;
mod group;
mod moments;
mod numbers;
mod operators;
mod path;
mod predicates;
mod strings;
mod text;
mod variables;

use std::borrow::Cow;

use super::environment::Environment;
use super::error::EvaluateError;
use super::syntax::{Call, Expr, Operator, Step, StepKind};
use super::tree;
use super::types;
use super::value::Value;

use group::Group;
pub(super) use strings::pattern;

/// Yes, no, or no answer.
type Truth = Option<bool>;

type Outcome<T> = Result<T, EvaluateError>;

/// What an expression is evaluated on.
#[derive(Clone, Copy)]
struct Frame<'f, 'd> {
    /// `$this`.
    this: &'f [Value<'d>],
    /// `$index`.
    index: Option<usize>,
    /// `$total`.
    total: &'f [Value<'d>],
}

impl<'f, 'd> Frame<'f, 'd> {
    /// The frame of one item that is gone through.
    fn item(self, item: &'f Value<'d>, index: usize) -> Frame<'f, 'd> {
        Frame {
            this: std::slice::from_ref(item),
            index: Some(index),
            ..self
        }
    }
}

/// One evaluation.
pub(super) struct Evaluator<'d, 'e> {
    env: &'e Environment<'d>,
    stack: Vec<Value<'d>>,
    /// Steps that are left.
    left: u64,
    /// Whether `as` takes what fits out of several items.
    as_filters: bool,
    /// What `defineVariable` defined in the paths that are being evaluated.
    defined: Vec<(Cow<'d, str>, Vec<Value<'d>>)>,
}

impl Drop for Evaluator<'_, '_> {
    fn drop(&mut self) {
        if let Some(spent) = self.env.spent {
            spent.set(spent.get().saturating_add(self.env.steps - self.left));
        }
    }
}

impl<'d, 'e> Evaluator<'d, 'e> {
    pub(super) fn new(env: &'e Environment<'d>, as_filters: bool) -> Self {
        Evaluator {
            env,
            stack: Vec::with_capacity(16),
            left: env.steps,
            as_filters,
            defined: Vec::new(),
        }
    }

    /// All items of an expression.
    pub(super) fn items(mut self, expr: &'d Expr, focus: &[Value<'d>]) -> Outcome<Vec<Value<'d>>> {
        self.eval(expr, Self::outermost(focus))?;
        Ok(std::mem::take(&mut self.stack))
    }

    /// The answer of an invariant: see [`Expression::holds`](super::Expression::holds).
    pub(super) fn holds(mut self, expr: &'d Expr, focus: &[Value<'d>]) -> Outcome<bool> {
        let frame = Self::outermost(focus);
        if is_boolean(expr) {
            return Ok(self.truth(expr, frame)? == Some(true));
        }
        self.eval(expr, frame)?;
        Ok(match self.stack.as_slice() {
            [] => false,
            [one] => single_truth(one),
            _ => true,
        })
    }

    fn outermost<'f>(focus: &'f [Value<'d>]) -> Frame<'f, 'd> {
        Frame {
            this: focus,
            index: None,
            total: &[],
        }
    }

    /// Pays for steps.
    #[inline]
    fn pay(&mut self, steps: usize) -> Outcome<()> {
        match self.left.checked_sub(steps as u64) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(EvaluateError::Budget {
                what: "steps in one evaluation",
                limit: self.env.steps,
            }),
        }
    }

    /// A copy of the item at `at`, which is paid for.
    #[inline]
    fn item(&mut self, at: usize) -> Outcome<Value<'d>> {
        self.pay(weight(&self.stack[at]))?;
        Ok(self.stack[at].clone())
    }

    /// Pushes copies of items, which are paid for.
    fn push_all(&mut self, items: &[Value<'d>]) -> Outcome<()> {
        self.pay(items.iter().map(weight).sum())?;
        self.stack.extend_from_slice(items);
        Ok(())
    }

    /// Pushes what an expression gives.
    fn eval(&mut self, expr: &'d Expr, frame: Frame<'_, 'd>) -> Outcome<()> {
        self.pay(1)?;
        match expr {
            Expr::Empty => Ok(()),
            Expr::Literal(value) => {
                self.stack.push(literal(value));
                Ok(())
            }
            Expr::Variable(name) => self.variable(name, frame),
            Expr::Path(path) => {
                let defined = self.defined.len();
                self.path(path, &path.steps, frame)?;
                self.defined.truncate(defined);
                Ok(())
            }
            Expr::Negate(operand) => self.negate(operand, frame),
            Expr::Plus(operand) => self.plus(operand, frame),
            Expr::Binary(Operator::Union, operands) => self.union(&operands.0, &operands.1, frame),
            Expr::Binary(operator, operands) if operator.is_arithmetic() => {
                self.arithmetic(*operator, &operands.0, &operands.1, frame)
            }
            Expr::Type {
                test: false,
                operand,
                specifier,
            } => {
                let base = self.stack.len();
                self.eval(operand, frame)?;
                self.cast(base, specifier)
            }
            Expr::Binary(..) | Expr::Type { .. } => {
                let truth = self.truth(expr, frame)?;
                self.answer(truth);
                Ok(())
            }
        }
    }

    /// Pushes an answer.
    fn answer(&mut self, truth: Truth) {
        self.stack.extend(truth.map(Value::Boolean));
    }

    /// What a single-item expression says, read as yes or no (FHIRPath N1, 4.5).
    fn truth(&mut self, expr: &'d Expr, frame: Frame<'_, 'd>) -> Outcome<Truth> {
        match expr {
            Expr::Binary(operator, operands) if operator.is_logical() => {
                self.pay(1)?;
                self.logic(*operator, &operands.0, &operands.1, frame)
            }
            Expr::Binary(operator, operands) if operator.is_comparison() => {
                self.pay(1)?;
                self.comparison(*operator, &operands.0, &operands.1, frame)
            }
            Expr::Type {
                test: true,
                operand,
                specifier,
            } => {
                self.pay(1)?;
                let base = self.stack.len();
                self.eval(operand, frame)?;
                let value = self.single(base, "is")?;
                Ok(value.map(|value| types::is(&value, specifier)))
            }
            Expr::Path(path) => match path.steps.split_last() {
                Some((
                    Step {
                        kind: StepKind::Call(call),
                        ..
                    },
                    before,
                )) if call.function.is_predicate() => {
                    let (base, defined) = (self.stack.len(), self.defined.len());
                    self.path(path, before, frame)?;
                    let truth = self.predicate(call, base, frame)?;
                    self.stack.truncate(base);
                    self.defined.truncate(defined);
                    Ok(truth)
                }
                _ => self.truth_of_items(expr, frame),
            },
            _ => self.truth_of_items(expr, frame),
        }
    }

    fn truth_of_items(&mut self, expr: &'d Expr, frame: Frame<'_, 'd>) -> Outcome<Truth> {
        let base = self.stack.len();
        self.eval(expr, frame)?;
        let truth = match self.stack.get(base..) {
            None | Some([]) => None,
            Some([one]) => Some(single_truth(one)),
            Some(_) => return Err(EvaluateError::NotSingle("a condition")),
        };
        self.stack.truncate(base);
        Ok(truth)
    }

    /// `and`, `or`, `xor` and `implies` in three values (FHIRPath N1, 6.5).
    fn logic(
        &mut self,
        operator: Operator,
        left: &'d Expr,
        right: &'d Expr,
        frame: Frame<'_, 'd>,
    ) -> Outcome<Truth> {
        let first = self.truth(left, frame)?;
        // What the first operand settles, the second cannot change.
        match (operator, first) {
            (Operator::And, Some(false)) => return Ok(Some(false)),
            (Operator::Or, Some(true)) | (Operator::Implies, Some(false)) => return Ok(Some(true)),
            _ => {}
        }
        let second = self.truth(right, frame)?;
        Ok(match operator {
            Operator::And => match (first, second) {
                (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Operator::Or => match (first, second) {
                (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Operator::Implies => match (first, second) {
                (_, Some(true)) => Some(true),
                (Some(true), Some(false)) => Some(false),
                _ => None,
            },
            _ => first.zip(second).map(|(first, second)| first != second),
        })
    }

    /// Replaces the items above `base` by what a function makes of them.
    fn call(&mut self, call: &'d Call, base: usize, frame: Frame<'_, 'd>) -> Outcome<()> {
        self.pay(1)?;
        if call.function.is_predicate() {
            let truth = self.predicate(call, base, frame)?;
            self.stack.truncate(base);
            self.answer(truth);
            return Ok(());
        }
        match call.function.group() {
            Group::Collection => self.collection(call, base, frame),
            Group::Conversion => self.conversion(call, base, frame),
            Group::Text => self.text_function(call, base, frame),
            Group::Number => self.number_function(call, base, frame),
            Group::Moment => self.moment_function(call, base, frame),
            Group::Fhir => self.fhir_function(call, base, frame),
        }
    }

    /// The only item above `base`, taken from the stack; `None` when there is none.
    fn single(&mut self, base: usize, what: &'static str) -> Outcome<Option<Value<'d>>> {
        if self.stack.len() > base + 1 {
            return Err(EvaluateError::NotSingle(what));
        }
        Ok(if self.stack.len() > base {
            self.stack.pop()
        } else {
            None
        })
    }

    /// The only item of an argument.
    fn argument(
        &mut self,
        expr: &'d Expr,
        frame: Frame<'_, 'd>,
        what: &'static str,
    ) -> Outcome<Option<Value<'d>>> {
        let base = self.stack.len();
        self.eval(expr, frame)?;
        self.single(base, what)
    }

    fn integer_argument(
        &mut self,
        expr: &'d Expr,
        frame: Frame<'_, 'd>,
        what: &'static str,
    ) -> Outcome<Option<i32>> {
        match self.argument(expr, frame, what)?.and_then(|value| value.system()) {
            None => Ok(None),
            Some(Value::Integer(value)) => Ok(Some(value)),
            Some(_) => Err(EvaluateError::Type(what)),
        }
    }

    fn text_argument(
        &mut self,
        expr: &'d Expr,
        frame: Frame<'_, 'd>,
        what: &'static str,
    ) -> Outcome<Option<Cow<'d, str>>> {
        match self.argument(expr, frame, what)? {
            None => Ok(None),
            Some(value) => text_of(&value, what),
        }
    }
}

/// Steps that a copy of a value costs: a text that was put together is copied as a whole.
fn weight(value: &Value<'_>) -> usize {
    match value {
        Value::String(Cow::Owned(text)) => 1 + text.len() / 64,
        _ => 1,
    }
}

/// The text of a string, or of any primitive in a tree.
fn text_of<'d>(value: &Value<'d>, what: &'static str) -> Outcome<Option<Cow<'d, str>>> {
    match value {
        Value::String(text) => Ok(Some(text.clone())),
        Value::Node(node) if node.is_primitive() || node.primitive().is_some() => {
            Ok(node.primitive().map(Cow::Borrowed))
        }
        _ => Err(EvaluateError::Type(what)),
    }
}

/// A literal without copying its text.
fn literal<'d>(value: &'d Value<'static>) -> Value<'d> {
    match value {
        Value::String(text) => Value::String(Cow::Borrowed(text)),
        other => other.clone(),
    }
}

/// One item read as yes or no: what is no boolean is there, and that is yes.
fn single_truth(value: &Value<'_>) -> bool {
    match value {
        Value::Boolean(value) => *value,
        Value::Node(node) => tree::truth(*node).unwrap_or(true),
        _ => true,
    }
}

/// Whether an expression gives at most one boolean, whatever it is evaluated on.
fn is_boolean(expr: &Expr) -> bool {
    match expr {
        Expr::Binary(operator, _) => operator.is_logical() || operator.is_comparison(),
        Expr::Type { test, .. } => *test,
        Expr::Path(path) => match path.steps.last().map(|step| &step.kind) {
            Some(StepKind::Call(call)) => call.function.is_predicate(),
            _ => false,
        },
        _ => false,
    }
}
