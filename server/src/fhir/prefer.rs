//! `Prefer`: how strict to be about what is not understood (RFC 7240, FHIR http `handling`).

use http::HeaderMap;

/// How a parameter that is not understood is handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handling {
    /// The request is refused.
    Strict,
    /// The request is served and the answer says what was ignored.
    Lenient,
}

/// Reads `handling` from the `Prefer` headers; lenient when it is not said, as FHIR servers commonly do. Never
/// silent: what is ignored is always reported.
#[must_use]
pub fn handling(headers: &HeaderMap) -> Handling {
    let values = headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok());
    for preference in values.flat_map(|value| value.split([',', ';'])) {
        let mut parts = preference
            .splitn(2, '=')
            .map(|part| part.trim().trim_matches('"'));
        if parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("handling"))
        {
            match parts.next() {
                Some(value) if value.eq_ignore_ascii_case("strict") => return Handling::Strict,
                Some(value) if value.eq_ignore_ascii_case("lenient") => return Handling::Lenient,
                _ => {}
            }
        }
    }
    Handling::Lenient
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{Handling, handling};

    #[test]
    fn reads_handling_among_other_preferences() {
        let read = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.append("prefer", HeaderValue::from_static("return=minimal"));
            headers.append("prefer", HeaderValue::from_static(text));
            handling(&headers)
        };
        assert_eq!(read("handling=strict"), Handling::Strict);
        assert_eq!(read("respond-async, handling=\"strict\""), Handling::Strict);
        assert_eq!(read("Handling=Strict"), Handling::Strict);
        assert_eq!(read("handling=lenient"), Handling::Lenient);
        assert_eq!(read("handling=loose"), Handling::Lenient);
        assert_eq!(handling(&HeaderMap::new()), Handling::Lenient);
    }
}
