//! Answers of the simulated services: JSON, FHIR and the errors each kind of path gives.

use axum::body::Body;
use axum::response::IntoResponse as _;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, LOCATION};
use http::{Response, StatusCode};
use serde_json::{Value, json};

/// Plain JSON.
pub(crate) fn json(status: u16, body: &Value) -> Response<Body> {
    typed(status, "application/json", body.to_string())
}

/// A FHIR resource in JSON.
pub(crate) fn fhir(status: u16, body: &Value) -> Response<Body> {
    typed(status, "application/fhir+json; charset=utf-8", body.to_string())
}

/// An `OperationOutcome` with one error.
pub(crate) fn outcome(status: u16, code: &str, text: &str) -> Response<Body> {
    fhir(status, &outcome_body("error", code, text))
}

/// The body of an `OperationOutcome` with one issue.
pub(crate) fn outcome_body(severity: &str, code: &str, text: &str) -> Value {
    json!({"resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code, "diagnostics": text}]})
}

/// An OAuth error (RFC 6749, section 5.2).
pub(crate) fn oauth_error(status: u16, error: &str, description: &str) -> Response<Body> {
    json(status, &json!({"error": error, "error_description": description}))
}

/// A body of this type.
pub(crate) fn typed(status: u16, content_type: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// No body.
pub(crate) fn empty(status: u16) -> Response<Body> {
    StatusCode::from_u16(status)
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        .into_response()
}

/// The same answer with a `Location`.
pub(crate) fn located(mut response: Response<Body>, location: &str) -> Response<Body> {
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// Names and values of a form or query, in order.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

/// The first value of a name.
pub(crate) fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}
