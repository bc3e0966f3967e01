//! What is the same for everybody: statements about the server, and the files of the viewer.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use samenhang_profiles::FhirVersion;

use crate::app::App;
use crate::error::Kind;
use crate::fhir::base::Base;
use crate::fhir::capability::Published;
use crate::fhir::negotiate::{self, Form};
use crate::http::problem;

/// `GET /fhir/{version}/metadata`.
pub async fn metadata(State(app): State<Arc<App>>, Base(version): Base, headers: HeaderMap) -> Response {
    document(app.statement(version), version, &headers)
}

/// `GET /fhir/{version}/OperationDefinition/Patient-overview`.
pub async fn definition(State(app): State<Arc<App>>, Base(version): Base, headers: HeaderMap) -> Response {
    document(app.definition(version), version, &headers)
}

/// `GET /fhir/R4/OperationDefinition/Patient-reconcile`.
pub async fn reconcile(State(app): State<Arc<App>>, Base(version): Base, headers: HeaderMap) -> Response {
    document(app.reconcile_definition(), version, &headers)
}

/// `GET /fhir/R4/OperationDefinition/Patient-unlink`.
pub async fn unlink(State(app): State<Arc<App>>, Base(version): Base, headers: HeaderMap) -> Response {
    document(app.unlink_definition(), version, &headers)
}

/// A year is the most that a cache may be told; RFC 8246.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// `GET /viewer/assets/{name}`. What the pages refer to has its version in the address and never changes; anything else is
/// asked about each time.
pub async fn asset(Path(name): Path<String>, RawQuery(asked): RawQuery, headers: HeaderMap) -> Response {
    match samenhang_viewer::assets::find(&name) {
        Some(asset) => {
            let asked = asked.as_deref().and_then(|query| query.strip_prefix("v="));
            let is_this = asked == Some(&*asset.version);
            let body = Body::from(asset.bytes.into_owned());
            let mut response = cached(&headers, &asset.etag, asset.media_type, body);
            if is_this {
                response.headers_mut().insert(CACHE_CONTROL, FOREVER);
            }
            response
        }
        None => problem::respond(Kind::NotFound.into(), "/viewer", &headers),
    }
}

fn document(published: &Published, version: FhirVersion, headers: &HeaderMap) -> Response {
    match negotiate::answer_form(headers, None, version, negotiate::ANSWER) {
        Ok(_) => cached(
            headers,
            &published.etag,
            Form::Json.media_type(),
            Body::from(published.body.clone()),
        ),
        Err(refused) => problem::respond(refused, "/fhir", headers),
    }
}

/// A response that may be kept, but is asked about each time.
fn cached(asked: &HeaderMap, etag: &str, media_type: &'static str, body: Body) -> Response {
    let known = asked.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let unchanged = known.is_some_and(|tags| {
        tags.split(',')
            .any(|tag| tag.trim().trim_start_matches("W/") == etag)
    });
    let mut response = if unchanged {
        Response::new(Body::empty())
    } else {
        Response::new(body)
    };
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(value) = HeaderValue::from_str(etag) {
        headers.insert(ETAG, value);
    }
    response
}
