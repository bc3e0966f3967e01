//! Layers around every route: headers that protect the reader, an end to panics, and one log line a request.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method};
use tokio::time::Instant;
use tracing::Instrument;

use crate::app::App;
use crate::error::Kind;
use crate::http::correlation::Correlation;
use crate::http::{problem, routes};
use crate::telemetry::metrics::Arrival;

/// Says that this is the demonstration and that the asker was logged in automatically.
pub const DEMO: HeaderName = HeaderName::from_static("samenhang-demo");

/// Headers that every response carries, unless it has its own.
pub async fn protect(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let is_page = ["/viewer", "/auth/"]
        .iter()
        .any(|page| request.uri().path().starts_with(page));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    let origins = app.access().frame_origins();
    if is_page && !origins.is_empty() {
        allow_frames(headers, origins);
    }
    if app.is_demo() {
        headers.insert(DEMO, HeaderValue::from_static("true"));
    }
    response
}

/// Lets the pages stand in a frame of these origins, and of no other. `X-Frame-Options` knows no list.
fn allow_frames(headers: &mut HeaderMap, origins: &[String]) {
    const NOBODY: &str = "frame-ancestors 'none'";
    let own = headers
        .get(CONTENT_SECURITY_POLICY)
        .and_then(|value| value.to_str().ok());
    let policy = own.map(|policy| policy.replace(NOBODY, &format!("frame-ancestors {}", origins.join(" "))));
    if let Some(value) = policy.and_then(|policy| HeaderValue::from_str(&policy).ok()) {
        headers.insert(CONTENT_SECURITY_POLICY, value);
        headers.remove(X_FRAME_OPTIONS);
    }
}

/// Turns a panic into a 500 with the request's id. What the panic said stays here: it may hold data.
pub async fn survive(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let headers = request.headers().clone();
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => problem::respond(Kind::Defect.into(), &path, &headers),
    }
}

/// The routes by which a question is asked.
const QUESTIONS: [(Method, &str); 21] = [
    (Method::POST, "/fhir/R4/Patient/$overview"),
    (Method::POST, "/viewer/overview"),
    (Method::GET, routes::VIEWER_PAGE),
    (Method::GET, routes::VIEWER_SECTION),
    (Method::GET, routes::VIEWER_MEDICATION),
    (Method::GET, routes::VIEWER_RESULTS),
    (Method::GET, routes::VIEWER_TIMELINE),
    (Method::GET, routes::VIEWER_RECORD),
    (Method::GET, routes::VIEWER_DOCUMENT),
    (Method::POST, routes::VIEWER_APART),
    (Method::GET, routes::PATIENT_OVERVIEW),
    (Method::GET, routes::PATIENT_SECTION),
    (Method::GET, routes::PATIENT_DOCUMENT),
    (Method::GET, routes::SEARCH_R4),
    (Method::GET, routes::SEARCH_STU3),
    (Method::POST, "/fhir/R4/{type}/_search"),
    (Method::POST, "/fhir/STU3/{type}/_search"),
    (Method::GET, routes::LASTN_R4),
    (Method::GET, routes::LASTN_STU3),
    (Method::POST, routes::LASTN_R4),
    (Method::POST, routes::LASTN_STU3),
];

/// One log line a request, with the route instead of the address, the counter of its status, and the end of a question
/// that did not get so far that its course counts it. The lines of all that happens for a request carry its ids.
pub async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().into());
    let correlation = request.extensions().get::<Correlation>().cloned();
    let is_question = QUESTIONS
        .iter()
        .any(|(method, path)| request.method() == method && route == *path);
    let mut arrival = correlation
        .as_ref()
        .filter(|_| is_question)
        .map(|correlation| Arrival::new(app.metrics().clone(), Arc::clone(&correlation.followed), began));
    let span = tracing::info_span!(
        "request",
        correlation = correlation
            .as_ref()
            .map(|correlation| tracing::field::display(correlation.id)),
        request_id = correlation.as_ref().and_then(Correlation::given),
    );
    async {
        let response = next.run(request).await;
        let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        app.metrics().request(response.status());
        if let Some(arrival) = &mut arrival {
            arrival.answered(response.status());
        }
        tracing::info!(
            step = %route,
            status = response.status().as_u16(),
            duration_ms,
            "request served"
        );
        response
    }
    .instrument(span)
    .await
}

/// Keeps what a panic says out of the log: the place is enough, and the text may hold data.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| match panic.location() {
        Some(place) => tracing::error!(
            code = "SAM-SRV-014",
            "panicked at {}:{}",
            place.file(),
            place.line()
        ),
        None => tracing::error!(code = "SAM-SRV-014", "panicked"),
    }));
}
