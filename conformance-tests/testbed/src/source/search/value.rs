//! Comparing one search value with the elements that a parameter looks at.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::super::json::Json;
use super::super::store::{Store, local_part};

/// Whether a token value `system|code`, `|code`, `system|` or `code` fits one of the elements.
pub(super) fn token(elements: &[&Json], value: &str) -> bool {
    let (system, code) = match value.split_once('|') {
        Some((system, code)) => (Some(system), code),
        None => (None, value),
    };
    elements.iter().any(|element| fits(element, system, code))
}

fn fits(element: &Json, system: Option<&str>, code: &str) -> bool {
    match element {
        // A code or boolean: its system is implied by the element, so only the code is compared.
        Json::Text(text) => text == code,
        Json::Literal(text) => text.as_ref() == code,
        Json::Array(items) => items.iter().any(|item| fits(item, system, code)),
        Json::Object(_) => {
            if let Some(codings) = element.get("coding") {
                return codings.items().iter().any(|coding| fits(coding, system, code));
            }
            let own_code = element.str("code").or_else(|| element.str("value"));
            let system_fits = match system {
                None => true,
                Some("") => element.get("system").is_none(),
                Some(system) => element.str("system") == Some(system),
            };
            system_fits
                && (if code.is_empty() {
                    system.is_some()
                } else {
                    own_code == Some(code)
                })
        }
    }
}

/// Whether a reference value fits: `Type/id`, a URL, or an `id` of any type (of `only` when it is given).
pub(super) fn reference(elements: &[&Json], value: &str, only: Option<&str>) -> bool {
    elements.iter().any(|element| {
        let Some(reference) = element.str("reference") else {
            return false;
        };
        let Some((kind, id)) = local_part(reference).and_then(|local| local.split_once('/')) else {
            return reference == value;
        };
        if only.is_some_and(|only| only != kind) {
            return false;
        }
        match local_part(value).and_then(|local| local.split_once('/')) {
            Some((wanted_kind, wanted_id)) => wanted_kind == kind && wanted_id == id,
            None => value == id,
        }
    })
}

/// Whether a `reference.identifier` value fits: the identifier of the target, or the one in the Reference itself.
pub(super) fn reference_identifier(store: &Store, elements: &[&Json], value: &str) -> bool {
    elements.iter().any(|element| {
        element
            .get("identifier")
            .is_some_and(|identifier| token(&[identifier], value))
            || element
                .str("reference")
                .and_then(|reference| store.resolve(reference))
                .and_then(|index| store.get(index))
                .is_some_and(|target| token(&target.json().at("identifier"), value))
    })
}

/// Whether a text starts with the value, without case.
pub(super) fn text(elements: &[&Json], value: &str) -> bool {
    let value = value.to_lowercase();
    elements
        .iter()
        .filter_map(|element| element.as_str())
        .any(|text| text.to_lowercase().starts_with(&value))
}

/// Whether a canonical is the value, versions aside.
pub(super) fn uri(elements: &[&Json], value: &str) -> bool {
    let bare = |text: &str| text.split('|').next().unwrap_or_default().to_owned();
    let value = bare(value);
    elements
        .iter()
        .filter_map(|element| element.as_str())
        .any(|text| bare(text) == value)
}

/// A half-open span of time in seconds: a partial date stands for all of its moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moments {
    from: i64,
    to: i64,
}

/// Reads a FHIR date, dateTime or instant; a time without zone is in UTC.
pub(super) fn moments(text: &str) -> Option<Moments> {
    let day = |text: &str| text.parse::<Date>().ok();
    let at = |date: Date| Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second());
    let (from, to) = match text.len() {
        4 => {
            let first = day(&format!("{text}-01-01"))?;
            (first, first.checked_add(Span::new().years(1)).ok()?)
        }
        7 => {
            let first = day(&format!("{text}-01"))?;
            (first, first.checked_add(Span::new().months(1)).ok()?)
        }
        10 => {
            let first = day(text)?;
            (first, first.checked_add(Span::new().days(1)).ok()?)
        }
        _ => {
            let stamp: Timestamp = text.parse().or_else(|_| format!("{text}Z").parse()).ok()?;
            return Some(Moments {
                from: stamp.as_second(),
                to: stamp.as_second() + 1,
            });
        }
    };
    Some(Moments {
        from: at(from)?,
        to: at(to)?,
    })
}

