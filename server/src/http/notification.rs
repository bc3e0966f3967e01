//! `POST /mitz/notification`: Mitz tells that a patient's choices have changed.
//!
//! On the internal listener, behind whatever proves to the organisation that it is Mitz. It can only take away: every
//! permit about the patients that it names ends at once, so that what is under way shows nothing more, and kept
//! answers are forgotten. Nothing comes back but whether it was taken.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use samenhang_gather::consent::Notification;

use crate::app::App;
use crate::error::Kind;
use crate::http::problem;

/// Takes a notification: FHIR Consent, alone or in a Bundle, as JSON or XML.
pub async fn receive(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Ok(body) = body else {
        return problem::respond(Kind::TooLarge.into(), "/fhir", &headers);
    };
    match Notification::read(&body) {
        Ok(notification) => {
            notification.apply(&app.register(), app.clock().now());
            app.access().sessions().forget_changed(&app.register());
            tracing::info!(count = notification.count(), "consent has changed");
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => {
            tracing::warn!(code = error.code(), "a notification of consent was refused");
            problem::respond(Kind::Unreadable.into(), "/fhir", &headers)
        }
    }
}
