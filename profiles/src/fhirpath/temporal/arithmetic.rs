//! Adding amounts of time (FHIRPath N1, 6.6.7 and 6.6.8).

use super::{MINUTE, Precision, Temporal, TemporalKind};
use crate::fhirpath::decimal::Decimal;

/// A unit of the calendar. FHIRPath takes `week`, `day` and below for the UCUM unit of that length; a month and a year
/// have no fixed length and no UCUM unit of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CalendarUnit {
    /// A thousandth of a second.
    Millisecond,
    /// A second.
    Second,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
}

impl CalendarUnit {
    /// The unit that a word means, in singular or plural: `day`, `days`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<CalendarUnit> {
        Some(match word.strip_suffix('s').unwrap_or(word) {
            "millisecond" => CalendarUnit::Millisecond,
            "second" => CalendarUnit::Second,
            "minute" => CalendarUnit::Minute,
            "hour" => CalendarUnit::Hour,
            "day" => CalendarUnit::Day,
            "week" => CalendarUnit::Week,
            "month" => CalendarUnit::Month,
            "year" => CalendarUnit::Year,
            _ => return None,
        })
    }

    /// The unit of fixed length that a UCUM code means.
    #[must_use]
    pub fn from_ucum(code: &str) -> Option<CalendarUnit> {
        Some(match code {
            "ms" => CalendarUnit::Millisecond,
            "s" => CalendarUnit::Second,
            "min" => CalendarUnit::Minute,
            "h" => CalendarUnit::Hour,
            "d" => CalendarUnit::Day,
            "wk" => CalendarUnit::Week,
            _ => return None,
        })
    }

    /// The word for one.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            CalendarUnit::Millisecond => "millisecond",
            CalendarUnit::Second => "second",
            CalendarUnit::Minute => "minute",
            CalendarUnit::Hour => "hour",
            CalendarUnit::Day => "day",
            CalendarUnit::Week => "week",
            CalendarUnit::Month => "month",
            CalendarUnit::Year => "year",
        }
    }

    /// The UCUM code of the same meaning; none for a month and a year.
    #[must_use]
    pub fn ucum(self) -> Option<&'static str> {
        Some(match self {
            CalendarUnit::Millisecond => "ms",
            CalendarUnit::Second => "s",
            CalendarUnit::Minute => "min",
            CalendarUnit::Hour => "h",
            CalendarUnit::Day => "d",
            CalendarUnit::Week => "wk",
            CalendarUnit::Month | CalendarUnit::Year => return None,
        })
    }

    /// Nanoseconds, for what has a fixed length.
    fn nanos(self) -> Option<i128> {
        Some(match self {
            CalendarUnit::Millisecond => 1_000_000,
            CalendarUnit::Second => 1_000_000_000,
            CalendarUnit::Minute => MINUTE,
            CalendarUnit::Hour => 60 * MINUTE,
            CalendarUnit::Day => 24 * 60 * MINUTE,
            CalendarUnit::Week => 7 * 24 * 60 * MINUTE,
            CalendarUnit::Month | CalendarUnit::Year => return None,
        })
    }
}

/// Why an amount could not be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArithmeticError {
    /// The unit is larger than a day and the value is a time of day.
    Unit,
    /// The result is before year 1 or after year 9999.
    Range,
}

