//! Reads what a source answered with: strictly what was asked for, or a problem in fixed words (F14 to F17).
//!
//! A login page with status 200 is not "no data", and neither is an empty body.

use bytes::Bytes;
use samenhang_conform::quirks::Quirk;
use samenhang_profiles::page::Page;
use samenhang_profiles::tree::Tree;
use samenhang_profiles::{FhirVersion, Limits, RawResource, ReadError, xml};

use super::Reply;

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContentProblem {
    /// Nothing at all.
    #[error("the answer is empty")]
    Empty,
    /// Not FHIR in JSON or XML, for example a web page.
    #[error("the answer is not FHIR")]
    NotFhir,
    /// Not well-formed, or repeating itself.
    #[error("the answer is malformed")]
    Malformed,
    /// Over a limit on size, depth or number.
    #[error("the answer passes a limit")]
    Limit,
    /// Some other resource than was asked for.
    #[error("the answer is another resource than was asked for")]
    OtherResource,
    /// The source says within its answer that something went wrong.
    #[error("the source reports an error within its answer")]
    ReportedError,
}

impl ContentProblem {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            ContentProblem::Empty => "SAM-GAT-220",
            ContentProblem::NotFhir => "SAM-GAT-221",
            ContentProblem::Malformed => "SAM-GAT-222",
            ContentProblem::Limit => "SAM-GAT-223",
            ContentProblem::OtherResource => "SAM-GAT-224",
            ContentProblem::ReportedError => "SAM-GAT-225",
        }
    }
}

impl From<ReadError> for ContentProblem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Limit { .. } => ContentProblem::Limit,
            ReadError::Unexpected(_) => ContentProblem::OtherResource,
            _ => ContentProblem::Malformed,
        }
    }
}

/// Reads a searchset.
///
/// # Errors
/// [`ContentProblem`].
pub fn page(reply: &Reply, version: FhirVersion, limits: &Limits) -> Result<Page, ContentProblem> {
    let page = Page::read(json(reply, version, limits)?, limits)?;
    match &*page.kind {
        // Some sources leave the type out of an empty page.
        "searchset" | "collection" | "" => Ok(page),
        _ => Err(ContentProblem::OtherResource),
    }
}

/// Reads one resource of a type.
///
/// # Errors
/// [`ContentProblem`].
pub fn resource(
    reply: &Reply,
    kind: &str,
    version: FhirVersion,
    limits: &Limits,
) -> Result<RawResource, ContentProblem> {
    let resource = RawResource::read(json(reply, version, limits)?, limits)?;
    if resource.resource_type() == kind {
        Ok(resource)
    } else {
        Err(ContentProblem::OtherResource)
    }
}

/// A Patient of a lookup.
pub struct FoundPatient {
    /// The resource.
    pub resource: RawResource,
    /// `entry.fullUrl`.
    pub full_url: Option<Box<str>>,
}

/// The Patients of a lookup.
///
/// # Errors
/// [`ContentProblem`].
pub fn patients(
    reply: &Reply,
    version: FhirVersion,
    limits: &Limits,
) -> Result<Vec<FoundPatient>, ContentProblem> {
    let mut patients = Vec::new();
    for entry in page(reply, version, limits)?.entries {
        let Some(resource) = entry.resource else { continue };
        match resource.resource_type() {
            "Patient" if entry.mode.as_deref() != Some("include") => {
                patients.push(FoundPatient {
                    resource,
                    full_url: entry.full_url,
                });
            }
            "OperationOutcome" if reports_error(&resource, limits) => {
                return Err(ContentProblem::ReportedError);
            }
            _ => {}
        }
    }
    Ok(patients)
}

/// Whether an OperationOutcome names an error: then what came with it may not be all there is.
#[must_use]
pub fn reports_error(outcome: &RawResource, limits: &Limits) -> bool {
    let Ok(tree) = Tree::parse(outcome.body(), limits) else {
        return true;
    };
    let issues = tree.get("issue").map(Tree::items).unwrap_or_default();
    issues
        .iter()
        .any(|issue| matches!(issue.text("severity"), Some("error" | "fatal")))
}

/// What is odd about an answer that could be read: its media type, a mark before it, or that it is XML.
pub fn quirks(reply: &Reply) -> impl Iterator<Item = Quirk> {
    let is_marked = reply.body.starts_with(MARK);
    let body = reply.body.strip_prefix(MARK).unwrap_or(&reply.body);
    let is_xml = body.trim_ascii_start().starts_with(b"<");
    let media_type = reply.media_type.as_deref();
    let is_other = !is_xml && media_type.is_some_and(|media_type| !media_type.ends_with("json"));
    [
        is_marked.then_some(Quirk::ByteOrderMark),
        is_xml.then_some(Quirk::XmlOnly),
        is_other.then_some(Quirk::OtherMediaType),
    ]
    .into_iter()
    .flatten()
}

