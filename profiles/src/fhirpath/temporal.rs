//! Dates, times and date-times that may be known in part.
//!
//! Source: FHIRPath N1, sections Date, `DateTime`, Time, and 6.1-6.2 for comparing what is known in part: where the
//! answer depends on what is not known, there is none.

mod arithmetic;
mod boundary;
#[cfg(test)]
mod tests;
mod text;

use std::cmp::Ordering;

pub use arithmetic::{ArithmeticError, CalendarUnit};

/// Which of the three types a value has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TemporalKind {
    /// A date without a time.
    Date,
    /// A date, and a time unless the precision is lower.
    DateTime,
    /// A time of day.
    Time,
}

/// What of a value is known, from the year on. Fractions of a second belong to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// The year.
    Year,
    /// Year and month.
    Month,
    /// Year, month and day.
    Day,
    /// To the hour.
    Hour,
    /// To the minute.
    Minute,
    /// To the second.
    Second,
    /// To a fraction of a second.
    Fraction,
}

/// A date, a time or both, as far as known.
///
/// Components that are not known are at their lowest value; for a time the date is that of the year 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Temporal {
    kind: TemporalKind,
    precision: Precision,
    year: i16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    /// Digits that the fraction was written with, at most nine are kept.
    digits: u8,
    nanos: u32,
    /// Minutes east of UTC.
    offset: Option<i16>,
}

/// Nanoseconds in a minute.
const MINUTE: i128 = 60_000_000_000;
/// Zones reach from 12 hours west to 14 hours east of UTC.
const EASTMOST: i128 = 14 * 60 * MINUTE;
const WESTMOST: i128 = -12 * 60 * MINUTE;

impl Temporal {
    /// Which of the three types it has.
    #[must_use]
    pub fn kind(&self) -> TemporalKind {
        self.kind
    }

    /// What of it is known.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// The date of a date-time, as far as known; `None` for a time.
    #[must_use]
    pub fn date(&self) -> Option<Temporal> {
        (self.kind != TemporalKind::Time).then(|| self.cut(Precision::Day, TemporalKind::Date))
    }

    /// The time of a date-time, as far as known, or of a time; `None` when it has none.
    #[must_use]
    pub fn time(&self) -> Option<Temporal> {
        (self.precision >= Precision::Hour).then_some(Temporal {
            kind: TemporalKind::Time,
            year: 1,
            month: 1,
            day: 1,
            offset: None,
            ..*self
        })
    }

    /// Minutes that its zone is east of UTC, when it names one.
    #[must_use]
    pub fn offset_minutes(&self) -> Option<i16> {
        self.offset
    }

    /// One component, when it is known: 0 year, 1 month, 2 day, 3 hour, 4 minute, 5 second, 6 millisecond.
    #[must_use]
    pub fn component(&self, place: usize) -> Option<i32> {
        let first = if self.kind == TemporalKind::Time { 3 } else { 0 };
        let known = if self.precision == Precision::Fraction {
            7
        } else {
            self.known()
        };
        let components = [
            i32::from(self.year),
            i32::from(self.month),
            i32::from(self.day),
            i32::from(self.hour),
            i32::from(self.minute),
            i32::from(self.second),
            i32::try_from(self.nanos / 1_000_000).unwrap_or(0),
        ];
        components
            .get(..known)?
            .get(place)
            .copied()
            .filter(|_| place >= first)
    }

    /// The same as a date-time; `None` for a time.
    #[must_use]
    pub fn date_time(&self) -> Option<Temporal> {
        (self.kind != TemporalKind::Time).then_some(Temporal {
            kind: TemporalKind::DateTime,
            ..*self
        })
    }

    /// Digits of the value, without its zone: 4 for a year, 17 for a date-time with milliseconds.
    #[must_use]
    pub fn digits(&self) -> i32 {
        let digits = match self.precision {
            Precision::Year => 4,
            Precision::Month => 6,
            Precision::Day => 8,
            Precision::Hour => 10,
            Precision::Minute => 12,
            Precision::Second => 14,
            Precision::Fraction => 14 + i32::from(self.digits),
        };
        if self.kind == TemporalKind::Time {
            digits - 8
        } else {
            digits
        }
    }

