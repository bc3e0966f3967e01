//! Operators: comparison, membership, union and arithmetic (FHIRPath N1, section 6).

use super::equality::{number, order, quantity};
use super::{Evaluator, Frame, Outcome, Truth, text_of};
use crate::fhirpath::decimal::Decimal;
use crate::fhirpath::error::EvaluateError;
use crate::fhirpath::syntax::{Expr, Operator};
use crate::fhirpath::temporal::{ArithmeticError, Temporal};
use crate::fhirpath::value::Value;

impl Operator {
    pub(super) fn is_logical(self) -> bool {
        matches!(
            self,
            Operator::And | Operator::Or | Operator::Xor | Operator::Implies
        )
    }

    pub(super) fn is_comparison(self) -> bool {
        use Operator as O;
        matches!(
            self,
            O::In
                | O::Contains
                | O::Equal
                | O::NotEqual
                | O::Equivalent
                | O::NotEquivalent
                | O::Less
                | O::LessOrEqual
                | O::Greater
                | O::GreaterOrEqual
        )
    }

    /// Whether it answers yes or no.
    pub(in crate::fhirpath) fn is_boolean(self) -> bool {
        self.is_logical() || self.is_comparison()
    }

    pub(super) fn is_arithmetic(self) -> bool {
        !self.is_boolean() && self != Operator::Union
    }

    /// As it is written.
    pub(in crate::fhirpath) fn sign(self) -> &'static str {
        use Operator as O;
        match self {
            O::Implies => "implies",
            O::Or => "or",
            O::Xor => "xor",
            O::And => "and",
            O::In => "in",
            O::Contains => "contains",
            O::Equal => "=",
            O::NotEqual => "!=",
            O::Equivalent => "~",
            O::NotEquivalent => "!~",
            O::Less => "<",
            O::LessOrEqual => "<=",
            O::Greater => ">",
            O::GreaterOrEqual => ">=",
            O::Union => "|",
            O::Add => "+",
            O::Subtract => "-",
            O::Concatenate => "&",
            O::Multiply => "*",
            O::Divide => "/",
            O::WholeDivide => "div",
            O::Modulo => "mod",
        }
    }
}

/// A whole number as an integer; without one when it is too large, as for any overflow.
pub(super) fn integer<'d>(value: i128) -> Option<Value<'d>> {
    i32::try_from(value).ok().map(Value::Integer)
}

impl<'d> Evaluator<'d, '_> {
    /// The answer of an operator that compares.
    pub(super) fn comparison(
        &mut self,
        operator: Operator,
        left: &'d Expr,
        right: &'d Expr,
        frame: Frame<'_, 'd>,
    ) -> Outcome<Truth> {
        let base = self.stack.len();
        self.eval(left, frame)?;
        let middle = self.stack.len();
        self.eval(right, frame)?;
        let truth = match operator {
            Operator::Equal => self.equal_collections(base, middle),
            Operator::NotEqual => Ok(self.equal_collections(base, middle)?.map(|equal| !equal)),
            Operator::Equivalent => self.equivalent_collections(base, middle).map(Some),
            Operator::NotEquivalent => Ok(Some(!self.equivalent_collections(base, middle)?)),
            Operator::In => self.membership(base..middle, middle..self.stack.len(), "in"),
            Operator::Contains => self.membership(middle..self.stack.len(), base..middle, "contains"),
            _ => self.inequality(operator, base, middle),
        };
        self.stack.truncate(base);
        truth
    }

    fn membership(
        &mut self,
        item: std::ops::Range<usize>,
        collection: std::ops::Range<usize>,
        what: &'static str,
    ) -> Outcome<Truth> {
        match item.len() {
            0 => Ok(None),
            1 => self.holds_equal(item.start, collection).map(Some),
            _ => Err(EvaluateError::NotSingle(what)),
        }
    }

    fn inequality(&mut self, operator: Operator, base: usize, middle: usize) -> Outcome<Truth> {
        let sign = operator.sign();
        let (left, right) = match (self.stack.get(base..middle), self.stack.get(middle..)) {
            (Some([left]), Some([right])) => (left, right),
            (Some([] | [_]), Some([] | [_])) => return Ok(None),
            _ => return Err(EvaluateError::NotSingle(sign)),
        };
        let (Some(left), Some(right)) = (left.system(), right.system()) else {
            // A primitive without a value, or with one that is none of its type, has no order; a complex element is
            // no operand at all.
            let complex = |value: &Value<'_>| {
                value
                    .node()
                    .is_some_and(|node| !node.is_primitive() && !node.is_a("Quantity"))
            };
            if complex(left) || complex(right) {
                return Err(EvaluateError::Type(sign));
            }
            return Ok(None);
        };
        let order = order(&left, &right).map_err(|()| EvaluateError::Type(sign))?;
        Ok(order.map(|order| match operator {
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => order.is_le(),
            Operator::Greater => order.is_gt(),
            _ => order.is_ge(),
        }))
    }

    /// Pushes the items of both sides, each value once.
    pub(super) fn union(&mut self, left: &'d Expr, right: &'d Expr, frame: Frame<'_, 'd>) -> Outcome<()> {
        let base = self.stack.len();
        self.eval(left, frame)?;
        self.eval(right, frame)?;
        self.make_distinct(base)
    }

    /// Pushes a number or quantity with the other sign.
    pub(super) fn negate(&mut self, operand: &'d Expr, frame: Frame<'_, 'd>) -> Outcome<()> {
        let value = self.argument(operand, frame, "-")?;
        let Some(value) = value.and_then(|value| value.system()) else {
            return Ok(());
        };
        let negated = match value {
            Value::Integer(value) => value.checked_neg().map(Value::Integer),
            Value::Decimal(value) => value.negated().map(Value::Decimal),
            Value::Quantity(mut value) => value.value.negated().map(|number| {
                value.value = number;
                Value::Quantity(value)
            }),
            _ => return Err(EvaluateError::Type("-")),
        };
        self.stack.extend(negated);
        Ok(())
    }

    /// Pushes a number or quantity.
    pub(super) fn plus(&mut self, operand: &'d Expr, frame: Frame<'_, 'd>) -> Outcome<()> {
        let value = self.argument(operand, frame, "+")?;
        match value.as_ref().and_then(Value::system) {
            None => Ok(()),
            Some(Value::Integer(_) | Value::Decimal(_) | Value::Quantity(_)) => {
                self.stack.extend(value);
                Ok(())
            }
            Some(_) => Err(EvaluateError::Type("+")),
        }
    }

    /// Pushes what an operator of arithmetic makes of its operands.
    pub(super) fn arithmetic(
        &mut self,
        operator: Operator,
        left: &'d Expr,
        right: &'d Expr,
        frame: Frame<'_, 'd>,
    ) -> Outcome<()> {
        let sign = operator.sign();
        let left = self.argument(left, frame, sign)?;
        let right = self.argument(right, frame, sign)?;
        if operator == Operator::Concatenate {
            return self.concatenate(left.as_ref(), right.as_ref());
        }
        let (Some(left), Some(right)) = (left, right) else {
            return Ok(());
        };
        if operator == Operator::Add
            && let (Ok(Some(first)), Ok(Some(second))) = (plain_text(&left), plain_text(&right))
        {
            return self.push_text(&[&first, &second]);
        }
        let (Some(left), Some(right)) = (left.system(), right.system()) else {
            return Ok(());
        };
        let result = compute(operator, &left, &right)?;
        self.stack.extend(result);
        Ok(())
    }

    fn concatenate(&mut self, left: Option<&Value<'d>>, right: Option<&Value<'d>>) -> Outcome<()> {
        let text = |value: Option<&Value<'d>>| match value {
            Some(value) => Ok(text_of(value, "&")?.unwrap_or_default()),
            None => Ok("".into()),
        };
        let (left, right) = (text(left)?, text(right)?);
        self.push_text(&[&left, &right])
    }
}

