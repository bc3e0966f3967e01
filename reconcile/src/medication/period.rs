//! Periods of use: from when until when, with a duration in place of an end. What cannot be read is told, and never
//! makes a period shorter.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use samenhang_profiles::tape::Node;

use crate::date::Interval;

/// Longest duration that is counted with, in its own unit.
const MAX_AMOUNT: f64 = 1e6;

/// A period of use, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Period {
    /// The start as it was recorded, for comparing with that of a stop.
    pub(super) starts: Option<Interval>,
    /// First moment; `None`: open or not known.
    pub(super) start: Option<Timestamp>,
    /// First moment after it; `None`: open or not known.
    pub(super) end: Option<Timestamp>,
    /// Whether the source gives a start, end or duration at all.
    pub(super) is_given: bool,
    /// Whether a part of it could not be read, or it ends before it starts.
    pub(super) is_unreadable: bool,
}

impl Period {
    /// Whether it covers a moment.
    pub(super) fn covers(&self, at: Timestamp) -> bool {
        self.start.is_none_or(|start| start <= at) && self.end.is_none_or(|end| at < end)
    }

    /// Whether two periods have a moment in common.
    pub(super) fn overlaps(&self, other: &Period) -> bool {
        let before = |a: &Period, b: &Period| match (a.start, b.end) {
            (Some(start), Some(end)) => start < end,
            _ => true,
        };
        before(self, other) && before(other, self)
    }

    /// Reads a period from a date, a moment or a Period, and from a duration that stands beside it.
    pub(super) fn read(time: Option<Node<'_>>, duration: Option<Node<'_>>) -> Period {
        let mut period = Period::default();
        let Some(time) = time else {
            period.is_given = duration.is_some();
            period.is_unreadable = duration.is_some();
            return period;
        };
        if let Some(moment) = time.as_str() {
            period.is_given = true;
            match Interval::parse(moment) {
                Some(interval) => {
                    period.starts = Some(interval);
                    period.start = Some(interval.start);
                    period.end = after(interval);
                }
                None => period.is_unreadable = true,
            }
            return period;
        }
        let part = |name| time.get(name).and_then(Node::as_str);
        let (start, end) = (part("start"), part("end"));
        period.is_given = start.is_some() || end.is_some() || duration.is_some();
        period.starts = start.and_then(Interval::parse);
        period.start = period.starts.map(|starts| starts.start);
        let ends = end.and_then(Interval::parse);
        period.end = ends.and_then(|interval| {
            let whole_day = end.is_some_and(|end| end.len() <= 10);
            if whole_day {
                after(interval)
            } else {
                Some(interval.start)
            }
        });
        period.is_unreadable =
            (start.is_some() && period.start.is_none()) || (end.is_some() && ends.is_none());
        if end.is_none()
            && let Some(duration) = duration
        {
            period.end = period.start.and_then(|start| later(start, duration));
            period.is_unreadable |= period.end.is_none();
        }
        if let (Some(start), Some(end)) = (period.start, period.end)
            && end < start
        {
            period.end = None;
            period.is_unreadable = true;
        }
        period
    }
}

/// The first moment after an interval; a moment that stands for itself ends at once.
fn after(interval: Interval) -> Option<Timestamp> {
    if interval.start == interval.end {
        return Some(interval.end);
    }
    interval.end.checked_add(SignedDuration::from_nanos(1)).ok()
}

/// The moment a duration later: days, weeks, months and years of the calendar in the Netherlands.
fn later(start: Timestamp, duration: Node<'_>) -> Option<Timestamp> {
    let amount: f64 = duration.get("value")?.as_number()?.parse().ok()?;
    let unit = duration.text("code").or_else(|| duration.text("unit"))?;
    if !(0.0..=MAX_AMOUNT).contains(&amount) {
        return None;
    }
    let seconds = |each: f64| {
        let length = SignedDuration::try_from_secs_f64(amount * each).ok()?;
        start.checked_add(length).ok()
    };
    if amount.fract() != 0.0 {
        return match unit {
            "min" => seconds(60.0),
            "h" => seconds(3_600.0),
            "d" => seconds(86_400.0),
            "wk" => seconds(604_800.0),
            _ => None,
        };
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number of at most a million"
    )]
    let whole = amount as i64;
    let span = match unit {
        "min" => return seconds(60.0),
        "h" => return seconds(3_600.0),
        "d" => Span::new().try_days(whole),
        "wk" => Span::new().try_weeks(whole),
        "mo" => Span::new().try_months(whole),
        "a" => Span::new().try_years(whole),
        _ => return None,
    };
    let zoned = start.to_zoned(zone());
    Some(zoned.checked_add(span.ok()?).ok()?.timestamp())
}

