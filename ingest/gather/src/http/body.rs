//! Reads the body of an answer in pieces: with a cap, a minimum speed, a bound on inflation and a deadline.

use std::io::Write;
use std::time::Duration;

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use tokio::time::Instant;

use super::error::HttpError;
use super::resolver::classify_body;

/// What a body may be.
pub(super) struct BodyLimits {
    pub(super) max_bytes: usize,
    pub(super) max_inflation: usize,
    pub(super) grace: Duration,
    pub(super) min_bytes_per_second: usize,
}

/// A compressed page below this size may inflate as it likes: short texts repeat themselves a lot.
const FREE_INFLATION: usize = 64 << 10;

/// Reads the whole body.
pub(super) async fn read(
    mut response: reqwest::Response,
    limits: &BodyLimits,
    deadline: Instant,
) -> Result<Bytes, HttpError> {
    let too_large = HttpError::TooLarge {
        what: "bytes",
        limit: limits.max_bytes,
    };
    if response
        .content_length()
        .is_some_and(|length| length > limits.max_bytes as u64)
    {
        return Err(too_large);
    }
    let mut sink = Sink::for_encoding(response.headers(), limits)?;
    let mut pace = Pace::new(limits);
    loop {
        let wake = deadline.min(pace.check_at);
        match tokio::time::timeout_at(wake, response.chunk()).await {
            Ok(Ok(Some(chunk))) => {
                pace.received += chunk.len();
                sink.take(&chunk)?;
            }
            Ok(Ok(None)) => return sink.finish(),
            Ok(Err(error)) => return Err(classify_body(&error)),
            Err(_) if Instant::now() >= deadline => return Err(HttpError::Timeout),
            Err(_) => {}
        }
        pace.check()?;
    }
}

/// The minimum speed, measured over windows as long as the grace.
struct Pace {
    window: Duration,
    least: usize,
    received: usize,
    check_at: Instant,
}

impl Pace {
    fn new(limits: &BodyLimits) -> Self {
        let window = limits.grace.max(Duration::from_millis(1));
        let millis = usize::try_from(window.as_millis()).unwrap_or(usize::MAX);
        Pace {
            window,
            least: limits.min_bytes_per_second.saturating_mul(millis) / 1000,
            // The first window is the grace itself.
            received: usize::MAX / 2,
            check_at: Instant::now() + window,
        }
    }

    fn check(&mut self) -> Result<(), HttpError> {
        if Instant::now() < self.check_at {
            return Ok(());
        }
        if self.received < self.least {
            return Err(HttpError::Timeout);
        }
        self.received = 0;
        self.check_at = Instant::now() + self.window;
        Ok(())
    }
}

/// Where the bytes go: as they are, or inflated.
enum Sink {
    Identity(Bounded),
    Gzip {
        decoder: Box<MultiGzDecoder<Bounded>>,
        any: bool,
    },
}

impl Sink {
    fn for_encoding(headers: &::http::HeaderMap, limits: &BodyLimits) -> Result<Self, HttpError> {
        let mut encodings = headers.get_all(::http::header::CONTENT_ENCODING).iter();
        let bounded = Bounded {
            bytes: Vec::new(),
            sent: 0,
            max_bytes: limits.max_bytes,
            max_inflation: limits.max_inflation,
            passed: None,
        };
        let encoding = encodings
            .next()
            .map(|value| value.as_bytes().to_ascii_lowercase());
        match (encoding.as_deref(), encodings.next()) {
            (None | Some(b"identity"), None) => Ok(Sink::Identity(bounded)),
            (Some(b"gzip" | b"x-gzip"), None) => Ok(Sink::Gzip {
                decoder: Box::new(MultiGzDecoder::new(bounded)),
                any: false,
            }),
            _ => Err(HttpError::Encoding),
        }
    }

    fn take(&mut self, chunk: &[u8]) -> Result<(), HttpError> {
        match self {
            Sink::Identity(bounded) => {
                bounded.sent += chunk.len();
                bounded.write_all(chunk).map_err(|_| bounded.reason())
            }
            Sink::Gzip { decoder, any } => {
                *any |= !chunk.is_empty();
                decoder.get_mut().sent += chunk.len();
                decoder.write_all(chunk).map_err(|_| decoder.get_ref().reason())
            }
        }
    }

    fn finish(self) -> Result<Bytes, HttpError> {
        match self {
            Sink::Identity(bounded) => Ok(bounded.bytes.into()),
            // A HEAD or an empty answer may still name an encoding.
            Sink::Gzip { any: false, .. } => Ok(Bytes::new()),
            Sink::Gzip { mut decoder, .. } => {
                if decoder.try_finish().is_err() {
                    let bounded = decoder.get_ref();
                    return Err(bounded.passed.unwrap_or(HttpError::Truncated));
                }
                Ok(std::mem::take(&mut decoder.get_mut().bytes).into())
            }
        }
    }
}

/// A buffer that refuses to grow past its bounds.
struct Bounded {
    bytes: Vec<u8>,
    sent: usize,
    max_bytes: usize,
    max_inflation: usize,
    passed: Option<HttpError>,
}

impl Bounded {
    fn reason(&self) -> HttpError {
        self.passed.unwrap_or(HttpError::Encoding)
    }
}

impl Write for Bounded {
    fn write(&mut self, chunk: &[u8]) -> std::io::Result<usize> {
        let size = self.bytes.len() + chunk.len();
        if size > self.max_bytes {
            self.passed = Some(HttpError::TooLarge {
                what: "bytes",
                limit: self.max_bytes,
            });
        } else if size > FREE_INFLATION && size > self.sent.saturating_mul(self.max_inflation) {
            self.passed = Some(HttpError::TooLarge {
                what: "times its compressed size",
                limit: self.max_inflation,
            });
        }
        if self.passed.is_some() {
            return Err(std::io::Error::other("a limit is passed"));
        }
        self.bytes.extend_from_slice(chunk);
        Ok(chunk.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
