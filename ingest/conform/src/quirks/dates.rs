//! Quirks of dates and times. A notation is put right; a precision, a zone or an order is never guessed.

use samenhang_profiles::document::Node;
use samenhang_profiles::fhirpath::Temporal;

use super::Quirk;
use super::examine::Look;

/// What FHIR has here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `YYYY[-MM[-DD]]`.
    Date,
    /// The same, or with a time and a zone.
    DateTime,
    /// With a time and a zone.
    Instant,
}

/// A date with what may follow it, taken apart.
struct Parts {
    date: String,
    /// `hh:mm:ss` and a fraction.
    time: Option<String>,
    /// Whether the seconds were put in.
    seconds: bool,
    zone: Option<String>,
}

/// Years that are written for "no date": the least and the last that date types of databases have.
const NO_YEARS: [&str; 2] = ["0001", "9999"];

pub(super) fn look(look: &mut Look<'_>, node: Node<'_>, value: &str, kind: Kind) {
    if value.get(..4).is_some_and(|year| NO_YEARS.contains(&year)) && value.len() >= 8 {
        return look.note(Quirk::PlaceholderDate, node);
    }
    if is_plain(value.as_bytes(), kind) {
        return;
    }
    if is_in_other_order(value) {
        return look.note(Quirk::DateInOtherOrder, node);
    }
    let Some(parts) = parts(value) else { return };
    let Some(time) = parts.time else {
        if kind != Kind::Instant && Temporal::parse_date(&parts.date).is_some() {
            look.replace(Quirk::DateNotation, node, &parts.date);
        }
        return;
    };
    if kind == Kind::Date {
        return match time.bytes().all(|byte| matches!(byte, b'0' | b':' | b'.')) {
            true if Temporal::parse_date(&parts.date).is_some() => {
                look.replace(Quirk::DateWithMidnight, node, &parts.date);
            }
            _ => look.note(Quirk::DateWithTime, node),
        };
    }
    let Some(zone) = parts.zone else {
        return look.note(Quirk::TimeWithoutZone, node);
    };
    let whole = format!("{}T{time}{zone}", parts.date);
    if Temporal::parse_date_time(&whole).is_some() {
        let quirk = if parts.seconds {
            Quirk::TimeWithoutSeconds
        } else {
            Quirk::DateNotation
        };
        look.replace(quirk, node, &whole);
    }
}

/// Whether it is in the notation of FHIR. Digits are not judged: that is for validation.
fn is_plain(text: &[u8], kind: Kind) -> bool {
    let fits = |pattern: &[u8]| {
        let same = |(byte, wanted): (&u8, &u8)| match wanted {
            b'd' => byte.is_ascii_digit(),
            _ => byte == wanted,
        };
        text.len() >= pattern.len() && text.iter().zip(pattern).all(same)
    };
    let date = match text.len() {
        4 => fits(b"dddd"),
        7 => fits(b"dddd-dd"),
        10 => fits(b"dddd-dd-dd"),
        _ => false,
    };
    if date || kind == Kind::Date {
        return date;
    }
    if !fits(b"dddd-dd-ddTdd:dd:dd") {
        return false;
    }
    let mut rest = text.get(19..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix(b".") {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        rest = fraction.get(digits..).unwrap_or_default();
    }
    match rest {
        b"Z" => true,
        [b'+' | b'-', a, b, b':', c, d] => [a, b, c, d].into_iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// `DD-MM-YYYY` or `MM/DD/YYYY`: which of both, nobody knows.
fn is_in_other_order(text: &str) -> bool {
    let date = text.split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 3 && parts[2].len() == 4 && parts[0].len() <= 2 && parts.iter().all(digits)
}

/// Takes a date apart whose year comes first.
fn parts(text: &str) -> Option<Parts> {
    if !text.is_ascii() {
        return None;
    }
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (date, rest) = match digits {
        8 | 12 | 14 => (dashed(text.get(..8)?)?, text.get(8..)?),
        4 => {
            let end = text.find(['T', 't', ' ']).unwrap_or(text.len());
            let date = text.get(..end)?.replace('/', "-");
            (date, text.get(end..)?)
        }
        _ => return None,
    };
    let rest = rest.trim_start_matches(['T', 't', ' ']);
    if rest.is_empty() {
        return Some(Parts {
            date,
            time: None,
            seconds: false,
            zone: None,
        });
    }
    let end = rest.find(['Z', 'z', '+', '-', ' ']).unwrap_or(rest.len());
    let (clock, zone) = (rest.get(..end)?, rest.get(end..)?.trim());
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let numbers: String = clock.chars().filter(|letter| *letter != ':').collect();
    let (time, seconds) = match numbers.len() {
        4 if fraction.is_empty() => (format!("{}:{}:00", numbers.get(..2)?, numbers.get(2..)?), true),
        6 => {
            let (hour, minute, second) = (numbers.get(..2)?, numbers.get(2..4)?, numbers.get(4..)?);
            (format!("{hour}:{minute}:{second}"), false)
        }
        _ => return None,
    };
    let time = match fraction {
        "" => time,
        fraction => format!("{time}.{fraction}"),
    };
    Some(Parts {
        date,
        time: Some(time),
        seconds,
        zone: (!zone.is_empty()).then(|| offset(zone)).flatten(),
    })
}

fn dashed(digits: &str) -> Option<String> {
    Some(format!(
        "{}-{}-{}",
        digits.get(..4)?,
        digits.get(4..6)?,
        digits.get(6..8)?
    ))
}

/// A zone as FHIR has it.
fn offset(zone: &str) -> Option<String> {
    if zone.eq_ignore_ascii_case("z") {
        return Some("Z".to_owned());
    }
    let (sign, rest) = zone.split_at_checked(1)?;
    let digits: String = rest.chars().filter(|letter| *letter != ':').collect();
    let plain = ["+", "-"].contains(&sign) && digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.len() {
        2 if plain => Some(format!("{sign}{digits}:00")),
        4 if plain => Some(format!("{sign}{}:{}", digits.get(..2)?, digits.get(2..)?)),
        _ => None,
    }
}
