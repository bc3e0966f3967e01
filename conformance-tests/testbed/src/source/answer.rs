//! Answers in FHIR JSON: resources, `OperationOutcomes`, searchsets.
//!
//! Outcome texts name parameters and rules, never values.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use samenhang_profiles::FhirVersion;

use super::json::Json;
use super::store::Resource;

/// The media type of a version.
#[must_use]
pub(super) fn media_type(version: FhirVersion) -> HeaderValue {
    match version {
        FhirVersion::Stu3 => {
            HeaderValue::from_static("application/fhir+json; fhirVersion=3.0; charset=utf-8")
        }
        FhirVersion::R4 => HeaderValue::from_static("application/fhir+json; fhirVersion=4.0; charset=utf-8"),
    }
}

/// A FHIR answer.
pub(super) fn fhir(status: StatusCode, version: FhirVersion, body: Vec<u8>) -> Response {
    let mut response = (status, body).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, media_type(version));
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// HTTP status.
    pub(super) status: StatusCode,
    /// `issue.code`.
    pub(super) issue: &'static str,
    /// `issue.diagnostics`.
    pub(super) text: String,
    /// What a proof of possession lacks, when the token is bound to a key.
    pub(super) challenge: Option<Challenge>,
}

/// What is wrong with a proof of possession (RFC 9449, sections 7.1 and 9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Challenge {
    /// `error` of `WWW-Authenticate`.
    pub(super) error: &'static str,
    /// The nonce that the next proof must carry.
    pub(super) nonce: Option<String>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, issue: &'static str, text: impl Into<String>) -> Refusal {
        let text = text.into();
        Refusal {
            status,
            issue,
            text,
            challenge: None,
        }
    }

    pub(super) fn bad_request(issue: &'static str, text: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, issue, text)
    }

    pub(super) fn not_found(text: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, "not-found", text)
    }

    /// The OperationOutcome.
    pub(super) fn answer(&self, version: FhirVersion) -> Response {
        let issue = Json::object([
            ("severity", Json::text("error")),
            ("code", Json::text(self.issue)),
            ("diagnostics", Json::text(self.text.as_str())),
        ]);
        let outcome = Json::object([
            ("resourceType", Json::text("OperationOutcome")),
            ("issue", Json::Array(vec![issue])),
        ]);
        let mut response = fhir(self.status, version, outcome.to_bytes());
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = match &self.challenge {
                None => "Bearer".to_owned(),
                Some(challenge) => format!("DPoP error=\"{}\", algs=\"ES256\"", challenge.error),
            };
            let nonce = self
                .challenge
                .as_ref()
                .and_then(|challenge| challenge.nonce.as_deref());
            let headers = response.headers_mut();
            for (name, value) in [
                (header::WWW_AUTHENTICATE, Some(scheme.as_str())),
                (super::authorization::NONCE, nonce),
            ] {
                if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
                    headers.insert(name, value);
                }
            }
        }
        response
    }
}

/// How an entry came into a searchset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// It matches.
    Match,
    /// It came along.
    Include,
}

/// One entry.
pub(super) struct Entry {
    pub(super) resource: Resource,
    pub(super) mode: Mode,
    /// `search.score`, with a `match-grade` extension.
    pub(super) certain: bool,
}

/// A searchset.
pub(super) struct Searchset {
    pub(super) id: String,
    pub(super) base: String,
    pub(super) last_updated: String,
    pub(super) total: usize,
    pub(super) self_link: String,
    pub(super) next: Option<String>,
    pub(super) entries: Vec<Entry>,
}

impl Searchset {
    /// The Bundle; resources go in with the bytes that they have.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let link = |relation: &str, url: &str| {
            Json::object([("relation", Json::text(relation)), ("url", Json::text(url))])
        };
        let mut links = vec![link("self", &self.self_link)];
        links.extend(self.next.as_deref().map(|next| link("next", next)));
        let head = Json::object([
            ("resourceType", Json::text("Bundle")),
            ("id", Json::text(self.id.as_str())),
            (
                "meta",
                Json::object([("lastUpdated", Json::text(self.last_updated.as_str()))]),
            ),
            ("type", Json::text("searchset")),
            ("total", Json::number(self.total)),
            ("link", Json::Array(links)),
        ]);
        let mut out = head.to_bytes();
        if self.entries.is_empty() {
            return out;
        }
        out.pop();
        out.extend_from_slice(b",\"entry\":[");
        for (index, entry) in self.entries.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            out.extend_from_slice(b"{\"fullUrl\":");
            super::json::write_text(&format!("{}/{}", self.base, entry.resource.local()), &mut out);
            out.extend_from_slice(b",\"resource\":");
            out.extend_from_slice(entry.resource.bytes());
            out.extend_from_slice(b",\"search\":");
            out.extend_from_slice(&entry.search().to_bytes());
            out.push(b'}');
        }
        out.extend_from_slice(b"]}");
        out
    }
}

impl Entry {
    fn search(&self) -> Json {
        let mode = match self.mode {
            Mode::Match => "match",
            Mode::Include => "include",
        };
        let mut search = Json::object([("mode", Json::text(mode))]);
        if self.certain {
            let grade = Json::object([
                (
                    "url",
                    Json::text("http://hl7.org/fhir/StructureDefinition/match-grade"),
                ),
                ("valueCode", Json::text("certain")),
            ]);
            search = Json::object([
                ("extension", Json::Array(vec![grade])),
                ("mode", Json::text(mode)),
                ("score", Json::number(1)),
            ]);
        }
        search
    }
}
