//! Correlation: `X-Request-Id` and `traceparent`, taken from the asker when they are well formed, else made here.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use axum::extract::{ConnectInfo, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

use crate::access::Origin;
use crate::http::address::holds_bsn;
use crate::http::listener::Remote;

/// The header that carries the id of a request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// W3C Trace Context.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// What ties a request to its records. In the extensions of every request.
#[derive(Debug, Clone)]
pub struct Correlation {
    /// The id in every audit record, trace and log line of this request. Always made here.
    pub id: Uuid,
    /// The id that the asker gave, or `id`: returned in `X-Request-Id`.
    pub request_id: String,
    /// The asker's `traceparent`, when well formed.
    pub traceparent: Option<String>,
    /// The network address that the request came from.
    pub from: Option<String>,
    /// Whether the request became a question whose course counts how it ended.
    pub followed: Arc<AtomicBool>,
}

impl Correlation {
    fn read(headers: &HeaderMap, from: Option<SocketAddr>) -> Self {
        let id = Uuid::new_v4();
        let given = headers
            .get(REQUEST_ID)
            .and_then(|value| value.to_str().ok())
            .filter(|text| is_request_id(text));
        let trace = headers
            .get(TRACEPARENT)
            .and_then(|value| value.to_str().ok())
            .filter(|text| is_traceparent(text));
        Correlation {
            id,
            request_id: given.map_or_else(|| id.to_string(), str::to_owned),
            traceparent: trace.map(str::to_owned),
            from: from.map(|address| address.ip().to_string()),
            followed: Arc::default(),
        }
    }

    /// Where the request came from, for the audit log.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin {
            from: self.from.clone(),
            request_id: self.given().map(str::to_owned),
        }
    }

    /// The id that the asker gave, when it gave one.
    #[must_use]
    pub fn given(&self) -> Option<&str> {
        (self.request_id != self.id.to_string()).then_some(&*self.request_id)
    }
}

/// An id that is safe to repeat: short, of plain characters, and not a BSN.
fn is_request_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
        && !holds_bsn(text)
}

/// `00-<32 hex>-<16 hex>-<2 hex>`, not all zeros.
fn is_traceparent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let hex = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let [version, trace, span, flags] = parts.as_slice() else {
        return false;
    };
    let zeros = |part: &str| part.bytes().all(|byte| byte == b'0');
    *version == "00" && hex(trace, 32) && hex(span, 16) && hex(flags, 2) && !zeros(trace) && !zeros(span)
}

/// Gives every request its [`Correlation`] and every response its headers.
pub async fn correlate(mut request: Request, next: Next) -> Response {
    let from = request
        .extensions()
        .get::<ConnectInfo<Remote>>()
        .map(|ConnectInfo(Remote(address))| *address);
    let correlation = Correlation::read(request.headers(), from);
    request.extensions_mut().insert(correlation.clone());
    // The address as every other part reads it, whatever listener it came from.
    if let Some(address) = from {
        request.extensions_mut().insert(ConnectInfo(address));
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&correlation.request_id) {
        headers.insert(REQUEST_ID, value);
    }
    if let Some(value) = correlation
        .traceparent
        .and_then(|text| HeaderValue::from_str(&text).ok())
    {
        headers.insert(TRACEPARENT, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::{is_request_id, is_traceparent};

    #[test]
    fn only_safe_ids_are_repeated() {
        assert!(is_request_id("3f1c-aa_b.c:1"));
        assert!(!is_request_id(""));
        assert!(!is_request_id("a b"));
        assert!(!is_request_id("order-999990019"));
        assert!(!is_request_id(&"a".repeat(129)));
        assert!(is_traceparent(
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        ));
        assert!(!is_traceparent(
            "00-00000000000000000000000000000000-b7ad6b7169203331-01"
        ));
        assert!(!is_traceparent(
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        ));
        assert!(!is_traceparent(
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        ));
    }
}
