//! Mathematics (FHIRPath N1, 5.7).

use super::equality::number;
use super::operators::integer;
use super::{Evaluator, Frame, Outcome};
use crate::fhirpath::decimal::Decimal;
use crate::fhirpath::error::EvaluateError;
use crate::fhirpath::function::Function;
use crate::fhirpath::quantity::Quantity;
use crate::fhirpath::syntax::Call;
use crate::fhirpath::value::Value;

impl<'d> Evaluator<'d, '_> {
    /// Replaces the only number above `base` by what a function makes of it.
    pub(super) fn number_function(
        &mut self,
        call: &'d Call,
        base: usize,
        frame: Frame<'_, 'd>,
    ) -> Outcome<()> {
        let name = call.function.name();
        let value = self.single(base, name)?.and_then(|value| value.system());
        let argument = match call.arguments.first() {
            Some(argument) => {
                let value = self
                    .argument(argument, frame, name)?
                    .and_then(|value| value.system());
                match value {
                    // An argument that is written and empty makes the result empty.
                    None => return Ok(()),
                    Some(value) => Some(number(&value).ok_or(EvaluateError::Type(name))?),
                }
            }
            None => None,
        };
        let Some(value) = value else {
            return Ok(());
        };
        let result = match (&value, call.function) {
            (Value::Integer(value), Function::Abs) => value.checked_abs().map(Value::Integer),
            (
                Value::Integer(_),
                Function::Round | Function::Ceiling | Function::Floor | Function::Truncate,
            ) => Some(value),
            (Value::Integer(whole), Function::Power) => integer_power(*whole, argument),
            (Value::Quantity(quantity), _) => quantity_function(call.function, quantity, argument)?,
            _ => {
                let value = number(&value).ok_or(EvaluateError::Type(name))?;
                decimal_function(call.function, value, argument)?
            }
        };
        self.stack.extend(result);
        Ok(())
    }
}

/// An integer to a whole power is an integer.
fn integer_power<'d>(base: i32, exponent: Option<Decimal>) -> Option<Value<'d>> {
    let power = Decimal::from(i64::from(base)).power(exponent?)?;
    match power.whole().and_then(integer) {
        Some(whole) => Some(whole),
        None => Some(Value::Decimal(power)),
    }
}

fn decimal_function<'d>(
    function: Function,
    value: Decimal,
    argument: Option<Decimal>,
) -> Outcome<Option<Value<'d>>> {
    let decimal = match function {
        Function::Abs => value.magnitude(),
        Function::Ceiling => return Ok(integer(value.ceiling())),
        Function::Floor => return Ok(integer(value.floor())),
        Function::Truncate => return Ok(integer(value.truncated())),
        Function::Exp => value.exponential(),
        Function::Ln => value.natural_logarithm(),
        Function::Log => argument.and_then(|base| value.logarithm(base)),
        Function::Power => argument.and_then(|exponent| value.power(exponent)),
        Function::Sqrt => value.square_root(),
        _ => return Ok(Some(Value::Decimal(value.rounded(places(argument)?)))),
    };
    Ok(decimal.map(Value::Decimal))
}

fn places(argument: Option<Decimal>) -> Outcome<u8> {
    let places = argument.map_or(Some(0), Decimal::whole);
    let places = places
        .filter(|places| *places >= 0)
        .ok_or(EvaluateError::Type("round"))?;
    Ok(u8::try_from(places).unwrap_or(u8::MAX))
}

fn quantity_function<'d>(
    function: Function,
    quantity: &Quantity,
    argument: Option<Decimal>,
) -> Outcome<Option<Value<'d>>> {
    let value = match function {
        Function::Abs => quantity.value.magnitude(),
        Function::Ceiling => Decimal::new(quantity.value.ceiling(), 0),
        Function::Floor => Decimal::new(quantity.value.floor(), 0),
        Function::Truncate => Decimal::new(quantity.value.truncated(), 0),
        Function::Round => Some(quantity.value.rounded(places(argument)?)),
        _ => return Err(EvaluateError::Type(function.name())),
    };
    Ok(value.map(|value| {
        let unit = quantity.unit.clone();
        Value::Quantity(Box::new(Quantity { value, unit }))
    }))
}
