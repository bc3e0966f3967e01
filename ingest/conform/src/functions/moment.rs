//! Dates and times, of no more precision than is written.

use std::borrow::Cow;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use samenhang_profiles::fhirpath::Temporal;

/// `YYYY[MM[DD]]` of HL7 as a date of FHIR.
pub(super) fn hl7_date(text: &str) -> Option<Cow<'_, str>> {
    if !text.is_ascii() || !matches!(text.len(), 4 | 6 | 8) {
        return None;
    }
    let date = parts(text)?;
    Temporal::parse_date(&date)?;
    Some(date.into())
}

/// `YYYY[MM[DD[HHMM[SS[.f]]]]][+ZZZZ]` of HL7 as a dateTime of FHIR. FHIR has no time without seconds and without a zone:
/// the first are zero, and the second is that of Amsterdam, as HL7 means the local time of the sender. A time that was
/// skipped or doubled there when the clock changed is refused.
pub(super) fn hl7_timestamp(text: &str) -> Option<Cow<'_, str>> {
    if !text.is_ascii() {
        return None;
    }
    let (stamp, zone) = match text.find(['+', '-']) {
        Some(at) => (text.get(..at)?, Some(text.get(at..)?)),
        None => (text, None),
    };
    let (digits, fraction) = stamp.split_once('.').unwrap_or((stamp, ""));
    let known = matches!(digits.len(), 4 | 6 | 8 | 12 | 14);
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let whole = fraction.is_empty() || digits.len() == 14;
    if !known || !plain(digits) || !plain(fraction) || !whole {
        return None;
    }
    let mut moment = parts(digits.get(..digits.len().min(8))?)?;
    if let Some(time) = digits.get(8..).filter(|time| !time.is_empty()) {
        let seconds = time
            .get(4..)
            .filter(|seconds| !seconds.is_empty())
            .unwrap_or("00");
        moment = format!("{moment}T{}:{}:{seconds}", time.get(..2)?, time.get(2..4)?);
        if !fraction.is_empty() {
            moment = format!("{moment}.{fraction}");
        }
        moment.push_str(&match zone {
            Some(zone) => offset(zone)?,
            None => amsterdam(&moment)?,
        });
    }
    Temporal::parse_date_time(&moment)?;
    Some(moment.into())
}

/// `DD-MM-YYYY` as a date of FHIR.
pub(super) fn dutch_date(text: &str) -> Option<Cow<'_, str>> {
    let mut parts = text.split(['-', '/']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let lengths = matches!(day.len(), 1 | 2) && matches!(month.len(), 1 | 2) && year.len() == 4;
    if parts.next().is_some() || !lengths || ![day, month, year].into_iter().all(plain) {
        return None;
    }
    let date = format!("{year}-{month:0>2}-{day:0>2}");
    Temporal::parse_date(&date)?;
    Some(date.into())
}

/// The date of a dateTime of FHIR, as it is written there.
pub(super) fn date_of(text: &str) -> Option<Cow<'_, str>> {
    let date = text.split_once('T').map_or(text, |(date, _)| date);
    Temporal::parse_date(date)?;
    Some(date.into())
}

/// `YYYYMMDD` or less with hyphens.
fn parts(digits: &str) -> Option<String> {
    Some(match digits.len() {
        4 => digits.to_owned(),
        6 => format!("{}-{}", digits.get(..4)?, digits.get(4..)?),
        8 => format!("{}-{}-{}", digits.get(..4)?, digits.get(4..6)?, digits.get(6..)?),
        _ => return None,
    })
}

/// `+ZZZZ` as `+ZZ:ZZ`.
fn offset(zone: &str) -> Option<String> {
    match zone.len() {
        5 => Some(format!("{}:{}", zone.get(..3)?, zone.get(3..)?)),
        3 => Some(format!("{zone}:00")),
        _ => None,
    }
}

/// The offset of Amsterdam at a local time.
fn amsterdam(moment: &str) -> Option<String> {
    let local: DateTime = moment.parse().ok()?;
    let zone = TimeZone::get("Europe/Amsterdam").ok()?;
    let zoned = zone.to_ambiguous_zoned(local).unambiguous().ok()?;
    let minutes = zoned.offset().seconds() / 60;
    Some(format!("+{:02}:{:02}", minutes / 60, minutes % 60))
}
