//! Content negotiation: JSON, NDJSON, Server-Sent Events or XML, in the version of the base address, of the forms that
//! an address offers. XML is for searches and outcomes of `$validate` only.

use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE};
use samenhang_profiles::FhirVersion;

use crate::error::{Kind, Problem};

/// In which form an answer leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One Bundle, when everything is in.
    Json,
    /// One Bundle a line, as batches come in; the completeness statement last.
    Ndjson,
    /// Server-Sent Events, as things happen.
    Events,
    /// One resource in XML.
    Xml,
}

/// What an answer about a patient may be.
pub const ANSWER: &[Form] = &[Form::Json, Form::Ndjson, Form::Events];

/// What a searchset, and an outcome of `$validate`, may be.
pub const RESOURCE: &[Form] = &[Form::Json, Form::Xml];

impl Form {
    /// The media type that the answer is labelled with.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Form::Json => "application/fhir+json; charset=utf-8",
            Form::Ndjson => "application/fhir+ndjson; charset=utf-8",
            Form::Events => "text/event-stream; charset=utf-8",
            Form::Xml => "application/fhir+xml; charset=utf-8",
        }
    }
}

/// A media range or media type, with the two parameters that matter here.
struct Media<'a> {
    essence: &'a str,
    version: Option<&'a str>,
    weight: f32,
    charset: Option<&'a str>,
}

impl<'a> Media<'a> {
    fn read(text: &'a str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let mut media = Media {
            essence: parts.next().unwrap_or_default(),
            version: None,
            weight: 1.0,
            charset: None,
        };
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "fhirversion" => media.version = Some(value),
                "q" => media.weight = value.parse().unwrap_or(0.0),
                "charset" => media.charset = Some(value),
                _ => {}
            }
        }
        media
    }

    fn is_version(&self, version: FhirVersion) -> bool {
        self.version
            .is_none_or(|text| FhirVersion::from_text(text) == Some(version))
    }
}

/// The form that a media type stands for; `_format` also takes the short names.
fn form_of(essence: &str) -> Option<Form> {
    match essence.to_ascii_lowercase().as_str() {
        "application/fhir+json" | "application/json" | "text/json" | "json" | "application/*" | "*/*" => {
            Some(Form::Json)
        }
        "application/fhir+ndjson" | "application/x-ndjson" | "application/ndjson" | "ndjson" => {
            Some(Form::Ndjson)
        }
        "text/event-stream" => Some(Form::Events),
        "application/fhir+xml" | "application/xml" | "text/xml" | "xml" => Some(Form::Xml),
        _ => None,
    }
}

/// Chooses the form of the answer, of those that are offered. `format` is the value of `_format`, which goes before the header.
///
/// # Errors
/// [`Kind::NotAcceptable`] when nothing that is accepted can be given.
pub fn answer_form(
    headers: &HeaderMap,
    format: Option<&str>,
    version: FhirVersion,
    offered: &[Form],
) -> Result<Form, Problem> {
    let form_of = |essence: &str| form_of(essence).filter(|form| offered.contains(form));
    if let Some(format) = format {
        // A plus in a query reads as a blank; clients rarely escape it.
        let format = format.replace(' ', "+");
        let media = Media::read(&format);
        let form = form_of(media.essence).filter(|_| media.is_version(version));
        return form.ok_or_else(|| Kind::NotAcceptable.into());
    }
    let mut values = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .peekable();
    if values.peek().is_none() {
        return Ok(Form::Json);
    }
    let mut best: Option<(Form, f32)> = None;
    for range in values
        .flat_map(|value| value.split(','))
        .map(|range| Media::read(range.trim()))
    {
        let Some(form) = form_of(range.essence).filter(|_| range.is_version(version)) else {
            continue;
        };
        if range.weight > best.map_or(0.0, |(_, weight)| weight) {
            best = Some((form, range.weight));
        }
    }
    best.map(|(form, _)| form)
        .ok_or_else(|| Kind::NotAcceptable.into())
}

/// Checks the media type of a request body.
///
/// # Errors
/// [`Kind::UnsupportedMedia`] when it is not JSON in UTF-8 of the version of the base address.
pub fn body_is_json(headers: &HeaderMap, version: FhirVersion) -> Result<(), Problem> {
    if body_is(headers, version, &["application/fhir+json", "application/json"]) {
        Ok(())
    } else {
        Err(Kind::UnsupportedMedia.into())
    }
}

/// Whether a request body is XML in UTF-8 of the version of the base address, by its media type. Only `$validate` takes
/// that.
#[must_use]
pub fn body_is_xml(headers: &HeaderMap, version: FhirVersion) -> bool {
    body_is(
        headers,
        version,
        &["application/fhir+xml", "application/xml", "text/xml"],
    )
}

