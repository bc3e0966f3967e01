//! Functions that answer yes or no. They read the items above the base and leave the stack to the caller.

use super::strings::{PATTERN_STEPS, is_match};
use super::{Evaluator, Frame, Outcome, Truth, single_truth, text_of};
use crate::fhirpath::error::EvaluateError;
use crate::fhirpath::function::Function;
use crate::fhirpath::syntax::{Call, Expr};
use crate::fhirpath::tree;
use crate::fhirpath::types;
use crate::fhirpath::value::Value;

impl Function {
    /// Whether the function answers yes or no and can do so without the stack.
    pub(in crate::fhirpath) fn is_predicate(self) -> bool {
        use Function as F;
        matches!(
            self,
            F::Empty
                | F::Exists
                | F::All
                | F::AllTrue
                | F::AnyTrue
                | F::AllFalse
                | F::AnyFalse
                | F::SubsetOf
                | F::SupersetOf
                | F::IsDistinct
                | F::Not
                | F::Is
                | F::StartsWith
                | F::EndsWith
                | F::Contains
                | F::Matches
                | F::MatchesFull
                | F::Comparable
                | F::HasValue
                | F::MemberOf
                | F::Subsumes
                | F::SubsumedBy
                | F::ConformsTo
                | F::HtmlChecks
                | F::HtmlContent
                | F::CheckModifiers
        )
    }
}

