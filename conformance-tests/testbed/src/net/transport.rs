//! Transport faults: what can go wrong with any answer, whatever it says.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use futures::StreamExt as _;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::connection::Reset;
use super::gzip;
use crate::faults::Fault;

/// Ends a connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the testbed ends this connection")]
pub(super) struct Abort;

/// Bytes of the body of `huge-body`: more than any client should read.
const HUGE: usize = 256 << 20;

/// Answers a request through a router, with these faults.
pub(super) async fn answer(
    request: Request<Body>,
    router: &Router,
    faults: &[Fault],
    stopping: &CancellationToken,
    reset: &Reset,
) -> Result<Response<Body>, Abort> {
    let mut effect = None;
    for fault in faults {
        if let Fault::Latency(ms) = fault {
            tokio::select! {
                () = stopping.cancelled() => return Err(Abort),
                () = tokio::time::sleep(Duration::from_millis(*ms)) => {}
            }
        } else {
            effect = Some(fault);
        }
    }
    let Some(effect) = effect else {
        return call(router, request).await;
    };
    Ok(match effect {
        Fault::Hang => {
            stopping.cancelled().await;
            return Err(Abort);
        }
        Fault::Reset => {
            reset.now();
            return Err(Abort);
        }
        Fault::Status { code, retry_after } => status(*code, *retry_after),
        Fault::HtmlPage => page(
            "text/html; charset=utf-8",
            Body::from("<!doctype html><title>Sign in</title><h1>Please sign in</h1>"),
        ),
        Fault::Redirect(url) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::FOUND;
            if let Ok(url) = HeaderValue::from_str(url) {
                response.headers_mut().insert(LOCATION, url);
            }
            response
        }
        Fault::GzipBomb => {
            let mut response = page("application/fhir+json", gzip::bomb());
            response
                .headers_mut()
                .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        }
        Fault::HugeBody => page("application/fhir+json", huge(stopping.clone())),
        Fault::EmptyBody => page("application/fhir+json", Body::empty()),
        Fault::Malformed => {
            rewrite(call(router, request).await?, |body| {
                let mut cut = body.slice(..body.len() * 2 / 3).to_vec();
                cut.extend_from_slice(b"}{\"<");
                Body::from(cut)
            })
            .await?
        }
        Fault::SlowLoris => {
            let stopping = stopping.clone();
            rewrite(call(router, request).await?, |body| drip(body, stopping)).await?
        }
        Fault::Truncate => truncate(call(router, request).await?).await?,
        _ => call(router, request).await?,
    })
}

/// The answer without faults.
pub(super) async fn call(router: &Router, request: Request<Body>) -> Result<Response<Body>, Abort> {
    router
        .clone()
        .oneshot(request)
        .await
        .map_err(|never: Infallible| match never {})
}

fn status(code: u16, retry_after: Option<u64>) -> Response<Body> {
    let body = r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"transient","diagnostics":"fault of the testbed"}]}"#;
    let mut response = page("application/fhir+json", Body::from(body));
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(seconds) = retry_after {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn page(content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

async fn rewrite(
    response: Response<Body>,
    change: impl FnOnce(Bytes) -> Body,
) -> Result<Response<Body>, Abort> {
    let (mut head, body) = response.into_parts();
    let body = body.collect().await.map_err(|_| Abort)?.to_bytes();
    head.headers.remove(CONTENT_LENGTH);
    Ok(Response::from_parts(head, change(body)))
}

async fn truncate(response: Response<Body>) -> Result<Response<Body>, Abort> {
    let (mut head, body) = response.into_parts();
    let body = body.collect().await.map_err(|_| Abort)?.to_bytes();
    head.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    let half = body.slice(..body.len() / 2);
    let parts = futures::stream::iter([Ok(half), Err(Abort)]).then(async |part| {
        if part.is_err() {
            // The first half must be on its way before the connection ends.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        part
    });
    Ok(Response::from_parts(head, Body::from_stream(parts)))
}

fn huge(stopping: CancellationToken) -> Body {
    let start = Bytes::from_static(br#"{"resourceType":"Bundle","type":"searchset","entry":[ "#);
    let filler = Bytes::from(vec![b' '; 64 << 10]);
    let pieces = HUGE / filler.len();
    let body = futures::stream::iter(
        std::iter::once(start)
            .chain(std::iter::repeat_n(filler, pieces))
            .map(Ok::<_, Infallible>),
    )
    .take_until(stopping.cancelled_owned());
    Body::from_stream(body)
}

fn drip(body: Bytes, stopping: CancellationToken) -> Body {
    let drops = (0..body.len()).map(move |at| body.slice(at..=at));
    let slow = futures::stream::iter(drops)
        .then(async |drop| {
            tokio::time::sleep(Duration::from_millis(250)).await;
            Ok::<_, Infallible>(drop)
        })
        .take_until(stopping.cancelled_owned());
    Body::from_stream(slow)
}
