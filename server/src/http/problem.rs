//! Writes a [`Problem`] in the form that fits the address: OperationOutcome under `/fhir`, RFC 9457 elsewhere.

use axum::body::Body;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue};
use samenhang_terminology::naming::SAMENHANG;
use serde::Serialize;

use crate::error::{Kind, Language, Problem};
use crate::fhir::{language, outcome};

#[derive(Serialize)]
struct Details<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
}

/// The response for a problem at a path, in the language of the asker (English when they do not say).
#[must_use]
pub fn respond(problem: Problem, path: &str, asked: &HeaderMap) -> Response {
    respond_all(vec![problem], path, asked)
}

/// The response for several problems; the first gives the status. None at all is a defect of ours.
#[must_use]
pub fn respond_all(problems: Vec<Problem>, path: &str, asked: &HeaderMap) -> Response {
    let problem = problems.first().cloned().unwrap_or_else(|| Kind::Defect.into());
    let spoken = language::preferred(asked, Language::English);
    let status = problem.status;
    let retry_after = problem.retry_after;
    let challenge = problem.challenge.clone();
    let (media, body) = if path == "/fhir" || path.starts_with("/fhir/") {
        (
            "application/fhir+json; charset=utf-8",
            outcome::of_problems(problems, spoken),
        )
    } else {
        ("application/problem+json", details(&problem, spoken))
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(spoken.tag()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(challenge) = challenge.and_then(|text| HeaderValue::from_str(&text).ok()) {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

fn details(problem: &Problem, spoken: Language) -> Vec<u8> {
    let details = Details {
        r#type: format!("{SAMENHANG}/errors/{}", problem.code),
        title: problem.text.in_language(spoken),
        status: problem.status.as_u16(),
        detail: problem.hint.in_language(spoken),
        code: problem.code,
    };
    serde_json::to_vec(&details).unwrap_or_default()
}