/// The start of the civil day so many months from a moment, or the end of it.
pub(super) fn months(at: Timestamp, months: i32, whole_day_after: bool) -> Option<Timestamp> {
    let span = Span::new().try_months(months).ok()?;
    let day = at.to_zoned(zone()).checked_add(span).ok()?;
    let day = if whole_day_after {
        day.tomorrow().ok()?
    } else {
        day
    };
    Some(day.start_of_day().ok()?.timestamp())
}

fn zone() -> TimeZone {
    TimeZone::get("Europe/Amsterdam").unwrap_or(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use samenhang_profiles::tape::Taped;

    use super::{Period, months};

    fn read(time: &'static str, duration: &'static str) -> Period {
        let read = [time, duration].map(|text| Taped::read(text.as_bytes()).ok());
        let [time, duration] = read.each_ref().map(|read| read.as_ref().map(Taped::root));
        Period::read(time, duration)
    }

    #[test]
    fn ends_are_read_as_they_are_meant() {
        for (time, duration, end, unreadable) in [
            // A day is in it, a moment ends it.
            (
                r#"{"start":"2026-03-01","end":"2026-03-02"}"#,
                "",
                "2026-03-02T23:00:00Z",
                false,
            ),
            (
                r#"{"start":"2026-03-01T08:00:00+01:00","end":"2026-03-02T00:00:00+01:00"}"#,
                "",
                "2026-03-01T23:00:00Z",
                false,
            ),
            // Weeks are those of the calendar: the clock goes forward in this one.
            (
                r#"{"start":"2026-03-27T00:00:00+01:00"}"#,
                r#"{"value":1,"code":"wk"}"#,
                "2026-04-02T22:00:00Z",
                false,
            ),
            (
                r#"{"start":"2026-01-31"}"#,
                r#"{"value":1,"code":"mo"}"#,
                "2026-02-27T23:00:00Z",
                false,
            ),
            (
                r#"{"start":"2026-01-01T00:00:00Z"}"#,
                r#"{"value":1.5,"code":"d"}"#,
                "2026-01-02T12:00:00Z",
                false,
            ),
            (r#"{"start":"2026-01-01"}"#, "", "", false),
            // What cannot be read leaves it open.
            (
                r#"{"start":"2026-01-01"}"#,
                r#"{"value":3,"unit":"kuur"}"#,
                "",
                true,
            ),
            (
                r#"{"start":"2026-01-01"}"#,
                r#"{"value":99999999,"code":"d"}"#,
                "",
                true,
            ),
            (
                r#"{"start":"2026-01-01"}"#,
                r#"{"value":-3,"code":"d"}"#,
                "",
                true,
            ),
            (r#"{"start":"2026-01-01","end":"morgen"}"#, "", "", true),
            (r#"{"start":"2026-01-05","end":"2026-01-01"}"#, "", "", true),
            (r#""2026-13-01""#, "", "", true),
        ] {
            let period = read(time, duration);
            let found = period.end.map(|end| end.to_string()).unwrap_or_default();
            assert_eq!(
                (&*found, period.is_unreadable),
                (end, unreadable),
                "{time} {duration}"
            );
            assert!(period.is_given);
        }
        assert!(!read("", "").is_given);
    }

    #[test]
    fn what_follows_at_once_does_not_overlap() {
        let a = read(
            r#"{"start":"2026-01-01T00:00:00Z","end":"2026-01-05T00:00:00Z"}"#,
            "",
        );
        let b = read(r#"{"start":"2026-01-05T00:00:00Z"}"#, "");
        assert!(!a.overlaps(&b) && !b.overlaps(&a));
        assert!(b.overlaps(&Period::default()));
        assert!(a.end == b.start);
    }

    #[test]
    fn windows_are_whole_days() {
        let at = "2026-05-31T10:00:00Z".parse().unwrap_or_default();
        let told =
            |moment: Option<jiff::Timestamp>| moment.map(|moment| moment.to_string()).unwrap_or_default();
        assert_eq!(told(months(at, -2, false)), "2026-03-30T22:00:00Z");
        assert_eq!(told(months(at, 3, true)), "2026-08-31T22:00:00Z");
        assert_eq!(months(at, i32::MIN, false), None);
    }
}
