//! How a station answers: resources as they are stored, spliced into a Bundle.

use axum::body::Body;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue};
use http::{Response, StatusCode};
use samenhang_profiles::write::JsonWriter;
use samenhang_station::Stored;

use super::search::{Found, Search};

fn fhir(status: u16, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/fhir+json; fhirVersion=4.0; charset=utf-8"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// An `OperationOutcome` with one error.
pub(super) fn outcome(status: u16, code: &str, text: &str) -> Response<Body> {
    let mut out = JsonWriter::new();
    out.begin_object();
    out.field("resourceType", "OperationOutcome");
    out.key("issue");
    out.begin_array();
    out.begin_object();
    out.field("severity", "error");
    out.field("code", code);
    out.field("diagnostics", text);
    out.end_object();
    out.end_array();
    out.end_object();
    fhir(status, out.finish())
}

/// One resource.
pub(super) fn resource(stored: &Stored) -> Response<Body> {
    let mut response = fhir(200, stored.body.clone());
    if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{}\"", stored.version)) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// A searchset. There is no `total`: counting what a patient has is another question.
pub(super) fn bundle(source: &str, search: &Search, found: &Found) -> Response<Body> {
    let bytes: usize = found.resources.iter().map(|stored| stored.body.len() + 64).sum();
    let mut out = JsonWriter::with_capacity(bytes + 256);
    out.begin_object();
    out.field("resourceType", "Bundle");
    out.field("type", "searchset");
    if let Some((record, after)) = &found.next {
        out.key("link");
        out.begin_array();
        out.begin_object();
        out.field("relation", "next");
        let kind = &search.kind;
        out.field(
            "url",
            &format!("/{source}/fhir/R4/{kind}?{}", search.next(record, after)),
        );
        out.end_object();
        out.end_array();
    }
    if !found.resources.is_empty() {
        out.key("entry");
        out.begin_array();
        for stored in &found.resources {
            out.begin_object();
            out.key("resource");
            out.raw(&stored.body);
            out.key("search");
            out.begin_object();
            out.field("mode", "match");
            out.end_object();
            out.end_object();
        }
        out.end_array();
    }
    out.end_object();
    fhir(200, out.finish())
}

/// What can be asked.
pub(super) fn capability() -> Response<Body> {
    fhir(200, CAPABILITY)
}

const CAPABILITY: &str = r#"{"resourceType":"CapabilityStatement","status":"active","date":"2026-11-22","kind":"instance","implementation":{"description":"Samenhang datastation"},"fhirVersion":"4.0.1","format":["application/fhir+json"],"rest":[{"mode":"server","interaction":[{"code":"search-system"}],"searchParam":[{"name":"_id","type":"token"},{"name":"patient","type":"reference"},{"name":"patient.identifier","type":"token","documentation":"By POST _search only."},{"name":"code","type":"token"},{"name":"category","type":"token"},{"name":"status","type":"token"}]}]}"#;
