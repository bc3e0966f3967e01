//! Units: UCUM codes, their canonical form, and conversion between them.
//!
//! Values are decimals, never binary fractions, and keep 28 significant digits: a factor that ends within those (2.54
//! cm to the inch) is exact, one that does not (5/9 K) is rounded there. Source: The Unified Code for Units of
//! Measure, version 2.2.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;

use octofhir_ucum::{Number, evaluate, get_canonical_units, is_comparable, parse_expression};

/// Longer than this no unit is read. The longest unit in the published examples of FHIR has 26 bytes.
const MAX_UNIT: usize = 256;

/// Longer than this no value is read.
const MAX_VALUE: usize = 128;

/// Why a value could not be converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnitError {
    /// Not a unit of UCUM.
    #[error("not a unit of UCUM")]
    Unit,
    /// Not a decimal number.
    #[error("not a decimal number")]
    Value,
    /// The units measure different things.
    #[error("the units measure different things")]
    Incomparable,
    /// The unit is on a scale that is not linear (pH, decibel, dioptre of a prism), or the number does not fit.
    #[error("there is no linear conversion for this unit")]
    NotLinear,
}

/// A decimal number of at most 28 significant digits and any exponent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Magnitude(Number);

impl Magnitude {
    /// Reads a decimal as FHIR writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > MAX_VALUE || text != text.trim() {
            return None;
        }
        Number::parse(text).map(Magnitude)
    }
}

impl PartialOrd for Magnitude {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let difference = self.0.checked_sub(other.0)?;
        Some(if difference.is_zero() {
            Ordering::Equal
        } else if difference.is_negative() {
            Ordering::Less
        } else {
            Ordering::Greater
        })
    }
}

impl fmt::Display for Magnitude {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A value in the base units that its unit is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canonical {
    /// The value.
    pub value: Magnitude,
    /// Its unit, of base units (`g`, `m`, `s`, `rad`, `K`, `C`, `cd`) and arbitrary ones: equal for units that
    /// measure the same.
    pub unit: String,
}

/// Whether `unit` is a unit of UCUM, case sensitive (`c/s`).
#[must_use]
pub fn is_unit(unit: &str) -> bool {
    // Not the crate's own `validate`: that looks for what might have been meant, which takes long on hostile input.
    unit.len() <= MAX_UNIT && parse_expression(unit).is_ok_and(|tree| evaluate(&tree).is_ok())
}

/// Whether two units measure the same, so that values in them can be compared.
///
/// # Errors
/// [`UnitError::Unit`] when one is no unit.
pub fn comparable(first: &str, second: &str) -> Result<bool, UnitError> {
    if !is_unit(first) || !is_unit(second) {
        return Err(UnitError::Unit);
    }
    is_comparable(first, second).map_err(|_| UnitError::Unit)
}

/// A value in base units.
///
/// # Errors
/// [`UnitError`] for what is no number or no unit, and for a scale that is not linear.
pub fn canonical(value: &str, unit: &str) -> Result<Canonical, UnitError> {
    let value = Magnitude::parse(value).ok_or(UnitError::Value)?;
    if !is_unit(unit) {
        return Err(UnitError::Unit);
    }
    let base = get_canonical_units(unit).map_err(|_| UnitError::NotLinear)?;
    let value = value
        .0
        .checked_mul(base.factor)
        .and_then(|scaled| scaled.checked_add(base.offset))
        .ok_or(UnitError::NotLinear)?;
    Ok(Canonical {
        value: Magnitude(value),
        unit: base.unit,
    })
}

/// A value in another unit.
///
/// # Errors
/// [`UnitError`] for what is no number or no unit, for units that measure different things, and for a scale that is
/// not linear.
pub fn convert(value: &str, from: &str, to: &str) -> Result<Magnitude, UnitError> {
    let base = canonical(value, from)?;
    if !comparable(from, to)? {
        return Err(UnitError::Incomparable);
    }
    let target = get_canonical_units(to).map_err(|_| UnitError::NotLinear)?;
    base.value
        .0
        .checked_sub(target.offset)
        .and_then(|shifted| shifted.checked_div(target.factor))
        .map(Magnitude)
        .ok_or(UnitError::NotLinear)
}

/// How two values with units compare.
///
/// # Errors
/// As [`convert`].
pub fn compare(first: (&str, &str), second: (&str, &str)) -> Result<Ordering, UnitError> {
    let (left, right) = (canonical(first.0, first.1)?, canonical(second.0, second.1)?);
    if !comparable(first.1, second.1)? {
        return Err(UnitError::Incomparable);
    }
    left.value.partial_cmp(&right.value).ok_or(UnitError::NotLinear)
}
