//! A time as it was recorded: with its precision and its way of writing.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// How much of a time is known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) enum Precision {
    Second,
    Day,
    Month,
    Year,
}

/// How an instant is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Zone {
    /// With the offset of the Netherlands.
    Local,
    /// In UTC.
    Utc,
    /// In the offset of another country.
    Elsewhere,
}

/// A time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct When {
    /// Seconds since 1970.
    pub(crate) at: i64,
    pub(crate) precision: Precision,
    pub(crate) zone: Zone,
    /// Whether it is written in a way that FHIR does not know.
    pub(crate) is_malformed: bool,
}

fn amsterdam() -> TimeZone {
    TimeZone::get("Europe/Amsterdam").unwrap_or(TimeZone::UTC)
}

impl When {
    /// The instant.
    pub(crate) fn second(at: i64) -> Self {
        When {
            at,
            precision: Precision::Second,
            zone: Zone::Local,
            is_malformed: false,
        }
    }

    /// The day that the instant is in.
    pub(crate) fn day(at: i64) -> Self {
        When {
            precision: Precision::Day,
            ..When::second(at)
        }
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_second(self.at).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn date(self) -> Date {
        self.timestamp().to_zoned(amsterdam()).date()
    }

    /// As FHIR writes it, or as it should not be written.
    pub(crate) fn text(self) -> String {
        let date = self.date();
        if self.is_malformed {
            return format!("{:02}-{:02}-{:04}", date.day(), date.month(), date.year());
        }
        match self.precision {
            Precision::Year => format!("{:04}", date.year()),
            Precision::Month => format!("{:04}-{:02}", date.year(), date.month()),
            Precision::Day => format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day()),
            Precision::Second => instant(self.timestamp(), self.zone),
        }
    }

    /// First and last second that it may be; `None` when nobody can read it.
    pub(crate) fn span(self) -> Option<(i64, i64)> {
        if self.is_malformed {
            return None;
        }
        let date = self.date();
        let (first, last) = match self.precision {
            Precision::Second => return Some((self.at, self.at)),
            Precision::Day => (date, date),
            Precision::Month => (date.first_of_month(), date.last_of_month()),
            Precision::Year => (date.first_of_year(), date.last_of_year()),
        };
        let start = first.to_zoned(amsterdam()).ok()?.timestamp();
        let next = last.checked_add(1.day()).ok()?.to_zoned(amsterdam()).ok()?;
        Some((start.as_second(), next.timestamp().as_second() - 1))
    }
}

fn instant(at: Timestamp, zone: Zone) -> String {
    match zone {
        Zone::Utc => at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        Zone::Local => at
            .to_zoned(amsterdam())
            .strftime("%Y-%m-%dT%H:%M:%S%:z")
            .to_string(),
        Zone::Elsewhere => {
            let zone = TimeZone::fixed(jiff::tz::offset(-4));
            at.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
        }
    }
}