/// The body as JSON. XML is turned into JSON by the definitions of the endpoint's version.
///
/// # Errors
/// [`ContentProblem`].
pub fn json(reply: &Reply, version: FhirVersion, limits: &Limits) -> Result<Bytes, ContentProblem> {
    let body = match reply.body.strip_prefix(MARK) {
        Some(rest) => reply.body.slice_ref(rest),
        None => reply.body.clone(),
    };
    let first = body
        .iter()
        .find(|byte| !byte.is_ascii_whitespace())
        .ok_or(ContentProblem::Empty)?;
    let is_xml = || {
        reply
            .media_type
            .as_deref()
            .is_some_and(|media_type| media_type.ends_with("xml"))
    };
    match first {
        b'{' => Ok(body),
        // A web page may call itself XML too; it is no FHIR resource, so the reader refuses it.
        b'<' if is_xml() => Ok(xml::to_json(&body, version, limits)?),
        _ => Err(ContentProblem::NotFhir),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use samenhang_profiles::{FhirVersion::R4, Limits};

    use super::{ContentProblem, Quirk, page, patients, resource};
    use crate::source::Reply;

    fn reply(body: &str) -> Reply {
        Reply {
            challenged: false,
            status: 200,
            body: Bytes::from(body.to_owned()),
            media_type: None,
            retry_after: None,
        }
    }

    #[test]
    fn f15_what_was_not_asked_for_is_no_data_but_an_error() {
        let cases = [
            ("", ContentProblem::Empty),
            (" \r\n", ContentProblem::Empty),
            ("<!DOCTYPE html><html>log in</html>", ContentProblem::NotFhir),
            ("[]", ContentProblem::NotFhir),
            ("{", ContentProblem::Malformed),
            (
                r#"{"resourceType":"Bundle","resourceType":"Bundle"}"#,
                ContentProblem::Malformed,
            ),
            (
                r#"{"resourceType":"OperationOutcome"}"#,
                ContentProblem::OtherResource,
            ),
            (
                r#"{"resourceType":"Bundle","type":"history"}"#,
                ContentProblem::OtherResource,
            ),
        ];
        for (body, problem) in cases {
            assert_eq!(
                page(&reply(body), R4, &Limits::default()).err(),
                Some(problem),
                "{body}"
            );
        }
        let patient = reply(r#"{"resourceType":"Patient","id":"x"}"#);
        assert_eq!(
            resource(&patient, "Practitioner", R4, &Limits::default()).err(),
            Some(ContentProblem::OtherResource)
        );
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        let body = "\u{feff}{\"resourceType\":\"Bundle\",\"type\":\"searchset\"}";
        assert!(page(&reply(body), R4, &Limits::default()).is_ok());
    }

    #[test]
    fn xml_is_read_when_it_is_fhir() {
        let xml = |body: &str, media_type: &str| {
            let reply = Reply {
                challenged: false,
                media_type: Some(media_type.to_owned()),
                ..reply(body)
            };
            page(&reply, R4, &Limits::default()).map(|page| page.kind)
        };
        let bundle = r#"<Bundle xmlns="http://hl7.org/fhir"><type value="searchset"/></Bundle>"#;
        assert_eq!(xml(bundle, "application/fhir+xml").as_deref(), Ok("searchset"));
        assert_eq!(xml(bundle, "text/html"), Err(ContentProblem::NotFhir));
        assert!(xml("<html/>", "application/xhtml+xml").is_err());
    }

    #[test]
    fn an_error_within_a_lookup_is_an_error() {
        let lookup = |severity: &str| {
            let body = format!(
                r#"{{"resourceType":"Bundle","type":"searchset","entry":[{{"search":{{"mode":"outcome"}},"resource":
                {{"resourceType":"OperationOutcome","issue":[{{"severity":"{severity}","code":"processing"}}]}}}}]}}"#
            );
            patients(&reply(&body), R4, &Limits::default()).map(|patients| patients.len())
        };
        assert_eq!(lookup("warning"), Ok(0));
        assert_eq!(lookup("error"), Err(ContentProblem::ReportedError));
    }

    #[test]
    fn what_is_odd_about_an_answer_is_told() {
        let quirks = |body: &str, media_type: Option<&str>| -> Vec<Quirk> {
            let reply = Reply {
                media_type: media_type.map(str::to_owned),
                ..reply(body)
            };
            super::quirks(&reply).collect()
        };
        assert_eq!(quirks("{}", Some("application/fhir+json")), []);
        assert_eq!(quirks("{}", Some("application/json")), []);
        assert_eq!(quirks("{}", None), []);
        assert_eq!(quirks("{}", Some("text/html")), [Quirk::OtherMediaType]);
        assert_eq!(quirks("\u{feff}{}", None), [Quirk::ByteOrderMark]);
        assert_eq!(
            quirks("<Bundle/>", Some("application/fhir+xml")),
            [Quirk::XmlOnly]
        );
    }
}
