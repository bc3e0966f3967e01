//! The two pages around a login, and the answers of the token endpoint.

use axum::body::Body;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER, SET_COOKIE,
    WWW_AUTHENTICATE,
};
use http::request::Parts;
use http::{Response, StatusCode};
use samenhang_viewer::pages::{self as written, Message};
use samenhang_viewer::{Frame, Language};

use crate::access::error::AccessError;
use crate::access::routes::parameter;
use crate::error::Language as Spoken;
use crate::fhir::language;

/// An answer that nobody keeps.
pub(super) fn answer(status: u16, media_type: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("referrer-policy", HeaderValue::from_static("no-referrer"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers.insert(
        "content-security-policy",
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; form-action 'self'"),
    );
    response
}

/// Sends the browser on.
pub(super) fn see(location: &str, cookies: impl IntoIterator<Item = Option<HeaderValue>>) -> Response<Body> {
    let Ok(location) = HeaderValue::from_str(location) else {
        return answer(500, "text/plain; charset=utf-8", Body::empty());
    };
    let mut response = answer(303, "text/plain; charset=utf-8", Body::empty());
    response.headers_mut().insert(LOCATION, location);
    with_cookies(response, cookies)
}

/// Sets cookies on an answer.
pub(super) fn with_cookies(
    mut response: Response<Body>,
    cookies: impl IntoIterator<Item = Option<HeaderValue>>,
) -> Response<Body> {
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The frame of a page, in the language of its address, else in the one that the browser prefers.
fn frame(parts: &Parts) -> Frame {
    let chosen = parameter(parts.uri.query(), "lang").and_then(|tag| Language::from_tag(&tag));
    let preferred = || match language::preferred(&parts.headers, Spoken::Dutch) {
        Spoken::Dutch => Language::Dutch,
        Spoken::English => Language::English,
    };
    Frame {
        language: chosen.unwrap_or_else(preferred),
        ..Frame::default()
    }
}

/// A page with a message.
fn told(status: u16, frame: &Frame, message: Message<'_>) -> Response<Body> {
    let (status, html) = match written::message(frame, message) {
        Ok(html) => (status, html),
        Err(_) => (500, String::new()),
    };
    let mut response = answer(status, "text/html; charset=utf-8", html);
    response.headers_mut().insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(samenhang_viewer::CONTENT_SECURITY_POLICY),
    );
    response
}

/// The page after a logout.
pub(super) fn logged_out(parts: &Parts) -> Response<Body> {
    told(200, &frame(parts), Message::LoggedOut)
}

/// An error of the login, as a page.
pub(super) fn login_error(error: &AccessError, parts: &Parts) -> Response<Body> {
    let frame = frame(parts);
    let cause = error.to_string();
    let mut english = cause.clone();
    if let Some(first) = english.get(..1).map(str::to_uppercase) {
        english.replace_range(..1, &first);
    }
    english.push('.');
    let dutch = error.hint_nl();
    let message = Message::LoginFailed {
        text: frame.language.pick(&dutch, &english),
        cause: &cause,
        code: error.code(),
    };
    with_hints(told(error.status(), &frame, message), error)
}

/// An error of the token endpoint (RFC 6749, section 5.2).
pub(super) fn token_error(error: &AccessError) -> Response<Body> {
    let (status, name) = match error {
        AccessError::Assertion(_) => (401, "invalid_client"),
        AccessError::TokenRequest(text) if text.contains("scope") => (400, "invalid_scope"),
        AccessError::TokenRequest(text) if text.starts_with("grant_type") => (400, "unsupported_grant_type"),
        AccessError::TokenRequest(_) => (400, "invalid_request"),
        AccessError::Limited(_) => (429, "temporarily_unavailable"),
        _ => (503, "temporarily_unavailable"),
    };
    let body = serde_json::json!({
        "error": name,
        "error_description": format!("{error} ({})", error.code()),
    });
    with_hints(answer(status, "application/json", body.to_string()), error)
}

fn with_hints(mut response: Response<Body>, error: &AccessError) -> Response<Body> {
    let headers = response.headers_mut();
    if let Some(challenge) = error
        .challenge()
        .and_then(|text| HeaderValue::from_str(&text).ok())
    {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    if let Some(seconds) = error.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
