//! Conversion between the types of `System` (FHIRPath N1, 5.5).

use std::borrow::Cow;

use super::operators::integer;
use super::{Evaluator, Frame, Outcome};
use crate::fhirpath::decimal::Decimal;
use crate::fhirpath::function::Function;
use crate::fhirpath::quantity::{Quantity, Unit};
use crate::fhirpath::syntax::Call;
use crate::fhirpath::temporal::{Temporal, TemporalKind};
use crate::fhirpath::value::Value;

impl<'d> Evaluator<'d, '_> {
    /// Replaces the only item above `base` by its conversion, or by whether there is one.
    pub(super) fn conversion(&mut self, call: &'d Call, base: usize, frame: Frame<'_, 'd>) -> Outcome<()> {
        use Function as F;
        let name = call.function.name();
        let Some(value) = self.single(base, name)? else {
            return Ok(());
        };
        if matches!(call.function, F::ToText | F::ConvertsToText) {
            let text = value.text();
            self.stack.extend(match call.function {
                F::ToText => text.map(Value::String),
                _ => Some(Value::Boolean(text.is_some())),
            });
            return Ok(());
        }
        let system = value.system();
        let system = system.as_ref();
        let (converted, asks) = match call.function {
            F::ToBoolean => (system.and_then(to_boolean), false),
            F::ConvertsToBoolean => (system.and_then(to_boolean), true),
            F::ToInteger => (system.and_then(to_integer), false),
            F::ConvertsToInteger => (system.and_then(to_integer), true),
            F::ToDecimal => (system.and_then(to_decimal), false),
            F::ConvertsToDecimal => (system.and_then(to_decimal), true),
            F::ToDate => (system.and_then(to_date), false),
            F::ConvertsToDate => (system.and_then(to_date), true),
            F::ToDateTime => (system.and_then(to_date_time), false),
            F::ConvertsToDateTime => (system.and_then(to_date_time), true),
            F::ToTime => (system.and_then(to_time), false),
            F::ConvertsToTime => (system.and_then(to_time), true),
            function => {
                let mut quantity = system.and_then(to_quantity);
                if let Some(unit) = call.arguments.first() {
                    let unit = self.text_argument(unit, frame, name)?;
                    quantity = quantity
                        .zip(unit)
                        .and_then(|(quantity, unit)| in_unit(&quantity, &unit));
                }
                let converted = quantity.map(|quantity| Value::Quantity(Box::new(quantity)));
                (converted, function == F::ConvertsToQuantity)
            }
        };
        self.stack.extend(if asks {
            Some(Value::Boolean(converted.is_some()))
        } else {
            converted
        });
        Ok(())
    }
}

/// The quantity in another unit.
fn in_unit(quantity: &Quantity, unit: &str) -> Option<Quantity> {
    let nothing = Quantity {
        value: Decimal::from(0),
        unit: Unit::quoted(unit),
    };
    nothing.plus(quantity)
}

fn to_boolean<'d>(value: &Value<'d>) -> Option<Value<'d>> {
    let truth = match value {
        Value::Boolean(value) => *value,
        Value::Integer(1) => true,
        Value::Integer(0) => false,
        Value::Decimal(value) if *value == Decimal::from(1) => true,
        Value::Decimal(value) if value.is_zero() => false,
        Value::String(text) => match &*text.to_ascii_lowercase() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => true,
            "false" | "f" | "no" | "n" | "0" | "0.0" => false,
            _ => return None,
        },
        _ => return None,
    };
    Some(Value::Boolean(truth))
}

fn to_integer<'d>(value: &Value<'d>) -> Option<Value<'d>> {
    match value {
        Value::Integer(_) => Some(value.clone()),
        Value::Boolean(value) => Some(Value::Integer(i32::from(*value))),
        Value::String(text) => {
            let number = Decimal::parse(text)?;
            let plain = text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-'));
            plain.then(|| integer(number.truncated()))?
        }
        _ => None,
    }
}

fn to_decimal<'d>(value: &Value<'d>) -> Option<Value<'d>> {
    let decimal = match value {
        Value::Decimal(value) => *value,
        Value::Integer(value) => Decimal::from(i64::from(*value)),
        Value::Boolean(value) => Decimal::from(i64::from(*value)),
        Value::String(text) if !text.contains(['e', 'E']) => Decimal::parse(text)?,
        _ => return None,
    };
    Some(Value::Decimal(decimal))
}

fn to_date<'d>(value: &Value<'d>) -> Option<Value<'d>> {
    let date = match value {
        Value::Temporal(value) => value.date()?,
        Value::String(text) => Temporal::parse_date_time(text)?.date()?,
        _ => return None,
    };
    Some(Value::Temporal(date))
}

fn to_date_time<'d>(value: &Value<'d>) -> Option<Value<'d>> {
    let date_time = match value {
        Value::Temporal(value) => value.date_time()?,
        Value::String(text) => Temporal::parse_date_time(text)?,
        _ => return None,
    };
    Some(Value::Temporal(date_time))
}

fn to_time<'d>(value: &Value<'d>) -> Option<Value<'d>> {
    let time = match value {
        Value::Temporal(value) if value.kind() == TemporalKind::Time => *value,
        Value::String(text) => Temporal::parse_time(text.strip_prefix('T').unwrap_or(text))?,
        _ => return None,
    };
    Some(Value::Temporal(time))
}

fn to_quantity(value: &Value<'_>) -> Option<Quantity> {
    let plain = |value| Quantity {
        value,
        unit: Unit::one(),
    };
    Some(match value {
        Value::Quantity(value) => (**value).clone(),
        Value::Integer(value) => plain(Decimal::from(i64::from(*value))),
        Value::Boolean(value) => plain(Decimal::from(i64::from(*value))),
        Value::Decimal(value) => plain(*value),
        Value::String(text) => Quantity::parse(&Cow::Borrowed(&**text))?,
        _ => return None,
    })
}
