//! Precision, boundaries, and the present moment (FHIRPath N1, 5.9, and the draft functions on precision).

use super::{Evaluator, Frame, Outcome};
use crate::fhirpath::decimal::Decimal;
use crate::fhirpath::error::EvaluateError;
use crate::fhirpath::function::Function;
use crate::fhirpath::quantity::Quantity;
use crate::fhirpath::syntax::Call;
use crate::fhirpath::temporal::Temporal;
use crate::fhirpath::value::Value;

/// Digits of the boundary of a decimal when none are asked for.
const DECIMAL_BOUNDARY: i32 = 8;

impl<'d> Evaluator<'d, '_> {
    /// Replaces the items above `base` by what a function of time or precision gives.
    pub(super) fn moment_function(
        &mut self,
        call: &'d Call,
        base: usize,
        frame: Frame<'_, 'd>,
    ) -> Outcome<()> {
        use Function as F;
        let name = call.function.name();
        if matches!(call.function, F::Now | F::Today | F::TimeOfDay) {
            self.stack.truncate(base);
            let now = self.env.now.ok_or(EvaluateError::Clock)?;
            let moment = match call.function {
                F::Now => Some(now),
                F::Today => now.date(),
                _ => now.time(),
            };
            self.stack.extend(moment.map(Value::Temporal));
            return Ok(());
        }
        let value = self.single(base, name)?.and_then(|value| value.system());
        let digits = match call.arguments.first() {
            Some(argument) => match self.integer_argument(argument, frame, name)? {
                None => return Ok(()),
                digits => digits,
            },
            None => None,
        };
        let Some(value) = value else {
            return Ok(());
        };
        let result = match call.function {
            F::LowBoundary => boundary(&value, digits, false).ok_or(EvaluateError::Type(name))?,
            F::HighBoundary => boundary(&value, digits, true).ok_or(EvaluateError::Type(name))?,
            F::PrecisionOf => Some(Value::Integer(match &value {
                Value::Temporal(moment) => moment.digits(),
                Value::Decimal(number) => i32::from(number.scale()),
                Value::Integer(_) => 0,
                _ => return Err(EvaluateError::Type(name)),
            })),
            function => {
                let Value::Temporal(moment) = value else {
                    return Err(EvaluateError::Type(name));
                };
                component(function, &moment)
            }
        };
        self.stack.extend(result);
        Ok(())
    }
}

/// One component of a moment, when it is known.
fn component<'d>(function: Function, moment: &Temporal) -> Option<Value<'d>> {
    use Function as F;
    match function {
        F::DateOf => moment.date().map(Value::Temporal),
        F::TimeOf => moment.time().map(Value::Temporal),
        F::TimezoneOffsetOf => {
            let hours = Decimal::from(i64::from(moment.offset_minutes()?)).divided_by(Decimal::from(60))?;
            Some(Value::Decimal(hours))
        }
        _ => {
            let place = match function {
                F::YearOf => 0,
                F::MonthOf => 1,
                F::DayOf => 2,
                F::HourOf => 3,
                F::MinuteOf => 4,
                F::SecondOf => 5,
                _ => 6,
            };
            moment.component(place).map(Value::Integer)
        }
    }
}

/// The lowest or highest value that a value may mean. The outer `None` is a value that has no boundaries, the inner one
/// a precision that it cannot have.
fn boundary<'d>(value: &Value<'d>, digits: Option<i32>, high: bool) -> Option<Option<Value<'d>>> {
    let decimal = |number: Decimal| {
        let digits = u8::try_from(digits.unwrap_or(DECIMAL_BOUNDARY)).ok()?;
        decimal_boundary(number, digits, high)
    };
    Some(match value {
        Value::Integer(number) => decimal(Decimal::from(i64::from(*number))).map(Value::Decimal),
        Value::Decimal(number) => decimal(*number).map(Value::Decimal),
        Value::Quantity(quantity) => decimal(quantity.value).map(|value| {
            let unit = quantity.unit.clone();
            Value::Quantity(Box::new(Quantity { value, unit }))
        }),
        Value::Temporal(moment) => {
            let digits = digits.unwrap_or_else(|| moment.default_boundary());
            let boundary = if high {
                moment.high_boundary(digits)
            } else {
                moment.low_boundary(digits)
            };
            boundary.map(Value::Temporal)
        }
        _ => return None,
    })
}

/// Half a step of the last digit further out. To fewer digits the bound nearer to zero is cut, the other rounded.
fn decimal_boundary(number: Decimal, digits: u8, high: bool) -> Option<Decimal> {
    let half = number.half_step()?;
    let bound = if high {
        number.plus(half)?
    } else {
        number.minus(half)?
    };
    if bound.is_negative() == high {
        bound.cut_to(digits)
    } else {
        bound.rounded_or_padded(digits)
    }
}
