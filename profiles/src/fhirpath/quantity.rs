//! Quantities: a value with a unit of UCUM or of the calendar (FHIRPath N1, section Quantity and 6.1-6.6).

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;

use samenhang_terminology::ucum;

use super::decimal::Decimal;
use super::temporal::CalendarUnit;

/// Longer units are not made by multiplying and dividing.
const MAX_UNIT: usize = 256;

/// A value with a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// The value.
    pub value: Decimal,
    /// Its unit.
    pub unit: Unit,
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// A code of UCUM, or a text that a source gave for one.
    Ucum(Box<str>),
    /// A word of the calendar.
    Calendar(CalendarUnit),
}

impl Unit {
    /// No unit: `1`.
    #[must_use]
    pub fn one() -> Unit {
        Unit::Ucum("1".into())
    }

    /// The unit that stands between quotes: a word of the calendar means the same with and without them.
    #[must_use]
    pub fn quoted(code: &str) -> Unit {
        CalendarUnit::from_word(code).map_or_else(|| Unit::Ucum(code.into()), Unit::Calendar)
    }

    /// The unit of time that it means where an amount of time is asked for.
    pub(super) fn of_time(&self) -> Option<CalendarUnit> {
        match self {
            Unit::Ucum(code) => CalendarUnit::from_ucum(code),
            Unit::Calendar(unit) => Some(*unit),
        }
    }

    fn ucum(&self) -> Option<&str> {
        match self {
            Unit::Ucum(code) => Some(code),
            Unit::Calendar(unit) => unit.ucum(),
        }
    }

    fn is_one(&self) -> bool {
        matches!(self, Unit::Ucum(code) if &**code == "1")
    }
}

/// Months in a unit of the calendar that has no fixed length.
fn months(unit: &Unit) -> Option<i64> {
    match unit {
        Unit::Calendar(CalendarUnit::Month) => Some(1),
        Unit::Calendar(CalendarUnit::Year) => Some(12),
        _ => None,
    }
}

impl Quantity {
    /// Order of two quantities; `None` when their units measure different things or are not known.
    #[must_use]
    pub fn compare(&self, other: &Quantity) -> Option<Ordering> {
        if self.unit == other.unit {
            return Some(self.value.cmp(&other.value));
        }
        if let (Some(left), Some(right)) = (months(&self.unit), months(&other.unit)) {
            let left = self.value.times(Decimal::from(left))?;
            return Some(left.cmp(&other.value.times(Decimal::from(right))?));
        }
        let (left, right) = (self.value.to_string(), other.value.to_string());
        ucum::compare((&left, self.unit.ucum()?), (&right, other.unit.ucum()?)).ok()
    }

    /// Equivalence: equal at the precision of the less precise one, in the larger of the two units. A month and a year
    /// count as those of UCUM here.
    #[must_use]
    pub fn equivalent(&self, other: &Quantity) -> bool {
        if self.unit == other.unit {
            return self.value.equivalent(other.value);
        }
        let code = |unit: &Unit| match unit {
            Unit::Calendar(CalendarUnit::Month) => Some("mo".to_owned()),
            Unit::Calendar(CalendarUnit::Year) => Some("a".to_owned()),
            unit => unit.ucum().map(str::to_owned),
        };
        let (Some(left), Some(right)) = (code(&self.unit), code(&other.unit)) else {
            return false;
        };
        let one_left = ucum::compare(("1", &left), ("1", &right));
        let (kept, moved, from, to) = match one_left {
            Err(_) => return false,
            Ok(Ordering::Less) => (other.value, self.value, left, right),
            Ok(_) => (self.value, other.value, right, left),
        };
        let moved = ucum::convert(&moved.to_string(), &from, &to).ok();
        moved
            .and_then(|moved| Decimal::parse(&moved.to_string()))
            .is_some_and(|moved| kept.equivalent(moved))
    }

