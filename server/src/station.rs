//! A datastation as a FHIR source in R4: what a compliant holder answers, of what the station keeps.
//!
//! Read, version read and search by patient, for each source under its own path. It knows its callers by nothing: it
//! listens on this machine only, behind what the holder has for authentication and consent. It stores nothing and logs
//! no parameter. Refused: a number in an address, and parameters that it does not know.

mod answer;
mod search;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::routing::{get, post};
use http::Response;
use samenhang_station::{Scope, Station, StationError, Stored};

use self::search::{Refused, Search};

/// Most bytes of a search.
const MAX_SEARCH: usize = 64 << 10;

/// An answer that says why there is none.
type Refusal = Box<Response<Body>>;
type Answer = Result<Response<Body>, Refusal>;

/// Everything that a station answers.
pub fn router(station: Arc<Station>) -> Router {
    Router::new()
        .route("/{source}/fhir/R4/metadata", get(metadata))
        .route("/{source}/fhir/R4/{kind}", get(search_by_address))
        .route("/{source}/fhir/R4/{kind}/_search", post(search_by_body))
        .route("/{source}/fhir/R4/{kind}/{id}", get(read))
        .route(
            "/{source}/fhir/R4/{kind}/{id}/_history/{version}",
            get(read_version),
        )
        .layer(axum::extract::DefaultBodyLimit::max(MAX_SEARCH))
        .with_state(station)
}

fn scope(station: &Station, source: &str) -> Result<Scope, Refusal> {
    let scope = source.parse().and_then(|source| station.scope(&source));
    scope.map_err(|_| Box::new(answer::outcome(404, "not-found", "there is no such source")))
}

fn failed(error: &StationError) -> Refusal {
    let status = if error.is_transient() || matches!(error, StationError::Stopped) {
        503
    } else {
        500
    };
    Box::new(answer::outcome(status, "exception", error.code()))
}

fn either(answer: Answer) -> Response<Body> {
    answer.unwrap_or_else(|refused| *refused)
}

async fn metadata(State(station): State<Arc<Station>>, Path(source): Path<String>) -> Response<Body> {
    either(scope(&station, &source).map(|_| answer::capability()))
}

async fn read(
    State(station): State<Arc<Station>>,
    Path((source, kind, id)): Path<(String, String, String)>,
) -> Response<Body> {
    let work = async {
        let scope = scope(&station, &source)?;
        let found = station.read(&scope, &kind, &id).await;
        let found = found.map_err(|error| failed(&error))?;
        found
            .map(|stored| stored.into_inner(&scope))
            .transpose()
            .map_err(|error| failed(&error))
    };
    either(work.await.map(one))
}

async fn read_version(
    State(station): State<Arc<Station>>,
    Path((source, kind, id, version)): Path<(String, String, String, i64)>,
) -> Response<Body> {
    let work = async {
        let scope = scope(&station, &source)?;
        let found = station.read_version(&scope, &kind, &id, version).await;
        let found = found.map_err(|error| failed(&error))?;
        found
            .map(|stored| stored.into_inner(&scope))
            .transpose()
            .map_err(|error| failed(&error))
    };
    either(work.await.map(one))
}

fn one(found: Option<Stored>) -> Response<Body> {
    match found {
        None => answer::outcome(404, "not-found", "there is no such resource"),
        Some(stored) if stored.deleted => answer::outcome(410, "deleted", "the source deleted it"),
        Some(stored) => answer::resource(&stored),
    }
}

async fn search_by_address(
    State(station): State<Arc<Station>>,
    Path((source, kind)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response<Body> {
    let search = Search::read(&kind, query.unwrap_or_default().as_bytes());
    let search = search.and_then(|search| {
        if search.names_a_number() {
            Err(Refused("a number in an address is refused: use POST _search"))
        } else {
            Ok(search)
        }
    });
    either(found(&station, &source, search).await)
}

async fn search_by_body(
    State(station): State<Arc<Station>>,
    Path((source, kind)): Path<(String, String)>,
    body: Bytes,
) -> Response<Body> {
    either(found(&station, &source, Search::read(&kind, &body)).await)
}

async fn found(station: &Station, source: &str, search: Result<Search, Refused>) -> Answer {
    let scope = scope(station, source)?;
    let search = search.map_err(|Refused(why)| Box::new(answer::outcome(400, "invalid", why)))?;
    let page = search
        .run(station, &scope)
        .await
        .map_err(|error| failed(&error))?;
    Ok(answer::bundle(source, &search, &page))
}
