//! Whether the reader of an answer still reads.
//!
//! An HTTP/2 reader can leave its window shut and answer every ping: no byte waits in the socket, and the answer stays
//! in memory. So each body says when it was last asked for more. It gives its data in pieces, and its end by itself,
//! so that it is asked again only when what came before has found room on the connection.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Error;
use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as _, Frame, SizeHint};
use tokio::time::{Instant, sleep_until};

/// Bytes that are given at once.
const PIECE: usize = 16 << 10;
/// How often it is looked, at least.
const LOOK: Duration = Duration::from_secs(1);

/// The answers of one connection that wait for their reader, and since when.
#[derive(Debug, Default)]
pub(super) struct Reading(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    next: u64,
    since: BTreeMap<u64, Instant>,
}

impl Reading {
    fn with<T>(&self, work: impl FnOnce(&mut Waiting) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Watches a body: it waits for its reader from now.
    pub(super) fn watch(self: &Arc<Self>, body: Body) -> Read {
        let id = self.with(|waiting| {
            waiting.next += 1;
            waiting.since.insert(waiting.next, Instant::now());
            waiting.next
        });
        Read {
            id,
            body,
            rest: Bytes::new(),
            has_given: false,
            reading: Arc::clone(self),
        }
    }

    /// Notes since when an answer waits for its reader; `None` when it does not.
    fn note(&self, id: u64, since: Option<Instant>) {
        self.with(|waiting| {
            match since {
                Some(since) => waiting.since.insert(id, since),
                None => waiting.since.remove(&id),
            };
        });
    }

    /// Ends when an answer has waited so long for its reader.
    pub(super) async fn is_stuck(&self, patience: Duration) {
        loop {
            let oldest = self.with(|waiting| waiting.since.values().min().copied());
            let now = Instant::now();
            match oldest {
                Some(since) if now >= since + patience => return,
                Some(since) => sleep_until((since + patience).min(now + LOOK)).await,
                None => sleep_until(now + LOOK.min(patience)).await,
            }
        }
    }
}

/// A body that is watched.
#[derive(Debug)]
pub(super) struct Read {
    id: u64,
    body: Body,
    rest: Bytes,
    has_given: bool,
    reading: Arc<Reading>,
}

impl Read {
    /// The next frame, in pieces.
    fn next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(other) => return Poll::Ready(Some(Ok(other))),
                },
                end => return Poll::Ready(end),
            }
        }
        self.has_given = true;
        let piece = self.rest.split_to(self.rest.len().min(PIECE));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}

impl hyper::body::Body for Read {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = self.get_mut();
        let next = this.next(context);
        // While it waits for its source, or when it is done, it does not wait for its reader.
        let since = matches!(next, Poll::Ready(Some(Ok(_)))).then(Instant::now);
        this.reading.note(this.id, since);
        next
    }

    /// Never before the end was asked for, unless there is nothing at all: the last piece must find room too.
    fn is_end_stream(&self) -> bool {
        !self.has_given && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.size_hint();
        let rest = u64::try_from(self.rest.len()).unwrap_or(u64::MAX);
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint.set_lower(hint.lower().saturating_add(rest));
        hint
    }
}

impl Drop for Read {
    fn drop(&mut self) {
        self.reading.note(self.id, None);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use axum::body::Body;
    use http_body_util::BodyExt as _;
    use hyper::body::Body as _;
    use tokio::time::{Instant, timeout};

    use super::{PIECE, Reading};

    const PATIENCE: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_reads_is_stuck() {
        let reading = Arc::new(Reading::default());
        let began = Instant::now();
        let unread = reading.watch(Body::from("text"));
        reading.is_stuck(PATIENCE).await;
        assert_eq!(began.elapsed(), PATIENCE);
        drop(unread);
        assert!(timeout(PATIENCE * 5, reading.is_stuck(PATIENCE)).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_of_which_the_last_piece_finds_no_room_is_stuck() {
        let reading = Arc::new(Reading::default());
        let mut body = reading.watch(Body::from("text"));
        assert_eq!(body.size_hint().exact(), Some(4));
        let frame = body.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "text");
        assert!(!body.is_end_stream(), "the end is asked for by itself");
        reading.is_stuck(PATIENCE).await;
        assert!(body.frame().await.is_none());
        assert!(timeout(PATIENCE * 5, reading.is_stuck(PATIENCE)).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_waits_for_its_source_is_not_stuck() {
        let reading = Arc::new(Reading::default());
        let silent = futures::stream::pending::<Result<&'static str, std::io::Error>>();
        let mut body = reading.watch(Body::from_stream(silent));
        let waiting = timeout(PATIENCE * 5, body.frame());
        tokio::select! {
            () = reading.is_stuck(PATIENCE) => panic!("it is not its reader who is slow"),
            ended = waiting => assert!(ended.is_err()),
        }
    }

    #[tokio::test]
    async fn what_is_read_is_what_was_given() {
        let bytes: Vec<u8> = (0..=255).cycle().take(PIECE * 2 + 1).collect();
        let reading = Arc::new(Reading::default());
        let body = reading.watch(Body::from(bytes.clone()));
        assert_eq!(body.collect().await.unwrap().to_bytes(), bytes);
    }
}
