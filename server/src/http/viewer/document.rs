//! `GET /viewer/p/{handle}/document/{key}/{place}`: a document of a record, opened when somebody asks for it.

use axum::body::Body;
use axum::response::Response;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use samenhang_gather::fanout::{Document, Media};
use samenhang_viewer::Address;
use samenhang_viewer::record::find;

use super::refused;
use super::shown::Visit;
use crate::error::{Kind, Problem};
use crate::overview::course::Course;
use crate::overview::document::Wanted;
use crate::overview::json::Whole;

/// Nothing is loaded by a document. A PDF runs nothing here either: with this media type and `nosniff` it is no page for any
/// browser, and in a `sandbox` some do not show it.
const PDF: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// As [`PDF`], and nothing runs in a text.
const TEXT: &str = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `GET /viewer/p/{handle}/document/{key}/{place}`.
pub async fn document(visit: Visit) -> Response {
    let asked = async {
        let (course, whole) = visit.ask().await?;
        Ok((course, whole, visit.address()))
    };
    opened(&visit, asked).await
}

/// The document that a visit names, of an answer with where its pages are.
pub(in crate::http) async fn opened(
    visit: &Visit,
    asked: impl Future<Output = Result<(Course, Whole, Address), Problem>>,
) -> Response {
    match Box::pin(open(visit, asked)).await {
        Ok(document) => written(document),
        Err(problem) => refused(&problem, &visit.frame),
    }
}

async fn open(
    visit: &Visit,
    asked: impl Future<Output = Result<(Course, Whole, Address), Problem>>,
) -> Result<Document, Problem> {
    let place: usize = visit.named("place").parse().map_err(|_| Kind::NotInAnswer)?;
    let (course, whole, address) = asked.await?;
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
    // It is shown, so that no copy is left among the reader's files. The name says nothing about the patient: a browser may
    // keep it.
    let (media, name, policy) = match document.media {
        Media::Pdf => ("application/pdf", "inline; filename=\"document.pdf\"", PDF),
        Media::Text => (
            "text/plain; charset=utf-8",
            "inline; filename=\"document.txt\"",
            TEXT,
        ),
    };
    let mut response = Response::new(Body::from(document.bytes));
    let headers = response.headers_mut();
    for (header, value) in [
        (CONTENT_TYPE, media),
        (CONTENT_DISPOSITION, name),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, policy),
    ] {
        headers.insert(header, HeaderValue::from_static(value));
    }
    response
}
