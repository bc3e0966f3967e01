//! `GET /operator` on the internal listener: how the holders do, in what ways they differ from the specification, and what a
//! station told of quality and holds. Numbers and codes; nothing about a patient can come in here.

mod file;
mod quality;
mod quarantine;

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use samenhang_gather::fanout::HolderHealth;
use samenhang_profiles::Ura;
use samenhang_viewer::moment::moment;
use samenhang_viewer::operator::{HolderLine, OperatorPage, QuirkLine};

use crate::app::App;
use crate::error::Language;
use crate::fhir::language;
use crate::http::viewer::{chosen, respond_in};

pub use quality::report;

/// `GET /operator`.
pub async fn page(
    State(app): State<Arc<App>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let now = app.clock().now();
    let language = chosen(&query, || language::preferred(&headers, Language::Dutch));
    let fan_out = app.gather().fan_out_part();
    let holders = fan_out.health();
    let holders = holders.iter().map(|health| holder(&app, health));
    let quirks = fan_out.quirks().into_iter().map(|(ura, quirk, count)| {
        let entry = quirk.entry();
        QuirkLine {
            holder: name(&app, &ura),
            id: entry.id,
            name: language.pick(entry.name_nl, entry.name_en),
            rule: entry.action.code(),
            count,
        }
    });
    let reports = app.config().stations.clone();
    let told = tokio::task::spawn_blocking(move || {
        let quality = reports.iter().map(|report| quality::summary(report, now));
        let stations = reports.iter().map(|report| quarantine::station(report, now));
        (quality.collect(), stations.collect())
    });
    let directory = app.gather().directory();
    let (organisations, endpoints) = directory.size();
    let (quality, stations) = told.await.unwrap_or_default();
    let page = OperatorPage {
        language,
        demo: app.is_demo(),
        made_at: moment(now),
        version: env!("CARGO_PKG_VERSION"),
        waiting: app.not_ready().await,
        directory: directory.updated_at().map(moment),
        organisations,
        endpoints,
        holders: holders.collect(),
        quirks: quirks.collect(),
        quality,
        stations,
    };
    respond_in(StatusCode::OK, language, page.render())
}

fn name(app: &App, ura: &Ura) -> String {
    app.holder_name(ura).unwrap_or_else(|| format!("URA {ura}"))
}

fn holder(app: &App, health: &HolderHealth) -> HolderLine {
    HolderLine {
        name: name(app, &health.holder),
        ura: health.holder.to_string(),
        breaker: health.breaker,
        since: health.since.map(moment),
        calls: health.calls,
        failures: health.failures,
        latency_ms: health.latency_ms,
        last_success: health.last_success.map(moment),
        last_failure: health.last_failure.map(|(at, code)| (moment(at), code)),
    }
}
