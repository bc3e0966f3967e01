//! The earliest and the latest value that a partly known one may mean (`lowBoundary`, `highBoundary`).

use super::{Precision, Temporal, TemporalKind};

impl Temporal {
    /// The earliest value it may mean, to `digits` digits (see [`Temporal::digits`]); `None` when no value of this kind
    /// has that many. A date-time without a zone is taken to be as far east as zones go.
    #[must_use]
    pub fn low_boundary(&self, digits: i32) -> Option<Temporal> {
        self.boundary(digits, false)
    }

    /// The latest value it may mean, to `digits` digits. A date-time without a zone is taken to be as far west as zones
    /// go.
    #[must_use]
    pub fn high_boundary(&self, digits: i32) -> Option<Temporal> {
        self.boundary(digits, true)
    }

    /// Digits of the boundary when none are asked for.
    #[must_use]
    pub fn default_boundary(&self) -> i32 {
        match self.kind {
            TemporalKind::Date => 8,
            TemporalKind::DateTime => 17,
            TemporalKind::Time => 9,
        }
    }

    fn boundary(&self, digits: i32, high: bool) -> Option<Temporal> {
        let time = self.kind == TemporalKind::Time;
        let precision = match if time { digits + 8 } else { digits } {
            4 => Precision::Year,
            6 => Precision::Month,
            8 => Precision::Day,
            10 => Precision::Hour,
            12 => Precision::Minute,
            14 => Precision::Second,
            17 => Precision::Fraction,
            _ => return None,
        };
        let fits = match self.kind {
            TemporalKind::Date => precision <= Precision::Day,
            TemporalKind::DateTime => true,
            TemporalKind::Time => precision >= Precision::Hour,
        };
        if !fits {
            return None;
        }
        let mut value = *self;
        if high {
            value.fill_high();
        }
        // FHIR has no time without minutes: an hour alone is the whole hour's first minute.
        value.precision = precision;
        value.digits = if precision == Precision::Fraction { 3 } else { 0 };
        if value.kind == TemporalKind::DateTime && precision >= Precision::Hour && value.offset.is_none() {
            value.offset = Some(if high { -12 * 60 } else { 14 * 60 });
        }
        Some(value.cut(precision, self.kind))
    }

    /// Sets what is not known to its highest value.
    fn fill_high(&mut self) {
        let known = self.precision;
        if known < Precision::Month {
            self.month = 12;
        }
        if known < Precision::Day {
            let first = jiff::civil::Date::new(self.year, i8::try_from(self.month).unwrap_or(1), 1);
            self.day = first.map_or(28, |first| first.days_in_month().unsigned_abs());
        }
        if known < Precision::Hour {
            (self.hour, self.minute) = (23, 59);
        }
        if known < Precision::Second {
            self.second = 59;
        }
        if known < Precision::Fraction {
            self.nanos = 999_000_000;
        }
    }
}
