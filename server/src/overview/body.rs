//! A response body that is written while the question runs.
//!
//! When the writer goes without saying that it has finished, the connection breaks off instead of ending: a reader
//! can never take half an answer for a whole one (P3).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use axum::body::Body;
use bytes::Bytes;
use futures::Stream;
use tokio::sync::mpsc;

/// Pieces that wait for a slow reader before the question is held up.
const WAITING: usize = 8;

/// The reader has gone away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone;

/// Writes a body piece by piece.
#[derive(Debug)]
pub struct Pen {
    pieces: mpsc::Sender<Bytes>,
    finished: Arc<AtomicBool>,
}

struct Pieces {
    receiver: mpsc::Receiver<Bytes>,
    finished: Arc<AtomicBool>,
    ended: bool,
    /// Whether the connection had its chance to send the last piece before it breaks off.
    sent: bool,
}

/// A pen, and the body that it writes.
pub fn open() -> (Pen, Body) {
    let (pieces, receiver) = mpsc::channel(WAITING);
    let finished = Arc::new(AtomicBool::new(false));
    let body = Pieces {
        receiver,
        finished: Arc::clone(&finished),
        ended: false,
        sent: false,
    };
    (Pen { pieces, finished }, Body::from_stream(body))
}

impl Pen {
    /// Writes a piece; waits while the reader is slow.
    ///
    /// # Errors
    /// [`Gone`] when nobody reads any more.
    pub async fn write(&self, piece: Bytes) -> Result<(), Gone> {
        self.pieces.send(piece).await.map_err(|_| Gone)
    }

    /// Everything is written.
    pub fn finish(self) {
        self.finished.store(true, Ordering::Release);
    }
}

impl Stream for Pieces {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        match ready!(self.receiver.poll_recv(context)) {
            Some(piece) => Poll::Ready(Some(Ok(piece))),
            None => {
                let finished = self.finished.load(Ordering::Acquire);
                if !finished && !self.sent {
                    // An error at once would take with it what is still in the connection's buffer: why it broke off.
                    self.sent = true;
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                self.ended = true;
                let broken = || Err(io::Error::other("the answer broke off"));
                Poll::Ready((!finished).then(broken))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http_body_util::BodyExt;

    use super::{Gone, open};

    #[tokio::test]
    async fn a_body_that_was_not_finished_breaks_off() {
        let (pen, body) = open();
        pen.write(Bytes::from_static(b"{}")).await.unwrap();
        drop(pen);
        assert!(body.collect().await.is_err());
        let (pen, body) = open();
        pen.write(Bytes::from_static(b"{}")).await.unwrap();
        pen.finish();
        assert_eq!(body.collect().await.unwrap().to_bytes(), "{}");
        let (pen, body) = open();
        drop(body);
        assert_eq!(pen.write(Bytes::new()).await, Err(Gone));
    }
}