    /// Whether the two can be compared.
    #[must_use]
    pub fn comparable(&self, other: &Quantity) -> bool {
        if months(&self.unit).is_some() || months(&other.unit).is_some() {
            return months(&self.unit).is_some() && months(&other.unit).is_some();
        }
        match (self.unit.ucum(), other.unit.ucum()) {
            (Some(left), Some(right)) => ucum::comparable(left, right).unwrap_or(false),
            _ => false,
        }
    }

    /// Sum, in the unit of `self`.
    #[must_use]
    pub fn plus(&self, other: &Quantity) -> Option<Quantity> {
        let value = if self.unit == other.unit {
            other.value
        } else if let (Some(to), Some(from)) = (months(&self.unit), months(&other.unit)) {
            other
                .value
                .times(Decimal::from(from))?
                .divided_by(Decimal::from(to))?
        } else {
            let text = other.value.to_string();
            let moved = ucum::convert(&text, other.unit.ucum()?, self.unit.ucum()?).ok()?;
            Decimal::parse(&moved.to_string())?
        };
        Some(Quantity {
            value: self.value.plus(value)?,
            unit: self.unit.clone(),
        })
    }

    /// Difference, in the unit of `self`.
    #[must_use]
    pub fn minus(&self, other: &Quantity) -> Option<Quantity> {
        self.plus(&Quantity {
            value: other.value.negated()?,
            unit: other.unit.clone(),
        })
    }

    /// Product.
    #[must_use]
    pub fn times(&self, other: &Quantity) -> Option<Quantity> {
        let unit = if other.unit.is_one() {
            self.unit.clone()
        } else if self.unit.is_one() {
            other.unit.clone()
        } else {
            joined(self.unit.ucum()?, '.', other.unit.ucum()?)?
        };
        Some(Quantity {
            value: self.value.times(other.value)?,
            unit,
        })
    }

    /// Quotient; `None` for a division by zero.
    #[must_use]
    pub fn divided_by(&self, other: &Quantity) -> Option<Quantity> {
        let unit = if other.unit.is_one() {
            self.unit.clone()
        } else if self.unit == other.unit {
            Unit::one()
        } else {
            joined(self.unit.ucum()?, '/', other.unit.ucum()?)?
        };
        Some(Quantity {
            value: self.value.divided_by(other.value)?,
            unit,
        })
    }

    /// Reads `1.5 'mg'`, `2 days` or `3`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Quantity> {
        let end = text
            .find(|char: char| !char.is_ascii_digit() && !matches!(char, '.' | '+' | '-'))
            .unwrap_or(text.len());
        let (number, rest) = text.split_at(end);
        let value = Decimal::parse(number)?;
        let rest = rest.trim_matches([' ', '\t', '\r', '\n']);
        let unit = if rest.is_empty() {
            Unit::one()
        } else if let Some(code) = rest.strip_prefix('\'') {
            let code = code
                .strip_suffix('\'')
                .filter(|code| !code.is_empty() && !code.contains('\''))?;
            Unit::quoted(code)
        } else {
            Unit::Calendar(CalendarUnit::from_word(rest)?)
        };
        Some(Quantity { value, unit })
    }
}

/// Two units with a point or a stroke between them.
fn joined(left: &str, sign: char, right: &str) -> Option<Unit> {
    let bracketed = |unit: &str| {
        let plain = unit.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if plain {
            unit.to_owned()
        } else {
            format!("({unit})")
        }
    };
    let unit = format!("{}{sign}{}", bracketed(left), bracketed(right));
    (unit.len() <= MAX_UNIT).then(|| Unit::Ucum(unit.into()))
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.unit {
            Unit::Ucum(code) => write!(f, "{} '{code}'", self.value),
            Unit::Calendar(unit) => {
                let plural = if self.value == Decimal::from(1) { "" } else { "s" };
                write!(f, "{} {}{plural}", self.value, unit.word())
            }
        }
    }
}
