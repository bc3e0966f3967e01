//! What an operation about a patient gets of its request.

use std::collections::HashMap;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;

use super::correlation::Correlation;
use super::problem;
use crate::access::Context;
use crate::error::{Kind, Problem};
use crate::fhir::base::Base;

/// A request to an operation, whole. The layers have put who asks and its id with it.
pub struct Asked {
    /// The id of the request.
    pub correlation: Correlation,
    /// Who asks.
    pub context: Context,
    /// The version of FHIR that is asked and answered in.
    pub base: Base,
    /// The parameters in the address.
    pub query: HashMap<String, String>,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, within the limit.
    pub body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Asked {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Extension(correlation) = Extension::from_request_parts(&mut parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let Extension(context) = Extension::from_request_parts(&mut parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let Query(query) = Query::from_request_parts(&mut parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let base = Base::of_path(parts.uri.path());
        let headers = parts.headers.clone();
        // A body that cannot be taken is one that is too large, or one that broke off.
        let body = Bytes::from_request(Request::from_parts(parts, body), state)
            .await
            .map_err(|_| problem::respond(Kind::TooLarge.into(), "/fhir", &headers))?;
        Ok(Asked {
            correlation,
            context,
            base,
            query,
            headers,
            body,
        })
    }
}

impl Asked {
    /// The answer, or what is wrong.
    pub fn respond(&self, answer: Result<Response, Vec<Problem>>) -> Response {
        answer.unwrap_or_else(|problems| problem::respond_all(problems, "/fhir", &self.headers))
    }
}