/// The span of a date element or Period; an open end reaches for ever.
pub(super) fn span(element: &Json) -> Option<Moments> {
    if let Some(text) = element.as_str() {
        return moments(text);
    }
    let start = element.str("start").and_then(moments);
    let end = element.str("end").and_then(moments);
    if start.is_none() && end.is_none() {
        return None;
    }
    Some(Moments {
        from: start.map_or(i64::MIN, |moments| moments.from),
        to: end.map_or(i64::MAX, |moments| moments.to),
    })
}

/// Whether a date value with an optional prefix fits one of the elements; `None` when it is not a date.
pub(super) fn date(elements: &[&Json], value: &str) -> Option<bool> {
    let (prefix, text) = match value.get(..2) {
        Some(prefix) if prefix.bytes().all(|byte| byte.is_ascii_lowercase()) => (prefix, &value[2..]),
        _ => ("eq", value),
    };
    let wanted = moments(text)?;
    let compare: fn(Moments, Moments) -> bool = match prefix {
        "eq" => |own, wanted| own.from >= wanted.from && own.to <= wanted.to,
        "ne" => |own, wanted| own.from < wanted.from || own.to > wanted.to,
        "gt" => |own, wanted| own.to > wanted.to,
        "ge" => |own, wanted| own.to > wanted.to || own.from >= wanted.from,
        "lt" => |own, wanted| own.from < wanted.from,
        "le" => |own, wanted| own.from < wanted.from || own.to <= wanted.to,
        "sa" => |own, wanted| own.from >= wanted.to,
        "eb" => |own, wanted| own.to <= wanted.from,
        "ap" => |own, wanted| own.from < wanted.to && own.to > wanted.from,
        _ => return None,
    };
    Some(
        elements
            .iter()
            .filter_map(|element| span(element))
            .any(|own| compare(own, wanted)),
    )
}

#[cfg(test)]
mod tests {
    use super::{Json, date, reference, token, uri};

    fn json(text: &str) -> Json {
        Json::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn tokens_compare_system_and_code() {
        let concept = json(r#"{"coding":[{"system":"s","code":"a"},{"code":"b"}]}"#);
        for (value, expected) in [
            ("a", true),
            ("s|a", true),
            ("t|a", false),
            ("|a", false),
            ("|b", true),
            ("s|", true),
            ("A", false),
        ] {
            assert_eq!(token(&[&concept], value), expected, "{value}");
        }
        assert!(token(&[&json("\"active\"")], "http://x|active"));
        assert!(token(&[&json("true")], "true"));
        assert!(token(&[&json(r#"{"system":"s","value":"9"}"#)], "s|9"));
    }

    #[test]
    fn references_compare_with_and_without_base() {
        let element = json(r#"{"reference":"https://x.example/fhir/Patient/p1"}"#);
        assert!(reference(&[&element], "Patient/p1", None));
        assert!(reference(&[&element], "p1", Some("Patient")));
        assert!(!reference(&[&element], "p1", Some("Group")));
        assert!(!reference(&[&element], "Patient/p2", None));
    }

    #[test]
    fn dates_compare_as_spans() {
        let day = json("\"2019-05-12T08:50:00+02:00\"");
        for (value, expected) in [
            ("2019", true),
            ("2019-05-12", true),
            ("ge2019-05", true),
            ("gt2019-05-12", false),
            ("lt2020", true),
            ("sa2019-05-11", true),
            ("ne2019", false),
            ("eb2019", false),
        ] {
            assert_eq!(date(&[&day], value), Some(expected), "{value}");
        }
        let open = json(r#"{"start":"2019"}"#);
        assert_eq!(date(&[&open], "ge2030"), Some(true));
        assert_eq!(date(&[&open], "xx2030"), None);
        assert_eq!(date(&[&open], "soon"), None);
    }

    #[test]
    fn canonicals_compare_without_version() {
        assert!(uri(&[&json("\"http://x/P|2.0\"")], "http://x/P"));
        assert!(!uri(&[&json("\"http://x/P\"")], "http://x/Q"));
    }
}
