//! FHIR dates as intervals: a date keeps its precision, and a year is a year long.
//!
//! A date without a time is the civil day in the Netherlands; a time with an offset is an instant. It never fills
//! in what was not recorded, and what it cannot read is no date.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The time that a FHIR `date`, `dateTime` or `instant` covers; both ends count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// First moment.
    pub start: Timestamp,
    /// Last moment.
    pub end: Timestamp,
}

impl Interval {
    /// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or a date with a time; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 10 {
            return instant(text);
        }
        let (first, last) = days(text)?;
        let start = midnight(first)?;
        let next = midnight(last.tomorrow().ok()?)?;
        let end = next.checked_sub(jiff::SignedDuration::from_nanos(1)).ok()?;
        Some(Interval { start, end })
    }
}

/// The time in the Netherlands, looked up once.
static AMSTERDAM: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("Europe/Amsterdam").unwrap_or(TimeZone::UTC));

/// When a day begins.
fn midnight(day: Date) -> Option<Timestamp> {
    AMSTERDAM.to_timestamp(day.at(0, 0, 0, 0)).ok()
}

/// The day of a moment, in the Netherlands.
pub(crate) fn day_of(moment: Timestamp) -> Date {
    AMSTERDAM.to_datetime(moment).date()
}

fn instant(text: &str) -> Option<Interval> {
    let moment = match text.parse::<Timestamp>() {
        Ok(moment) => moment,
        // FHIR wants an offset with a time; without one it is the time in the Netherlands.
        Err(_) => AMSTERDAM
            .to_timestamp(text.parse::<jiff::civil::DateTime>().ok()?)
            .ok()?,
    };
    Some(Interval {
        start: moment,
        end: moment,
    })
}

/// The first and last day of a partial date.
fn days(text: &str) -> Option<(Date, Date)> {
    let partial = Partial::parse(text)?;
    let year = partial.year;
    match (partial.month, partial.day) {
        (None, _) => Some((date_of(year, 1, 1)?, date_of(year, 12, 31)?)),
        (Some(month), None) => {
            let first = date_of(year, month, 1)?;
            Some((first, first.last_of_month()))
        }
        (Some(month), Some(day)) => {
            let only = date_of(year, month, day)?;
            Some((only, only))
        }
    }
}

fn date_of(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok()
}

/// A date of birth as it was recorded: month and day may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partial {
    /// Year.
    pub year: i16,
    /// Month, 1 to 12.
    pub month: Option<i8>,
    /// Day of the month.
    pub day: Option<i8>,
}

impl Partial {
    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. Month or day `00` is how some registers say "unknown".
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let mut parts = text.split('-');
        let year = digits(parts.next()?, 4)?;
        let month = parts
            .next()
            .map(|part| digits(part, 2))
            .map_or(Some(None), |m| m.map(Some))?;
        let day = parts
            .next()
            .map(|part| digits(part, 2))
            .map_or(Some(None), |d| d.map(Some))?;
        if parts.next().is_some() || year == 0 {
            return None;
        }
        let month = month.filter(|month| *month != 0);
        let day = day.filter(|day| *day != 0).filter(|_| month.is_some());
        let partial = Partial {
            year,
            month: month.map(i8::try_from).transpose().ok()?,
            day: day.map(i8::try_from).transpose().ok()?,
        };
        // A day or month that does not exist is no date.
        date_of(year, partial.month.unwrap_or(1), partial.day.unwrap_or(1)).map(|_| partial)
    }

    /// Whether year, month and day are all known.
    #[must_use]
    pub fn is_full(self) -> bool {
        self.day.is_some()
    }

    /// Whether both can be the same day: what is known of both does not differ.
    #[must_use]
    pub fn compatible(self, other: Partial) -> bool {
        fn same(a: Option<i8>, b: Option<i8>) -> bool {
            a.is_none() || b.is_none() || a == b
        }
        self.year == other.year && same(self.month, other.month) && same(self.day, other.day)
    }
}

fn digits(text: &str, length: usize) -> Option<i16> {
    if text.len() != length || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Interval, Partial};

    fn partial(text: &str) -> Partial {
        Partial::parse(text).unwrap_or_else(|| panic!("{text} is a date"))
    }

    #[test]
    fn precision_is_the_length_of_the_interval() {
        for (text, start, end) in [
            ("2024", "2023-12-31T23:00:00Z", "2024-12-31T22:59:59.999999999Z"),
            (
                "2024-02",
                "2024-01-31T23:00:00Z",
                "2024-02-29T22:59:59.999999999Z",
            ),
            (
                "2026-07-01",
                "2026-06-30T22:00:00Z",
                "2026-07-01T21:59:59.999999999Z",
            ),
            (
                "2026-10-06T08:15:00+02:00",
                "2026-10-06T06:15:00Z",
                "2026-10-06T06:15:00Z",
            ),
            (
                "2026-10-06T08:15:00",
                "2026-10-06T06:15:00Z",
                "2026-10-06T06:15:00Z",
            ),
        ] {
            let interval = Interval::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(interval.start.to_string(), start, "{text}");
            assert_eq!(interval.end.to_string(), end, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "gisteren",
            "20260101",
            "2026-13",
            "2026-02-30",
            "2026-1-1",
            "12-01-2026",
            "٢٠٢٦",
        ] {
            assert_eq!(Interval::parse(text), None, "{text}");
        }
    }

    #[test]
    fn zero_means_unknown_in_a_date_of_birth() {
        assert_eq!(partial("1958-03-00"), partial("1958-03"));
        assert_eq!(partial("1958-00-00"), partial("1958"));
        assert!(partial("1958-03-00").compatible(partial("1958-03-14")));
        assert!(!partial("1958-04-00").compatible(partial("1958-03-14")));
        assert!(!partial("1958-03-14").compatible(partial("1958-03-15")));
        assert!(partial("1958-03-14").is_full());
        assert_eq!(Partial::parse("0000-00-00"), None);
    }
}
