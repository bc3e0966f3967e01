//! What is asked: the path, method and parameters of a request, understood once.
//!
//! Refuses a BSN in a URL before anything else is done with it.

use http::{HeaderMap, Method, StatusCode, header};
use percent_encoding::percent_decode_str;
use samenhang_profiles::Bsn;
use samenhang_terminology::naming;

use crate::source::answer::Refusal;

/// A request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// `GET metadata`.
    Metadata,
    /// `GET .well-known/smart-configuration`.
    SmartConfiguration,
    /// `GET Type/id`.
    Read {
        /// Type.
        kind: String,
        /// Id.
        id: String,
    },
    /// `GET _page/cursor`.
    Page {
        /// The cursor.
        cursor: String,
    },
    /// `GET Type?...` or `POST Type/_search`.
    Search {
        /// Type.
        kind: String,
        /// Parameters.
        pairs: Vec<(String, String)>,
        /// Whether by POST.
        posted: bool,
    },
    /// `Observation/$lastn`.
    LastN {
        /// Parameters.
        pairs: Vec<(String, String)>,
        /// Whether by POST.
        posted: bool,
    },
    /// `POST Patient/$match`.
    Match,
}

impl Request {
    /// Understands a request for `path`, which is below the base.
    pub(super) fn read(
        method: &Method,
        path: &str,
        query: Option<&str>,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Request, Refusal> {
        let mut pairs: Vec<(String, String)> = form(query.unwrap_or_default().as_bytes());
        if pairs.iter().any(|(name, value)| carries_bsn(name, value)) {
            return Err(Refusal::bad_request(
                "security",
                "a BSN in a URL is not allowed; use POST _search",
            ));
        }
        let decoded = percent_decode_str(path).decode_utf8_lossy();
        let segments: Vec<&str> = decoded.split('/').filter(|segment| !segment.is_empty()).collect();
        let posted = method == Method::POST;
        if !posted && method != Method::GET {
            return Err(not_allowed());
        }
        let get = |request: Request| if posted { Err(not_allowed()) } else { Ok(request) };
        match segments.as_slice() {
            ["metadata"] => get(Request::Metadata),
            [".well-known", "smart-configuration"] => get(Request::SmartConfiguration),
            ["_page", cursor] => get(Request::Page {
                cursor: (*cursor).to_owned(),
            }),
            ["Patient", "$match"] if posted => Ok(Request::Match),
            ["Observation", "$lastn"] | ["Observation", "$lastn", "_search"] => {
                if posted {
                    pairs.extend(posted_form(headers, body)?);
                }
                Ok(Request::LastN { pairs, posted })
            }
            [_, operation] if operation.starts_with('$') => Err(Refusal::not_found("no such operation")),
            [kind, "_search"] if posted => {
                pairs.extend(posted_form(headers, body)?);
                Ok(Request::Search {
                    kind: (*kind).to_owned(),
                    pairs,
                    posted,
                })
            }
            [kind] => get(Request::Search {
                kind: (*kind).to_owned(),
                pairs,
                posted,
            }),
            [kind, id] => get(Request::Read {
                kind: (*kind).to_owned(),
                id: (*id).to_owned(),
            }),
            _ => Err(Refusal::not_found("no such path")),
        }
    }
}

fn not_allowed() -> Refusal {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "not-supported",
        "method not allowed here",
    )
}

fn form(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

fn posted_form(headers: &HeaderMap, body: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        return Ok(form(body));
    }
    let text = "a search is posted as application/x-www-form-urlencoded";
    Err(Refusal::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "not-supported",
        text,
    ))
}

/// Whether a parameter carries a BSN: by its system, or as the value of an identifier.
pub(super) fn carries_bsn(name: &str, value: &str) -> bool {
    if value.contains(naming::BSN) || value.contains(naming::BSN_OID) {
        return true;
    }
    let is_identifier = name.rsplit(['.', ':']).next() == Some("identifier");
    is_identifier
        && value
            .split(',')
            .any(|one| Bsn::parse(one.rsplit('|').next().unwrap_or_default()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::{HeaderMap, Method, Request, header};

    fn read(method: &Method, path: &str, query: &str) -> Result<Request, u16> {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            "application/x-www-form-urlencoded".parse().unwrap(),
        );
        Request::read(method, path, Some(query), &headers, b"a=b").map_err(|refusal| refusal.status.as_u16())
    }

    #[test]
    fn paths_are_understood() {
        assert_eq!(read(&Method::GET, "/metadata", ""), Ok(Request::Metadata));
        assert_eq!(
            read(&Method::GET, "/Flag/a%2Eb", ""),
            Ok(Request::Read {
                kind: "Flag".into(),
                id: "a.b".into()
            })
        );
        assert_eq!(read(&Method::POST, "/Patient/$match", ""), Ok(Request::Match));
        let pairs = vec![("c".to_owned(), "d".to_owned()), ("a".to_owned(), "b".to_owned())];
        let search = Request::Search {
            kind: "Flag".into(),
            pairs,
            posted: true,
        };
        assert_eq!(read(&Method::POST, "/Flag/_search", "c=d"), Ok(search));
        assert_eq!(read(&Method::POST, "/Flag", ""), Err(405));
        assert_eq!(read(&Method::DELETE, "/Flag/1", ""), Err(405));
        assert_eq!(read(&Method::GET, "/Flag/$everything", ""), Err(404));
        assert_eq!(read(&Method::GET, "/a/b/c", ""), Err(404));
    }

    #[test]
    fn a_number_in_a_url_is_refused() {
        for query in [
            "identifier=http://fhir.nl/fhir/NamingSystem/bsn|999990019",
            "patient.identifier=http%3A%2F%2Ffhir.nl%2Ffhir%2FNamingSystem%2Fbsn%7C1",
            "identifier=999990019",
            "identifier=urn:oid:2.16.840.1.113883.2.4.6.3|1",
        ] {
            assert_eq!(read(&Method::GET, "/Patient", query), Err(400), "{query}");
            assert_eq!(
                read(&Method::POST, "/Patient/_search", query),
                Err(400),
                "{query}"
            );
        }
        assert!(read(&Method::GET, "/Patient", "identifier=http://x|123").is_ok());
    }
}
