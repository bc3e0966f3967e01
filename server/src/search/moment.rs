//! Dates as spans of time: a partial date stands for all of its moments (FHIR search, section on dates).
//!
//! A time without a zone is in UTC, as sources write it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use samenhang_profiles::document::Node;

/// A span of time, in seconds: from the first moment to just after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moments {
    from: i64,
    to: i64,
}

/// Reads a FHIR date, dateTime or instant.
pub(super) fn moments(text: &str) -> Option<Moments> {
    let (first, span) = match text.len() {
        4 => (format!("{text}-01-01"), Span::new().years(1)),
        7 => (format!("{text}-01"), Span::new().months(1)),
        10 => (text.to_owned(), Span::new().days(1)),
        _ => {
            let stamp: Timestamp = text.parse().or_else(|_| format!("{text}Z").parse()).ok()?;
            let from = stamp.as_second();
            return Some(Moments { from, to: from + 1 });
        }
    };
    let first: Date = first.parse().ok()?;
    let at = |date: Date| Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second());
    Some(Moments {
        from: at(first)?,
        to: at(first.checked_add(span).ok()?)?,
    })
}

/// The span of a date element or Period; an open end reaches for ever.
pub(super) fn span(node: Node<'_>) -> Option<Moments> {
    if let Some(text) = node.primitive() {
        return moments(text);
    }
    let (start, end) = (
        node.text("start").and_then(moments),
        node.text("end").and_then(moments),
    );
    if start.is_none() && end.is_none() {
        return None;
    }
    Some(Moments {
        from: start.map_or(i64::MIN, |moments| moments.from),
        to: end.map_or(i64::MAX, |moments| moments.to),
    })
}

/// How a date of a search compares, from its prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    prefix: [u8; 2],
    moments: Moments,
}

impl Wanted {
    /// Reads a value: an optional prefix and a date. `ap` is not offered: how near is near is not said anywhere.
    pub(super) fn read(value: &str) -> Option<Wanted> {
        let (prefix, text) = match value.as_bytes() {
            [a, b, ..] if a.is_ascii_lowercase() && b.is_ascii_lowercase() => ([*a, *b], value.get(2..)?),
            _ => (*b"eq", value),
        };
        let known = [b"eq", b"ne", b"gt", b"ge", b"lt", b"le", b"sa", b"eb"];
        if !known.contains(&&prefix) {
            return None;
        }
        Some(Wanted {
            prefix,
            moments: moments(text)?,
        })
    }

    /// Whether a span fits.
    pub(super) fn fits(&self, own: Moments) -> bool {
        let wanted = self.moments;
        match &self.prefix {
            b"ne" => own.from < wanted.from || own.to > wanted.to,
            b"gt" => own.to > wanted.to,
            b"ge" => own.to > wanted.to || own.from >= wanted.from,
            b"lt" => own.from < wanted.from,
            b"le" => own.from < wanted.from || own.to <= wanted.to,
            b"sa" => own.from >= wanted.to,
            b"eb" => own.to <= wanted.from,
            _ => own.from >= wanted.from && own.to <= wanted.to,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Wanted, moments};

    #[test]
    fn dates_compare_as_spans() {
        let own = moments("2019-05-12T08:50:00+02:00").unwrap();
        for (value, expected) in [
            ("2019", true),
            ("eq2019-05-12", true),
            ("ge2019-05", true),
            ("gt2019-05-12", false),
            ("lt2020", true),
            ("sa2019-05-11", true),
            ("ne2019", false),
            ("eb2019", false),
        ] {
            assert_eq!(
                Wanted::read(value).map(|wanted| wanted.fits(own)),
                Some(expected),
                "{value}"
            );
        }
        for value in ["ap2019", "soon", "", "xx2019", "2019-13", "gé2019"] {
            assert_eq!(Wanted::read(value), None, "{value}");
        }
    }
}
