//! Reading and writing dates and times.

use std::fmt;

use super::{Precision, Temporal, TemporalKind};

/// Reads two digits from the front.
fn two(bytes: &mut &[u8]) -> Option<u8> {
    match **bytes {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ref rest @ ..] => {
            *bytes = rest;
            Some((tens - b'0') * 10 + ones - b'0')
        }
        _ => None,
    }
}

/// Takes `byte` from the front when it is there.
fn take(bytes: &mut &[u8], byte: u8) -> bool {
    match **bytes {
        [first, ref rest @ ..] if first == byte => {
            *bytes = rest;
            true
        }
        _ => false,
    }
}

impl Temporal {
    const START: Temporal = Temporal {
        kind: TemporalKind::Date,
        precision: Precision::Year,
        year: 1,
        month: 1,
        day: 1,
        hour: 0,
        minute: 0,
        second: 0,
        digits: 0,
        nanos: 0,
        offset: None,
    };

    /// Reads a date: `2015`, `2015-02` or `2015-02-04`.
    #[must_use]
    pub fn parse_date(text: &str) -> Option<Temporal> {
        let mut rest = text.as_bytes();
        let date = date(&mut rest)?;
        rest.is_empty().then_some(date)
    }

    /// Reads a date-time: a date, and optionally `T` with a time to any precision and a zone.
    #[must_use]
    pub fn parse_date_time(text: &str) -> Option<Temporal> {
        let mut rest = text.as_bytes();
        let mut value = date(&mut rest)?;
        value.kind = TemporalKind::DateTime;
        if take(&mut rest, b'T') && !rest.is_empty() {
            if value.precision != Precision::Day {
                return None;
            }
            time(&mut rest, &mut value)?;
            value.offset = zone(&mut rest)?;
        }
        rest.is_empty().then_some(value)
    }

    /// Reads a time of day: `14`, `14:34`, `14:34:28` or with a fraction.
    #[must_use]
    pub fn parse_time(text: &str) -> Option<Temporal> {
        let mut rest = text.as_bytes();
        let mut value = Temporal {
            kind: TemporalKind::Time,
            ..Temporal::START
        };
        time(&mut rest, &mut value)?;
        rest.is_empty().then_some(value)
    }

    /// Reads what stands behind `@` in an expression. Gives the value and how many bytes it takes.
    pub(crate) fn literal(text: &str) -> Option<(Temporal, usize)> {
        let bytes = text.as_bytes();
        let run = |from: usize, also: &[u8]| {
            let rest = bytes.get(from..).unwrap_or_default();
            from + rest
                .iter()
                .take_while(|byte| byte.is_ascii_digit() || also.contains(byte))
                .count()
        };
        // A fraction is a point with a digit behind it; any other point starts a call.
        let clock = |from: usize| {
            let end = run(from, b":");
            let fraction =
                bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
            if fraction { run(end + 1, b"") } else { end }
        };
        if bytes.first() == Some(&b'T') {
            let end = clock(1);
            return Some((Temporal::parse_time(text.get(1..end)?)?, end));
        }
        let end = run(0, b"-");
        if bytes.get(end) != Some(&b'T') {
            return Some((Temporal::parse_date(text.get(..end)?)?, end));
        }
        let mut end = clock(end + 1);
        match bytes.get(end) {
            Some(b'Z') => end += 1,
            Some(b'+' | b'-') if bytes.get(end - 1).is_some_and(u8::is_ascii_digit) => {
                let zone = run(end + 1, b":");
                if zone == end + 6 {
                    end = zone;
                }
            }
            _ => {}
        }
        Some((Temporal::parse_date_time(text.get(..end)?)?, end))
    }
}

fn date(rest: &mut &[u8]) -> Option<Temporal> {
    let (century, year) = (two(rest)?, two(rest)?);
    let mut value = Temporal {
        year: i16::from(century) * 100 + i16::from(year),
        ..Temporal::START
    };
    if value.year == 0 {
        return None;
    }
    if take(rest, b'-') {
        value.month = two(rest)?;
        value.precision = Precision::Month;
        if take(rest, b'-') {
            value.day = two(rest)?;
            value.precision = Precision::Day;
        }
    }
    // The constructor knows the lengths of months.
    let (month, day) = (i8::try_from(value.month).ok()?, i8::try_from(value.day).ok()?);
    jiff::civil::Date::new(value.year, month, day).ok()?;
    Some(value)
}

fn time(rest: &mut &[u8], value: &mut Temporal) -> Option<()> {
    value.hour = two(rest)?;
    value.precision = Precision::Hour;
    if take(rest, b':') {
        value.minute = two(rest)?;
        value.precision = Precision::Minute;
        if take(rest, b':') {
            value.second = two(rest)?;
            value.precision = Precision::Second;
            if take(rest, b'.') {
                fraction(rest, value)?;
            }
        }
    }
    (value.hour < 24 && value.minute < 60 && value.second < 60).then_some(())
}

fn fraction(rest: &mut &[u8], value: &mut Temporal) -> Option<()> {
    let mut digits = 0_u8;
    while let [digit @ b'0'..=b'9', ref tail @ ..] = **rest {
        *rest = tail;
        if digits < 9 {
            value.nanos = value.nanos * 10 + u32::from(digit - b'0');
            digits += 1;
        }
    }
    if digits == 0 {
        return None;
    }
    value.nanos *= 10_u32.pow(u32::from(9 - digits));
    value.digits = digits;
    value.precision = Precision::Fraction;
    Some(())
}

fn zone(rest: &mut &[u8]) -> Option<Option<i16>> {
    if take(rest, b'Z') {
        return Some(Some(0));
    }
    let sign = if take(rest, b'+') {
        1
    } else if take(rest, b'-') {
        -1
    } else {
        return Some(None);
    };
    let hours = i16::from(two(rest)?);
    if !take(rest, b':') {
        return None;
    }
    let minutes = i16::from(two(rest)?);
    (hours <= 14 && minutes < 60).then_some(Some(sign * (hours * 60 + minutes)))
}

impl fmt::Display for Temporal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let precision = self.precision;
        if self.kind != TemporalKind::Time {
            write!(f, "{:04}", self.year)?;
            if precision >= Precision::Month {
                write!(f, "-{:02}", self.month)?;
            }
            if precision >= Precision::Day {
                write!(f, "-{:02}", self.day)?;
            }
            if precision >= Precision::Hour {
                f.write_str("T")?;
            }
        }
        if precision >= Precision::Hour {
            write!(f, "{:02}", self.hour)?;
        }
        if precision >= Precision::Minute {
            write!(f, ":{:02}", self.minute)?;
        }
        if precision >= Precision::Second {
            write!(f, ":{:02}", self.second)?;
        }
        if precision >= Precision::Fraction {
            let nanos = format!("{:09}", self.nanos);
            write!(f, ".{}", nanos.get(..usize::from(self.digits)).unwrap_or(&nanos))?;
        }
        match self.offset.filter(|_| precision >= Precision::Hour) {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(offset) => {
                let sign = if offset < 0 { '-' } else { '+' };
                let minutes = offset.unsigned_abs();
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}
