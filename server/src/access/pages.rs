//! The two plain pages around a login, and the answers of the token endpoint.

use axum::body::Body;
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE,
};
use http::{Response, StatusCode};

use crate::access::error::AccessError;

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
        return page(500, "Login", "The address to go to cannot be used.");
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

/// A plain page. The texts are ours; they are escaped all the same.
pub(super) fn page(status: u16, title: &str, text: &str) -> Response<Body> {
    let escape = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
         <h1>{title}</h1><p>{text}</p><p><a href=\"/auth/login\">Log in</a></p></html>\n",
        title = escape(title),
        text = escape(text)
    );
    answer(status, "text/html; charset=utf-8", html)
}

/// An error of the login, as a page.
pub(super) fn login_error(error: &AccessError) -> Response<Body> {
    let mut text = error.to_string();
    if let Some(first) = text.get(..1).map(str::to_uppercase) {
        text.replace_range(..1, &first);
    }
    let response = page(
        error.status(),
        "Login failed",
        &format!("{text}. ({})", error.code()),
    );
    with_hints(response, error)
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
