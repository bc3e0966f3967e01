//! `GET /viewer/p/{handle}/document/{key}/{place}`: a document of a record, opened when somebody asks for it.

use axum::body::Body;
use axum::response::Response;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use samenhang_gather::fanout::{Document, Media};
use samenhang_viewer::record::find;

use super::refused;
use super::shown::Visit;
use crate::error::{Kind, Problem};
use crate::overview::document::Wanted;

/// Nothing runs in a document and nothing is loaded by it.
const POLICY: &str =
    "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `GET /viewer/p/{handle}/document/{key}/{place}`.
pub async fn document(visit: Visit) -> Response {
    match Box::pin(open(&visit)).await {
        Ok(document) => written(document),
        Err(problem) => refused(&problem, &visit.frame),
    }
}

async fn open(visit: &Visit) -> Result<Document, Problem> {
    let address = visit.address();
    let place: usize = visit.named("place").parse().map_err(|_| Kind::NotInAnswer)?;
    let (course, whole) = visit.ask().await?;
    let known = &whole.reconciled;
    let record = find(known, &address, visit.named("key")).and_then(|index| known.items().get(index));
    let wanted = record
        .ok_or_else(|| Kind::NotInAnswer.into())
        .and_then(|record| Wanted::of(&course, &whole, record, place));
    drop(course);
    whole.let_go();
    wanted?.open(&visit.app, &visit.context, &visit.correlation).await
}

fn written(document: Document) -> Response {
    // The name says nothing about the patient: a browser may keep it.
    let (media, name) = match document.media {
        Media::Pdf => ("application/pdf", "attachment; filename=\"document.pdf\""),
        Media::Text => ("text/plain; charset=utf-8", "inline; filename=\"document.txt\""),
    };
    let mut response = Response::new(Body::from(document.bytes));
    let headers = response.headers_mut();
    for (header, value) in [
        (CONTENT_TYPE, media),
        (CONTENT_DISPOSITION, name),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, POLICY),
    ] {
        headers.insert(header, HeaderValue::from_static(value));
    }
    response
}
