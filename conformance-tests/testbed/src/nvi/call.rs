//! One request to the index, as its handlers need it: who calls, with which parameters and which body.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use http::{HeaderMap, Response, request::Parts};

use super::Nvi;
use crate::answer;
use crate::oauth::Claims;

/// A request with its whole body. The network side has bounded it.
pub(super) struct Call {
    head: Parts,
    pub(super) body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = Infallible;

    async fn from_request(request: Request, _: &S) -> Result<Self, Infallible> {
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
        Ok(Call { head, body })
    }
}

impl Call {
    /// What the caller's token says.
    ///
    /// # Errors
    /// The refusal, when there is no token that counts.
    pub(super) fn claims(&self, nvi: &Nvi) -> Result<Claims, Box<Response<Body>>> {
        let headers: &HeaderMap = &self.head.headers;
        nvi.0.gate.check(headers, &self.head.extensions)
    }

    /// The parameters in the address.
    pub(super) fn query(&self) -> Vec<(String, String)> {
        answer::pairs(self.head.uri.query().unwrap_or_default())
    }
}