/// Whether a request body is a form, as a search by POST has it.
#[must_use]
pub fn body_is_form(headers: &HeaderMap) -> bool {
    body_is(headers, FhirVersion::R4, &["application/x-www-form-urlencoded"])
}

fn body_is(headers: &HeaderMap, version: FhirVersion, known: &[&str]) -> bool {
    let text = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media = Media::read(text);
    let utf8 = media
        .charset
        .is_none_or(|charset| charset.eq_ignore_ascii_case("utf-8"));
    let is_known = known
        .iter()
        .any(|known| media.essence.eq_ignore_ascii_case(known));
    is_known && utf8 && media.is_version(version)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};
    use samenhang_profiles::FhirVersion;

    use super::{ANSWER, Form, RESOURCE, answer_form, body_is_json, body_is_xml};

    fn accept(text: &'static str) -> Option<Form> {
        let mut headers = HeaderMap::new();
        headers.insert("accept", HeaderValue::from_static(text));
        answer_form(&headers, None, FhirVersion::R4, ANSWER).ok()
    }

    #[test]
    fn chooses_by_weight_and_version() {
        assert_eq!(accept("application/fhir+json"), Some(Form::Json));
        assert_eq!(accept("application/json; fhirVersion=4.0"), Some(Form::Json));
        assert_eq!(accept("application/fhir+json; fhirVersion=3.0"), None);
        assert_eq!(accept("application/fhir+ndjson"), Some(Form::Ndjson));
        assert_eq!(
            accept("application/x-ndjson, application/json;q=0.5"),
            Some(Form::Ndjson)
        );
        assert_eq!(accept("text/event-stream"), Some(Form::Events));
        assert_eq!(
            accept("text/html,application/xhtml+xml,*/*;q=0.8"),
            Some(Form::Json)
        );
        assert_eq!(accept("application/fhir+xml"), None);
        assert_eq!(
            accept("application/fhir+xml, application/fhir+json;q=0.1"),
            Some(Form::Json)
        );
        assert_eq!(accept("application/json;q=0"), None);
        assert_eq!(
            answer_form(&HeaderMap::new(), None, FhirVersion::R4, ANSWER).ok(),
            Some(Form::Json)
        );
        let format = |text| answer_form(&HeaderMap::new(), Some(text), FhirVersion::R4, ANSWER).ok();
        assert_eq!(format("application/fhir ndjson"), Some(Form::Ndjson));
        assert_eq!(format("xml"), None);
    }

    #[test]
    fn an_outcome_may_be_xml() {
        let accept = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("accept", HeaderValue::from_static(text));
            answer_form(&headers, None, FhirVersion::R4, RESOURCE).ok()
        };
        assert_eq!(accept("application/fhir+xml; fhirVersion=4.0"), Some(Form::Xml));
        assert_eq!(accept("application/fhir+xml; fhirVersion=3.0"), None);
        assert_eq!(
            accept("application/fhir+xml;q=0.5, application/fhir+json"),
            Some(Form::Json)
        );
        assert_eq!(accept("*/*"), Some(Form::Json));
        assert_eq!(accept("application/fhir+ndjson"), None);
        let format = |text| answer_form(&HeaderMap::new(), Some(text), FhirVersion::R4, RESOURCE).ok();
        assert_eq!(
            (format("xml"), format("application/fhir xml")),
            (Some(Form::Xml), Some(Form::Xml))
        );
    }

    #[test]
    fn a_body_is_json_in_utf_8() {
        let body = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("content-type", HeaderValue::from_static(text));
            body_is_json(&headers, FhirVersion::R4).is_ok()
        };
        assert!(body("application/fhir+json; charset=UTF-8; fhirVersion=4.0"));
        assert!(body("application/json"));
        assert!(!body("application/fhir+json; fhirVersion=3.0"));
        assert!(!body("application/json; charset=latin1"));
        assert!(!body("application/fhir+xml"));
        assert!(!body("application/x-www-form-urlencoded"));
        assert!(body_is_json(&HeaderMap::new(), FhirVersion::R4).is_err());
    }
    #[test]
    fn a_body_is_xml_in_utf_8() {
        let body = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("content-type", HeaderValue::from_static(text));
            body_is_xml(&headers, FhirVersion::Stu3)
        };
        assert!(body("application/fhir+xml; fhirVersion=3.0"));
        assert!(body("text/xml; charset=utf-8"));
        assert!(!body("application/fhir+xml; fhirVersion=4.0"));
        assert!(!body("application/fhir+xml; charset=utf-16"));
        assert!(!body("application/fhir+json"));
    }
}
