//! Serving HTTP/1.1 and HTTP/2 on a listener, with a limit on everything that one connection may ask for (faults F11
//! and F45; limits of section 6.5 of the conformance and reliability notes).
//!
//! Nothing is left to what a library happens to prefer. A connection that passes a limit of framing is ended; one that
//! does not read its answers is too. Others never notice.

mod reading;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::serve::Listener;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::listener::{Guarded, GuardedStream, Remote};
use crate::app::Drain;
use reading::{Read, Reading};

/// Bytes of the headers of one request.
const HEADER_BYTES: u32 = 32 << 10;
/// Headers of one request.
const HEADERS: usize = 100;
/// Bytes of the path and query of one request.
const ADDRESS_BYTES: usize = 8 << 10;
/// How long the headers of an HTTP/1.1 request may take.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// Requests that one HTTP/2 connection may have open.
const STREAMS: u32 = 64;
/// Streams that were reset by the other side before they were served, and by us for an error of the other side: more
/// ends the connection (CVE-2023-44487 and CVE-2025-8671).
const RESETS: usize = 32;
/// Bytes that wait to be sent on one stream.
const SEND_BUFFER: usize = 64 << 10;
/// Bytes of one HTTP/2 frame.
const FRAME: u32 = 16 << 10;
/// Bytes of request bodies on their way: of one stream, and of one connection.
const WINDOW: u32 = 256 << 10;
/// How long an HTTP/2 connection may be silent before it is asked for a sign of life, and how long that may take.
const SIGN_OF_LIFE: Duration = Duration::from_secs(20);

/// Serves until the server stops; then gives connections the time to finish. Ends all of them when it is dropped.
/// `reading` is how long an answer may wait for its reader.
pub async fn serve(mut listener: Guarded, router: Router, drain: Drain, reading: Duration) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, remote) = tokio::select! {
            () = drain.stopping() => break,
            accepted = listener.accept() => accepted,
        };
        connections.spawn(Box::pin(connection(
            stream,
            remote,
            router.clone(),
            drain.clone(),
            reading,
        )));
        // Those that have ended are let go.
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection(
    stream: GuardedStream,
    remote: SocketAddr,
    router: Router,
    drain: Drain,
    patience: Duration,
) {
    let reading = Arc::new(Reading::default());
    let service = service_fn({
        let reading = Arc::clone(&reading);
        move |request| answer(request, remote, router.clone(), Arc::clone(&reading))
    });
    let builder = limited();
    let mut served = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let mut is_stopping = false;
    loop {
        tokio::select! {
            ended = served.as_mut() => {
                if ended.is_err() {
                    tracing::debug!("a connection ended early");
                }
                return;
            }
            () = reading.is_stuck(patience) => {
                tracing::debug!("a connection ended: its reader is too slow");
                return;
            }
            () = drain.stopping(), if !is_stopping => {
                is_stopping = true;
                served.as_mut().graceful_shutdown();
            }
        }
    }
}

fn limited() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_headers(HEADERS)
        .max_buf_size(usize::try_from(HEADER_BYTES).unwrap_or(usize::MAX) + ADDRESS_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEADER_BYTES)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(RESETS)
        .max_send_buf_size(SEND_BUFFER)
        .max_frame_size(FRAME)
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .keep_alive_interval(SIGN_OF_LIFE)
        .keep_alive_timeout(SIGN_OF_LIFE);
    builder
}

async fn answer(
    request: Request<Incoming>,
    remote: SocketAddr,
    router: Router,
    reading: Arc<Reading>,
) -> Result<Response<Read>, Infallible> {
    let too_long = request
        .uri()
        .path_and_query()
        .is_some_and(|target| target.as_str().len() > ADDRESS_BYTES);
    let response = if too_long {
        status(StatusCode::URI_TOO_LONG)
    } else if request.headers().len() > HEADERS {
        status(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
    } else {
        let mut request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(ConnectInfo(Remote(remote)));
        router.oneshot(request).await?
    };
    Ok(response.map(|body| reading.watch(body)))
}

fn status(code: StatusCode) -> Response<axum::body::Body> {
    let mut response = Response::new(axum::body::Body::empty());
    *response.status_mut() = code;
    response
}