impl Temporal {
    /// Adds a number of units; what is behind the point of the number is left out, as the official tests have it.
    /// The result has the precision of `self`: smaller units count for the whole ones that they fill.
    ///
    /// # Errors
    /// [`ArithmeticError`] when the unit does not fit or the result is out of range.
    pub fn plus(&self, amount: Decimal, unit: CalendarUnit) -> Result<Temporal, ArithmeticError> {
        let amount = i64::try_from(amount.truncated()).map_err(|_| ArithmeticError::Range)?;
        if self.kind == TemporalKind::Time {
            return self.time_plus(amount, unit);
        }
        let moved = match (unit, self.precision) {
            (CalendarUnit::Year, _) => self.plus_months(amount.checked_mul(12)),
            (CalendarUnit::Month, Precision::Year) => self.plus_months((amount / 12).checked_mul(12)),
            (CalendarUnit::Month, _) => self.plus_months(Some(amount)),
            (_, Precision::Year) => {
                let years = whole_days(amount, unit).map(|days| days / 365);
                self.plus_months(years.and_then(|years| years.checked_mul(12)))
            }
            (_, Precision::Month) => self.plus_months(whole_days(amount, unit).map(|days| days / 30)),
            (_, precision) => {
                let nanos = unit
                    .nanos()
                    .and_then(|nanos| nanos.checked_mul(i128::from(amount)));
                let step = match precision {
                    Precision::Day => 24 * 60 * MINUTE,
                    Precision::Hour => 60 * MINUTE,
                    Precision::Minute => MINUTE,
                    _ => 1,
                };
                nanos.and_then(|nanos| shifted(self, nanos - nanos % step))
            }
        };
        moved
            .filter(|moved| (1..=9999).contains(&moved.year))
            .ok_or(ArithmeticError::Range)
    }

    fn plus_months(&self, months: Option<i64>) -> Option<Temporal> {
        let (month, day) = (i8::try_from(self.month).ok()?, i8::try_from(self.day).ok()?);
        let span = jiff::Span::new().try_months(months?).ok()?;
        let date = jiff::civil::Date::new(self.year, month, day).ok()?;
        let date = date.checked_add(span).ok()?;
        Some(with_date(self, date))
    }

    fn time_plus(&self, amount: i64, unit: CalendarUnit) -> Result<Temporal, ArithmeticError> {
        if unit > CalendarUnit::Hour {
            return Err(ArithmeticError::Unit);
        }
        let day = 24 * 60 * MINUTE;
        let nanos = unit.nanos().ok_or(ArithmeticError::Unit)? * i128::from(amount);
        let step = match self.precision {
            Precision::Hour => 60 * MINUTE,
            Precision::Minute => MINUTE,
            _ => 1,
        };
        let start = Temporal { year: 1970, ..*self };
        let wall = (start.wall() + (nanos - nanos % step)).rem_euclid(day);
        let moved = shifted(&start, wall - start.wall()).ok_or(ArithmeticError::Range)?;
        Ok(Temporal { year: 1, ..moved })
    }
}

/// Whole days in an amount.
fn whole_days(amount: i64, unit: CalendarUnit) -> Option<i64> {
    let nanos = unit.nanos()?.checked_mul(i128::from(amount))?;
    i64::try_from(nanos / (24 * 60 * MINUTE)).ok()
}

/// The value moved by nanoseconds, with the same precision; `None` out of range.
pub(super) fn shifted(value: &Temporal, nanos: i128) -> Option<Temporal> {
    let wall = value.wall().checked_add(nanos)?;
    let day = 24 * 60 * MINUTE;
    let days = i32::try_from(wall.div_euclid(day)).ok()?;
    let span = jiff::Span::new().try_days(days).ok()?;
    let date = jiff::civil::date(1970, 1, 1).checked_add(span).ok()?;
    let of_day = u64::try_from(wall.rem_euclid(day)).ok()?;
    let mut moved = with_date(value, date);
    let part = |divisor: u64, modulus: u64| u8::try_from(of_day / divisor % modulus).ok();
    moved.hour = part(3_600_000_000_000, 24)?;
    moved.minute = part(60_000_000_000, 60)?;
    moved.second = part(1_000_000_000, 60)?;
    moved.nanos = u32::try_from(of_day % 1_000_000_000).ok()?;
    if moved.nanos != 0 && value.precision == Precision::Second {
        (moved.precision, moved.digits) = (Precision::Fraction, 3);
    }
    Some(moved)
}

fn with_date(value: &Temporal, date: jiff::civil::Date) -> Temporal {
    Temporal {
        year: date.year(),
        month: date.month().unsigned_abs(),
        day: date.day().unsigned_abs(),
        ..*value
    }
}