impl<'d> Evaluator<'d, '_> {
    /// The answer about the items above `base`.
    pub(super) fn predicate(&mut self, call: &'d Call, base: usize, frame: Frame<'_, 'd>) -> Outcome<Truth> {
        use Function as F;
        self.pay(1)?;
        let arguments = &call.arguments;
        match (call.function, arguments.first()) {
            (F::Empty, _) => Ok(Some(self.stack.len() == base)),
            (F::Exists, None) => Ok(Some(self.stack.len() > base)),
            (F::Exists, Some(criteria)) => self.any(criteria, base, frame).map(Some),
            (F::All, Some(criteria)) => self.all(criteria, base, frame).map(Some),
            (F::Not, _) => self.not(base),
            (F::AllTrue | F::AnyTrue | F::AllFalse | F::AnyFalse, _) => {
                self.booleans(call.function, base).map(Some)
            }
            (F::SubsetOf, Some(other)) => self.subset(base, other, frame, false).map(Some),
            (F::SupersetOf, Some(other)) => self.subset(base, other, frame, true).map(Some),
            (F::IsDistinct, _) => self.is_distinct(base).map(Some),
            (F::Is, _) => {
                let value = self.single(base, "is")?;
                let specifier = call.specifier.as_ref();
                Ok(value
                    .zip(specifier)
                    .map(|(value, specifier)| types::is(&value, specifier)))
            }
            (F::StartsWith | F::EndsWith | F::Contains, Some(part)) => {
                self.part(call.function, part, base, frame)
            }
            (F::Matches | F::MatchesFull, Some(_)) => self.matches(call, base, frame),
            (F::Comparable, Some(other)) => {
                let focus = self.single(base, "comparable")?.and_then(|value| value.system());
                let other = self
                    .argument(other, frame, "comparable")?
                    .and_then(|value| value.system());
                match (focus, other) {
                    (Some(Value::Quantity(left)), Some(Value::Quantity(right))) => {
                        Ok(Some(left.comparable(&right)))
                    }
                    (Some(_), Some(_)) => Err(EvaluateError::Type("comparable")),
                    _ => Ok(None),
                }
            }
            (F::HasValue, _) => Ok(Some(match self.stack.get(base..) {
                Some([Value::Node(node)]) => node.primitive().is_some_and(|text| !text.is_empty()),
                Some([Value::Type(_)]) => false,
                Some([_]) => true,
                _ => false,
            })),
            _ => self.fhir_predicate(call, base, frame),
        }
    }

    fn not(&mut self, base: usize) -> Outcome<Truth> {
        match self.stack.get(base..) {
            None | Some([]) => Ok(None),
            Some([one]) => Ok(Some(!single_truth(one))),
            Some(_) => Err(EvaluateError::NotSingle("not")),
        }
    }

    fn any(&mut self, criteria: &'d Expr, base: usize, frame: Frame<'_, 'd>) -> Outcome<bool> {
        for at in base..self.stack.len() {
            let item = self.item(at)?;
            if self.truth(criteria, frame.item(&item, at - base))? == Some(true) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn all(&mut self, criteria: &'d Expr, base: usize, frame: Frame<'_, 'd>) -> Outcome<bool> {
        for at in base..self.stack.len() {
            let item = self.item(at)?;
            if self.truth(criteria, frame.item(&item, at - base))? != Some(true) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn booleans(&mut self, function: Function, base: usize) -> Outcome<bool> {
        let (wanted, all) = match function {
            Function::AllTrue => (true, true),
            Function::AnyTrue => (true, false),
            Function::AllFalse => (false, true),
            _ => (false, false),
        };
        let mut every = true;
        let mut some = false;
        for value in self.stack.get(base..).unwrap_or_default() {
            let value = match value {
                Value::Boolean(value) => *value,
                Value::Node(node) => tree::truth(*node).ok_or(EvaluateError::Type(function.name()))?,
                _ => return Err(EvaluateError::Type(function.name())),
            };
            every &= value == wanted;
            some |= value == wanted;
        }
        Ok(if all { every } else { some })
    }

    /// Whether all items are in another collection, or the other way round.
    fn subset(&mut self, base: usize, other: &'d Expr, frame: Frame<'_, 'd>, reverse: bool) -> Outcome<bool> {
        let middle = self.stack.len();
        self.eval(other, frame)?;
        let end = self.stack.len();
        let (inner, outer) = if reverse {
            (middle..end, base..middle)
        } else {
            (base..middle, middle..end)
        };
        for at in inner {
            if !self.holds_equal(at, outer.clone())? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn part(
        &mut self,
        function: Function,
        part: &'d Expr,
        base: usize,
        frame: Frame<'_, 'd>,
    ) -> Outcome<Truth> {
        let name = function.name();
        let focus = match self.single(base, name)? {
            Some(value) => text_of(&value, name)?,
            None => None,
        };
        let part = self.text_argument(part, frame, name)?;
        let (Some(focus), Some(part)) = (focus, part) else {
            return Ok(None);
        };
        self.pay(focus.len() / 64)?;
        Ok(Some(match function {
            Function::StartsWith => focus.starts_with(&*part),
            Function::EndsWith => focus.ends_with(&*part),
            _ => focus.contains(&*part),
        }))
    }

    fn matches(&mut self, call: &'d Call, base: usize, frame: Frame<'_, 'd>) -> Outcome<Truth> {
        let name = call.function.name();
        let focus = match self.single(base, name)? {
            Some(value) => text_of(&value, name)?,
            None => None,
        };
        if let (Some(pattern), Some(focus)) = (&call.pattern, &focus) {
            self.pay(focus.len() / 16)?;
            return Ok(Some(pattern.is_match(focus)));
        }
        let [text, flags @ ..] = &*call.arguments else {
            return Ok(None);
        };
        let text = self.text_argument(text, frame, name)?;
        let flags = match flags.first() {
            Some(flags) => self.text_argument(flags, frame, name)?,
            None => None,
        };
        let (Some(focus), Some(text)) = (focus, text) else {
            return Ok(None);
        };
        // A pattern that is only known now has to be compiled for this one use.
        self.pay(PATTERN_STEPS + focus.len() / 16)?;
        let whole = call.function == Function::MatchesFull;
        is_match(&text, flags.as_deref().unwrap_or_default(), whole, &focus).map(Some)
    }
}
