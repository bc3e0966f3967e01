//! `Accept-Language`: Dutch or English, nothing else is spoken.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

use crate::error::Language;

/// The language that the asker prefers, or `fallback` when the header is absent or names neither.
#[must_use]
pub fn preferred(headers: &HeaderMap, fallback: Language) -> Language {
    let mut best = (fallback, 0.0_f32);
    let values = headers
        .get_all(ACCEPT_LANGUAGE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    for range in values.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default();
        let primary = tag.split('-').next().unwrap_or_default();
        let language = if primary.eq_ignore_ascii_case("nl") {
            Language::Dutch
        } else if primary.eq_ignore_ascii_case("en") {
            Language::English
        } else {
            continue;
        };
        let weight = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(1.0, |text| text.trim().parse().unwrap_or(0.0));
        // The first of equal weight wins, as most clients list in order of preference.
        if weight > best.1 {
            best = (language, weight);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::preferred;
    use crate::error::Language;

    #[test]
    fn takes_the_heaviest_that_is_spoken() {
        let ask = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("accept-language", HeaderValue::from_static(text));
            preferred(&headers, Language::English)
        };
        assert_eq!(ask("nl-NL,nl;q=0.9,en;q=0.8"), Language::Dutch);
        assert_eq!(ask("fr,en;q=0.5,nl;q=0.4"), Language::English);
        assert_eq!(ask("en;q=0.2, nl;q=0.7"), Language::Dutch);
        assert_eq!(ask("de"), Language::English);
        assert_eq!(ask("nl;q=0"), Language::English);
        assert_eq!(ask("nl;q=x"), Language::English);
        assert_eq!(preferred(&HeaderMap::new(), Language::Dutch), Language::Dutch);
    }
}