/// The text of a string, but not of a number or date in a tree.
fn plain_text<'d>(value: &Value<'d>) -> Outcome<Option<std::borrow::Cow<'d, str>>> {
    match value.system() {
        Some(Value::String(text)) => Ok(Some(text)),
        _ => Ok(None),
    }
}

/// What an operator makes of two `System` values; `None` for an overflow or a division by zero.
fn compute<'d>(operator: Operator, left: &Value<'d>, right: &Value<'d>) -> Outcome<Option<Value<'d>>> {
    let mismatch = EvaluateError::Type(operator.sign());
    if let (Value::Integer(left), Value::Integer(right)) = (left, right) {
        let (left, right) = (i128::from(*left), i128::from(*right));
        return Ok(match operator {
            Operator::Add => integer(left + right),
            Operator::Subtract => integer(left - right),
            Operator::Multiply => integer(left * right),
            Operator::WholeDivide => left.checked_div(right).and_then(integer),
            Operator::Modulo => left.checked_rem(right).and_then(integer),
            _ => {
                let (left, right) = (Decimal::new(left, 0), Decimal::new(right, 0));
                let quotient = left.zip(right).and_then(|(left, right)| left.divided_by(right));
                quotient.map(Value::Decimal)
            }
        });
    }
    if let (Some(left), Some(right)) = (number(left), number(right)) {
        return Ok(match operator {
            Operator::Add => left.plus(right).map(Value::Decimal),
            Operator::Subtract => left.minus(right).map(Value::Decimal),
            Operator::Multiply => left.times(right).map(Value::Decimal),
            Operator::Divide => left.divided_by(right).map(Value::Decimal),
            Operator::WholeDivide => left.whole_quotient(right).and_then(integer),
            _ => left.remainder(right).map(Value::Decimal),
        });
    }
    if let (Value::Temporal(moment), Value::Quantity(amount)) = (left, right) {
        let value = match operator {
            Operator::Add => Some(amount.value),
            Operator::Subtract => amount.value.negated(),
            _ => return Err(mismatch),
        };
        let unit = amount
            .unit
            .of_time()
            .ok_or(EvaluateError::Unit(operator.sign()))?;
        let moved: Option<Result<Temporal, _>> = value.map(|value| moment.plus(value, unit));
        return match moved {
            None | Some(Err(ArithmeticError::Range)) => Ok(None),
            Some(Err(ArithmeticError::Unit)) => Err(EvaluateError::Unit(operator.sign())),
            Some(Ok(moved)) => Ok(Some(Value::Temporal(moved))),
        };
    }
    let is_quantity = |value: &Value<'_>| matches!(value, Value::Quantity(_));
    if !is_quantity(left) && !is_quantity(right) {
        return Err(mismatch);
    }
    let (left, right) = quantity(left).zip(quantity(right)).ok_or(mismatch.clone())?;
    let result = match operator {
        Operator::Add => left.plus(&right),
        Operator::Subtract => left.minus(&right),
        Operator::Multiply => left.times(&right),
        Operator::Divide => left.divided_by(&right),
        _ => return Err(mismatch),
    };
    Ok(result.map(|quantity| Value::Quantity(Box::new(quantity))))
}
