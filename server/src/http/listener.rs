//! A listener that protects itself: a cap on connections, and an end to those that neither read nor write.
//!
//! A slow reader would otherwise keep patient data in memory for as long as it likes, and a slow writer would keep a
//! connection.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep_until};

/// Limits on connections.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Connections at once; more wait in the backlog of the operating system.
    pub connections: usize,
    /// How long a write may stay without progress.
    pub write: Duration,
    /// How long a connection may stay without any byte in either direction.
    pub idle: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            connections: 1024,
            write: Duration::from_secs(10),
            idle: Duration::from_secs(90),
        }
    }
}

/// A TCP listener with [`Patience`].
#[derive(Debug)]
pub struct Guarded {
    inner: TcpListener,
    patience: Patience,
    places: Arc<Semaphore>,
}

impl Guarded {
    /// Guards a listener.
    #[must_use]
    pub fn new(inner: TcpListener, patience: Patience) -> Self {
        Guarded {
            inner,
            patience,
            places: Arc::new(Semaphore::new(patience.connections.max(1))),
        }
    }
}

impl Listener for Guarded {
    type Io = GuardedStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        // The semaphore is never closed; without a place the connection is simply not counted.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        let (stream, address) = Listener::accept(&mut self.inner).await;
        // Small events must not wait for each other.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(code = %error.kind(), "failed to switch off delayed sending");
        }
        (GuardedStream::new(stream, self.patience, place), address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.inner.local_addr()
    }
}

/// The network address that a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remote(pub SocketAddr);

/// A connection with [`Patience`].
#[derive(Debug)]
pub struct GuardedStream<S = TcpStream> {
    inner: S,
    patience: Patience,
    /// Runs while a write waits; `None` when the last write made progress.
    write_timer: Option<Pin<Box<Sleep>>>,
    idle_timer: Pin<Box<Sleep>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl<S> GuardedStream<S> {
    fn new(inner: S, patience: Patience, place: Option<OwnedSemaphorePermit>) -> Self {
        let idle_timer = Box::pin(sleep_until(Instant::now() + patience.idle));
        GuardedStream {
            inner,
            patience,
            write_timer: None,
            idle_timer,
            _place: place,
        }
    }

    fn progressed(&mut self) {
        self.write_timer = None;
        self.idle_timer
            .as_mut()
            .reset(Instant::now() + self.patience.idle);
    }

    /// A write waits: fails when it has waited too long.
    fn wait_write(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let limit = self.patience.write;
        let timer = self
            .write_timer
            .get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + limit)));
        ready!(timer.as_mut().poll(context));
        Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, "the reader is too slow"))
    }

    fn finish_write<T>(
        &mut self,
        context: &mut Context<'_>,
        result: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match result {
            Poll::Ready(result) => {
                self.progressed();
                Poll::Ready(result)
            }
            Poll::Pending => self.wait_write(context).map(Err),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for GuardedStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Poll::Ready(result) = Pin::new(&mut this.inner).poll_read(context, into) {
            this.idle_timer
                .as_mut()
                .reset(Instant::now() + this.patience.idle);
            return Poll::Ready(result);
        }
        ready!(this.idle_timer.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the connection is idle",
        )))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for GuardedStream<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.inner).poll_write(context, bytes);
        this.finish_write(context, result)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.inner).poll_write_vectored(context, slices);
        this.finish_write(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.inner).poll_flush(context);
        this.finish_write(context, result)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.inner).poll_shutdown(context);
        this.finish_write(context, result)
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::{GuardedStream, Patience};

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_stops_loses_its_connection() {
        let (ours, _theirs) = duplex(8);
        let patience = Patience {
            write: Duration::from_secs(1),
            ..Patience::default()
        };
        let mut stream = GuardedStream::new(ours, patience, None);
        let error = stream.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_writer_that_stops_loses_its_connection() {
        let (ours, mut theirs) = duplex(64);
        let mut stream = GuardedStream::new(ours, Patience::default(), None);
        theirs.write_all(b"POST").await.unwrap();
        let mut text = [0; 4];
        stream.read_exact(&mut text).await.unwrap();
        let error = stream.read_exact(&mut text).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }
}
