//! Accepting connections and requests of one service, until the testbed stops.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::shared::{ClientCertificate, Shared};
use super::transport::{self, Abort};
use crate::faults::ServiceId;
use crate::journal;

/// Bytes of one request that are read.
const MAX_REQUEST: usize = 16 << 20;
/// How long a connection may take to finish when the testbed stops, and a TLS handshake to complete.
const GRACE: Duration = Duration::from_secs(2);

/// What a connection needs to answer a request.
struct Connection {
    service: ServiceId,
    router: Router,
    shared: Shared,
    certificate: Option<ClientCertificate>,
    reset: Reset,
}

/// By which a request ends its connection with a TCP reset, also when other requests share it.
#[derive(Clone, Default)]
pub(super) struct Reset {
    asked: Arc<AtomicBool>,
    end: CancellationToken,
}

impl Reset {
    /// Ends the connection.
    pub(super) fn now(&self) {
        self.asked.store(true, Ordering::Relaxed);
        self.end.cancel();
    }

    fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

/// Accepts connections until the testbed stops.
pub(super) async fn accept(
    service: ServiceId,
    router: Router,
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    shared: Shared,
) {
    loop {
        let stream = tokio::select! {
            () = shared.stopping().cancelled() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => continue,
            },
        };
        let reset = Reset::default();
        let connection = Connection {
            service: service.clone(),
            router: router.clone(),
            shared: shared.clone(),
            certificate: None,
            reset: reset.clone(),
        };
        let socket = Socket { stream, reset };
        // A flaw makes a certificate of its own; one that cannot be made ends the connection.
        let tls = match shared.faults().take_flaw(&service) {
            None => tls.clone(),
            flaw => match shared.tls_for(&service, flaw) {
                Ok(tls) => tls,
                Err(_) => continue,
            },
        };
        shared.spawn(Box::pin(begin(socket, tls.map(TlsAcceptor::from), connection)));
    }
}

async fn begin(socket: Socket, tls: Option<TlsAcceptor>, mut connection: Connection) {
    // Small answers must not wait for an acknowledgement.
    let _ = socket.stream.set_nodelay(true);
    let Some(acceptor) = tls else {
        return run(socket, connection).await;
    };
    let stopping = connection.shared.stopping().clone();
    let handshake = tokio::select! {
        () = stopping.cancelled() => return,
        done = tokio::time::timeout(GRACE * 5, acceptor.accept(socket)) => done,
    };
    let Ok(Ok(stream)) = handshake else {
        return;
    };
    connection.certificate =
        stream
            .get_ref()
            .1
            .peer_certificates()
            .and_then(<[_]>::first)
            .map(|certificate| ClientCertificate {
                fingerprint: crate::tls::fingerprint(certificate),
            });
    run(stream, connection).await;
}

async fn run<S>(stream: S, connection: Connection)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let stopping = connection.shared.stopping().clone();
    let reset = connection.reset.end.clone();
    let connection = Arc::new(connection);
    let service = service_fn(move |request| answer(request, Arc::clone(&connection)));
    let builder = Builder::new(TokioExecutor::new());
    let mut served = pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ = served.as_mut() => return,
        () = reset.cancelled() => return,
        () = stopping.cancelled() => served.as_mut().graceful_shutdown(),
    }
    let _ = tokio::time::timeout(GRACE, served).await;
}

async fn answer(request: Request<Incoming>, connection: Arc<Connection>) -> Result<Response<Body>, Abort> {
    let (mut head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_REQUEST).collect().await else {
        let mut refused = Response::new(Body::empty());
        *refused.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return Ok(refused);
    };
    let body = body.to_bytes();
    let shared = &connection.shared;
    if connection.service == ServiceId::Admin {
        return transport::call(&connection.router, Request::from_parts(head, Body::from(body))).await;
    }
    let sequence = shared.journal().begin(
        shared.clock().now(),
        journal::Incoming {
            service: connection.service.clone(),
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: head
                .headers
                .iter()
                .map(|(name, value)| {
                    (
                        name.to_string(),
                        String::from_utf8_lossy(value.as_bytes()).into_owned(),
                    )
                })
                .collect(),
            body: body.clone(),
        },
    );
    if let Some(certificate) = &connection.certificate {
        head.extensions.insert(certificate.clone());
    }
    let faults = shared
        .faults()
        .take_transport(&connection.service, head.uri.path());
    let names: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let request = Request::from_parts(head, Body::from(body));
    let answered = transport::answer(
        request,
        &connection.router,
        &faults,
        shared.stopping(),
        &connection.reset,
    )
    .await;
    let status = answered.as_ref().map_or(0, |response| response.status().as_u16());
    shared.journal().finish(sequence, status, &names.join(","));
    answered
}

/// A TCP connection that can end with a reset instead of a proper close.
struct Socket {
    stream: TcpStream,
    reset: Reset,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.reset.is_asked() {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset.is_asked() {
            // A FIN before the reset would look like an ordinary end.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
