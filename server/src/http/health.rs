//! Liveness, readiness and metrics. To the public only "yes" or "no"; why not is told on the internal listener.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Serialize;

use crate::app::App;

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

#[derive(Serialize)]
struct Details {
    status: &'static str,
    version: &'static str,
    waiting: Vec<&'static str>,
}

/// `GET /healthz`: the process serves requests.
pub async fn healthz() -> Response {
    Json(Health { status: "ok" }).into_response()
}

/// `GET /readyz`: a question can be served.
pub async fn readyz(State(app): State<Arc<App>>) -> Response {
    match app.not_ready().await.is_empty() {
        true => Json(Health { status: "ok" }).into_response(),
        false => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(Health { status: "not ready" }),
        )
            .into_response(),
    }
}

/// `GET /readyz` on the internal listener: and if not, what it waits for.
pub async fn readyz_details(State(app): State<Arc<App>>) -> Response {
    let waiting = app.not_ready().await;
    let (status, text) = match waiting.is_empty() {
        true => (StatusCode::OK, "ok"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
    };
    (
        status,
        Json(Details {
            status: text,
            version: env!("CARGO_PKG_VERSION"),
            waiting,
        }),
    )
        .into_response()
}

/// `GET /metrics` on the internal listener, as Prometheus text.
pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        app.metrics().prometheus(),
    )
        .into_response()
}

/// A line of the list of quirks.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct QuirkLine {
    holder: String,
    id: &'static str,
    name: &'static str,
    name_nl: &'static str,
    rule: &'static str,
    count: u64,
}

/// `GET /quirks` on the internal listener: in what ways each holder differed from the specification since the start, by
/// the quirk catalogue. Counts, nothing about a patient.
pub async fn quirks(State(app): State<Arc<App>>) -> Response {
    let shown = app.gather().fan_out_part().quirks();
    let lines: Vec<QuirkLine> = shown
        .into_iter()
        .map(|(holder, quirk, count)| {
            let entry = quirk.entry();
            QuirkLine {
                holder: holder.to_string(),
                id: entry.id,
                name: entry.name_en,
                name_nl: entry.name_nl,
                rule: entry.action.code(),
                count,
            }
        })
        .collect();
    Json(lines).into_response()
}
