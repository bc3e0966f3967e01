//! Placeholders of a script: `${UUID}`, `${CURRENTDATE}`, `${DATE, T, D, -4}`, and its variables.
//!
//! A name that nobody knows stays as it is and is told, so that a wrong script never passes by chance.

#[cfg(test)]
mod tests;

use jiff::{Span, Timestamp, tz::TimeZone};
use uuid::Uuid;

/// Placeholders in placeholders, at most: variables may stand for each other.
const DEPTH: usize = 8;

/// What `name` stands for; `None` when it is not known.
pub(super) type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// A text with its placeholders filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filled {
    /// The text.
    pub(super) text: String,
    /// Names that stand for nothing, in order.
    pub(super) unknown: Vec<String>,
}

/// Fills in the placeholders of a text.
pub(super) fn fill(text: &str, now: Timestamp, lookup: &Lookup<'_>) -> Filled {
    let mut unknown = Vec::new();
    let text = at_depth(text, now, lookup, DEPTH, &mut unknown);
    Filled { text, unknown }
}

fn at_depth(
    text: &str,
    now: Timestamp,
    lookup: &Lookup<'_>,
    depth: usize,
    unknown: &mut Vec<String>,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find("${") {
        let Some(close) = rest[open..].find('}') else {
            break;
        };
        let name = rest[open + 2..open + close].trim();
        out.push_str(&rest[..open]);
        // A value may be written with placeholders itself: `${UUID}` is common as a default.
        let value = moment(name, now).or_else(|| lookup(name));
        match value {
            Some(value) if depth > 0 && value.contains("${") => {
                out.push_str(&at_depth(&value, now, lookup, depth - 1, unknown));
            }
            Some(value) => out.push_str(&value),
            None => {
                unknown.push(name.to_owned());
                out.push_str(&rest[open..=open + close]);
            }
        }
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
    out
}

/// What the placeholders that every script has stand for.
fn moment(name: &str, now: Timestamp) -> Option<String> {
    let today = now.to_zoned(TimeZone::UTC).date();
    match name {
        "UUID" => return Some(Uuid::new_v4().to_string()),
        "CURRENTDATE" => return Some(today.to_string()),
        "CURRENTDATETIME" => return Some(now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        _ => {}
    }
    let mut parts = name.split(',').map(str::trim);
    if (parts.next(), parts.next()) != (Some("DATE"), Some("T")) {
        return None;
    }
    let (unit, count) = (parts.next()?, parts.next()?);
    let count: i64 = count.strip_prefix('+').unwrap_or(count).parse().ok()?;
    let span = Span::new();
    let span = match unit {
        "D" => span.try_days(count),
        "W" => span.try_weeks(count),
        "M" => span.try_months(count),
        "Y" => span.try_years(count),
        _ => return None,
    };
    let date = today.checked_add(span.ok()?).ok()?;
    parts.next().is_none().then(|| date.to_string())
}