    /// The value with nothing below `precision`.
    fn cut(mut self, precision: Precision, kind: TemporalKind) -> Temporal {
        self.kind = kind;
        self.precision = self.precision.min(precision);
        if precision < Precision::Fraction {
            (self.nanos, self.digits) = (0, 0);
        }
        if precision < Precision::Second {
            self.second = 0;
        }
        if precision < Precision::Minute {
            self.minute = 0;
        }
        if precision < Precision::Hour {
            (self.hour, self.offset) = (0, None);
        }
        if precision < Precision::Day {
            self.day = 1;
        }
        if precision < Precision::Month {
            self.month = 1;
        }
        self
    }

    /// Days since 1970-01-01.
    fn days(&self) -> i64 {
        let date = jiff::civil::Date::new(
            self.year,
            i8::try_from(self.month).unwrap_or(1),
            i8::try_from(self.day).unwrap_or(1),
        );
        let epoch = jiff::civil::date(1970, 1, 1);
        let span = date.and_then(|date| epoch.until(date));
        span.map_or(0, |span| i64::from(span.get_days()))
    }

    /// Nanoseconds since 1970-01-01T00:00 of the clock on the wall, without the zone.
    fn wall(&self) -> i128 {
        let minutes = (i128::from(self.days()) * 24 + i128::from(self.hour)) * 60 + i128::from(self.minute);
        minutes * MINUTE + i128::from(self.second) * 1_000_000_000 + i128::from(self.nanos)
    }

    /// Components from the year on, so that comparing them in order compares the values.
    fn components(&self) -> [i64; 6] {
        [
            i64::from(self.year),
            i64::from(self.month),
            i64::from(self.day),
            i64::from(self.hour),
            i64::from(self.minute),
            i64::from(self.second) * 1_000_000_000 + i64::from(self.nanos),
        ]
    }

    /// How many of [`Temporal::components`] are known.
    fn known(&self) -> usize {
        match self.precision {
            Precision::Year => 1,
            Precision::Month => 2,
            Precision::Day => 3,
            Precision::Hour => 4,
            Precision::Minute => 5,
            Precision::Second | Precision::Fraction => 6,
        }
    }

    /// The same moment in UTC, without its zone.
    fn in_utc(&self) -> Temporal {
        let Some(offset) = self.offset.filter(|_| self.precision >= Precision::Hour) else {
            return Temporal {
                offset: None,
                ..*self
            };
        };
        arithmetic::shifted(self, -i128::from(offset) * MINUTE).map_or(*self, |shifted| Temporal {
            offset: None,
            ..shifted
        })
    }

    /// First and last nanosecond that the value may mean in UTC, for every zone when it names none.
    fn range(&self) -> (i128, i128) {
        let start = self.wall();
        let length = match self.precision {
            Precision::Year => 366 * 24 * 60 * MINUTE,
            Precision::Month => 31 * 24 * 60 * MINUTE,
            Precision::Day => 24 * 60 * MINUTE,
            Precision::Hour => 60 * MINUTE,
            Precision::Minute => MINUTE,
            Precision::Second | Precision::Fraction => 1,
        };
        let (east, west) = match self.offset {
            Some(offset) => (i128::from(offset) * MINUTE, i128::from(offset) * MINUTE),
            None => (EASTMOST, WESTMOST),
        };
        (start - east, start + length - 1 - west)
    }

    /// Order of two values of the same kind, or of a date and a date-time; `None` when what is not known decides it,
    /// or when one is a time and the other is not.
    #[must_use]
    pub fn compare(&self, other: &Temporal) -> Option<Ordering> {
        if (self.kind == TemporalKind::Time) != (other.kind == TemporalKind::Time) {
            return None;
        }
        if self.kind != TemporalKind::Time && self.offset.is_some() != other.offset.is_some() {
            let ((left, left_end), (right, right_end)) = (self.range(), other.range());
            return if left_end < right {
                Some(Ordering::Less)
            } else if left > right_end {
                Some(Ordering::Greater)
            } else {
                None
            };
        }
        let (left, right) = if self.offset == other.offset {
            (*self, *other)
        } else {
            (self.in_utc(), other.in_utc())
        };
        let known = left.known().min(right.known());
        let order = left.components()[..known].cmp(&right.components()[..known]);
        if order == Ordering::Equal && left.known() != right.known() {
            return None;
        }
        Some(order)
    }

    /// Equivalence: known to the same precision, and equal.
    #[must_use]
    pub fn equivalent(&self, other: &Temporal) -> bool {
        self.known() == other.known() && self.compare(other) == Some(Ordering::Equal)
    }

    /// Whether both are dates, or both times, or both have a date.
    #[must_use]
    pub fn comparable(&self, other: &Temporal) -> bool {
        (self.kind == TemporalKind::Time) == (other.kind == TemporalKind::Time)
    }
}
